"""`landmark init`: a commented document for a table."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import json_option, show
from landmark.core.errors import UserError


@click.command()
@click.argument("data")
@click.option("--output", "target", default=None, help="The column to predict.")
@click.option("--force", is_flag=True, help="Replace a landmark.yaml that is there.")
@json_option
def command(data: str, target: str | None, force: bool, as_json: bool) -> None:
    """Look at DATA and write a commented landmark.yaml with the types it seems to have."""
    from landmark.config import init

    place = Path("landmark.yaml")
    if place.exists() and not force:
        raise UserError("landmark.yaml", "is there already", fix="landmark init DATA --force replaces it")
    place.write_text(init(data, target), encoding="utf-8")
    if as_json:
        show({"document": str(place)})
    else:
        click.echo("landmark.yaml written. Next: landmark check, then landmark train")
