"""A sample of rows that stream by: bounded memory, and the same rows however the stream is cut into batches.

Every row has a key; those with the smallest keys are kept. A key is drawn by the row's number and a seed, or by the
group it belongs to, or it is its age, so that nothing has to be known of the rows to come.
Source: Vitter, Random Sampling with a Reservoir (1985); Rosén, On Sampling with Probability Proportional to Size
(1997), for samples by keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core import dates
from landmark.core.cells import numbers
from landmark.core.table import Array, Floats, Ints, as_text, held, is_text, take, whole
from landmark.statistics.date_formats import formats
from landmark.statistics.fingerprints import Prints, chained, of_values

Batches: TypeAlias = Iterable[pa.RecordBatch]
Keys: TypeAlias = Callable[[pa.RecordBatch, int], Array]
"""From a batch and the number of its first row, from 0, to a key for each of its rows (n,)."""

HELD = 1 << 17
"""Rows that are held in any case: of a smaller table the sample is exact."""
SPARE = 2
"""Rows held for each of a stratified sample, so that every value has enough of them."""
MOST_KINDS, FEW = 2000, 64
"""Values that are counted, and rows of each that are held in any case; of more values the order is kept."""
LOOK = 1000
"""First values that tell how dates are written."""


class Size(NamedTuple):
    """How large a sample is to be: so many rows, or a share of them."""

    rows: int | None = None
    share: float | None = None

    def of(self, count: int) -> int:
        """Return the rows of a sample of so many."""
        return min(count, round(count * (self.share or 0.0)) if self.rows is None else self.rows)


class Sample(NamedTuple):
    """The rows (m,) of a sample in the order they came, and of how many they are."""

    rows: pa.Table
    of: int


@dataclass
class Pool:
    """The rows with the smallest keys so far: `most`, and all with keys up to `sure`."""

    schema: pa.Schema
    most: int
    sure: Any = None
    ties: bool = False
    parts: list[pa.Table] = field(default_factory=list)
    keys: Array = field(default_factory=lambda: np.empty(0))
    numbers: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    highest: Any = None
    held: int = 0

    def add(self, batch: pa.RecordBatch, keys: Array, first: int) -> None:
        """Take in rows with their keys (n,), of which the first of all has a number."""
        chosen = np.flatnonzero(keys <= self.highest) if self.highest is not None else np.arange(len(keys))
        self.parts.append(pa.Table.from_batches([batch]).take(pa.array(chosen)))
        self.keys = np.concatenate([self.keys, keys[chosen]]) if len(self.keys) else keys[chosen]
        self.numbers = np.concatenate([self.numbers, first + chosen])
        if len(self.keys) > 2 * max(self.most, self.held):
            self.trim()

    def trim(self) -> None:
        """Keep the `most` rows with the smallest keys: of equal ones the first, or with `ties` all."""
        if len(self.keys) <= self.most:
            return
        end = np.partition(self.keys, self.most - 1)[self.most - 1]
        end = end if self.sure is None else max(end, self.sure)
        if self.sure is None and not self.ties:
            self.keep(np.sort(np.argsort(self.keys, kind="stable")[: self.most]))
        else:
            self.keep(np.flatnonzero(self.keys <= end))
        self.highest, self.held = end, len(self.keys)

    def keep(self, kept: Ints) -> None:
        """Keep some rows only, in their order."""
        self.parts, self.keys, self.numbers = [take(self.table(), kept)], self.keys[kept], self.numbers[kept]

    def table(self) -> pa.Table:
        """Return the rows held, in the order they came."""
        return pa.concat_tables([self.schema.empty_table(), *self.parts])


def random(schema: pa.Schema, batches: Batches, size: Size, seed: int) -> Sample:
    """Return rows drawn at random."""
    most, sure = (size.rows, None) if size.rows is not None else (HELD, _limit(1.5, size))
    pool = Pool(schema, most or 1, sure)
    count = _filled(pool, batches, lambda batch, first: _drawn(first, batch.num_rows, seed))
    return _smallest(pool, size.of(count), count)


def latest(schema: pa.Schema, batches: Batches, rows: int, column: str) -> Sample:
    """Return the rows whose time is the latest; those without one come last of all."""
    ahead, batches = _ahead(batches, column)
    read = _moments(ahead)
    pool = Pool(schema, rows)
    count = _filled(pool, batches, lambda batch, first: -read(batch.column(column)))
    return _smallest(pool, min(rows, count), count)


def groups(schema: pa.Schema, batches: Batches, size: Size, column: str, seed: int) -> Sample:
    """Return whole groups, drawn by what they are called, of about the size; a row without a group is one alone."""

    def keys(batch: pa.RecordBatch, first: int) -> Array:
        values = whole(batch.column(column))
        named = chained(np.full(len(values), seed, np.uint64), of_values(values))
        return np.where(held(values), named, _drawn(first, len(values), seed))

    most, sure = (size.rows, None) if size.rows is not None else (HELD, _limit(1.5, size))
    pool = Pool(schema, most or 1, sure, ties=True)
    count = _filled(pool, batches, keys)
    order = np.argsort(pool.keys, kind="stable")
    ends = np.flatnonzero(np.diff(pool.keys[order], append=pool.keys[order[:1]]) != 0) + 1
    if len(ends) > 1:
        pool.keep(np.sort(order[: ends[np.argmin(np.abs(ends - size.of(count)))]]))
    return Sample(pool.table(), count)


def stratified(schema: pa.Schema, batches: Batches, size: Size, column: str, seed: int) -> Sample:
    """Return rows in which every value of a column keeps its share, and a number the shape of its distribution."""
    most, sure = (SPARE * size.rows, None) if size.rows is not None else (0, _limit(SPARE, size))
    pool, strata = Pool(schema, max(HELD, most), sure), Strata()

    def keys(batch: pa.RecordBatch, first: int) -> Array:
        drawn = _drawn(first, batch.num_rows, seed)
        strata.add(batch, whole(batch.column(column)), drawn, first)
        return drawn

    count = _filled(pool, batches, keys)
    wanted = size.of(count)
    pool.trim()
    if len(pool.keys) == count or strata.too_many:
        return Sample(take(pool.table(), _evenly(pool.table().column(column), pool.keys, wanted)), count)
    return Sample(_shared(pool, strata, column, wanted), count)


@dataclass
class Strata:
    """How often each value of a column came, and a few rows of each: those with the smallest keys."""

    counted: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    counts: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    parts: list[pa.Table] = field(default_factory=list)
    prints: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    keys: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    numbers: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    held: int = field(default_factory=lambda: HELD)
    too_many: bool = False

    def add(self, batch: pa.RecordBatch, values: pa.Array, keys: Prints, first: int) -> None:
        """Take in rows with their values and keys (n,), of which the first of all has a number."""
        if self.too_many:
            return
        prints = of_values(values)
        own, sizes = np.unique(prints, return_counts=True)
        counts = np.concatenate([self.counts, sizes])
        self.counted, places = np.unique(np.concatenate([self.counted, own]), return_inverse=True)
        self.counts = np.bincount(places, counts, len(self.counted)).astype(np.int64)
        self.too_many = len(self.counted) > MOST_KINDS
        if self.too_many:
            self.parts.clear()
            return
        chosen = np.flatnonzero(_ranks(prints, keys) < FEW)
        self.parts.append(pa.Table.from_batches([batch]).take(pa.array(chosen)))
        self.prints, self.keys = (
            np.concatenate([self.prints, prints[chosen]]),
            np.concatenate([self.keys, keys[chosen]]),
        )
        self.numbers = np.concatenate([self.numbers, first + chosen])
        if len(self.keys) > 2 * self.held:
            self.trim()

    def trim(self) -> None:
        """Keep no more than a few rows of each value."""
        kept = np.flatnonzero(_ranks(self.prints, self.keys) < FEW)
        self.parts = [take(pa.concat_tables(self.parts), kept)]
        self.prints, self.keys, self.numbers = self.prints[kept], self.keys[kept], self.numbers[kept]
        self.held = max(HELD, len(kept))


def _shared(pool: Pool, strata: Strata, column: str, wanted: int) -> pa.Table:
    """Return `wanted` of the rows held, every value of a column with its share of all rows, to within one row."""
    strata.trim()
    rows = pa.concat_tables([pool.table(), *strata.parts])
    once = np.unique(np.concatenate([pool.numbers, strata.numbers]), return_index=True)[1]
    rows, keys = take(rows, once), np.concatenate([pool.keys, strata.keys])[once]
    values = whole(rows.column(column))
    prints = of_values(values)
    kinds, first, places = np.unique(prints, return_index=True, return_inverse=True)
    order = np.argsort(_order(values)[first], kind="stable")
    ends = np.cumsum(strata.counts[np.searchsorted(strata.counted, kinds[order])])
    shares = np.empty(len(kinds), np.int64)
    shares[order] = np.diff(ends * wanted // ends[-1], prepend=0)
    return take(rows, np.flatnonzero(_ranks(prints, keys) < shares[places]))


def _evenly(values: pa.ChunkedArray, keys: Prints, wanted: int) -> Ints:
    """Return the places of `wanted` rows evenly spaced among all in the order of their values, equal ones by key."""
    order = np.lexsort((keys, _order(whole(values))))
    return np.sort(order[np.arange(wanted) * len(order) // max(wanted, 1)])


def _order(values: pa.Array) -> Ints:
    """Return the place of each value (n,) among the different ones."""
    kind = values.type
    sortable = is_text(kind) or pa.types.is_primitive(kind)
    return np.asarray(pc.rank(values if sortable else as_text(values), "ascending", tiebreaker="dense").to_numpy())


def _ranks(prints: Prints, keys: Prints) -> Ints:
    """Return the place of each key (n,) among those of the rows with the same print."""
    order = np.lexsort((keys, prints))
    first = np.flatnonzero(np.diff(prints[order], prepend=~prints[order[:1]]))
    ranks = np.empty(len(prints), np.int64)
    ranks[order] = np.arange(len(prints)) - np.repeat(first, np.diff(first, append=len(prints)))
    return ranks


def _filled(pool: Pool, batches: Batches, keys: Keys) -> int:
    """Put rows into a pool, and return how many there were."""
    count = 0
    for batch in batches:
        if batch.num_rows:
            pool.add(batch, keys(batch, count), count)
            count += batch.num_rows
    return count


def _smallest(pool: Pool, rows: int, count: int) -> Sample:
    """Return the rows of a pool with the smallest keys, of so many."""
    pool.keep(np.sort(np.argsort(pool.keys, kind="stable")[:rows]))
    return Sample(pool.table(), count)


def _drawn(first: int, count: int, seed: int) -> Prints:
    """Return a key for each of so many rows, as if by chance: of its number and of the seed."""
    own = np.arange(first, first + count, dtype=np.uint64)
    return chained(chained(np.full(count, seed, np.uint64), own), own)


def _limit(times: float, size: Size) -> Any:
    """Return the key below which so many times a share of all keys lie."""
    assert size.share is not None
    return np.uint64(min(int(times * size.share * 2**64), 2**64 - 1))


def _ahead(batches: Batches, column: str) -> tuple[pa.Array, Iterator[pa.RecordBatch]]:
    """Return the first values of a column, and all batches."""
    coming, taken, rows, there = iter(batches), list[pa.RecordBatch](), 0, 0
    for batch in coming:
        taken.append(batch)
        rows, there = rows + batch.num_rows, there + int(held(batch.column(column)).sum())
        if there >= LOOK or rows >= HELD:
            break
    values = whole(pa.chunked_array([batch.column(column) for batch in taken]).slice(0, HELD))
    return values.filter(pa.array(held(values))).slice(0, LOOK), chain(taken, coming)


def _moments(first: pa.Array) -> Callable[[pa.Array], Floats]:
    """Return what reads the times of a column, of which these are the first: they grow with time, -inf for none."""
    forms: tuple[str, ...] = ()
    if is_text(first.type) and numbers(first)[1].any():
        distinct = pc.unique(first).drop_null()
        forms = tuple(sorted(formats(distinct), key=lambda form: int(dates.parse(distinct, form)[1].sum())))

    def read(values: pa.Array) -> Floats:
        values = whole(values)
        if pa.types.is_temporal(values.type):
            wide = pa.int32() if values.type.bit_width == 32 else pa.int64()
            moments = pc.cast(values.cast(wide), pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            return np.where(np.isnan(moments), -np.inf, moments)
        moments, odd = np.full(len(values), np.nan), np.ones(len(values), bool)
        for form in forms:
            got, unread = dates.parse(values, form)
            moments, odd = np.where(odd & ~unread, got, moments), odd & unread
        moments = moments if forms else numbers(values)[0]
        return np.where(np.isnan(moments), -np.inf, moments)

    return read
