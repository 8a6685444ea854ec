"""One column of a table while it passes: what breaks its terms, and what must be known of it as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnReference, ColumnTerms
from landmark.contract.lines import broken
from landmark.contract.reading import Read, read
from landmark.contract.skew import amounts, counts
from landmark.contract.states import Order, Pairs, Periods, Seen, Tally, Thinned
from landmark.core.table import Ints, as_text, whole

SURE = math.log(1000)
"""A share is broken when chance explains it less than once in a thousand tables."""
LOOK = 500
"""Unreadable cells kept, to see what a column has become."""
NAMED = ("unreadable", "new-value", "pattern-broken")
"""Codes whose offending values are shown."""


def beyond(count: int, of: int, allowed: float) -> bool:
    """Return whether so many of so many are more than an allowed share, and not by chance.

    A share of 0 allows none, and a share in a few rows is a matter of luck. Source: Hoeffding (1963), theorem 1.

    >>> beyond(1, 10, 0.0), beyond(1, 10, 0.05), beyond(100, 1000, 0.05)
    (True, False, True)
    """
    if of == 0 or count <= allowed * of:
        return False
    if allowed == 0:
        return True
    p = count / of
    rest = 0.0 if p == 1 else (1 - p) * math.log((1 - p) / (1 - allowed))
    return of * (p * math.log(p / allowed) + rest) > SURE


@dataclass
class Watch:
    """What is known of one column so far. `tells` are the other columns' values, given with each batch."""

    terms: ColumnTerms
    reference: ColumnReference | None = None
    as_texts: bool = False
    rows: int = 0
    missing: int = 0
    odd: int = 0
    gaps: Tally = field(default_factory=Tally)
    tallies: dict[str, Tally] = field(default_factory=dict)
    newest: int | None = None
    counts: Ints | None = None
    sample: list[pa.Array] = field(default_factory=list)
    numbers: Thinned = field(default_factory=Thinned)
    stored: str = ""

    def __post_init__(self) -> None:
        terms = self.terms
        self.as_texts = self.as_texts or terms.values is not None
        self.seen = Seen() if terms.unique or terms.distinct is not None else None
        self.order = Order(terms.sorted == "descending") if terms.sorted else None
        self.periods = Periods(terms.every.span) if terms.every else None
        self.pairs = {name: Pairs() for name in terms.tells}

    @property
    def held(self) -> int:
        """Return how many cells hold a value."""
        return self.rows - self.missing

    def add(self, array: pa.Array, first: int) -> Read:
        """Take in the cells (n,) of rows from `first` on, counted from 1; return them as they were read."""
        array = whole(array)
        got = read(self.terms, array, self.as_texts)
        self.stored = str(array.type)
        self.rows += len(array)
        self.missing += int(got.missing.sum())
        self.odd += int(got.odd.sum())
        self.gaps.add(got.missing, first)
        if got.odd.any() and sum(map(len, self.sample)) < LOOK:
            self.sample.append(array.take(pa.array(np.flatnonzero(got.odd)[: LOOK - sum(map(len, self.sample))])))
        for each in broken(self.terms, got):
            tally = self.tallies.setdefault(each.code, Tally())
            tally.add(each.where, first, each.amounts)
            if each.code in NAMED:
                tally.name(self._named(each.code, array, got).filter(pa.array(each.where)))
        self._remember(got, first)
        return got

    def tell(self, got: Read, others: dict[str, Read], first: int) -> None:
        """Take in the columns that this one tells."""
        for name, pairs in self.pairs.items():
            if name in others:
                pairs.add(got.values, others[name].values, first)

    def _named(self, code: str, array: pa.Array, got: Read) -> pa.Array:
        """Return the cells (n,) as the texts that a person is shown."""
        if code == "unreadable":
            return as_text(array) if not pa.types.is_binary(array.type) else pa.nulls(len(array), pa.string())
        if pa.types.is_list(got.values.type):
            return _first_strange(got.values, self.terms.values or ())
        return as_text(array) if self.terms.type == "number" else got.values

    def _remember(self, got: Read, first: int) -> None:
        values = got.values
        if self.seen is not None:
            self.seen.add(values, first)
        if self.order is not None:
            self.order.add(values, first)
        if self.periods is not None:
            self.periods.add(values)
        if self.terms.fresh is not None:
            newest = pc.max(values).as_py()
            self.newest = newest if self.newest is None else max(self.newest, newest or self.newest)
        if self.reference is not None:
            own = counts(self.reference, values)
            self.counts = own if self.counts is None else self.counts + own
            if self.terms.type == "number":
                self.numbers.add(amounts(values.drop_null()))


def _first_strange(lists: pa.Array, known: tuple[str, ...]) -> pa.Array:
    """Return of each list (n,) its first item that is not known, null where all are."""
    flat, rows = lists.flatten(), pc.list_parent_indices(lists).to_numpy()
    strange = np.flatnonzero(
        ~np.asarray(pc.is_in(flat, value_set=pa.array(known, pa.string())).to_numpy(zero_copy_only=False))
    )
    places = np.full(len(lists), -1, np.int64)
    places[rows[strange][::-1]] = strange[::-1]
    return flat.take(pa.array(places, mask=places < 0))
