"""Rows of Python values whose types are known only when all were seen: set aside, then given under one schema.

A database or a file of JSON lines may hold a null for a million rows and a text in the next. A guess from the
first rows would fail there; here the guess is not needed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from landmark.core.findings import Finding, warn
from landmark.core.table import as_text
from landmark.files.schemas import common
from landmark.files.text import as_json_text

_IN_MEMORY = 64 << 20  # bytes; more goes to a temporary file that has no name

Values = dict[str, list[Any]]
"""Column name -> Python values (n,) of one chunk of rows; a column may be absent from a chunk."""


def settled(chunks: Iterable[Values], findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield chunks of Python values as batches of one schema; a column of several kinds of value becomes text.

    Whole and decimal numbers together are float64, a column absent from a chunk is null there.
    """
    types = _Types()
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        starts = []
        for chunk in chunks:
            starts.append(spool.tell())
            _put(spool, types.arrays(chunk))
        findings.extend(types.findings())
        for start in starts:
            spool.seek(start)
            with pa.ipc.open_stream(spool) as stream:
                yield types.conformed(stream.read_next_batch())


class _Types:
    """The type of each column as far as it was seen, and the rows where it turned to text."""

    def __init__(self) -> None:
        self.types: dict[str, pa.DataType] = {}
        self.mixed: dict[str, int] = {}
        self.rows = 0

    def arrays(self, chunk: Values) -> pa.RecordBatch:
        """Return a chunk as arrays of types of its own, and remember what all chunks need."""
        arrays = {}
        for name, values in chunk.items():
            array, odd = _array(values)
            known = self.types.get(name, pa.null())
            wider = common(known, array.type)
            if odd is None and wider is None:
                odd = next(i for i, value in enumerate(values) if value is not None)
            if odd is not None:
                self.mixed.setdefault(name, self.rows + odd + 1)
            self.types[name] = pa.string() if wider is None else wider
            arrays[name] = array
        self.rows += len(next(iter(arrays.values()), ()))
        return pa.RecordBatch.from_pydict(arrays)

    def conformed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return batch with all columns, in their final types."""
        columns = []
        for name, kind in self.types.items():
            array = batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows)
            columns.append(_turned(array, kind))
        return pa.RecordBatch.from_arrays(columns, schema=pa.schema(list(self.types.items())))

    def findings(self) -> list[Finding]:
        """Return one finding for each column that holds several kinds of value."""
        todo = "give the column one type in the source"
        seen = "values of several kinds, read as text; the first of another kind is in data row {}"
        return [warn("mixed-types", name, seen.format(row), todo, row=row) for name, row in self.mixed.items()]


def _array(values: list[Any]) -> tuple[pa.Array, int | None]:
    """Return values as an array and, where they are of several kinds, the first of another kind than the one before."""
    if any(isinstance(value, dict) for value in values):
        values = [as_json_text(value) if isinstance(value, (dict, list)) else value for value in values]
    try:
        array = pa.array(values, from_pandas=False)
        return (array.cast(pa.float64()) if pa.types.is_decimal(array.type) else array), None
    except UnicodeEncodeError:  # half of a surrogate pair: bytes that are not UTF-8, or an escape that is no character
        return pa.array([_bytes(value) for value in values], pa.binary()).view(pa.string()), None
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        kinds = [
            (i, float if type(value) is int else type(value)) for i, value in enumerate(values) if value is not None
        ]
        odd = next((i for i, kind in kinds if kind is not kinds[0][1]), None)
        return pa.array([None if value is None else str(value) for value in values], pa.string()), odd


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    try:
        return str(value).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return str(value).encode("utf-8", "surrogatepass")


def _turned(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type == kind:
        return array
    if pa.types.is_string(kind) and not pa.types.is_null(array.type):
        return as_text(array)
    return array.cast(kind, safe=False)  # a whole number beyond 2**53 beside decimals loses its last digits


def _put(spool: Any, batch: pa.RecordBatch) -> None:
    with pa.ipc.new_stream(spool, batch.schema) as stream:
        stream.write_batch(batch)
