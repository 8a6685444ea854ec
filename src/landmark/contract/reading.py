"""Cells as what a column's terms say they hold: one kind of Arrow array for each type, whatever the source stored."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnTerms
from landmark.contract.expressions import Holds
from landmark.core import cells, dates
from landmark.core.table import Ints, Mask, is_text, whole, without
from landmark.files.pictures import ENDINGS

HOLDS = {"number": Holds.NUMBER, "date": Holds.MOMENT, "set": Holds.LIST}
"""What an expression sees of a type; of every other type its text."""
PICTURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8|BM|RIFF....WEBP|II\*\x00|MM\x00\*", re.DOTALL)
"""How the bytes of PNG, JPEG, GIF, BMP, WebP and TIFF begin. Source: the formats' own specifications."""


class Read(NamedTuple):
    """Cells (n,): values (null where there is none), and the masks of those missing and those that cannot be read.

    Values are float64, int64 microseconds, text, lists of items, or bytes.
    """

    values: pa.Array
    missing: Mask
    odd: Mask

    @property
    def held(self) -> int:
        """Return how many cells hold a value, readable or not."""
        return len(self.missing) - int(self.missing.sum())


def read(terms: ColumnTerms, array: pa.Array, as_texts: bool = True) -> Read:
    """Return cells (n,) as the terms say; as_texts: the items of sets are needed, not only their number."""
    array = whole(array)
    if pa.types.is_null(array.type):
        array = array.cast(pa.string())
    if terms.type == "set":
        return _sets(terms, array, as_texts)
    if pa.types.is_nested(array.type):
        return _unreadable(array, terms)
    if terms.type == "number":
        return _numbers(terms, array)
    if terms.type == "date":
        return _dates(terms, array)
    return _pictures(terms, array) if terms.type == "image" else _texts(terms, array)


def is_list(kind: pa.DataType) -> bool:
    """Return whether an Arrow type is a list of something."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _numbers(terms: ColumnTerms, array: pa.Array) -> Read:
    if pa.types.is_temporal(array.type) and not pa.types.is_duration(array.type):
        return _unreadable(array, terms)
    values, odd = cells.numbers(array, terms.missing)
    return Read(pa.array(values, from_pandas=True), np.isnan(values) & ~odd, odd)


def _dates(terms: ColumnTerms, array: pa.Array) -> Read:
    kind = array.type
    if is_text(kind):
        moments, odd = dates.parse_any(without(array.cast(pa.string()), terms.missing), terms.formats)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments, odd = dates.from_arrow(array)
    else:
        moments, odd = _numbered_dates(terms, array)
    if terms.missing and not is_text(kind):
        gone = np.isin(moments, dates.parse_any(pa.array(terms.missing, pa.string()), terms.formats)[0])
        moments = np.where(gone, dates.MISSING, moments)
    none = moments == dates.MISSING
    return Read(pa.array(moments, mask=none), none & ~odd, odd)


def _numbered_dates(terms: ColumnTerms, array: pa.Array) -> tuple[Ints, Mask]:
    """Return numbers (n,) as moments by the first format that is one of numbers."""
    given = np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
    if cells.family(str(array.type)) not in ("integer", "number"):
        return np.full(len(array), dates.MISSING), given
    for format in terms.formats:
        if format in dates.MICROSECONDS:
            return dates.from_epoch(*cells.numbers(array, terms.missing), dates.MICROSECONDS[format])
        if format in ("Y", "Ymd"):
            return dates.parse(cells.texts(array, None, terms.missing)[0], format)
    return np.full(len(array), dates.MISSING), given


def _texts(terms: ColumnTerms, array: pa.Array) -> Read:
    texts, odd = cells.texts(array, terms.stored, terms.missing)
    return Read(texts, np.asarray(texts.is_null().to_numpy(zero_copy_only=False)) & ~odd, odd)


def _sets(terms: ColumnTerms, array: pa.Array, as_texts: bool) -> Read:
    """Return lists of items: trimmed text where they are needed, else as they are."""
    if is_text(array.type):
        array = without(array.cast(pa.string()), ("", *terms.missing))
    missing = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
    held = array.drop_null()
    if is_text(array.type):
        held = cells.lists(held, terms.delimiter)
    if not is_list(held.type) or pa.types.is_nested(held.type.value_type):
        return _unreadable(array, terms)
    lengths = np.zeros(len(array), np.int64)
    lengths[~missing] = pc.list_value_length(held).to_numpy()
    flat, odd = held.flatten(), np.zeros(len(array), bool)
    if as_texts:
        flat, unread = cells.texts(flat, terms.stored)
        flat = pc.utf8_trim_whitespace(flat)
        odd[np.repeat(np.arange(len(array)), lengths)[unread]] = True
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return Read(pa.ListArray.from_arrays(pa.array(offsets), flat, mask=pa.array(missing)), missing, odd)


def _pictures(terms: ColumnTerms, array: pa.Array) -> Read:
    """Return pictures as bytes that begin like one, or as paths that end like one."""
    if is_text(array.type):
        array = without(array.cast(pa.string()), ("", *terms.missing))
        good = [value is None or value.strip().lower().endswith(ENDINGS) for value in array.to_pylist()]
    elif pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        good = [value is None or PICTURE.match(value) is not None for value in array.to_pylist()]
    else:
        return _unreadable(array, terms)
    missing = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
    return Read(array, missing, ~np.array(good, bool))


def _unreadable(array: pa.Array, terms: ColumnTerms) -> Read:
    """Return cells of which none can be what the terms say."""
    missing = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
    kind = {"number": pa.float64(), "date": pa.int64(), "set": pa.list_(pa.string())}.get(terms.type, pa.string())
    return Read(pa.nulls(len(array), kind), missing, ~missing)
