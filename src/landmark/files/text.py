"""Text that is text: invalid UTF-8 and NUL are replaced at the door, and said, with column and row.

A NUL cuts a string in a browser and bytes that are not UTF-8 have no meaning in any reader, so both become
U+FFFD, the replacement character, in training and in serving alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from landmark.core.findings import Finding, warn
from landmark.core.table import is_text

REPLACEMENT = "\ufffd"
_SAID = {
    "bytes": ("invalid-text", "{} whose bytes are not UTF-8, replaced by \ufffd", "declare the encoding, or mend them"),
    "nul": (
        "invalid-text",
        "{} with a NUL character, replaced by \ufffd",
        "mend the source: browsers cut text at a NUL",
    ),
    "structure": (
        "nested-column",
        "{} with a structure inside, read as JSON text",
        "take its parts apart into columns",
    ),
}


class Oddities:
    """What was odd in which column: how often, and the data row, counted from 1, that showed it first."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, kind: str, column: str, row: int, count: int = 1) -> None:
        """Count `count` cells of a column, of which the first stands in row."""
        before, first = self._seen.get((kind, column), (0, row))
        self._seen[kind, column] = (before + count, min(first, row))

    def findings(self) -> list[Finding]:
        """Return one finding for each oddity of a column."""
        return [self._finding(*key, *value) for key, value in self._seen.items()]

    def _finding(self, kind: str, column: str, count: int, row: int) -> Finding:
        code, what, todo = _SAID[kind]
        cells = "1 cell" if count == 1 else f"{count} cells"
        return warn(code, column, f"{what.format(cells)}; first in data row {row}", todo, row=row)


def cleaned(batches: Iterable[pa.RecordBatch], findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield batches whose text is valid UTF-8 without NUL and whose columns hold values, lists or text.

    What was replaced is added to findings when the last batch has been taken.
    """
    oddities, row = Oddities(), 1
    for batch in batches:
        columns = [
            _cleaned(column, name, row, oddities)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
        row += batch.num_rows
    findings.extend(oddities.findings())


def as_json_text(value: Any) -> str | None:
    """Return a structure as JSON text, None for none.

    >>> as_json_text({"b": 1, "a": "é"})
    '{"b": 1, "a": "é"}'
    """
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _cleaned(array: pa.Array, name: str, row: int, oddities: Oddities) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind) and is_text(kind.value_type):
        plain = array if _is_sound(array.dictionary) else _replaced(array.dictionary_decode(), name, row, oddities)
        return plain if plain is array else plain.dictionary_encode().cast(kind)
    if pa.types.is_null(kind):  # no value at all: as text, which every room can read
        return array.cast(pa.string())
    if is_text(kind):
        return array if _is_sound(array) else _replaced(array, name, row, oddities)
    if pa.types.is_list(kind) and is_text(kind.value_type):
        return array if _is_sound(array.flatten()) else _replaced(array, name, row, oddities)
    if pa.types.is_struct(kind) or pa.types.is_map(kind) or (pa.types.is_list(kind) and _is_deep(kind.value_type)):
        if array.null_count < len(array):
            oddities.add("structure", name, row, len(array) - array.null_count)
        return pa.array([as_json_text(value) for value in array.to_pylist()], pa.string())
    return array


def _is_deep(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind)) and not pa.types.is_fixed_size_list(kind)


def _is_sound(array: pa.Array) -> bool:
    """Return whether text (n,) is valid UTF-8 without a NUL."""
    values = array.buffers()[2]
    if values is None or len(array) == 0:
        return True
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    offsets = memoryview(array.buffers()[1]).cast("i")
    start, end = offsets[array.offset], offsets[array.offset + len(array)]
    return b"\0" not in bytes(values.slice(start, end - start))


def _replaced(array: pa.Array, name: str, row: int, oddities: Oddities) -> pa.Array:
    """Return text or lists of text with what is no text replaced, cell by cell."""
    is_list = pa.types.is_list(array.type)
    raw = array.cast(pa.list_(pa.binary()) if is_list else pa.binary()).to_pylist()
    cells: list[Any] = []
    for i, value in enumerate(raw):
        parts = value if is_list else [value]
        if parts is None:
            cells.append(None)
            continue
        kept = [_one(part, name, row + i, oddities) for part in parts]
        cells.append(kept if is_list else kept[0])
    return pa.array(cells, array.type)


def _one(value: bytes | None, name: str, row: int, oddities: Oddities) -> str | None:
    if value is None:
        return None
    text = value.decode("utf-8", "replace")
    if text.encode() != value:
        oddities.add("bytes", name, row)
    if "\0" in text:
        oddities.add("nul", name, row)
    return text.replace("\0", REPLACEMENT)
