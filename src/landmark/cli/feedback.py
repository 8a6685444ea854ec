"""`landmark feedback`: what turned out to be true."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("file")
@click.option("--archive", default=".landmark/archive.sqlite", show_default=True)
@json_option
def command(file: str, archive: str, as_json: bool) -> None:
    """Add the labels in FILE to the archive.

    Its columns: request_id, row, and one for each output that is known; or request_id, row, output, label.
    """
    from landmark.api import feedback

    done = feedback(file, Path(archive))
    if as_json:
        show(done)
    else:
        said = f"{done['kept']} labels added, {done['corrected']} corrected, {done['repeated']} known already"
        click.echo(f"{said}, {len(done['unknown'])} of unknown answers")
