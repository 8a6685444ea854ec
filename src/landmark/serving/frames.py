"""Tables as people hold them: in as a mapping, rows, pandas, Polars or Arrow, and back as the same kind.

Only the columns that are asked for are touched, whatever else the frame holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from landmark.core.errors import Mistakes, UserError, did_you_mean
from landmark.core.table import Columns, whole

Values: TypeAlias = "pa.Array | list[Any]"
"""A column (n,): Arrow, or Python values where they are of several kinds."""


NO_ARROW = (pa.ArrowException, ValueError, TypeError, OverflowError)
"""What Arrow raises for Python values it has no one type for."""


class Received(NamedTuple):
    """The columns asked for, the number of rows, and how answers go back in the kind of frame that came."""

    columns: dict[str, Values]
    rows: int
    back: Callable[[Columns], Any]


def receive(frame: Any, names: Sequence[str]) -> Received:
    """Return the named columns of a frame. Raises: UserError for a column that is not there, or for no table."""
    root = type(frame).__module__.partition(".")[0]
    if isinstance(frame, Mapping):
        return _mapping(frame, names)
    if root == "pandas" and type(frame).__name__ == "DataFrame":
        return _pandas(frame, names)
    if isinstance(frame, (pa.Table, pa.RecordBatch)):
        return _arrow(frame, names, pa.table if isinstance(frame, pa.Table) else pa.record_batch)
    if root == "polars" and hasattr(frame, "__arrow_c_stream__") and hasattr(frame, "columns"):
        return _polars(frame, names)
    if hasattr(frame, "__arrow_c_stream__"):
        return _stream(frame, names)
    if hasattr(frame, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        return _arrow(from_dataframe(frame), names, pa.table)
    if isinstance(frame, Sequence) and not isinstance(frame, (str, bytes)):
        return _rows(frame, names)
    raise no_table(frame)


def no_table(frame: Any) -> UserError:
    """Return the mistake of giving something that is no table."""
    kinds = "a mapping, a list of mappings, or a pandas, Polars or Arrow table"
    return UserError("predict", "this is no table", seen=type(frame).__name__, fix=f"give {kinds}")


def values_of(values: Sequence[Any]) -> Values:
    """Return Python values (n,) as Arrow, None and NaN as null; as they are where they are of several kinds.

    >>> values_of([1, None, 2.5]).to_pylist(), values_of([1, "a"])
    ([1.0, None, 2.5], [1, 'a'])
    """
    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) > 1 and not kinds <= {int, float}:  # Arrow would read the number beside a date as days
        return list(values)
    try:
        return pa.array(values, from_pandas=True)
    except NO_ARROW:
        return list(values) if len(kinds) > 1 else pa.array([_plain(value) for value in values])


def is_row(frame: Mapping[Any, Any], names: Iterable[str]) -> bool:
    """Return whether a mapping is one row rather than columns: at least one of its inputs is a single value.

    A list may be the value of one row (a set) or a column. Where every input is a list, they are columns.
    """
    return any(_is_single(frame[name]) for name in names)


def need(present: Iterable[Any], names: Iterable[str], where: str = "") -> None:
    """Pass when all names are present. Raises: UserError, or Mistakes, naming each that is not."""
    known = set(present)
    gone = [name for name in names if name not in known]
    if gone:
        near = [str(name) for name in known]
        raise _all(UserError(f"{name}{where}", "this column is missing", fix=_add(name, near)) for name in gone)


def _all(mistakes: Iterable[UserError]) -> UserError:
    found = list(mistakes)
    return found[0] if len(found) == 1 else Mistakes(found)


def _add(name: str, known: Sequence[str]) -> str:
    near = did_you_mean(name, known)
    return near if near.startswith("did") else "add it, with nulls where there is no value"


def _is_single(value: Any) -> bool:
    return value is None or isinstance(value, (str, bytes, int, float)) or not hasattr(value, "__len__")


def _plain(value: Any) -> Any:
    """Return a value Arrow has no type for as text, lists as lists of texts; what is not text in UTF-8 becomes '?'."""
    if value is None:
        return None
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value).encode("utf-8", "replace").decode()


def _mapping(frame: Mapping[Any, Any], names: Sequence[str]) -> Received:
    need(frame, names)
    if is_row(frame, names):
        columns = {name: values_of([frame[name]]) for name in names}
        return Received(columns, 1, first)
    columns = {name: _listed(frame[name]) for name in names}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise UserError("predict", "the columns differ in length", seen=lengths, fix="give one value for each row")
    return Received(columns, next(iter(lengths.values())), lists)


def _listed(values: Any) -> Values:
    """Return the values of one column of a mapping: list, tuple, array, series."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return whole(values)
    return values_of(values.tolist() if hasattr(values, "tolist") else list(values))


def _rows(frame: Sequence[Any], names: Sequence[str]) -> Received:
    for number, row in enumerate(frame, 1):
        if not isinstance(row, Mapping):
            raise UserError(f"row {number}", "is no mapping of columns to values", seen=row, fix="give {column: value}")
        if any(name not in row for name in names):
            need(row, names, f", row {number}")
    columns = {name: values_of([row[name] for row in frame]) for name in names}
    return Received(columns, len(frame), rows)


def _arrow(frame: Any, names: Sequence[str], back: Callable[[Columns], Any]) -> Received:
    need(frame.schema.names, names)
    _once(frame.schema.names, names)
    return Received({name: whole(frame.column(name)) for name in names}, frame.num_rows, back)


def _stream(frame: Any, names: Sequence[str]) -> Received:
    try:
        table = pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:  # a single column has a stream too
        raise no_table(frame) from error
    return _arrow(table, names, pa.table)


def _polars(frame: Any, names: Sequence[str]) -> Received:
    import polars

    need(frame.columns, names)
    received = _arrow(frame.select(list(names)).to_arrow(), names, pa.table)
    return received._replace(back=lambda answers: polars.from_arrow(pa.table(answers)))


def _pandas(frame: Any, names: Sequence[str]) -> Received:
    need(frame.columns, names)
    _once(list(frame.columns), names)

    def back(answers: Columns) -> Any:
        result = pa.table(answers).to_pandas()
        result.index = frame.index
        return result

    return Received({name: _series(frame[name]) for name in names}, len(frame), back)


def _series(series: Any) -> Values:
    if series.dtype == object:
        return values_of(series.tolist())
    return whole(pa.Array.from_pandas(series))


def _once(present: Sequence[Any], names: Sequence[str]) -> None:
    """Pass when no wanted column appears twice. Raises: UserError."""
    count = Counter(present)
    for name in names:
        if count[name] > 1:
            raise UserError(name, "this column appears twice", fix="rename one of them")


def first(answers: Columns) -> dict[str, Any]:
    """Return the one row of answers as a mapping of Python values."""
    return {name: array[0].as_py() for name, array in answers.items()}


def lists(answers: Columns) -> dict[str, list[Any]]:
    """Return answers as a mapping of lists."""
    return {name: array.to_pylist() for name, array in answers.items()}


def rows(answers: Columns) -> list[dict[str, Any]]:
    """Return answers as a list of mappings."""
    listed = lists(answers)
    return [dict(zip(listed, row, strict=True)) for row in zip(*listed.values(), strict=True)]
