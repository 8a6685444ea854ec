"""`landmark train`: the whole corridor, from the source to one model file."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show

REFUSED = 4


@click.command()
@config_option
@json_option
def command(config: str, as_json: bool) -> int:
    """Train the simplest adequate model and write one model file.

    Reads landmark.yaml, walks source, split, profile, schema, readiness, ladder, choice, evaluation and gate,
    and writes the model file and a report. Exit codes: 0 done, 2 a mistake in the document or unreadable
    data, 3 the data is not ready, 4 the gate refused.
    """
    from landmark.api import train
    from landmark.cli.terminal import bars
    from landmark.reports.terminal import show_training

    with bars() as progress:
        trained = train(config, progress=progress)
    if as_json:
        show(trained.summary)
    else:
        show_training(trained.summary)
    return 0 if trained.summary["gate"]["passed"] else REFUSED
