"""`landmark predict`: a table in, answers out, in the same order, a batch at a time."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-o", "--output", required=True, help="Where the answers go: .parquet, .csv or .jsonl.")
@json_option
def command(model: str, data: str, output: str, as_json: bool) -> None:
    """Answer every row of DATA with MODEL and write the answers to OUTPUT.

    Needs the model's inputs only, never its target. The answers keep the order of the rows.
    """
    from landmark.api import predict_file

    rows = predict_file(model, data, Path(output))
    if as_json:
        show({"rows": rows, "output": output})
    else:
        click.echo(f"{rows} answers in {output}")
