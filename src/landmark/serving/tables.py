"""Answers become a file, by its ending: Parquet, CSV or JSON Lines. All of it or none.

Rows go to a file beside the final one, which takes its name when the last row is on disk. In CSV the items of
a list stand in one cell with `|` between them, truth values are `True` and `False`, and null is an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import as_text, whole
from landmark.files.whole import refused_kindly, whole_file

BETWEEN = "|"
"""What stands between the items of a list in a CSV cell."""

Put: TypeAlias = Callable[[pa.RecordBatch], None]


def write(path: Path, batches: Iterable[pa.RecordBatch]) -> int:
    """Write batches of one schema to path and return the number of rows; an older file is replaced at once.

    Raises: UserError for an ending that is unknown, or a place that cannot be written.
    """
    opened, rows = _opened(path), 0
    source = iter(batches)
    head = next(source, None)
    assert head is not None, "a table without rows still has one batch, for its columns"
    with whole_file(path) as file, opened(file, head.schema) as put:
        for batch in chain([head], source):
            with refused_kindly(path):
                put(batch)
            rows += batch.num_rows
    return rows


def _opened(path: Path) -> Any:
    """Return the writer of an ending. Raises: UserError."""
    ending = path.suffix.lower()
    if ending not in WRITERS:
        raise UserError("output", "no writer for this ending", seen=path.name, fix=did_you_mean(ending, WRITERS))
    return WRITERS[ending]


@contextmanager
def _parquet(file: BinaryIO, schema: pa.Schema) -> Iterator[Put]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        yield writer.write_batch


@contextmanager
def _csv(file: BinaryIO, schema: pa.Schema) -> Iterator[Put]:
    import pyarrow.csv as pacsv

    shown = pa.schema([(field.name, _cells(pa.array([], field.type)).type) for field in schema])
    options = pacsv.WriteOptions(quoting_style="needed")
    with pacsv.CSVWriter(file, shown, write_options=options) as writer:
        yield lambda batch: writer.write_batch(pa.record_batch([_cells(c) for c in batch.columns], schema=shown))


@contextmanager
def _json_lines(file: BinaryIO, schema: pa.Schema) -> Iterator[Put]:
    encoder = msgspec.json.Encoder(enc_hook=str)

    def put(batch: pa.RecordBatch) -> None:
        file.write(encoder.encode_lines(batch.to_pylist()))

    yield put


def _cells(array: pa.Array) -> pa.Array:
    """Return a column (n,) as CSV shows it: labels by their text in the source."""
    array, kind = whole(array), array.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int32())
        ends = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
        joined = pc.binary_join(pa.ListArray.from_arrays(ends, as_text(array.flatten())), BETWEEN)
        return pc.if_else(array.is_valid(), joined, pa.scalar(None, pa.string()))
    return as_text(array) if pa.types.is_boolean(kind) else array


WRITERS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines}
