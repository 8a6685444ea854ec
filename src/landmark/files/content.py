"""The digest of a table's content: names, types and values in order; not its place, its packing or its chunks."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.digest import of_json

_ROWS = 1 << 16  # hashed at a time, whatever the chunks are
_FIXED = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean, pa.types.is_temporal)


def of_table(table: pa.Table) -> str:
    """Return the digest of a table as 64 hexadecimal digits.

    >>> chunked = pa.table({"a": pa.chunked_array([[1], [None, 3]])})
    >>> of_table(chunked) == of_table(pa.table({"a": [1, None, 3]}))
    True
    """
    columns = [
        [name, str(column.type), _of_column(column)]
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return of_json([table.num_rows, columns])


def _of_column(column: pa.ChunkedArray) -> str:
    digest = hashlib.sha256()
    for start in range(0, len(column), _ROWS):
        piece = column.slice(start, _ROWS)
        _add(piece.chunk(0) if piece.num_chunks == 1 else pa.concat_arrays(piece.chunks), digest)
    return digest.hexdigest()


def _add(array: pa.Array, digest: Any) -> None:
    """Add validity and values, nulls as zeros or as nothing, so that what lies under a null does not count."""
    kind = array.type
    digest.update(_bytes(array.is_valid()))
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        digest.update(_bytes(pc.fill_null(pc.binary_length(array), 0)))
        digest.update(b"".join(_text_bytes(array)))
    elif pa.types.is_list(kind):
        digest.update(_bytes(pc.fill_null(pc.list_value_length(array), 0)))
        _add(array.flatten(), digest)
    elif any(is_one(kind) for is_one in _FIXED):
        digest.update(_bytes(pc.fill_null(array, pa.scalar(0, pa.int64()).cast(_whole(kind)).cast(kind))))
    else:
        digest.update(repr(array.to_pylist()).encode())


def _whole(kind: pa.DataType) -> pa.DataType:
    """Return the integer type from which zero becomes a value of any type with a fixed width."""
    return pa.int32() if kind.bit_width == 32 else pa.int64()


def _text_bytes(array: pa.Array) -> list[bytes]:
    filled = pc.fill_null(array.cast(pa.binary()), b"")
    offsets = memoryview(filled.buffers()[1]).cast("i")
    start, end = offsets[filled.offset], offsets[filled.offset + len(filled)]
    values = filled.buffers()[2]
    return [bytes(values.slice(start, end - start))] if values is not None and end > start else []


def _bytes(array: pa.Array) -> bytes:
    """Return the values of an array without nulls, booleans one byte each."""
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    width = array.type.bit_width // 8
    return bytes(array.buffers()[1].slice(array.offset * width, len(array) * width)) if len(array) else b""
