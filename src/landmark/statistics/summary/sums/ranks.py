"""Which share of a column lies below a value, and which value a share lies below.

Known exactly where all values are at hand. Where there is a sample, and the counts of all values in bins, each sampled
value stands for as many as its bin holds: the rank at a bin's edge is then exact, and within a bin as good as the
sample. Source: Cochran, Sampling Techniques (1977), ch. 5A, stratification after selection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from landmark.artifacts.profile import PROBABILITIES, Histogram
from landmark.core.table import Floats, Ints
from landmark.statistics.summary.sums.counts import counted
from landmark.statistics.summary.sums.spread import Spread, bins_of

BARS = 32
OUTER = (0.01, 0.99)
"""Shares between which bars have one width; one bar at each end holds the rest."""
ENDLESS = 0x7F80
"""The upper 16 bits of an infinite float32."""


@dataclass(frozen=True)
class Ranks:
    """Numbers in groups (g,), each group's below the next one's.

    values: those at hand, group after group, the first of a group at starts (g + 1,); counts (g,): how many there are
    in truth; low, high: the range of all; whole: all of them are whole; keys (g,): the bins that groups are, None where
    each group is one value.
    """

    values: Floats
    starts: Ints
    counts: Ints
    low: float
    high: float
    whole: bool
    keys: Ints | None = None
    in_order: dict[int, Floats] = field(default_factory=dict)

    def quantiles(self, shares: tuple[float, ...] = PROBABILITIES) -> tuple[float, ...]:
        """Return the values below or at which these shares lie; nothing of nothing."""
        if not len(self.counts):
            return ()
        below = np.cumsum(self.counts)
        total = int(below[-1])
        found = []
        for share in shares:
            target = share * (total - 1)
            group = min(int(np.searchsorted(below, target, side="right")), len(below) - 1)
            own = self._group(group)
            inside = (target - int(below[group] - self.counts[group])) / int(self.counts[group])
            found.append(float(own[min(int(inside * len(own)), len(own) - 1)]))
        return (self.low, *found[1:-1], self.high) if shares == PROBABILITIES else tuple(found)

    def under(self, edges: Floats) -> Ints:
        """Return how many are below each of some edges (k,)."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])
        if self.keys is None:
            return np.asarray(ends[np.searchsorted(self.values, edges, side="left")], np.int64)
        found = []
        for edge, key in zip(edges.tolist(), bins_of(edges).tolist(), strict=True):
            group = int(np.searchsorted(self.keys, key, side="left"))
            below = int(ends[group])
            if group < len(self.keys) and self.keys[group] == key:
                own = self._group(group)
                below += round(int(self.counts[group]) * int(np.searchsorted(own, edge)) / len(own))
            found.append(below)
        return np.array(found, np.int64)

    def histogram(self) -> Histogram | None:
        """Return bars of one width, but for the outermost two; None of nothing."""
        if not len(self.counts):
            return None
        first, last = self.quantiles(OUTER)
        grid = _grid(first, last, self.whole)
        edges = np.unique(np.array([self.low, *grid[(grid > self.low) & (grid < self.high)], self.high]))
        total = int(self.counts.sum())
        if len(edges) == 1 or not np.isfinite(edges).all():
            return Histogram(edges=(self.low, self.high), counts=(total,))
        marks = np.maximum.accumulate([0, *self.under(edges[1:-1]).tolist(), total])
        return Histogram(edges=tuple(edges.tolist()), counts=tuple(np.diff(marks).tolist()))

    def _group(self, group: int) -> Floats:
        """Return the values at hand of a group, in order."""
        if group not in self.in_order:
            self.in_order[group] = np.sort(self.values[self.starts[group] : self.starts[group + 1]])
        return self.in_order[group]


def of_column(spread: Spread, known: tuple[Floats, Ints] | None, drawn: Floats | None) -> Ranks:
    """Return the ranks of the finite numbers of a column: from all distinct ones with their rows, where known."""
    if known is not None:
        finite = np.isfinite(known[0])
        return of_counts(known[0][finite], known[1][finite], spread)
    return of_sample(np.empty(0) if drawn is None else drawn, spread)


def of_counts(values: Floats, counts: Ints, spread: Spread) -> Ranks:
    """Return the ranks of the distinct values (d,) of a spread, each there as often as its count."""
    order = np.argsort(values)
    starts = np.arange(len(values) + 1)
    return Ranks(values[order] + 0.0, starts, counts[order], spread.low, spread.high, spread.whole == spread.held)


def of_sample(sample: Floats, spread: Spread) -> Ranks:
    """Return the ranks of all numbers of a spread, of which a fair sample (k,) is at hand.

    A bin that holds none of the sample is stood for by its middle. What lies in no bin of the spread is left out: of
    dates in two formats, the rows that were drawn hold both, and the spread is of one.
    """
    keys, counts = spread.bins.settle()
    sample = sample[np.isfinite(sample)] + 0.0
    own = bins_of(sample)
    if not np.isin(own, keys).all():
        sample, own = sample[np.isin(own, keys)], own[np.isin(own, keys)]
    order = np.argsort(own.astype(np.int16), kind="stable")  # of 16 bits, this is counting and not comparing
    there, sizes = counted(own)
    inside = np.zeros(len(keys), np.int64)
    inside[np.searchsorted(keys, there)] = sizes
    bare = np.flatnonzero(inside == 0)
    ends = np.cumsum(inside)
    values = np.insert(sample[order], ends[bare], np.clip(middle_of(keys[bare]), spread.low, spread.high))
    starts = np.concatenate([[0], np.cumsum(np.maximum(inside, 1))])
    return Ranks(values, starts, counts, spread.low, spread.high, spread.whole == spread.held, keys)


def middle_of(keys: Ints) -> Floats:
    """Return a number in the middle of each bin (k,), infinite where the bin holds what no float32 does."""
    codes = np.where(keys < 0, -1 - keys, keys)
    inside = np.minimum(codes, ENDLESS - 1).astype(np.uint32)
    size = ((inside << np.uint32(16)) | np.uint32(1 << 15)).view(np.float32).astype(np.float64)
    return np.where(keys < 0, -1.0, 1.0) * np.where(codes < ENDLESS, size, np.inf)


def _grid(low: float, high: float, whole: bool) -> Any:
    """Return the edges of BARS bars between two numbers; between whole ones where all numbers are whole."""
    with np.errstate(over="ignore", invalid="ignore"):
        step = (high - low) / BARS
        if whole and step < 2**31:
            step = max(np.ceil(step), 1.0)
            return np.arange(low, high + step, step) - 0.5
        return np.linspace(low, high, BARS + 1)
