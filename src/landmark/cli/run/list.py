"""`landmark run list`: what was run here, newest first."""

from __future__ import annotations

import click

from landmark.cli import json_option, show


@click.command()
@json_option
def command(as_json: bool) -> None:
    """List the runs of this project, newest first."""
    from landmark.api import runs
    from landmark.reports.terminal import show_rows

    found = runs()
    if as_json:
        show({"runs": found})
    else:
        show_rows(found, ("run", "kind", "status", "started", "model"))
