"""`landmark report`: one page about a model or a run, that works offline."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("what")
@click.option("-o", "--output", required=True, help="The HTML file to write.")
def command(what: str, output: str) -> None:
    """Write one self-contained HTML page about WHAT, a model file or a run."""
    from landmark.api import report

    report(what, Path(output))
    click.echo(output)
