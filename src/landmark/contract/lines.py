"""The promises that are kept or broken cell by cell: which cells break which line, as masks over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnTerms
from landmark.contract.expressions.functions import whole_pattern
from landmark.contract.reading import Read
from landmark.core import dates
from landmark.core.cells import numbers
from landmark.core.kinds import impossible
from landmark.core.table import Array, Mask


class Broken(NamedTuple):
    """The cells (n,) that break one line: the finding's code, where, and the amounts that are compared, if any."""

    code: str
    where: Mask
    amounts: Array | None = None


def broken(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    """Yield the lines that some of the cells (n,) break."""
    found = [Broken("unreadable", read.odd), *LINES.get(terms.type, _of_texts)(terms, read)]
    yield from (each for each in found if each.where.any())


def bounds(terms: ColumnTerms) -> tuple[float | None, float | None]:
    """Return the least and the greatest number; of dates in microseconds since 1970."""
    least, most = terms.least, terms.most
    return _bound(least, terms), _bound(most, terms)


def moment(text: str, formats: tuple[str, ...] = ()) -> int | None:
    """Return a written date as microseconds since 1970, None where it is none."""
    (found,), _ = dates.parse_any(pa.array([text]), formats)
    return None if found == dates.MISSING else int(found)


def _bound(value: float | str | None, terms: ColumnTerms) -> float | None:
    return moment(value, terms.formats) if isinstance(value, str) else value


def _of_numbers(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    x = np.asarray(pc.fill_null(read.values, np.nan).to_numpy(zero_copy_only=False), np.float64)
    finite = np.isfinite(x)
    if not terms.infinite:
        yield Broken("infinite", np.isinf(x))
    if terms.whole:
        yield Broken("not-whole", finite & (x != np.floor(x)))
    yield Broken("impossible-value", finite & impossible(x, terms.kind, terms.unit), x)
    if terms.values is not None:
        known, _ = numbers(pa.array(terms.values, pa.string()))
        yield Broken("new-value", finite & ~np.isin(x, known))
    yield from _between(terms, x, finite)


def _of_dates(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    held = np.asarray(read.values.is_valid().to_numpy(zero_copy_only=False))
    yield from _between(terms, pc.fill_null(read.values, 0).to_numpy(zero_copy_only=False), held)


def _between(terms: ColumnTerms, x: Array, held: Mask) -> Iterator[Broken]:
    least, most = bounds(terms)
    if least is not None:
        yield Broken("too-small", held & (x < least), x)
    if most is not None:
        yield Broken("too-large", held & (x > most), x)


def _of_texts(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    texts = read.values
    if terms.values is not None:
        known = pc.is_in(texts, value_set=pa.array(terms.values, pa.string()))
        yield Broken("new-value", flags(pc.and_(texts.is_valid(), pc.invert(known))))
    if terms.length is not None:
        yield from _counted(terms.length.least, terms.length.most, pc.utf8_length(texts), ("too-short", "too-long"))
    if terms.pattern is not None:
        fits = pc.match_substring_regex(texts, whole_pattern(terms.pattern))
        yield Broken("pattern-broken", ~flags(pc.fill_null(fits, True)))


def _of_sets(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    lists = read.values
    if terms.values is not None:
        known = pc.is_in(lists.flatten(), value_set=pa.array(terms.values, pa.string()))
        where = np.zeros(len(lists), bool)
        where[pc.list_parent_indices(lists).to_numpy()[~flags(known)]] = True
        yield Broken("new-value", where)
    if terms.items is not None:
        sizes = pc.list_value_length(lists)
        yield from _counted(terms.items.least, terms.items.most, sizes, ("few-items", "many-items"))


def _of_pictures(terms: ColumnTerms, read: Read) -> Iterator[Broken]:
    if terms.length is not None and not pa.types.is_string(read.values.type):
        sizes = pc.binary_length(read.values)
        yield from _counted(terms.length.least, terms.length.most, sizes, ("too-short", "too-long"))


def _counted(least: int | None, most: int | None, sizes: pa.Array, codes: tuple[str, str]) -> Iterator[Broken]:
    held = flags(sizes.is_valid())
    counts = np.asarray(pc.fill_null(sizes, 0).to_numpy(zero_copy_only=False), np.int64)
    if least is not None:
        yield Broken(codes[0], held & (counts < least), counts)
    if most is not None:
        yield Broken(codes[1], held & (counts > most), counts)


def flags(array: pa.Array) -> Mask:
    """Return truth (n,) without nulls as a mask (n,)."""
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)


LINES: dict[str, Callable[[ColumnTerms, Read], Iterator[Broken]]] = {
    "number": _of_numbers,
    "date": _of_dates,
    "set": _of_sets,
    "image": _of_pictures,
}
