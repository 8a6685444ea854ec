"""`landmark data summary`: what one pass over a table sees."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import format_option, json_option, read_data, read_format, show
from landmark.cli.terminal import bars


@click.command()
@click.argument("data")
@click.option("--slice", "slice_by", metavar="COLUMN", help="Say the same of the rows with each value of a column.")
@click.option("--weight", metavar="COLUMN", help="The column that says how much a row counts.")
@click.option("--beside", metavar="OTHER", help="Another table to hold it against, column by column.")
@click.option("--report", "page", metavar="FILE", type=Path, help="Write all this as one HTML page as well.")
@format_option
@json_option
def command(
    data: str,
    slice_by: str | None,
    weight: str | None,
    beside: str | None,
    page: Path | None,
    format_text: str | None,
    as_json: bool,
) -> None:
    """Show every column of DATA: type, missing, distinct, range, most frequent values. DATA may be of any size."""
    from landmark.api import summary
    from landmark.reports.summary import show_summary

    with bars() as progress:
        other = None if beside is None else read_data(beside)
        seen = summary(read_data(data), read_format(format_text), slice_by, weight, other, page, progress)
    if as_json:
        show(seen)
    else:
        show_summary(seen)
