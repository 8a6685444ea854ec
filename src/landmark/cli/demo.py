"""`landmark demo`: support tickets with a known ceiling."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import json_option, show
from landmark.core.errors import UserError


@click.command()
@click.argument("folder", default="demo")
@click.option("--rows", default=12_000, show_default=True, help="How many tickets.")
@click.option("--seed", default=0, show_default=True)
@click.option("--fault", "faults", multiple=True, help="A fault to plant; repeatable. `list` names them.")
@json_option
def command(folder: str, rows: int, seed: int, faults: tuple[str, ...], as_json: bool) -> None:
    """Generate a data set of support tickets in FOLDER, with its document and its ceiling."""
    from landmark.demo import tickets

    if "list" in faults:
        if as_json:
            show({"faults": dict(tickets.FAULTS)})
        else:
            click.echo("\n".join(f"{name:24} {text}" for name, text in tickets.FAULTS.items()))
        return
    document = Path(folder) / "landmark.yaml"
    if document.exists() and "landmark demo" not in document.read_text(encoding="utf-8"):
        raise UserError(str(document), "is there already, and not the demo's", fix="name another folder")
    ceiling = tickets.write(Path(folder), rows, seed, faults)
    if as_json:
        show({"folder": folder, "rows": rows, "seed": seed, "ceiling": ceiling})
    else:
        click.echo(f"{rows} tickets in {folder}. Next: cd {folder} && landmark train")
