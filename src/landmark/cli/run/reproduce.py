"""`landmark run reproduce`: the same data, document and version give the same bytes."""

from __future__ import annotations

import click

from landmark.cli import config_option, json_option, show


@click.command()
@click.argument("run")
@config_option
@json_option
def command(run: str, config: str, as_json: bool) -> int:
    """Run RUN again from its stored data and document; exit 1 if the model file differs in any byte."""
    from landmark.api import reproduce
    from landmark.cli.terminal import bars

    with bars() as progress:
        result = reproduce(run, progress, config)
    if as_json:
        show(result)
    else:
        same = "identical, byte for byte" if result["identical"] else "DIFFERENT"
        click.echo(f"{run}: {same} (model {result['digest']})")
    return 0 if result["identical"] else 1
