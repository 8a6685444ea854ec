"""`landmark data schema`: what every new table must keep, inferred with reasons."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import format_option, json_option, read_data, read_format, show


@click.command()
@click.argument("data", required=False)
@click.option("-c", "--config", default=None, help="The document; landmark.yaml where DATA is not given.")
@click.option("-o", "--out", default=None, help="Where to write; by default schema.yaml beside the document; - prints.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@format_option
@json_option
def command(
    data: str | None, config: str | None, out: str | None, force: bool, format_text: str | None, as_json: bool
) -> None:
    """Write the contract of DATA, or of the document's training rows: types, ranges, values, presence, relations.

    Every line has its reason beside it. The file is yours to edit; landmark data validate holds tables against it.
    """
    from landmark.api import schema
    from landmark.cli.terminal import bars

    folder = Path(config).parent if config is not None else Path()
    place = None if out == "-" else Path(out) if out is not None else folder / "schema.yaml"
    with bars() as progress:
        made = schema(
            None if data is None else read_data(data), config, read_format(format_text), place, force, progress
        )
    if as_json:
        show(made.summary)
    elif place is None:
        click.echo(made.text, nl=False)
    else:
        columns, rules = made.summary["columns"], made.summary["rules"]
        click.echo(f"{place} written: {columns} columns, {rules} rules. Next: landmark data validate TABLE")
