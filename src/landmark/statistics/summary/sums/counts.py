"""Counts of whole numbers: of bins, of lengths, of days. Adding them up has no order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from landmark.core.table import Ints

WAITING = 16
"""Parts that wait before they are added up, so that a part costs little."""
WIDE = 4
"""Numbers that lie further apart than this many times their number are not counted by an array of all between."""


@dataclass
class Counts:
    """How often each whole number (k,) was seen, in their order."""

    keys: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    sums: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    waiting: list[tuple[Ints, Ints]] = field(default_factory=list, repr=False)

    def add(self, keys: Ints, sums: Ints) -> None:
        """Add counts of distinct numbers (k,)."""
        self.waiting.append((keys, sums))
        if len(self.waiting) >= WAITING:
            self.settle()

    def settle(self) -> tuple[Ints, Ints]:
        """Add up what waits; return the numbers seen (k,), in order, and how often each was."""
        if self.waiting:
            keys = np.concatenate([self.keys, *(part for part, _ in self.waiting)])
            sums = np.concatenate([self.sums, *(part for _, part in self.waiting)])
            self.keys, self.sums, self.waiting = *_added(keys, sums), []
        return self.keys, self.sums

    def merge(self, other: Counts) -> None:
        """Add the counts of another."""
        self.add(*other.settle())
        self.settle()

    def at(self, shares: tuple[float, ...]) -> tuple[int, ...]:
        """Return the numbers below or at which these shares of all lie; nothing of nothing."""
        keys, sums = self.settle()
        if not len(keys):
            return ()
        below = np.cumsum(sums)
        places = np.searchsorted(below, np.array(shares) * (int(below[-1]) - 1), side="right")
        return tuple(int(key) for key in keys[np.minimum(places, len(keys) - 1)])

    def total(self) -> int:
        """Return the sum of all numbers, each as often as it was seen."""
        keys, sums = self.settle()
        return sum(int(key) * int(count) for key, count in zip(keys, sums, strict=True))


def counted(x: Ints, times: Ints | None = None) -> tuple[Ints, Ints]:
    """Return the distinct whole numbers among x (n,) in order, and how often each is there, or by `times` (n,)."""
    if not len(x):
        return x, x
    low, high = int(x.min()), int(x.max())
    if high - low <= WIDE * len(x):
        all_ = np.bincount(x - low, minlength=1) if times is None else _weighed(x - low, times, high - low + 1)
        used = np.flatnonzero(all_ != 0)
        return used + low, all_[used]
    return _added(x, np.ones(len(x), np.int64) if times is None else times)


def _weighed(x: Ints, times: Ints, size: int) -> Ints:
    sums = np.zeros(size, np.int64)
    np.add.at(sums, x, times)
    return sums


def _added(keys: Ints, sums: Ints) -> tuple[Ints, Ints]:
    if not len(keys):
        return keys, sums
    order = np.argsort(keys)
    keys, sums = keys[order], sums[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(sums, starts)
