"""`landmark model show`: everything a model file says of itself, and who signed it."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.argument("model")
@config_option
@json_option
def command(model: str, config: str, as_json: bool) -> None:
    """Tell everything MODEL says of itself; times and signatures come from the store, when it is there."""
    from landmark.api import model_json
    from landmark.reports.terminal import show_model

    manifest = model_json(model, config)
    if as_json:
        show(manifest)
    else:
        show_model(manifest)
