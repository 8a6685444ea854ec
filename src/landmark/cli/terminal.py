"""Progress: bars on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from landmark.core.context import Progress


@contextmanager
def bars() -> Iterator[Progress]:
    """Yield a progress that draws on a terminal and writes a line for each new task otherwise."""
    if sys.stderr.isatty():
        with _drawn() as progress:
            yield progress
        return
    said: set[str] = set()

    def line(what: str, done: float) -> None:
        if what not in said:
            said.add(what)
            print(what, file=sys.stderr, flush=True)

    yield line


@contextmanager
def _drawn() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Drawing

    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Drawing(*parts, console=Console(stderr=True), transient=True) as drawing:
        task = drawing.add_task("", total=1.0)

        def draw(what: str, done: float) -> None:
            drawing.update(task, description=what, completed=done)

        yield draw
