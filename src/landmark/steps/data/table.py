"""Step `table`: everything becomes Arrow at the door."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.options import Options as Settings


class Sample(Settings):
    """Fewer rows for a quick look; said aloud in a finding."""

    rows: int = Field(ge=10, description="how many rows to keep")
    by: str = Field("random", description="random, or stratified by the first output")


class Options(Settings):
    """Where the rows are, and how they are written."""

    source: Any = Field(description="path, glob, address, or {sql: ..., connection: ...}")
    test: Any = Field(None, description="where the judging rows are, if they are given")
    format: dict[str, Any] = Field({}, description="the source kind's own settings: delimiter, header, ...")
    sample: Sample | None = None
    folder: str = Field(".", description="where relative paths start")


def table(options: Options, context: Context) -> Table:
    """Return the rows of the source as one Arrow table, judging rows apart when they are given."""
    raise AssertionError
