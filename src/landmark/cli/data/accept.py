"""`landmark data accept`: a person says that what was found is right."""

from __future__ import annotations

import click

from landmark.cli import json_option, show


@click.command()
@click.argument("code")
@click.argument("column")
@click.option("--by", required=True, help="Your name.")
@click.option("--note", default="", help="Why it is right.")
@click.option("--schema", "schema", default="schema.yaml", show_default=True, help="The contract.")
@click.option("-c", "--config", default=None, help="The document whose store keeps what was found.")
@json_option
def command(code: str, column: str, by: str, note: str, schema: str, config: str | None, as_json: bool) -> None:
    """Take the edit that the last validation proposes for CODE at COLUMN into the contract; comments stay."""
    from landmark.api import accept

    told = accept(code, column, by, note, schema, config)
    if as_json:
        show(told)
    else:
        places = ", ".join(".".join(change["place"]) for change in told["changes"])
        lost = "" if told["comments"] else "; it was written anew, without its comments"
        click.echo(f"{told['schema']}: {places} changed, accepted by {told['by']}{lost}")
