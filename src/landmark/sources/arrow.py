"""Arrow IPC: files (Feather version 2) and streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.files.places import Place, places
from landmark.files.schemas import conform, one_schema

TEXT = False
_ENDING = re.compile(r"\.(arrow|arrows|feather|ipc)$", re.IGNORECASE)
_ROWS = 1 << 16


class Options(Settings):
    """An Arrow file says itself how it is written."""


def recognises(where: str) -> bool:
    """Return whether a path, pattern or address ends like an Arrow file."""
    return _ENDING.search(where) is not None


def batches(where: str, options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of all files in order, under the one schema they share.

    Raises: UserError naming the file that cannot be read, or the file and the column that is not as in the first.
    """
    files = places(where, folder)
    schema = one_schema([(place.name, _opened(place).schema) for place in files])
    yield pa.RecordBatch.from_pylist([], schema=schema)  # so that a table without rows has its columns
    for place in files:
        yield from conform(_pieces(_opened(place)), schema)


def example(table: pa.Table, folder: Path) -> str:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    with pa.OSFile(str(folder / "example.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return "example.arrow"


def _opened(place: Place) -> Any:
    """Return the reader of a file, or of a stream that was saved as one."""
    file = place.filesystem.open_input_file(place.path)
    try:
        return pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
    try:
        return pa.ipc.open_stream(file)
    except (OSError, pa.ArrowException) as reason:
        fix = "write the file again as Arrow IPC (Feather version 2)"
        raise UserError(place.name, "cannot be read as Arrow", seen=str(reason), fix=fix) from None


def _pieces(reader: Any) -> Iterator[pa.RecordBatch]:
    """Yield batches of at most _ROWS rows: a writer may have put the whole table into one."""
    is_file = hasattr(reader, "num_record_batches")
    for batch in (reader.get_batch(i) for i in range(reader.num_record_batches)) if is_file else reader:
        for start in range(0, batch.num_rows, _ROWS):
            yield batch.slice(start, _ROWS)
