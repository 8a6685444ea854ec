"""`landmark check`: how ready is the data, and what to do next."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@config_option
@json_option
def command(config: str, as_json: bool) -> int:
    """Say how ready the data is, and what to do about it.

    Exit codes: 0 done, 2 a mistake in the document or unreadable data, 3 below the level the document requires.
    """
    from landmark.api import check
    from landmark.cli.terminal import bars
    from landmark.reports.terminal import show_check

    with bars() as progress:
        checked = check(config, progress=progress)
    if as_json:
        show(checked.summary)
    else:
        show_check(checked.summary, config)
    return checked.exit_code
