"""The one table type is Arrow; these are the few things every room does with its columns."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Columns: TypeAlias = dict[str, pa.Array]
"""Column name -> values (n,); one entry for most data types, two for a geographic pair."""

Array: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Strings: TypeAlias = npt.NDArray[np.object_]
Mask: TypeAlias = npt.NDArray[np.bool_]

NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*$"
SPECIAL = {"nan": np.nan, "inf": np.inf, "+inf": np.inf, "-inf": -np.inf, "infinity": np.inf, "-infinity": -np.inf}


def columns_of(table: pa.Table, names: tuple[str, ...] | list[str]) -> Columns:
    """Return the named columns of table as single arrays."""
    return {name: whole(table.column(name)) for name in names}


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return column as one array; dictionaries are decoded."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # no chunk at all, or too many bytes for one
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def only(columns: Columns) -> tuple[str, pa.Array]:
    """Return the single column of a one-column data type, with its name."""
    ((name, array),) = columns.items()
    return name, array


def is_text(kind: pa.DataType) -> bool:
    """Return whether an Arrow type holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def without(array: pa.Array, codes: tuple[str, ...]) -> pa.Array:
    """Return array with every text that is one of the missing codes made null.

    >>> without(pa.array(["a", "?"]), ("?",)).to_pylist()
    ['a', None]
    """
    if not codes or not is_text(array.type):
        return array
    gone = pc.is_in(array, value_set=pa.array(codes, array.type))
    return pc.if_else(gone, pa.scalar(None, array.type), array)


def held(array: pa.Array) -> Mask:
    """Return which cells (n,) hold a value: not null, not an empty text, not NaN.

    >>> held(pa.array(["a", "", None])).tolist()
    [True, False, False]
    """
    valid = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)
    if is_text(array.type):
        gone = pc.equal(array, "")
    elif pa.types.is_floating(array.type):
        gone = pc.is_nan(array)
    else:
        return valid
    return np.asarray(valid & ~pc.fill_null(gone, True).to_numpy(zero_copy_only=False), bool)


def parse_numbers(array: pa.Array) -> tuple[Floats, Mask]:
    """Return text (n,) as float64 (n,) with NaN where null or unreadable, and the mask of unreadable cells.

    Blanks around, a sign, a decimal point, an exponent, and the words nan and inf are read; nothing else
    is, so that '1,5', '12 cm' and '1e5000' are reported rather than guessed.

    >>> parse_numbers(pa.array(["1.5", None, "x"]))[0].tolist()
    [1.5, nan, nan]
    """
    if len(array) == 0:
        return np.empty(0), np.empty(0, bool)
    quick = _plain_numbers(array)
    if quick is not None:
        return quick, np.zeros(len(array), bool)
    plain = pc.fill_null(pc.match_substring_regex(array, NUMBER), False)
    text = pc.utf8_trim_whitespace(pc.if_else(plain, array, pa.scalar(None, array.type)))
    text = pc.replace_substring_regex(text, r"^\+", "")
    numbers = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64, copy=True)
    odd = ~plain.to_numpy(zero_copy_only=False) & array.is_valid().to_numpy(zero_copy_only=False)
    words = pc.utf8_lower(pc.utf8_trim_whitespace(array.filter(pa.array(odd))))
    known = pc.index_in(words, pa.array(SPECIAL)).fill_null(-1).to_numpy()
    places = np.flatnonzero(odd)[known >= 0]
    numbers[places], odd[places] = np.array([*SPECIAL.values()])[known[known >= 0]], False
    return numbers, odd


def _plain_numbers(array: pa.Array) -> Floats | None:
    """Return text (n,) as float64 where Arrow's own cast reads every cell as `NUMBER` would; else None.

    It is twice as fast. What it reads and `NUMBER` does not are nan, inf and exponents of four digits.
    """
    try:
        numbers: Floats = pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64, copy=True)
    except pa.ArrowInvalid:
        return None
    exponents = array.filter(pc.match_substring(array, "e", ignore_case=True))
    long = len(exponents) and pc.any(pc.match_substring_regex(exponents, r"[eE][+-]?\d{4}")).as_py()
    return None if long or np.isfinite(numbers).sum() < len(array) - array.null_count else numbers


def has(table: pa.Table, name: str) -> bool:
    """Return whether a table has a column, in a time that does not grow with their number as `column_names` does."""
    return bool(table.schema.get_field_index(name) >= 0)


def as_text(array: pa.Array) -> pa.Array:
    """Return array (n,) as text (n,): text as it is, anything else as Python's `str` of the value, null stays null.

    >>> as_text(pa.array([True, None])).to_pylist()
    ['True', None]
    """
    if is_text(array.type):
        return array.cast(pa.string()) if not pa.types.is_string(array.type) else array
    if pa.types.is_integer(array.type):
        return array.cast(pa.string())
    return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())


def take(table: pa.Table, rows: Ints) -> pa.Table:
    """Return the rows of table in the order given."""
    return table.take(pa.array(rows))
