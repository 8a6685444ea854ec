"""`landmark serve`: answer over HTTP."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("models", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--archive", default=".landmark/archive.sqlite", show_default=True, help="Where answers are kept.")
@click.option("--archive-mode", type=click.Choice(["durable", "off"]), default="durable", show_default=True)
def command(models: tuple[str, ...], host: str, port: int, archive: str, archive_mode: str) -> None:
    """Answer with MODELS over HTTP; each answer is on disk before it is sent."""
    from landmark.serving.app import serve

    serve([Path(model) for model in models], host, port, Path(archive), archive_mode)
