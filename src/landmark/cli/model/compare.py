"""`landmark model compare`: two model files side by side."""

from __future__ import annotations

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("first")
@click.argument("second")
@json_option
def command(first: str, second: str, as_json: bool) -> None:
    """Hold FIRST and SECOND side by side: columns, models, scores, size."""
    from landmark.api import compare
    from landmark.reports.terminal import show_rows

    rows = compare(first, second)
    if as_json:
        show({"differences": rows})
    else:
        show_rows(rows, ("what", "first", "second"))
