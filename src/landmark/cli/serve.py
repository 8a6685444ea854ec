"""`landmark serve`: answer over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import archive_option, config_option, json_option, show


@click.command()
@click.argument("models", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@archive_option
@click.option("--archive-mode", type=click.Choice(["durable", "off"]), default="durable", show_default=True)
@config_option
@json_option
def command(
    models: tuple[str, ...], host: str, port: int, archive: Path | None, archive_mode: str, config: str, as_json: bool
) -> None:
    """Answer with MODELS over HTTP; each answer is on disk before it is sent.

    A model that somebody rejected is not served. One that the gate refused, or that no name stands for, is served
    and said on standard error; who said what is looked up in the store of the document. With --json, one document
    says where it answers as soon as it does.
    """
    from landmark.api import serve

    serve([Path(model) for model in models], host, port, archive, archive_mode, config, show if as_json else None)
