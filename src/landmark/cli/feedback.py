"""`landmark feedback`: what turned out to be true."""

from __future__ import annotations

from pathlib import Path

import click

from landmark.cli import archive_option, config_option, json_option, show


@click.command()
@click.argument("file")
@archive_option
@config_option
@json_option
def command(file: str, archive: Path | None, config: str, as_json: bool) -> None:
    """Add the labels in FILE to the archive.

    Its columns: request_id, row (counted from 0, where a request has several), and one for each output that is known;
    or request_id, row, output, label.
    """
    from landmark.api import feedback

    done = feedback(file, archive, config)
    if as_json:
        show(done)
    else:
        said = f"{done['kept']} labels added, {done['corrected']} corrected, {done['repeated']} known already"
        click.echo(f"{said}, {len(done['unknown'])} of unknown answers, {done['missing']} without a value")
        if done["new_labels"]:
            words = sorted({f"'{one['label']}' ({one['output']})" for one in done["new_labels"]})
            click.echo(
                f"{len(done['new_labels'])} of them are classes the model does not know: {', '.join(words[:10])}"
            )
