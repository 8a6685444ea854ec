"""`landmark run step`: any step alone, from a run's stored artifacts."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.argument("name")
@click.option("--run", "run_id", required=True, help="The run whose artifacts it starts from.")
@config_option
@json_option
def command(name: str, run_id: str, config: str, as_json: bool) -> None:
    """Run the step NAME from the stored artifacts of a run; the same inputs give the same artifact."""
    from landmark.api import run_step

    done = run_step(name, run_id, config)
    if as_json:
        show(done)
    else:
        click.echo(f"{name}: {done['artifact']}")
