"""Progress: bars on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from landmark.core.context import Progress

SECONDS = 1.0
"""Between two lines, where there is no terminal to draw on."""


@contextmanager
def bars() -> Iterator[Progress]:
    """Yield a progress that draws on a terminal, and otherwise writes a line now and then."""
    if sys.stderr.isatty():
        with _drawn() as progress:
            yield progress
        return
    said: dict[str, str | float] = {"what": "", "at": 0.0}

    def line(what: str, done: float) -> None:
        now = time.monotonic()
        if what != said["what"] and now - float(said["at"]) >= SECONDS:
            said.update(what=what, at=now)
            print(f"{what} …", file=sys.stderr, flush=True)

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
