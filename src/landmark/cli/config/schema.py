"""`landmark config schema`: for editors that check while one writes."""

from __future__ import annotations

import click

from landmark.cli import show


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The schema is JSON in any case.")
def command(as_json: bool) -> None:
    """Print the JSON schema of the document."""
    from landmark.config import json_schema

    show(json_schema())
