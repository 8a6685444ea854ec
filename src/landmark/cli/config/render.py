"""`landmark config render`: the document as it is understood."""

from __future__ import annotations

import click

from landmark.cli import config_option


@click.command()
@config_option
def command(config: str) -> None:
    """Print the document with every default, as YAML."""
    from landmark.config import load, render

    click.echo(render(load(config)), nl=False)
