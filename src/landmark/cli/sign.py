"""`landmark sign`: a person answers for a model."""

from __future__ import annotations

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("model")
@click.option("--by", required=True, help="Your name.")
@click.option("--note", default="", help="Why you sign, and under what conditions.")
@json_option
def command(model: str, by: str, note: str, as_json: bool) -> None:
    """Put your name to MODEL: it becomes the one its successors must not fall behind."""
    from landmark.api import mark

    signed = mark(model, "signed", by, note)
    if as_json:
        show(signed)
    else:
        click.echo(f"{signed['model']} signed by {by}")
