"""Tables that somebody holds in memory, as rows of the same plain types that files give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.files.schemas import conform, one_schema, refuse_duplicates
from landmark.files.spool import settled
from landmark.files.text import cleaned


def table_of(frame: Any, where: str, findings: list[Finding]) -> pa.Table:
    """Return a mapping of columns, a list of rows, or a pandas, Polars or Arrow frame as a table.

    A column of several kinds of value becomes text, as in a file of JSON lines; NaN in a data frame's column of
    objects is null, as pandas means it. Raises: UserError for what is no table.
    """
    batches = list(cleaned(_batches(frame, where, findings), findings))
    return pa.Table.from_batches(batches)


def _batches(frame: Any, where: str, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a frame; at least one batch."""
    table = _arrow(frame, where, findings)
    schema = one_schema([(where, table.schema)])
    yield from conform(table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)], schema)


def _arrow(frame: Any, where: str, findings: list[Finding]) -> pa.Table:
    if isinstance(frame, Mapping):
        return _named({str(name): _column(values) for name, values in frame.items()}, where, findings)
    if type(frame).__module__.partition(".")[0] == "pandas" and hasattr(frame, "columns"):
        names = [str(name) for name in frame.columns]
        refuse_duplicates(where, names)
        return _named({name: _column(frame.iloc[:, i]) for i, name in enumerate(names)}, where, findings)
    if hasattr(frame, "__arrow_c_stream__"):
        try:
            return pa.table(frame)
        except (pa.ArrowException, TypeError, ValueError):  # a single column has a stream too
            raise _no_table(frame, where) from None
    if isinstance(frame, Sequence) and frame and all(isinstance(row, Mapping) for row in frame):
        names = list(dict.fromkeys(str(name) for row in frame for name in row))
        return _named({name: [row.get(name) for row in frame] for name in names}, where, findings)
    raise _no_table(frame, where)


def _no_table(frame: Any, where: str) -> UserError:
    fix = "give a path, a mapping of columns, or a pandas, Polars or Arrow table"
    return UserError(where, "this is no table", seen=type(frame).__name__, fix=fix)


def _column(values: Any) -> Any:
    """Return one column as Arrow, or as a list of Python values where Arrow may not know their type."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if getattr(values, "dtype", "object") != "object":
        return pa.array(values, from_pandas=True)
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


def _named(columns: dict[str, Any], where: str, findings: list[Finding]) -> pa.Table:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(where, "the columns differ in length", seen=lengths, fix="give one value for each row")
    objects = {name: values for name, values in columns.items() if isinstance(values, list)}
    typed = next(settled([objects], findings)) if objects else None
    arrays = {name: typed.column(name) if typed and name in objects else columns[name] for name in columns}
    return pa.table(arrays)
