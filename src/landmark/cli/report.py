"""`landmark report`: one page about a model or a run, that works offline."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.argument("what")
@click.option("-o", "--output", required=True, help="The HTML file to write.")
@config_option
@json_option
def command(what: str, output: str, config: str, as_json: bool) -> None:
    """Write one self-contained HTML page about WHAT, a model file or a run."""
    from landmark.api import report

    report(what, Path(output), config)
    if as_json:
        show({"of": what, "output": output})
    else:
        click.echo(output)
