"""How numbers are spread: range, moments, a histogram on a grid that suits every scale, and whether they are in order.

The histogram counts the upper 16 bits of each number as a float32: sign, exponent and 7 bits of the mantissa, so that
a bin is 0.8 % wide wherever it lies. It is the same grid for every column, and merging is adding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from landmark.core.table import Array, Floats, Ints, Mask
from landmark.statistics.summary.sums.counts import Counts
from landmark.statistics.summary.sums.power_sums import Moments

SIGN = 1 << 15


@dataclass
class Order:
    """Whether the rows stand in the order of a column: whether a value is ever above, or below, the one before it."""

    rises: bool = False
    drops: bool = False

    @property
    def settled(self) -> bool:
        """Return whether no more rows can say anything new."""
        return self.rises and self.drops

    def add(self, x: Array, before: Any = None) -> None:
        """Add the values (n,) of a block; `before` is the last one of the block before, if there is one."""
        if before is not None and len(x):
            self.rises = self.rises or bool(x[0] > before)
            self.drops = self.drops or bool(x[0] < before)
        self.rises = self.rises or bool((x[1:] > x[:-1]).any())
        self.drops = self.drops or bool((x[1:] < x[:-1]).any())

    def merge(self, other: Order) -> None:
        """Add what another saw."""
        self.rises = self.rises or other.rises
        self.drops = self.drops or other.drops

    def name(self) -> str:
        """Return ascending, descending, or nothing where it is neither or all are alike."""
        if self.rises == self.drops:
            return ""
        return "ascending" if self.rises else "descending"


@dataclass
class Lead:
    """Whether a number is ahead of the number of its row by the same everywhere, as a counter is."""

    ahead: float | None = None
    steady: bool = True

    def add(self, x: Array, numbers: Ints) -> None:
        """Add numbers (n,) and those of their rows (n,)."""
        if not self.steady or not len(x):
            return
        self._keep(float(x[0] - numbers[0]))
        if self.steady and not (x - numbers == self.ahead).all():
            self.ahead, self.steady = None, False

    def merge(self, other: Lead) -> None:
        """Add what another saw."""
        if not (self.steady and other.steady):
            self.ahead, self.steady = None, False
        elif other.ahead is not None:
            self._keep(other.ahead)

    def _keep(self, ahead: float) -> None:
        self.steady = self.ahead in (None, ahead)
        self.ahead = ahead if self.steady else None


@dataclass
class Spread:
    """The finite numbers of a column: how many, their range, moments and histogram. Infinite ones are counted apart."""

    held: int = 0
    infinite: int = 0
    minus_infinite: int = 0
    zeros: int = 0
    whole: int = 0
    low: float = np.inf
    high: float = -np.inf
    moments: Moments = field(default_factory=Moments)
    bins: Counts = field(default_factory=Counts)

    def add(self, x: Floats, whole: bool = False, counts: Ints | None = None, total: float | None = None) -> None:
        """Add numbers (n,), none of them NaN, each as often as counts (n,) says.

        `whole`: they are known to be; total: their sum, if it is known.
        """
        total = _total(x) if total is None else total
        if not np.isfinite(total) and not np.isfinite(x).all():
            finite = np.isfinite(x)
            self.infinite += _size(~finite, counts)
            self.minus_infinite += _size(x == -np.inf, counts)
            x, counts = x[finite], None if counts is None else counts[finite]
            total = _total(x)
        if not len(x):
            return
        held = len(x) if counts is None else int(counts.sum())
        low, high = float(x.min()) + 0.0, float(x.max()) + 0.0  # no negative zero
        self.held += held
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.zeros += _size(x == 0, counts) if low <= 0 <= high else 0
        self.whole += held if whole else _size(x == np.floor(x), counts)
        self.moments.update(x, counts, (low, high), total)
        self.bins.add(*binned(x, counts))

    def merge(self, other: Spread) -> None:
        """Add the numbers of another."""
        for name in ("held", "infinite", "minus_infinite", "zeros", "whole"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.moments.merge(other.moments)
        self.bins.merge(other.bins)

    def negatives(self) -> int:
        """Return how many numbers are below zero."""
        keys, sums = self.bins.settle()
        return int(sums[keys < 0].sum()) + self.minus_infinite


def binned(x: Floats, counts: Ints | None = None) -> tuple[Ints, Ints]:
    """Return the bins of finite numbers (n,) in their order, those below zero negative, and how many are in each.

    >>> binned(np.array([1.0, 1.001, -1.0]))
    (array([-16257,  16256]), array([1, 2]))
    """
    sums = np.bincount(_codes(x), counts)
    used = np.flatnonzero(sums != 0)
    positive = int(np.searchsorted(used, SIGN))
    order = np.concatenate([used[positive:][::-1], used[:positive]])
    return np.where(order < SIGN, order, SIGN - 1 - order), sums[order].astype(np.int64, copy=False)


def bins_of(x: Floats) -> Ints:
    """Return the bin of each finite number (n,)."""
    codes = _codes(x).astype(np.int64)
    return np.where(codes < SIGN, codes, SIGN - 1 - codes)


def _codes(x: Floats) -> Array:
    """Return the upper 16 bits of finite numbers (n,) as float32; a number beyond these is in the bin of infinity."""
    with np.errstate(over="ignore"):
        narrow = (x + 0.0).astype("<f4")
    return narrow.view("<u2")[1::2]


def _total(x: Floats) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(x.sum())


def _size(which: Mask, counts: Ints | None) -> int:
    return int(np.count_nonzero(which)) if counts is None else int(counts[which].sum())
