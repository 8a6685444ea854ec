"""`landmark run list`: what was run here, newest first."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.option("--all", "everyone", is_flag=True, help="Also those of other projects that share the store.")
@config_option
@json_option
def command(everyone: bool, config: str, as_json: bool) -> None:
    """List the runs of this project, newest first."""
    from landmark.api import runs
    from landmark.reports.terminal import show_rows

    found = runs(config, everyone)
    if as_json:
        show({"runs": found})
    else:
        project = ("project",) if everyone else ()
        show_rows(found, ("run", *project, "kind", "status", "started", "model"))
