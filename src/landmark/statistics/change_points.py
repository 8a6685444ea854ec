"""Stretches of neighbouring rows that differ from the rest of a column: another level, or one number all along."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landmark.core.table import Floats, Ints
from landmark.statistics.grain import grain, multiples

FEWEST = 40
"""Numbers of a column, and a quarter of them on each side, without which no place is looked for."""
REACH = 1.8
"""Sum of ranks, in units of what chance makes of it, from which a place is one: p = 0.003."""
DEPTH = 3
"""How often a part is parted again."""
BINS = 40
"""Classes in which a number is more or less likely inside a block than outside."""


class Place(NamedTuple):
    """A place where a column changes: numbers from `start` to `middle` are unlike those from there to before `stop`."""

    start: int
    middle: int
    stop: int


def places(x: Floats, depth: int = DEPTH) -> list[Place]:
    """Return where numbers (n,) change their level: the place that parts them most, then those in its two parts.

    Source: Pettitt, A Non-parametric Approach to the Change-Point Problem (1979); Scott & Knott, A Cluster Analysis
    Method for Grouping Means in the Analysis of Variance (1974).

    >>> places(np.r_[np.arange(60.0) % 7, 20 + np.arange(40.0) % 7])
    [Place(start=0, middle=60, stop=100)]
    """
    found, waiting = list[Place](), [(0, len(x), depth)]
    while waiting:
        start, stop, left = waiting.pop(0)
        middle = start + _parting(x[start:stop]) if left else start
        if min(middle - start, stop - middle) >= FEWEST // 4:
            found.append(Place(start, middle, stop))
            waiting += [(start, middle, left - 1), (middle, stop, left - 1)]
    return found


def _parting(x: Floats) -> int:
    """Return how many of numbers (n,) come before the place that parts them most; 0 where none does."""
    _, ranks, sizes = np.unique(x, return_inverse=True, return_counts=True)
    if len(x) < FEWEST or len(sizes) < 2:
        return 0
    level = (np.cumsum(sizes) - sizes / 2)[ranks]
    sums = np.abs(np.cumsum(level - level.mean()))
    return int(np.argmax(sums)) + 1 if sums.max() >= REACH * float(level.std()) * np.sqrt(len(x)) else 0


class Block(NamedTuple):
    """Numbers from `start` to before `stop`."""

    start: int
    stop: int


def exactly(x: Floats, middle: int, other: Floats, own: Floats) -> Block:
    """Return where numbers (n,) begin to be rather like `own` than like `other`, near a place, and where that ends."""
    edges = np.unique(np.quantile(np.concatenate([other, own]), np.linspace(0, 1, BINS + 1)[1:-1]))
    step = grain(other)

    def classes(numbers: Floats) -> Ints:
        """Return for each number which of the classes it is in, and whether it is written as finely as the others."""
        within = np.searchsorted(edges, numbers, side="right")
        return 2 * within + (multiples(numbers, step) if step is not None else 0)

    weights = []
    for side in (own, other):
        counts = np.bincount(classes(side), minlength=2 * len(edges) + 2) + 0.5
        weights.append(np.log(counts / counts.sum()))
    gain = np.cumsum((weights[0] - weights[1])[classes(x)])
    reach = max(FEWEST, len(x) // 50)
    first = max(middle - reach, 1)
    start = first + int(np.argmin(gain[first - 1 : middle + reach - 1]))
    return Block(start, start + int(np.argmax(gain[start:])) + 1)


class Run(NamedTuple):
    """The longest stretch of one number: where, which, and the longest stretch of any kind elsewhere."""

    start: int
    length: int
    value: float
    next_longest: int


def longest_run(x: Floats) -> Run:
    """Return the longest stretch of equal numbers among (n,), n > 0.

    >>> longest_run(np.array([1.0, 1.0, 2.0, 2.0, 2.0, 1.0]))
    Run(start=2, length=3, value=2.0, next_longest=2)
    """
    starts = np.flatnonzero(np.diff(x, prepend=np.nan) != 0)
    lengths = np.diff(starts, append=len(x))
    longest = int(np.argmax(lengths))
    others = np.delete(lengths, longest)
    return Run(int(starts[longest]), int(lengths[longest]), float(x[starts[longest]]), int(others.max(initial=0)))
