"""Which share of a column lies below a value, and which value a share lies below.

Known exactly where all values are at hand. Where there is a sample and the counts of all values in bins, each sampled
value stands for as many as its bin holds: the rank at a bin's edge is then exact, and within a bin as good as the
sample. Source: Cochran, Sampling Techniques (1977), ch. 5A, stratification after selection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from landmark.artifacts.profile import PROBABILITIES, Histogram
from landmark.core.table import Floats, Ints
from landmark.statistics.spread import Spread, bins_of

BARS = 32
OUTER = (0.01, 0.99)
"""Shares between which bars have one width; one bar at each end holds the rest."""


ENDLESS = 0x7F80
"""The upper 16 bits of an infinite float32."""


@dataclass(frozen=True)
class Ranks:
    """Values (m,) in order, and how many of all `total` are not above each; `whole`: all of them are whole numbers."""

    values: Floats
    below: Floats
    total: float
    whole: bool = False

    def quantiles(self, shares: tuple[float, ...] = PROBABILITIES) -> tuple[float, ...]:
        """Return the values below or at which these shares lie; nothing of nothing."""
        if not len(self.values):
            return ()
        places = np.searchsorted(self.below, np.array(shares) * (self.total - 1), side="right")
        return tuple(self.values[np.minimum(places, len(self.values) - 1)].tolist())

    def under(self, edge: float) -> int:
        """Return how many are below an edge."""
        place = int(np.searchsorted(self.values, edge, side="left"))
        return round(float(self.below[place - 1])) if place else 0

    def histogram(self) -> Histogram | None:
        """Return bars of one width, but for the outermost two; None of nothing."""
        if not len(self.values):
            return None
        low, high = float(self.values[0]), float(self.values[-1])
        inner = self.quantiles(OUTER)
        grid = _grid(inner[0], inner[1], self.whole)
        edges = np.unique(np.array([low, *grid[(grid > low) & (grid < high)], high]))
        if len(edges) == 1 or not np.isfinite(edges).all():
            return Histogram(edges=(low, high), counts=(round(self.total),))
        marks = [0, *(self.under(edge) for edge in edges[1:-1].tolist()), round(self.total)]
        return Histogram(edges=tuple(edges.tolist()), counts=tuple(np.diff(marks).tolist()))


def of_counts(values: Floats, counts: Ints | Floats, whole: bool = False) -> Ranks:
    """Return the ranks of distinct values (d,), each there as often as its count, or of that weight."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(counts[order]).astype(np.float64)
    return Ranks(values[order], below, float(below[-1]) if len(below) else 0.0, whole)


def of_column(spread: Spread, known: tuple[Floats, Ints] | None, drawn: Floats | None) -> Ranks:
    """Return the ranks of the finite numbers of a column: from all distinct ones with their rows, where known."""
    if known is not None:
        finite = np.isfinite(known[0])
        return of_counts(known[0][finite], known[1][finite], spread.whole == spread.held)
    return of_sample(np.empty(0) if drawn is None else drawn, spread)


def of_sample(sample: Floats, spread: Spread) -> Ranks:
    """Return the ranks of all numbers of a spread, of which a fair sample (k,) is at hand."""
    keys, sums = spread.bins.settle()
    sample = sample[np.isfinite(sample)] + 0.0
    own = np.searchsorted(keys, bins_of(sample))
    inside = np.bincount(own, minlength=len(keys))
    bare = np.flatnonzero(inside == 0)
    values = np.concatenate(
        [sample, np.clip(middle_of(keys[bare]), spread.low, spread.high), [spread.low, spread.high]]
    )
    weights = np.concatenate([(sums / np.maximum(inside, 1))[own], sums[bare], [0.0, 0.0]])
    return of_counts(values, weights, spread.whole == spread.held)


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
