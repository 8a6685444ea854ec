"""Parquet: a file, a pattern, a folder of files, or an address of an object store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.core.table import is_text
from landmark.files.places import Place, places
from landmark.files.schemas import conform, no_name, one_schema

TEXT = False
_ENDING = re.compile(r"\.(parquet|pq|parq)$", re.IGNORECASE)
_ROWS, _FEWEST, _BYTES = 1 << 16, 256, 1 << 26
"""Rows of a batch, at most and at least, and bytes, as the file counts them; fewer rows only where they are huge."""
_BUFFER = 1 << 20
_LOOK, _FEW = 20_000, 0.3
_CODED = pa.dictionary(pa.int32(), pa.string())


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
            yield from conform(file.iter_batches(batch_size=_rows(file)), schema)


def coded_batches(where: str, options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the same rows as `batches` does, with columns of few texts as dictionaries: these are never spelled out.

    Which columns these are is told by the first rows of the first file.
    """
    files = places(where, folder)
    schema = one_schema([(place.name, _opened(place).schema_arrow) for place in files])
    few = _repeating(files[0], schema)
    chosen = set(few)
    coded = pa.schema([(field.name, _CODED if field.name in chosen else field.type) for field in schema])
    plain = pa.schema([field for field in schema if field.name not in chosen])
    yield pa.RecordBatch.from_pylist([], schema=coded)
    for place in files:
        with _opened(place, few) as file:
            for batch in file.iter_batches(batch_size=_rows(file)):
                yield _coded(batch, schema, plain, coded)


def example(table: pa.Table, folder: Path) -> str:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    pq.write_table(table, folder / "example.parquet", row_group_size=7)
    return "example.parquet"


def _repeating(place: Place, schema: pa.Schema) -> list[str]:
    """Return the text columns that have few values in the first rows of a file."""
    with _opened(place) as file:
        own = set(file.schema_arrow.names)
        names = [field.name for field in schema if is_text(field.type) and field.name in own]
        if not names or not file.num_row_groups:
            return []
        first = next(file.iter_batches(batch_size=_LOOK, row_groups=[0], columns=names), None)
    if first is None:
        return []
    return [name for name in names if pc.count_distinct(first.column(name)).as_py() < _FEW * first.num_rows]


def _coded(batch: pa.RecordBatch, schema: pa.Schema, plain: pa.Schema, coded: pa.Schema) -> pa.RecordBatch:
    """Return a batch with the columns of a schema, those that are not in its plain part as dictionaries."""
    own, told = set(plain.names), set(schema.names)
    few = told - own
    (rest,) = conform([batch.select([n for n in batch.schema.names if n in told and n not in few])], plain)
    places = {name: place for place, name in enumerate(plain.names)}
    packed = [
        rest.column(places[name]) if name in own else _packed(batch.column(name), kind)
        for name, kind in zip(schema.names, coded.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(packed, schema=coded)


def _packed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column if column.type == kind else column.cast(pa.string()).dictionary_encode()


def _rows(file: pq.ParquetFile) -> int:
    """Return how many rows to read at once."""
    groups = file.metadata
    size = sum(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups))
    row = max(int(size) // max(int(groups.num_rows), 1), 1)
    return min(_ROWS, max(_BYTES // row, min(_FEWEST, 4 * _BYTES // row), 1))


def _opened(place: Place, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
    """Return a file that is read piece by piece; a far one in larger pieces, as each request has its price."""
    near = isinstance(place.filesystem, pafs.LocalFileSystem)
    settings = {"buffer_size": _BUFFER} if near else {}
    try:
        file = place.filesystem.open_input_file(place.path)
        # without pre_buffer: what was read ahead is held until the file is closed, in the end the whole of it
        return pq.ParquetFile(file, read_dictionary=list(dictionaries), pre_buffer=False, **settings)
    except UnicodeDecodeError as error:
        raise no_name(place.name, error) from None
    except (OSError, pa.ArrowException) as reason:
        fix = "write the file again: it is damaged, or no Parquet"
        raise UserError(place.name, "cannot be read as Parquet", seen=str(reason), fix=fix) from None
