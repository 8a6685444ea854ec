"""Where tables come from: bytes become Arrow batches at this door. One file per kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.families import Family
from landmark.core.options import Options as Settings


class Source(Protocol):
    """What a module in this folder provides."""

    @property
    def Options(self) -> type[Settings]:
        """How such a source is written, where that is not plain: delimiter, header, ..."""

    @property
    def TEXT(self) -> bool:
        """Whether cells arrive as text, so that types are learnt later, from training rows."""

    def recognises(self, where: str) -> bool:
        """Return whether `where` (a path, pattern, address or query) is of this kind, by its look alone."""

    def batches(self, where: Any, options: Any, folder: Path) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, in bounded memory, all of one schema; relative paths start at folder.

        Raises: UserError naming the place, and the row where there is one.
        """


SOURCES: Family[Any] = Family("landmark.sources")


def kind_of(where: Any) -> str:
    """Return the name of the source kind that recognises `where`. Raises: UserError when none does."""
    text = where if isinstance(where, str) else "sql" if isinstance(where, dict) and "sql" in where else ""
    if text == "sql" and isinstance(where, dict):
        return "sql"
    for name, source in SOURCES.items():
        if source.recognises(text):
            return name
    known = ".csv .tsv .txt (also .gz .zst .bz2), .parquet, .jsonl .ndjson, .arrow .feather, {sql: ..., connection: ...}"
    raise UserError("data.source", "no reader for this kind of source", seen=where, fix=f"use one of {known}")
