"""How raw cells are read, whatever Arrow type they came in: as numbers, as label texts, and back.

Training and serving see the same value in different clothes: `1` in a CSV file, 1 in JSON, 1.0 in a data frame
with a gap, True in a database. What a value is, is settled here by the type it had in the training source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.errors import UserError
from landmark.core.table import (
    NUMBER,
    SPECIAL,
    Array,
    Columns,
    Floats,
    Ints,
    Mask,
    Strings,
    is_text,
    parse_numbers,
    whole,
    without,
)
from landmark.core.units import convert

MISSING = "\ue000"
"""The text that stands for no value in a text tensor: a private-use character, assigned to nothing by Unicode."""

Family = Literal["text", "integer", "number", "boolean", "other"]

_FEW = 64  # below this many cells a Python loop is faster than a chain of Arrow kernels
_BLANK = "\t\n\f\r "  # what RE2 takes for white space
_NUMBER = re.compile(NUMBER.replace(r"\s", f"[{_BLANK}]").replace(r"\d", "[0-9]"))
_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,40})(\.0*)?\s*")
_TRUE, _FALSE = frozenset({"true", "1", "1.0", "t", "yes", "y"}), frozenset({"false", "0", "0.0", "f", "no", "n"})


def numbers(array: pa.Array, missing: tuple[str, ...] = ()) -> tuple[Floats, Mask]:
    """Return cells (n,) as float64 (n,), NaN where null, blank or unreadable, and the mask of the unreadable.

    Text is parsed, bools are 0 and 1, durations are seconds. `missing` are codes for no value, as text: -999 is
    one whether it is written -999, -999.0 or is a number.

    >>> numbers(pa.array(["1.5", "", "x", "-9.0"]), missing=("-9",))
    (array([1.5, nan, nan, nan]), array([False, False,  True, False]))
    """
    array = whole(array)
    if is_text(array.type):
        few = len(array) <= _FEW
        values, odd = _few_numbers(array, missing) if few else parse_numbers(_given(array, missing))
    else:
        values, odd = _typed_numbers(array)
    codes = _numeric(missing)
    return (np.where(np.isin(values, codes), np.nan, values) if codes else values), odd


def in_unit(array: pa.Array, given: str, wanted: str, missing: tuple[str, ...] = ()) -> pa.Array:
    """Return cells (n,) with every number in another unit; what is no number, and codes for none, stay as they are.

    Texts stay texts, numbers become float64. Raises: UserError where the units measure different things.

    >>> in_unit(pa.array(["18", "?", "-999"]), "month", "year", missing=("-999",)).to_pylist()
    ['1.5', '?', '-999']
    """
    array = whole(array)
    values, odd = numbers(array, missing)
    there = ~np.isnan(values) & ~odd
    turned = convert(values, given, wanted)
    if is_text(array.type):
        new = pa.array([repr(value) for value in turned.tolist()], pa.string())
        return pc.if_else(pa.array(there), new, array.cast(pa.string()))
    kept, _ = numbers(array)
    return pa.array(np.where(there, turned, kept), mask=~_valid(array))


def texts(
    array: pa.Array, physical: str | None = None, missing: tuple[str, ...] = (), decimals: bool = False
) -> tuple[pa.Array, Mask]:
    """Return cells (n,) as label texts (n,), null where there is no value, and the mask of the unreadable.

    A label's text is its text in the training source, whose Arrow type was `physical`; `missing` are texts that
    mean no value, as an empty one always does. decimals: whole numbers were written 1.0 in a text source. NUL,
    which browsers cut off, becomes U+FFFD.

    >>> texts(pa.array([1.0, None, 2.5]), "string")[0].to_pylist()
    ['1', None, '2.5']
    >>> texts(pa.array(["true", "?"]), "bool", missing=("?",))[0].to_pylist()
    ['True', None]
    """
    array = whole(array)
    if is_text(array.type) and family(physical) == "text":
        clean = _few_texts(array, missing) if len(array) <= _FEW else _clean(array, missing)
        return clean, np.zeros(len(array), bool)
    if pa.types.is_nested(array.type):
        return pa.nulls(len(array), pa.string()), _valid(array)
    coded = array.dictionary_encode() if len(array) > _FEW else None
    gone = {_label(code, physical, decimals) for code in missing} | {*missing, None, ""}
    labels = [_label(value, physical, decimals) for value in _values(array if coded is None else coded.dictionary)]
    known = pa.array([None if label in gone else label for label in labels], pa.string())
    return known if coded is None else known.take(coded.indices), np.zeros(len(array), bool)


def lists(array: pa.Array, delimiter: str | None) -> pa.Array:
    """Return texts (n,) as lists of items: JSON lists where they are written so, else parts between delimiters.

    >>> lists(pa.array(["a|b", "[1, 2]", None]), "|").to_pylist()
    [['a', 'b'], ['1', '2'], None]
    """
    if not pc.any(pc.starts_with(array, "[")).as_py():
        if delimiter is None:
            return pa.ListArray.from_arrays(pa.array(range(len(array) + 1), pa.int32()), array)
        return pc.split_pattern(array, delimiter)
    return pa.array([parts(text, delimiter) for text in array.to_pylist()], pa.list_(pa.string()))


def parts(text: str | None, delimiter: str | None) -> list[str] | None:
    """Return the items of one text, None where there is none."""
    if text is None:
        return None
    if text.startswith("["):
        try:
            return [str(item) for item in json.loads(text) if item is not None]
        except (ValueError, RecursionError):
            pass
    return text.split(delimiter) if delimiter else [text]


def tensor(array: pa.Array) -> Strings:
    """Return texts (n,) as a tensor (n,) of Python texts, MISSING where null.

    >>> tensor(pa.array(["a", None])).tolist() == ["a", MISSING]
    True
    """
    if len(array) > _FEW:
        filled = pc.fill_null(array, MISSING).to_numpy(zero_copy_only=False)
        return np.asarray(filled, dtype=object)
    result = np.empty(len(array), dtype=object)
    result[:] = [MISSING if text is None else text for text in array.to_pylist()]
    return result


def restore(labels: Iterable[str], physical: str | None) -> pa.Array:
    """Return label texts (n,) as values (n,) of the training column's own type, or as text where that has no way back.

    >>> restore(["1", "0"], "int64").to_pylist(), restore(["True"], "bool").to_pylist()
    ([1, 0], [True])
    """
    array = pa.array(labels, pa.string())
    if family(physical) == "boolean":
        return pc.equal(array, "True")
    try:
        return pc.cast(array, pa.type_for_alias(_value_type(physical)))
    except (ValueError, pa.ArrowException):
        return array


def counts(array: pa.Array, least: int = 1) -> list[tuple[str, int]]:
    """Return the texts that occur at least so often in (n,), with counts: most frequent first, then by text.

    >>> counts(pa.array(["b", "a", "b", None, "c"]))
    [('b', 2), ('a', 1), ('c', 1)]
    """
    found = pa.Table.from_struct_array(pc.value_counts(array.drop_null()))
    ordered = found.filter(pc.field("counts") >= least).sort_by([("counts", "descending"), ("values", "ascending")])
    return list(zip(ordered["values"].to_pylist(), ordered["counts"].to_pylist(), strict=True))


def codes(array: pa.Array, labels: Sequence[str]) -> Ints:
    """Return texts (n,) as int64 (n,) places among labels: len(labels) where not among them, -1 where null.

    >>> codes(pa.array(["b", "x", None]), ["a", "b"]).tolist()
    [1, 2, -1]
    """
    found = pc.fill_null(pc.index_in(array, value_set=pa.array(labels, pa.string())), len(labels))
    return np.where(_valid(array), found.to_numpy(zero_copy_only=False), -1).astype(np.int64)


def sort_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return labels in the order people expect: by number where all are numbers, else by text.

    >>> sort_labels(["10", "9"]), sort_labels(["b", "a"])
    (('9', '10'), ('a', 'b'))
    """
    known = list(labels)
    if all(_NUMBER.match(label) for label in known):
        return tuple(sorted(known, key=lambda label: (float(label), label)))
    return tuple(sorted(known))


def written_with_decimals(labels: Sequence[str], physical: str) -> bool:
    """Return whether the whole numbers in a text source are written 1.0, as data frames write them beside gaps."""
    return family(physical) == "text" and bool(labels) and all(re.fullmatch(r"-?[0-9]+\.0", label) for label in labels)


def probabilities(name: str, tensors: dict[str, Array], labels: Sequence[str]) -> Columns:
    """Return the tensor `name.p` (n, labels) as columns `name.p.<label>` float64 (n,)."""
    table = np.asarray(tensors[f"{name}.p"], np.float64)
    return {f"{name}.p.{label}": pa.array(np.ascontiguousarray(table[:, i])) for i, label in enumerate(labels)}


def refuse(
    column: str, array: pa.Array, odd: Mask, wanted: str, mend: Callable[[str, Any], str | None] | None = None
) -> None:
    """Raise what is wrong with the first odd cell of a column; `mend` may know from column and value what to do.

    Raises: UserError naming column, row and value.
    """
    if odd.any():
        row = int(np.argmax(odd))
        seen = _values(whole(array).slice(row, 1))[0]
        fix = (mend and mend(column, seen)) or "mend the value, or leave it empty"
        raise UserError(f"{column}, row {row + 1}", f"not {wanted}", seen=seen, fix=fix)


@cache
def family(physical: str | None) -> Family:
    """Return what an Arrow type, by its name, holds.

    >>> family("large_string"), family("uint8"), family("double"), family("dictionary<values=int64, indices=int8>")
    ('text', 'integer', 'number', 'integer')
    """
    name = _value_type(physical)
    if "string" in name or name == "null":
        return "text"
    if name.startswith(("int", "uint")):
        return "integer"
    if name in ("double", "float", "halffloat"):
        return "number"
    return "boolean" if name == "bool" else "other"


def _value_type(physical: str | None) -> str:
    """Return the name of the type of the values: that of a dictionary's or of a list's items, if it is one."""
    inner = re.search(r"values=([^,>]+)|<\w+: (.+?)( not null)?>", physical or "")
    return next(name for name in (*inner.groups()[:2], "string") if name) if inner else physical or "string"


def _label(value: Any, physical: str | None, decimals: bool) -> str | None:
    """Return the text of one value, None where it is none."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is no value, whatever number type it has
        return None
    kind = family(physical)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text.replace("\0", "\ufffd")
    if kind == "number" and (isinstance(value, (int, float)) or _NUMBER.match(text)):
        return str(float(value) + 0.0)  # no negative zero
    if kind == "boolean":
        word = text.strip().lower()
        return "True" if word in _TRUE else "False" if word in _FALSE else text
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1:
        return str(int(value)) + ".0" * (decimals and kind == "text")
    if kind == "integer" and (found := _WHOLE.fullmatch(str(int(value)) if isinstance(value, bool) else text)):
        return str(int(found[1]))
    return text


def _values(array: pa.Array) -> list[Any]:
    """Return Python values; moments that Python's calendar does not reach, or not so finely, as Arrow writes them."""
    try:
        moments = pa.types.is_timestamp(array.type)
        return list((array.cast(pa.timestamp("us", array.type.tz)) if moments else array).to_pylist())
    except (ValueError, OverflowError):
        return list(array.cast(pa.string()).to_pylist())


@cache
def _numeric(missing: tuple[str, ...]) -> tuple[float, ...]:
    """Return the codes for no value that are numbers."""
    return tuple(float(code) for code in missing if _NUMBER.match(code))


def _typed_numbers(array: pa.Array) -> tuple[Floats, Mask]:
    kind, odd = array.type, np.zeros(len(array), bool)
    if kind == pa.float64():
        return array.to_numpy(zero_copy_only=False), odd
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    ):
        return _floats(array), odd
    if pa.types.is_duration(kind):
        return _floats(array.cast(pa.int64())) / {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit], odd
    return np.full(len(array), np.nan), _valid(array)


def _few_numbers(array: pa.Array, missing: tuple[str, ...]) -> tuple[Floats, Mask]:
    cells = array.to_pylist()
    values, odd = np.full(len(cells), np.nan), np.zeros(len(cells), bool)
    for i, text in enumerate(cells):
        if text is None or text in missing:
            continue
        if _NUMBER.match(text):
            values[i] = float(text)
        elif text.strip(_BLANK):
            word = text.strip().lower()
            values[i], odd[i] = SPECIAL.get(word, np.nan), word not in SPECIAL
    return values, odd


def _few_texts(array: pa.Array, missing: tuple[str, ...]) -> pa.Array:
    cells = array.to_pylist()
    if all(text and text not in missing and "\0" not in text for text in cells):
        return array
    kept = [text if text and text not in missing else None for text in cells]
    return pa.array([text and text.replace("\0", "\ufffd") for text in kept], pa.string())


def _clean(array: pa.Array, missing: tuple[str, ...]) -> pa.Array:
    array = array.cast(pa.string()) if array.type != pa.string() else array
    gone = pc.is_in(array, value_set=pa.array(["", *missing], pa.string()))
    if pc.any(gone).as_py():
        array = pc.if_else(gone, pa.scalar(None, pa.string()), array)
    return pc.replace_substring(array, "\0", "\ufffd") if pc.any(pc.match_substring(array, "\0")).as_py() else array


def _given(array: pa.Array, missing: tuple[str, ...]) -> pa.Array:
    """Return texts (n,) with null where a text is blank or a code for no value."""
    array = without(array.cast(pa.string()) if array.type != pa.string() else array, missing)
    blank = pc.match_substring_regex(array, r"\A\s*\z")
    return pc.if_else(blank, pa.scalar(None, pa.string()), array) if pc.any(blank).as_py() else array


def _floats(array: pa.Array) -> Floats:
    return np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)


def _valid(array: pa.Array) -> Mask:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)
