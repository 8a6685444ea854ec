"""`landmark archive query`: what was answered, and what turned out to be true."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import archive_option, config_option, json_option, show


@click.command()
@click.option("--request", "request_id", default=None, help="One request.")
@click.option(
    "--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many of the newest answers."
)
@archive_option
@config_option
@json_option
def command(request_id: str | None, last: int, archive: Path | None, config: str, as_json: bool) -> None:
    """Print answers with their labels, newest first: as JSON in any case."""
    from landmark.api import answers

    show({"answers": answers(archive, request_id, last, config)})
