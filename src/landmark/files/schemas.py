"""One schema for many files, in Arrow's plain types: how a column was packed is no property of the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.errors import UserError, did_you_mean

_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def no_name(where: str, error: UnicodeDecodeError) -> UserError:
    """Return what is to be said of a column whose name is no text."""
    fix = "write the table again with names in UTF-8"
    return UserError(where, "the name of a column is not text in UTF-8", seen=repr(error.object), fix=fix)


def refuse_duplicates(where: str, names: Sequence[str], fix: str = "give every column a name of its own") -> None:
    """Raise when two columns share a name. Raises: UserError naming the columns by their places, from 1."""
    seen: dict[str, int] = {}
    for i, name in enumerate(names, start=1):
        if name in seen:
            what = f"columns {seen[name]} and {i} have the same name, '{name}'"
            raise UserError(where, what, fix=fix)
        seen[name] = i


@cache
def plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values, however they are packed: dictionaries, views and large variants undone.

    >>> plain(pa.dictionary(pa.int8(), pa.large_string())), plain(pa.large_list(pa.int32()))
    (DataType(string), ListType(list<item: int32>))
    """
    if isinstance(kind, pa.BaseExtensionType):
        return plain(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_list_view, pa.types.is_large_list_view)
    return pa.list_(plain(kind.value_type)) if any(is_list(kind) for is_list in lists) else kind


def one_schema(schemas: Sequence[tuple[str, pa.Schema]]) -> pa.Schema:
    """Return the schema that the rows of all named schemas fit: the first one's order, the wider of two number types.

    What pandas writes of its row numbers (`__index_level_0__`) is no column of the data.

    Raises: UserError naming file and column, where a column is missing, too many, or of another type.
    """
    (first, schema), *others = [(name, _plain_schema(name, schema)) for name, schema in schemas]
    for name, other in others:
        schema = _wider(schema, first, other, name)
    return schema


def conform(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield batches with the columns of schema, in its order and types."""
    names = schema.names
    for batch in batches:
        if batch.schema.equals(schema):
            yield batch
            continue
        columns = batch.columns
        if batch.schema.names != names:
            columns = list(map(dict(zip(batch.schema.names, columns, strict=True)).__getitem__, names))
        cast = [_unpacked(column).cast(kind) for column, kind in zip(columns, schema.types, strict=True)]
        yield pa.RecordBatch.from_arrays(cast, schema=schema)


def _plain_schema(where: str, schema: pa.Schema) -> pa.Schema:
    try:
        refuse_duplicates(where, schema.names)
    except UnicodeDecodeError as error:
        raise no_name(where, error) from None
    kept = {
        name: kind for name, kind in zip(schema.names, schema.types, strict=True) if not _PANDAS_INDEX.fullmatch(name)
    }
    return pa.schema({name: plain(kind) for name, kind in kept.items()})


def _wider(schema: pa.Schema, first: str, other: pa.Schema, name: str) -> pa.Schema:
    mine, others = _types(schema), _types(other)
    for column in (column for column in mine if column not in others):
        what = f"column '{column}' is not there, though it is in {first}"
        raise UserError(name, what, fix=did_you_mean(column, others))
    for column in (column for column in others if column not in mine):
        raise UserError(name, f"column '{column}' is not in {first}", fix=did_you_mean(column, mine))
    return pa.schema({column: _wider_type(column, mine[column], first, others[column], name) for column in mine})


def _types(schema: pa.Schema) -> dict[str, pa.DataType]:
    return dict(zip(schema.names, schema.types, strict=True))


def _wider_type(column: str, mine: pa.DataType, first: str, other: pa.DataType, name: str) -> pa.DataType:
    kind = mine if mine == other else common(mine, other)
    if kind is None:
        what = f"column '{column}' is {other}, but {mine} in {first}"
        raise UserError(name, what, fix="write all files with one type for the column")
    return kind


def common(a: pa.DataType, b: pa.DataType) -> pa.DataType | None:
    """Return the type that holds the values of both, None where there is none but text.

    >>> common(pa.int64(), pa.float64()), common(pa.null(), pa.bool_()), common(pa.int64(), pa.string())
    (DataType(double), DataType(bool), None)
    """
    try:
        parts = [pa.schema([("column", kind)]) for kind in (a, b)]
        return pa.unify_schemas(parts, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _unpacked(array: pa.Array) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        return _unpacked(array.storage)
    if pa.types.is_dictionary(array.type):
        return _unpacked(array.dictionary_decode())
    if pa.types.is_run_end_encoded(array.type):
        return _unpacked(pc.run_end_decode(array))
    return array
