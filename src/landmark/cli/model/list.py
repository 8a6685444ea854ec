"""`landmark model list`: the models of this project, newest first."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@config_option
@json_option
def command(config: str, as_json: bool) -> None:
    """List the models of this project, newest first."""
    from landmark.api import models
    from landmark.reports.terminal import show_rows

    found = models(config)
    if as_json:
        show({"models": found})
    else:
        show_rows(found, ("model", "made", "chosen", "level", "gate", "marks"))
