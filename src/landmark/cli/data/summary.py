"""`landmark data summary`: what one pass over a table sees."""

from __future__ import annotations

import click

from landmark.cli import format_option, json_option, read_format, show


@click.command()
@click.argument("data")
@format_option
@json_option
def command(data: str, format_text: str | None, as_json: bool) -> None:
    """Show every column of DATA: type, missing, distinct, range, most frequent values."""
    from landmark.api import summary
    from landmark.reports.terminal import show_summary

    seen = summary(data, read_format(format_text))
    if as_json:
        show(seen)
    else:
        show_summary(seen)
