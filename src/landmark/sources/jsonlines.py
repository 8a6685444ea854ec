"""JSON Lines: one object on each line, plain or compressed. A key that a row lacks is null there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding, warn
from landmark.core.options import Options as Settings
from landmark.files.places import Place, places
from landmark.files.spool import Values, settled
from landmark.files.streams import opened

TEXT = False
_ENDING = re.compile(r"\.(jsonl|ndjson|jsonlines)(\.(gz|zst|bz2))?$", re.IGNORECASE)
_ROWS, _BYTES = 1 << 15, 1 << 25


class Options(Settings):
    """A file of JSON lines says itself how it is written."""


def recognises(where: str) -> bool:
    """Return whether a path, pattern or address ends like a file of JSON lines."""
    return _ENDING.search(where) is not None


def batches(where: str, options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of all files in order; columns stand in the order in which their keys first appeared.

    Of a key that a row repeats the last value counts, as everywhere in JSON, and it is said.
    Raises: UserError naming file, line and what is wrong with it.
    """
    twice = _Twice()
    chunks = (chunk for place in places(where, folder) for chunk in _chunks(place, twice))
    yield from settled(chunks, findings)
    findings.extend(twice.findings())


def example(table: pa.Table, folder: Path) -> str:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    lines = (json.dumps(row, ensure_ascii=False) for row in table.to_pylist())
    (folder / "example.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return "example.jsonl"


class _Twice:
    """Objects of JSON from their pairs, and the keys that one of them repeats, with the first row that does."""

    def __init__(self) -> None:
        self.row, self.keys = 0, dict[str, int]()

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            names = [name for name, _ in pairs]
            for name in content:
                if names.count(name) > 1:
                    self.keys.setdefault(name, self.row)
        return content

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each key."""
        for name, row in self.keys.items():
            seen = f"a row gives this key more than once, and the last value counts; the first is data row {row}"
            yield warn("repeated-key", name, seen, "give each key once at the source", row=row)


def _chunks(place: Place, twice: _Twice) -> Iterator[Values]:
    """Yield the rows of one file as columns, a bounded number of rows and bytes at a time."""
    rows: list[dict[str, Any]] = []
    size = 0
    with opened(place) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            twice.row += 1
            rows.append(_row(line, place.name, number, twice))
            size += len(line)
            if len(rows) >= _ROWS or size >= _BYTES:
                yield _columns(rows)
                rows, size = [], 0
    if rows:
        yield _columns(rows)


def _row(line: bytes, where: str, number: int, twice: _Twice) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8", "surrogateescape"), object_pairs_hook=twice)
    except (json.JSONDecodeError, RecursionError) as reason:
        seen = line[:80].decode("utf-8", "replace")
        fix = f"write one JSON object on each line: {reason}"
        raise UserError(f"{where}, line {number}", "not a JSON object", seen=seen, fix=fix) from None
    if not isinstance(row, dict):
        fix = 'write one JSON object on each line, as {"a": 1}'
        raise UserError(f"{where}, line {number}", "not a JSON object", seen=row, fix=fix)
    return row


def _columns(rows: list[dict[str, Any]]) -> Values:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
