"""The commands by which a person says in their name what they think of a model."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


def marking(word: str, help: str, note_help: str) -> click.Command:
    """Return the command that writes down `word` (signed, rejected) of a model, by whom and why."""

    @click.command(help=help)
    @click.argument("model")
    @click.option("--by", required=True, help="Your name.")
    @click.option("--note", default="", help=note_help)
    @config_option
    @json_option
    def command(model: str, by: str, note: str, config: str, as_json: bool) -> None:
        from landmark.api import mark

        marked = mark(model, word, by, note, config)
        if as_json:
            show(marked)
        else:
            click.echo(f"{marked['model']} {word} by {by}")

    return command
