"""`landmark run lineage`: what made what, from the source to the model file."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.argument("what")
@config_option
@json_option
def command(what: str, config: str, as_json: bool) -> None:
    """Show what WHAT (a run, a model file or an artifact) was made of."""
    from landmark.api import lineage
    from landmark.reports.terminal import show_lineage

    graph = lineage(what, config)
    if as_json:
        show(graph)
    else:
        show_lineage(graph)
