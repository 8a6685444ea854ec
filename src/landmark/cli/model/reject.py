"""`landmark model reject`: a person says that a model must not be used."""

from __future__ import annotations

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("model")
@click.option("--by", required=True, help="Your name.")
@click.option("--note", default="", help="Why not.")
@json_option
def command(model: str, by: str, note: str, as_json: bool) -> None:
    """Say in your name that MODEL must not be used."""
    from landmark.api import mark

    rejected = mark(model, "rejected", by, note)
    if as_json:
        show(rejected)
    else:
        click.echo(f"{rejected['model']} rejected by {by}")
