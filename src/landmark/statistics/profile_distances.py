"""How far the same column lies apart in two sets of rows, told by its two profiles alone."""

from __future__ import annotations

from math import log, pi, sqrt
from typing import NamedTuple

import numpy as np

from landmark.artifacts.profile import PROBABILITIES, ColumnProfile
from landmark.core.table import Floats

RARELY = 0.001
"""How often rows of one origin may lie further apart than `by_chance`."""
MOSTLY = 0.5
"""Share of values that must read as numbers, or dates, so that they are compared as such."""


class Distance(NamedTuple):
    """The share of rows that lie elsewhere in one set than in the other, and how large it seldom is by chance."""

    apart: float
    by_chance: float


def distance(one: ColumnProfile, other: ColumnProfile) -> Distance | None:
    """Return how far two columns lie apart; None where they have nothing in common to be compared by.

    Amounts by the largest difference between the shares below a number, as far as histograms tell it, others by the
    share of rows that would have to hold another value, as far as the most frequent ones tell it: it is no less.
    """
    if not one.values or not other.values:
        return None
    scale = sqrt(1 / one.values + 1 / other.values)
    if min(amounts(one), amounts(other)) >= MOSTLY and one.histogram and other.histogram:
        return Distance(_largest(one, other), scale * sqrt(log(2 / RARELY) / 2))
    if not one.top or not other.top:
        return None
    a, b = _shares(one, other), _shares(other, one)
    apart = max(np.maximum(a - b, 0).sum(), np.maximum(b - a, 0).sum())
    expected = np.sqrt((a + b) / 2).sum() * scale / sqrt(2 * pi)
    return Distance(float(apart), float(expected) + scale * sqrt(log(1 / RARELY) / 2))


def amounts(column: ColumnProfile) -> float:
    """Return the share of values that read as amounts: as numbers, or as dates in one format."""
    return max(column.numbers, *column.dates.values(), float(column.gaps is not None and not column.dates))


def _largest(one: ColumnProfile, other: ColumnProfile) -> float:
    """Return the largest difference between shares of values below a number. Source: Smirnov (1939)."""
    assert one.histogram and other.histogram, "only columns with amounts are compared by them"
    edges = np.array([*one.histogram.edges, *other.histogram.edges, *_atoms(one), *_atoms(other)])
    points = np.unique([edges, np.nextafter(edges, np.inf)])
    return float(np.abs(_below(one, points) - _below(other, points)).max())


def _below(column: ColumnProfile, points: Floats) -> Floats:
    """Return the share of values below each of some points (k,).

    It is known at the edges of bars and at quantiles; between these values are thought to be evenly spread, but for the
    most frequent numbers, which are where they are.
    """
    assert column.histogram, "only columns with amounts are compared by them"
    atoms, edges = _atoms(column), column.histogram.edges
    total = sum(column.histogram.counts)
    known = dict(zip(edges, [0, *np.cumsum(column.histogram.counts)], strict=True)) if edges[0] < edges[-1] else {}
    inner = zip(column.quantiles[1:-1], PROBABILITIES[1:-1], strict=True)
    known |= {x: share * total for x, share in inner if edges[0] < x < edges[-1] and x not in atoms and x not in known}
    x = np.array(sorted(known) or [edges[0]])
    values, counts = np.array([*atoms]), np.array([*atoms.values()])
    frequent = [float(counts[values < each].sum()) for each in x[:-1]] + [float(counts.sum())]
    rest = np.maximum.accumulate(
        [max(known.get(each, total) - own, 0.0) for each, own in zip(x, frequent, strict=True)]
    )
    found = (counts * (points[:, None] > values)).sum(axis=1)
    return np.asarray((found + np.interp(points, x, rest, left=0.0)) / total, np.float64)


def _atoms(column: ColumnProfile) -> dict[float, float]:
    """Return the most frequent numbers with their counts; nothing of dates, whose texts are no numbers."""
    if column.numbers < MOSTLY:
        return {}
    known: dict[float, float] = {}
    for text, count in column.top:
        try:
            value = float(text)
        except ValueError:
            continue
        if np.isfinite(value):
            known[value] = known.get(value, 0.0) + count
    return known


def _shares(column: ColumnProfile, other: ColumnProfile) -> Floats:
    """Return the shares of the values that are frequent in either column, in an order that both agree on.

    A value that is frequent in the other one only may be here as often as the least of those that are known to be.
    """
    own = {text: count / column.values for text, count in column.top}
    complete = column.exact and len(own) == column.distinct
    least = 0.0 if complete else min(own.values())
    beside = {text: count / other.values for text, count in other.top}
    return np.array([own.get(text, min(least, beside.get(text, 0.0))) for text in sorted({*own, *beside})])
