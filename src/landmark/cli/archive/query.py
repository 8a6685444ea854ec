"""`landmark archive query`: what was answered, and what turned out to be true."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import show


@click.command()
@click.option("--request", "request_id", default=None, help="One request.")
@click.option(
    "--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many of the newest answers."
)
@click.option("--archive", default=".landmark/archive.sqlite", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The answer is JSON in any case.")
def command(request_id: str | None, last: int, archive: str, as_json: bool) -> None:
    """Print answers with their labels, newest first."""
    from landmark.api import answers

    show({"answers": answers(Path(archive), request_id, last)})
