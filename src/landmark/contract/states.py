"""What must be remembered from one batch of rows to the next: values that came before, the order, periods, pairs.

All of it is of bounded size: values as fingerprints of eight bytes, and on disk where there are many.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
import pyarrow as pa

from landmark.core import dates
from landmark.core.table import Array, Floats, Ints, Mask
from landmark.statistics.fingerprints import Prints, of_values

MOST_ROWS = 10
"""Rows named of each finding."""
MOST_KINDS = 20
"""Different values remembered of each finding."""
IN_MEMORY = 1 << 21
"""Values held in memory until they go to disk."""
BUCKETS = 256
MOST_KEPT = 1 << 13
"""Numbers kept of a column, to see how they are distributed."""
MOST_PAIRS = 1 << 20
"""Different values whose partners are remembered."""
PERIODS = {"hour": dates.DAY // 24, "day": dates.DAY, "week": 7 * dates.DAY}
"""Microseconds of the periods that are all of one length."""
MONDAY = 4 * dates.DAY
"""1970-01-05, with which a week begins."""


@dataclass
class Thinned:
    """Numbers of a table that passes, from all over it: each `step`-th one, fewer and fewer."""

    kept: Floats = field(default_factory=lambda: np.zeros(0))
    step: int = 1
    seen: int = 0

    def add(self, x: Floats) -> None:
        """Take in the next numbers (n,)."""
        self.kept = np.concatenate([self.kept, x[-self.seen % self.step :: self.step]])
        self.seen += len(x)
        while len(self.kept) > MOST_KEPT:
            self.kept, self.step = self.kept[::2], 2 * self.step


@dataclass
class Tally:
    """How often something happened, the first rows, some of the values, and the ends of the amounts."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None

    def add(self, where: Mask, first: int, amounts: Array | None = None) -> None:
        """Count the rows of a mask (n,), of which the first of all has a number, counted from 1."""
        self.count += int(where.sum())
        if len(self.rows) < MOST_ROWS:
            self.rows += [first + int(i) for i in np.flatnonzero(where)[: MOST_ROWS - len(self.rows)]]
        if amounts is not None:
            low, high = float(amounts[where].min()), float(amounts[where].max())
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def name(self, texts: pa.Array) -> None:
        """Remember some of the values (m,) that were counted."""
        for text in texts.drop_null().to_pylist() if len(self.kinds) <= MOST_KINDS else ():
            if text in self.kinds or len(self.kinds) <= MOST_KINDS:
                self.kinds[text] = self.kinds.get(text, 0) + 1

    @property
    def all_named(self) -> bool:
        """Return whether every different value is remembered."""
        return len(self.kinds) <= MOST_KINDS


class Seen:
    """Every value of a column, as fingerprints with rows: in memory, and on disk in buckets where they are many."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self.limit = in_memory
        self.parts: list[tuple[Prints, Ints]] = []
        self.size = 0
        self.folder: Path | None = None

    def add(self, values: pa.Array, first: int) -> None:
        """Take in the values (n,) of rows from `first` on; nulls are none."""
        rows = np.flatnonzero(np.asarray(values.is_valid().to_numpy(zero_copy_only=False)))
        self.parts.append((of_values(values.drop_null()), rows + first))
        self.size += len(rows)
        if self.size > self.limit:
            self._put_away()

    def repeats(self) -> Tally:
        """Return how many values had come before, and in which rows. Nothing can be added after."""
        tally, rows = Tally(), list[int]()
        for prints, numbers in self._buckets():
            order = np.lexsort((numbers, prints))
            again = numbers[order][1:][prints[order][1:] == prints[order][:-1]]
            tally.count += len(again)
            rows = sorted([*rows, *map(int, np.sort(again)[:MOST_ROWS])])[:MOST_ROWS]
        tally.rows = rows
        return tally

    def distinct(self) -> int:
        """Return how many different values there were."""
        return sum(len(np.unique(prints)) for prints, _ in self._buckets())

    def _put_away(self) -> None:
        """Append what is held to one file for each leading byte of the fingerprints, so that equals meet."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="landmark-"))
            finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        prints, rows = self._held()
        bucket = (prints >> np.uint64(56)).astype(np.int64)
        order = np.argsort(bucket, kind="stable")
        ends = np.searchsorted(bucket[order], np.arange(BUCKETS + 1))
        pairs = np.column_stack([prints.view(np.int64), rows])[order]
        for i in range(BUCKETS):
            with (self.folder / str(i)).open("ab") as file:
                file.write(pairs[ends[i] : ends[i + 1]].tobytes())
        self.parts, self.size = [], 0

    def _held(self) -> tuple[Prints, Ints]:
        if not self.parts:
            return np.empty(0, np.uint64), np.empty(0, np.int64)
        return np.concatenate([part[0] for part in self.parts]), np.concatenate([part[1] for part in self.parts])

    def _buckets(self) -> Any:
        if self.folder is None:
            yield self._held()
            return
        self._put_away()
        for i in range(BUCKETS):
            pairs = np.fromfile(self.folder / str(i), np.int64).reshape(-1, 2)
            yield pairs[:, 0].copy().view(np.uint64), pairs[:, 1]


@dataclass
class Order:
    """Whether each value is at least (or at most) the one before; rows without a value are passed over."""

    descending: bool
    last: Any = None
    tally: Tally = field(default_factory=Tally)

    def add(self, values: pa.Array, first: int) -> None:
        """Take in the values (n,) of rows from `first` on."""
        rows = np.flatnonzero(np.asarray(values.is_valid().to_numpy(zero_copy_only=False)))
        if not len(rows):
            return
        x = values.drop_null().to_numpy(zero_copy_only=False)
        before = np.concatenate([[x[0] if self.last is None else self.last], x[:-1]])
        where = np.zeros(len(values), bool)
        where[rows] = x > before if self.descending else x < before
        self.tally.add(where, first)
        self.last = x[-1]


@dataclass
class Periods:
    """How many rows each period of the calendar has."""

    span: str
    keys: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    counts: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, moments: pa.Array) -> None:
        """Take in moments (n,) in microseconds since 1970."""
        own, counts = np.unique(period(moments.drop_null().to_numpy(), self.span), return_counts=True)
        keys, places = np.unique(np.concatenate([self.keys, own]), return_inverse=True)
        self.counts = np.bincount(places, np.concatenate([self.counts, counts]), len(keys)).astype(np.int64)
        self.keys = keys

    def short(self, least: int) -> tuple[int, int, list[str]]:
        """Return how many periods between the first and the last have fewer rows, of how many, and the first ones."""
        if not len(self.keys):
            return 0, 0, []
        of = int(self.keys[-1] - self.keys[0]) + 1
        enough = self.keys[self.counts >= least]
        found: list[int] = []
        for number in range(int(self.keys[0]), int(self.keys[-1]) + 1):
            if len(found) == MOST_ROWS:
                break
            place = np.searchsorted(enough, number)
            if place == len(enough) or enough[place] != number:
                found.append(number)
        return of - len(enough), of, [period_name(number, self.span) for number in found]


def period(moments: Ints, span: str) -> Ints:
    """Return the number of the period that each moment (n,) lies in.

    >>> period(np.array([0, 31 * dates.DAY]), "month").tolist()
    [0, 1]
    """
    if span in PERIODS:
        return (moments - MONDAY * (span == "week")) // PERIODS[span]
    unit = {"month": "datetime64[M]", "year": "datetime64[Y]"}[span]
    return moments.view("datetime64[us]").astype(unit).astype(np.int64)


def period_name(number: int, span: str) -> str:
    """Return a period as people write it.

    >>> period_name(0, "week"), period_name(13, "month")
    ('1970-01-05', '1971-02')
    """
    if span in PERIODS:
        moment = np.datetime64(number * PERIODS[span] + MONDAY * (span == "week"), "us")
        return str(moment.astype("datetime64[h]" if span == "hour" else "datetime64[D]")).replace("T", " ")
    return str(np.datetime64(number, "M" if span == "month" else "Y"))


@dataclass
class Pairs:
    """Whether each value of one column goes with one value of another; of the first MOST_PAIRS values only."""

    keys: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    partners: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    tally: Tally = field(default_factory=Tally)

    def add(self, values: pa.Array, others: pa.Array, first: int) -> None:
        """Take in two columns (n,) of rows from `first` on; a row counts where the first has a value."""
        rows = np.flatnonzero(np.asarray(values.is_valid().to_numpy(zero_copy_only=False)))
        keys, partners = of_values(values.drop_null()), of_values(others.take(pa.array(rows)))
        fresh = ~np.isin(keys, self.keys)
        if fresh.any() and len(self.keys) < MOST_PAIRS:
            new, places = np.unique(keys[fresh], return_index=True)
            joined = np.concatenate([self.keys, new])
            order = np.argsort(joined)
            self.partners = np.concatenate([self.partners, partners[fresh][places]])[order]
            self.keys = joined[order]
        places = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        where = np.zeros(len(values), bool)
        if len(self.keys):
            where[rows] = (self.keys[places] == keys) & (self.partners[places] != partners)
        self.tally.add(where, first)
