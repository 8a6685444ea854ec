"""Which values a column has, how many and how often, in bounded memory; the same in whatever order parts are merged.

`Sample` keeps the values with the smallest fingerprints, as many as there is room for, and counts each of them
exactly: once a value is in, it has been in from its first row on, because the bound only falls. So a column of few
values is known exactly, and of one with more there is a fair sample of its distinct values, and their number.
Source: Bar-Yossef et al., Counting Distinct Elements in a Data Stream (2002).

`Hits` finds the values that are frequent in a column of many. A value counts in a block of rows if it is there at least
`floor` times; if more values reach that than there is room for, the floor is doubled, and what lies under it is
forgotten. Since the floor only rises, and to the same height whatever comes first, nothing that counts in the end was
forgotten on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from landmark.core.table import Array, Ints, Mask, Strings
from landmark.statistics.fingerprints import Prints

KEPT = 4096
"""Distinct values of a sample: their number is then known with a standard error of 1.6 %."""
NAMED = 1024
"""Values of a sample whose texts are kept, if it does not hold all there are."""
HITS, FLOOR, LEVELS = 1024, 8, 14
"""Frequent values that are kept, the lowest floor, and how often it can be doubled."""
NEVER = np.iinfo(np.int64).max
ALL = 2.0**64

Spelling: TypeAlias = Callable[[Ints], Strings] | None
"""Returns what the values at some places are called; None where a fingerprint can be turned back into its value."""


class Group(NamedTuple):
    """Distinct values (d,) of some rows, in the order of their fingerprints.

    counts: rows of each; first: the place of its first row, NEVER where it is known before; places: where the
    value itself can be had.
    """

    prints: Prints
    counts: Ints
    first: Ints
    places: Ints

    def first_of(self, size: int) -> Group:
        """Return those with the smallest fingerprints, `size` of them."""
        return self if size >= len(self.prints) else self.where(slice(size))

    def where(self, which: Any) -> Group:
        """Return those at a mask, at places, or in a range."""
        return Group(self.prints[which], self.counts[which], self.first[which], self.places[which])


@dataclass
class Sample:
    """The distinct values with the smallest fingerprints (d,): how often each occurs, and its first row."""

    prints: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    counts: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    first: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    texts: Strings | None = None  # of the first of them
    room: int = field(default_factory=lambda: KEPT)
    full: bool = False

    def below(self) -> np.uint64 | None:
        """Return the fingerprint above which no value is kept, None as long as all are."""
        return self.prints[-1] if self.full else None

    def distinct(self) -> int:
        """Return how many distinct values there were, nearly if not all are kept."""
        if not self.full:
            return len(self.prints)
        return round((self.room - 1) / ((float(self.prints[-1]) + 1) / ALL))

    def lacks(self, prints: Prints) -> bool:
        """Return whether one of these values (d,), in order, belongs to the sample and is not in it yet."""
        return not found(self.prints, self._own(prints))[1].all()

    def add(self, group: Group, spelling: Spelling) -> None:
        """Add the distinct values of some rows."""
        self._join(group.first_of(len(self._own(group.prints))), spelling)

    def _own(self, prints: Prints) -> Prints:
        """Return those of some values (d,), in order, that are not above what is kept."""
        return prints if not self.full else prints[: np.searchsorted(prints, self.prints[-1], "right")]

    def merge(self, other: Sample) -> None:
        """Add the values of another."""
        assert self.room == other.room, "samples of one size are merged"
        bounds = [bound for bound in (self.below(), other.below()) if bound is not None]
        group = Group(other.prints, other.counts, other.first, np.arange(len(other.prints)))
        if bounds:
            group = group.first_of(int(np.searchsorted(other.prints, min(bounds), "right")))
            self._cut(int(np.searchsorted(self.prints, min(bounds), "right")))
            self.full = True
        texts = other.texts
        self._join(group, None if texts is None else lambda places: texts[places])

    def _join(self, group: Group, spelling: Spelling) -> None:
        places, known = found(self.prints, group.prints)
        old = places[known]
        self.counts[old] += group.counts[known]
        self.first[old] = np.minimum(self.first[old], group.first[known])
        if len(old) == len(places):
            return
        new, places = group.where(~known), places[~known]
        self.full = self.full or len(self.prints) + len(new.prints) > self.room
        new, places = new.first_of(self.room), places[: self.room]
        inserted = Inserted.before(places, len(self.prints))
        self.prints = inserted.among(self.prints, new.prints)
        self.counts = inserted.among(self.counts, new.counts)
        self.first = inserted.among(self.first, new.first)
        self._cut(self.room)
        if spelling is not None:
            self.texts = self._named(inserted, new, spelling)

    def _named(self, inserted: Inserted, new: Group, spelling: Callable[[Ints], Strings]) -> Strings:
        """Return the texts of all values, or of the first NAMED where not all are kept, with the new ones inserted."""
        size = min(len(self.prints), NAMED) if self.full else len(self.prints)
        old, spelled = inserted.old[:size], int(np.searchsorted(inserted.places, size))
        texts = np.empty(size, object)
        texts[old] = () if self.texts is None else self.texts[: int(np.count_nonzero(old))]
        texts[inserted.places[:spelled]] = spelling(new.places[:spelled])
        return texts

    def _cut(self, kept: int) -> None:
        self.prints, self.counts, self.first = self.prints[:kept], self.counts[:kept], self.first[:kept]
        self.texts = None if self.texts is None else self.texts[:kept]


@dataclass
class Hits:
    """Frequent values (d,): for each, its rows in blocks by how often it was there, int64 (d, LEVELS)."""

    prints: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    sums: Ints = field(default_factory=lambda: np.empty((0, LEVELS), np.int64))
    texts: Strings | None = None
    level: int = 0
    blocks: int = 0

    @property
    def floor(self) -> int:
        """Return how often a value must be in a block to count there."""
        return FLOOR << self.level

    @property
    def error(self) -> int:
        """Return how many rows of a value may be missing from its count."""
        return self.blocks * (self.floor - 1)

    def lacks(self, group: Group) -> bool:
        """Return whether a value that counts in a block is not among the frequent ones yet."""
        return not found(self.prints, group.prints[group.counts >= self.floor])[1].all()

    def add(self, group: Group, spelling: Spelling) -> None:
        """Add the distinct values of one block."""
        enough = np.flatnonzero(group.counts >= self.floor)
        if not len(enough):
            return
        group = group.where(enough)
        levels = np.frexp(group.counts // FLOOR)[1] - 1
        sums = np.zeros((len(levels), LEVELS), np.int64)
        sums[np.arange(len(levels)), levels] = group.counts
        self._join(group.prints, sums, spelling, group.places)

    def merge(self, other: Hits) -> None:
        """Add the values of another."""
        self.blocks += other.blocks
        self.level = max(self.level, other.level)
        texts = other.texts
        spelling = None if texts is None else lambda places: texts[places]
        self._join(other.prints, other.sums, spelling, np.arange(len(other.prints)))
        self._raise()

    def counts(self) -> Ints:
        """Return the rows of each value (d,) in blocks where it counts."""
        return np.asarray(self.sums.sum(axis=1), np.int64)

    def _join(self, prints: Prints, sums: Ints, spelling: Spelling, sources: Ints) -> None:
        places, known = found(self.prints, prints)
        self.sums[places[known]] += sums[known]
        if not known.all():
            inserted = Inserted.before(places[~known], len(self.prints))
            self.prints = inserted.among(self.prints, prints[~known])
            self.sums = inserted.among(self.sums, sums[~known])
            if spelling is not None:
                texts = np.empty(0, object) if self.texts is None else self.texts
                self.texts = inserted.among(texts, spelling(sources[~known]))
            self._raise()

    def _raise(self) -> None:
        """Forget what lies under the floor, and raise it until there is room."""
        while True:
            self.sums[:, : self.level] = 0
            alive = self.sums.any(axis=1)
            if int(alive.sum()) <= HITS:
                break
            self.level += 1
        if not alive.all():
            self.prints, self.sums = self.prints[alive], self.sums[alive]
            self.texts = self.texts[alive] if self.texts is not None and alive.any() else None


def found(prints: Prints, wanted: Prints) -> tuple[Ints, Mask]:
    """Return where each wanted print (d,) is among others in order, or would be inserted, and whether it is there."""
    places = np.searchsorted(prints, wanted)
    known = np.zeros(len(wanted), bool)
    inside = places < len(prints)
    known[inside] = prints[places[inside]] == wanted[inside]
    return places, known


class Inserted(NamedTuple):
    """Where new values stand among others, and which of all are old."""

    places: Ints
    old: Mask

    @staticmethod
    def before(places: Ints, size: int) -> Inserted:
        """Return what inserts new values before places (k,) in order of `size` others."""
        at = places + np.arange(len(places))
        old = np.ones(size + len(places), bool)
        old[at] = False
        return Inserted(at, old)

    def among(self, values: Array, new: Array) -> Array:
        """Return values with the new ones inserted."""
        both = np.empty((len(self.old), *values.shape[1:]), values.dtype)
        both[self.old], both[self.places] = values, new
        return both
