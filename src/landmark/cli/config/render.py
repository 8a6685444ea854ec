"""`landmark config render`: the document as it is understood."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@config_option
@json_option
def command(config: str, as_json: bool) -> None:
    """Print the document with every default, as YAML."""
    from landmark.config import load, render, tree

    project = load(config)
    if as_json:
        show(tree(project))
    else:
        click.echo(render(project), nl=False)
