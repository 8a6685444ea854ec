"""The different values of a column: how many, and which are frequent, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from landmark.core.table import Ints
from landmark.statistics.fingerprints import Prints
from landmark.statistics.summary.blocks import Places
from landmark.statistics.summary.sums.sketches import NEVER, Group, Hits, Sample, Spelling

SLOTS = 1 << 15
FEW = 1 << 12
"""Rows of a block that are sorted without looking first whether their values are known."""
LEAST, MANY = 0.05, 0.2
"""Share of the rows of a block that must repeat values, so that looking them up pays, and learning more of them."""
MOST_KNOWN = 1 << 14
NOWHERE = np.empty(0, np.int64)
NOBODY = Group(np.empty(0, np.uint64), NOWHERE, NOWHERE, NOWHERE)


@dataclass
class Known:
    """Values that were seen before, so that their rows are counted without being sorted.

    What it holds decides how fast a block is counted, and nothing else. One value has one of SLOTS places.
    """

    prints: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    slots: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    table: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    useful: bool = False

    def learn(self, group: Group, rows: int) -> None:
        """Remember the values that repeat, if many of the rows of a block do."""
        again = group.counts > 1
        if rows < FEW or group.counts[again].sum() < (MANY if self.useful else LEAST) * rows:
            return
        prints = np.union1d(self.prints, group.prints[again])[:MOST_KNOWN]
        self.table = np.zeros(SLOTS, np.uint64)
        self.table[slots_of(prints)] = prints
        self.prints = prints[self.table[slots_of(prints)] == prints]
        self.slots, self.useful = slots_of(self.prints), True

    def counted(self, prints: Prints) -> tuple[Group, Ints]:
        """Return the known values with their rows; if there are such, also which rows (k,) are of others."""
        if not self.useful or len(prints) < FEW:
            return NOBODY, NOWHERE
        slots = slots_of(prints)
        hit = self.table.take(slots) == prints
        counts = np.bincount(slots[hit], minlength=SLOTS)[self.slots]
        others = np.flatnonzero(~hit)
        self.useful = len(prints) - len(others) >= LEAST * len(prints)
        never = np.full(len(counts), NEVER)
        return Group(self.prints, counts, never, never).where(counts > 0), others

    def places(self, prints: Prints, wanted: Prints) -> Ints:
        """Return a row of (n,) of each of some known values (d,) that are among them."""
        slots = slots_of(prints)
        rows = np.flatnonzero(self.table.take(slots) == prints)
        places = np.zeros(SLOTS, np.int64)
        places[slots[rows]] = rows
        return places[slots_of(wanted)]


@dataclass
class Kinds:
    """The sample of the distinct values of a column, and its frequent ones."""

    sample: Sample = field(default_factory=Sample)
    hits: Hits = field(default_factory=Hits)
    known: Known = field(default_factory=Known, repr=False, compare=False)
    last: int = field(default=-1, repr=False, compare=False)

    def rows(self, prints: Prints, places: Places, spelling: Spelling) -> None:
        """Add the rows (n,) of one block by the fingerprints of their values, and where they stand."""
        if self._goes_back(places.start):
            self.known = Known()
        asked = self._asked(prints)
        own = prints if asked is None else prints[asked]
        repeated, others = self.known.counted(own)
        rows = asked
        if len(repeated.prints):
            rows = others if asked is None else asked[others]
            if spelling is not None and self.hits.lacks(repeated):
                repeated = repeated._replace(places=_among(asked, self.known.places(own, repeated.prints)))
            self._add(repeated, spelling)
        new = grouped(prints, rows)
        self._add(new._replace(first=places.of(new.places)), spelling)
        self.hits.blocks += 1
        self.known.learn(new, len(prints))

    def values(
        self,
        prints: Prints,
        counts: Ints,
        places: Places,
        first: Callable[[], Ints],
        spelling: Spelling,
        order: Ints | None = None,
    ) -> None:
        """Add one block by its distinct values (d,): fingerprints, how many of the rows at places have each.

        `first` gives the first of these rows; it is asked only if a value is new. order: of the fingerprints, if known.
        """
        order = np.argsort(prints) if order is None else order
        group = Group(prints[order], counts[order], np.full(len(order), NEVER), order)
        if self._goes_back(places.start) or self.sample.lacks(group.prints):
            group = group._replace(first=places.of(first()[order]))
        self._add(group, spelling)
        self.hits.blocks += 1

    def merge(self, other: Kinds) -> None:
        """Add the values of another."""
        self.sample.merge(other.sample)
        self.hits.merge(other.hits)
        self.known = Known()

    def _goes_back(self, start: int) -> bool:
        """Return whether a block lies before one that was added, so that what is known has an earlier first row."""
        back, self.last = start < self.last, max(start, self.last)
        return back

    def _add(self, group: Group, spelling: Spelling) -> None:
        self.sample.add(group, spelling)
        self.hits.add(group, spelling)

    def _asked(self, prints: Prints) -> Ints | None:
        """Return which rows (n,) must be counted: of values that belong to the sample or may be frequent; None: all."""
        below = self.sample.below()
        if below is None:
            return None
        asked = prints <= below
        slots = slots_of(prints)
        crowded = np.bincount(slots, minlength=SLOTS) >= self.hits.floor
        if crowded.any():
            asked |= crowded[slots]
        return np.flatnonzero(asked)


def grouped(prints: Prints, chosen: Ints | None = None) -> Group:
    """Return the distinct values of some rows (all if None) of (n,); first and places are among these n."""
    own = prints if chosen is None else prints[chosen]
    if not len(own):
        return NOBODY
    order = np.argsort(own)
    ordered = own[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    first = np.minimum.reduceat(order, starts)
    first = first if chosen is None else chosen[first]
    return Group(ordered[starts], np.diff(np.append(starts, len(ordered))), first, first)


def _among(rows: Ints | None, places: Ints) -> Ints:
    return places if rows is None else rows[places]


def slots_of(prints: Prints) -> Ints:
    """Return a number from 0 to SLOTS - 1 for each value (n,)."""
    return (prints & np.uint64(SLOTS - 1)).view(np.int64)
