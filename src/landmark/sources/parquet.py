"""Parquet: a file, a pattern, a folder of files, or an address of an object store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.files.places import Place, places
from landmark.files.schemas import conform, no_name, one_schema

TEXT = False
_ENDING = re.compile(r"\.(parquet|pq|parq)$", re.IGNORECASE)
_ROWS, _BYTES = 1 << 16, 1 << 26


class Options(Settings):
    """A Parquet file says itself how it is written."""


def recognises(where: str) -> bool:
    """Return whether a path, pattern or address ends like a Parquet file."""
    return _ENDING.search(where) is not None


def batches(where: str, options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of all files in order, under the one schema they share.

    Raises: UserError naming the file that cannot be read, or the file and the column that is not as in the first.
    """
    files = places(where, folder)
    schema = one_schema([(place.name, _opened(place).schema_arrow) for place in files])
    yield pa.RecordBatch.from_pylist([], schema=schema)  # so that a table without rows has its columns
    for place in files:
        with _opened(place) as file:
            yield from conform(file.iter_batches(batch_size=_rows_of(file.metadata)), schema)


def example(table: pa.Table, folder: Path) -> str:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    pq.write_table(table, folder / "example.parquet", row_group_size=7)
    return "example.parquet"


def _rows_of(known: pq.FileMetaData) -> int:
    """Return how many rows to read at a time: fewer where rows are large, so that memory is bounded."""
    rows, size = known.num_rows, sum(known.row_group(i).total_byte_size for i in range(known.num_row_groups))
    return max(1, min(_ROWS, _BYTES * int(rows) // max(int(size), 1)))


def _opened(place: Place) -> pq.ParquetFile:
    try:
        # without pre_buffer: what was read ahead is held until the file is closed, in the end the whole of it
        return pq.ParquetFile(place.filesystem.open_input_file(place.path), pre_buffer=False)
    except UnicodeDecodeError as error:
        raise no_name(place.name, error) from None
    except (OSError, pa.ArrowException) as reason:
        fix = "write the file again: it is damaged, or no Parquet"
        raise UserError(place.name, "cannot be read as Parquet", seen=str(reason), fix=fix) from None
