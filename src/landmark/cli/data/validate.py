"""`landmark data validate`: does a table keep the contract?"""

from __future__ import annotations

import click

from landmark.cli import format_option, json_option, read_data, read_format, show


@click.command()
@click.argument("data")
@click.option("--schema", "schema", default="schema.yaml", show_default=True, help="The contract.")
@click.option("--environment", default="training", show_default=True, help="training, serving, or one of its own.")
@click.option("-c", "--config", default=None, help="The document whose store keeps what is found.")
@format_option
@json_option
def command(
    data: str, schema: str, environment: str, config: str | None, format_text: str | None, as_json: bool
) -> int:
    """Hold DATA against the contract: what is not kept, how often, in which rows first, and the edit that allows it.

    Exit codes: 0 the contract is kept (there may be warnings), 2 a mistake in the contract or unreadable data, 3 it
    is not kept.
    """
    from landmark.api import validate

    held = validate(read_data(data), schema, environment, read_format(format_text), config)
    if as_json:
        show(held.summary)
    else:
        from landmark.reports.terminal import show_validation

        show_validation(held.summary)
    return held.exit_code
