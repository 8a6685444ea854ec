"""`landmark run list`: what was run here, newest first."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@config_option
@json_option
def command(config: str, as_json: bool) -> None:
    """List the runs of this project, newest first."""
    from landmark.api import runs
    from landmark.reports.terminal import show_rows

    found = runs(config)
    if as_json:
        show({"runs": found})
    else:
        show_rows(found, ("run", "kind", "status", "started", "model"))
