"""`landmark evaluate`: how good is this file on rows that hold the truth?"""

from __future__ import annotations

import click

from landmark.cli import format_option, json_option, read_format, read_units, schema_option, show, unit_option


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("--slice", "slices", multiple=True, help="A column (or several, with commas) to judge by; repeatable.")
@unit_option
@schema_option
@format_option
@json_option
def command(
    model: str,
    data: str,
    slices: tuple[str, ...],
    units: tuple[str, ...],
    schema: str | None,
    format_text: str | None,
    as_json: bool,
) -> None:
    """Judge MODEL on DATA, a table that holds inputs and truth."""
    from landmark.api import evaluate
    from landmark.reports.terminal import show_evaluation

    parts = [s.split(",") for s in slices]
    judged = evaluate(model, data, parts, read_format(format_text), read_units(units), schema)
    if as_json:
        show(judged)
    else:
        show_evaluation(judged)
