"""`landmark predict`: a table in, answers out, in the same order, a batch at a time."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import format_option, json_option, read_format, read_units, schema_option, show, unit_option


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-o", "--output", required=True, help="Where the answers go: .parquet, .csv or .jsonl.")
@unit_option
@schema_option
@format_option
@json_option
def command(
    model: str,
    data: str,
    output: str,
    units: tuple[str, ...],
    schema: str | None,
    format_text: str | None,
    as_json: bool,
) -> None:
    """Answer every row of DATA with MODEL and write the answers to OUTPUT.

    Needs the model's inputs only, never its target. The answers keep the order of the rows.
    """
    from landmark.api import predict_file

    rows, findings = predict_file(model, data, Path(output), read_format(format_text), read_units(units), schema)
    if as_json:
        show({"rows": rows, "output": output, "findings": [finding.as_json() for finding in findings]})
    else:
        for finding in findings:
            click.echo(str(finding), err=True)
        click.echo(f"{rows} answers in {output}")
