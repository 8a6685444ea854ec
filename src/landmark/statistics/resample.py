"""Rows drawn again: folds that respect what ties rows together, bootstrap intervals, paired differences."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from landmark.artifacts.evaluation import Interval
from landmark.artifacts.question import TaskKind
from landmark.artifacts.split import Split
from landmark.core.seeds import generator
from landmark.core.table import Array, Floats, Ints

DRAWS = 200
"""Enough for the ends of a 95 % interval: five draws lie beyond each."""

Fold = tuple[Ints, Ints]
"""Rows that teach and rows that are predicted."""


def folds(split: Split, y: Array, kind: TaskKind, k: int, seed: int, rows: Ints | None = None) -> list[Fold]:
    """Return k pairs of row numbers (teach, predict) into y (n,) or (n, labels).

    `rows` (n,) says which of the training rows y is of, when it is not of all. What the split keeps together
    stays together here, and a split by time teaches from earlier rows only. A fold that would be empty is
    left out, so that there may be fewer than k.
    """
    ties = None if split.groups is None else np.asarray(split.groups) if rows is None else split.groups[rows]
    k = min(k, len(y))
    if split.by == "time":
        windows = expanding(np.arange(len(y)) if ties is None else ties, k)
        if windows:
            return windows
    elif ties is not None and 1 < len(np.unique(ties)) < len(ties):
        return _from_numbers(_grouped(ties, k, seed))
    classes = _classes(y) if kind != "regression" else np.zeros(len(y), np.int64)
    return _from_numbers(_balanced(classes, k, seed))


def expanding(ties: Ints, k: int) -> list[Fold]:
    """Return windows over rows in time order: each block is predicted from all blocks before it.

    ties (n,) holds a number for each moment, so that rows of one moment fall into one block. Where two edges
    meet because many rows share a moment, there are fewer than k windows; none when there is one moment only.

    >>> [(teach.tolist(), predict.tolist()) for teach, predict in expanding(np.array([0, 1, 2, 2, 3, 4]), 2)]
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    """
    n = len(ties)
    starts = np.flatnonzero(np.r_[True, ties[1:] != ties[:-1]])
    wanted = np.arange(1, k + 1) * n / (k + 1)
    after = np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(wanted - starts[before] < starts[after] - wanted, before, after)
    edges = [*np.unique(starts[nearer][starts[nearer] > 0]).tolist(), n]
    every = np.arange(n)
    return [(every[:start], every[start:stop]) for start, stop in pairwise(edges)]


def inner_parts(rows: int, ties: Ints | None, ordered: bool, k: int, seed: int) -> Ints:
    """Return a part below k for each of n rows that teach (n,): parts hold out of each other what `folds` holds out.

    Rows that are tied (n,) lie in one part. Of rows in time order parts are blocks, which later ones may teach too:
    trees on categories that stay, drift, or come and go lost .643 so, .645 by earlier blocks alone, .647 by parts dealt
    by chance. Where ties leave one part, as in rows of one group, rows are dealt by chance nevertheless.

    >>> inner_parts(6, np.array([0, 1, 2, 2, 3, 4]), True, 3, 0).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    if ordered:
        windows = expanding(np.arange(rows) if ties is None else ties, k - 1)
        if windows:
            starts = [block[0] for _, block in windows]
            return np.searchsorted(starts, np.arange(rows), side="right").astype(np.int64)
    elif ties is not None and 1 < len(np.unique(ties)) < rows:
        return _grouped(ties, k, seed)
    return _balanced(np.zeros(rows, np.int64), k, seed)


def bootstrap(
    metric: Callable[[Floats], float], weight: Floats, seed: int, draws: int = DRAWS, groups: Ints | None = None
) -> Interval:
    """Return metric(weight) with its 95 % percentile interval over resampled rows, or whole groups (n,) of them.

    Rows are drawn with replacement by multiplying their weights (n,) with how often they were drawn, so that
    the metric copies nothing. Draws where it is not defined (one class only, no weight) are left out; with fewer
    than half of them left, or one group only, the ends are NaN.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
    """
    value, rng = float(metric(weight)), generator(seed, "bootstrap")
    unit = np.arange(len(weight)) if groups is None else np.unique(groups, return_inverse=True)[1]
    n, scores = int(unit.max(initial=-1)) + 1, []
    for _ in range(draws):
        drawn = weight * np.bincount(rng.integers(0, n, n), minlength=n)[unit]
        scores.append(metric(drawn) if drawn.any() else float("nan"))
    defined = np.array(scores)[np.isfinite(scores)]
    if len(defined) < max(draws / 2, 1) or (groups is not None and n < 2):
        return Interval(value=value, low=float("nan"), high=float("nan"))
    low, high = np.quantile(defined, [0.025, 0.975])
    return Interval(value=value, low=float(low), high=float(high))


def paired(losses_a: Floats, losses_b: Floats, weight: Floats, groups: Ints | None = None) -> tuple[float, float]:
    """Return the weighted mean of a - b over rows (n,), and its standard error.

    Pairing removes what makes a row hard for both, so that small differences show on few rows. Rows of one of the
    groups (n,) may err together: their residuals are summed before they are squared. From one group the error
    cannot be known: NaN.

    Source: Liang & Zeger, Longitudinal data analysis using generalized linear models (1986), for the groups.

    >>> paired(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 3.0]), np.ones(3))
    (1.0, 0.0)
    """
    total = float(weight.sum())
    if total <= 0:
        return float("nan"), float("nan")
    difference = losses_a - losses_b
    mean = float(weight @ difference) / total
    residual, n = weight * (difference - mean), int(np.count_nonzero(weight))
    if groups is not None:
        n = len(np.unique(groups[weight > 0]))
        if n < 2:
            return mean, float("nan")
        summed = np.bincount(np.unique(groups, return_inverse=True)[1], weights=residual)
        residual = summed.astype(np.float64)
    return mean, float(np.sqrt(np.square(residual).sum() * n / (n - 1 or 1))) / total


def _from_numbers(number: Ints) -> list[Fold]:
    """Return the folds of a fold number for each row (n,)."""
    used = np.unique(number)
    return [(np.flatnonzero(number != fold), np.flatnonzero(number == fold)) for fold in used]


def _balanced(classes: Ints, k: int, seed: int) -> Ints:
    """Return a fold for each row (n,): folds differ by at most one row, in size and within each class."""
    shuffled = generator(seed, "folds").permutation(len(classes))
    order = shuffled[np.argsort(classes[shuffled], kind="stable")]
    number = np.empty(len(classes), np.int64)
    number[order] = np.arange(len(classes)) % k
    return number


def _grouped(groups: Ints, k: int, seed: int) -> Ints:
    """Return a fold for each row (n,): a group lies in one fold, and the largest go first to the smallest fold."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    shuffled = generator(seed, "folds").permutation(len(sizes))
    filled = [(0, fold) for fold in range(min(k, len(sizes)))]
    number = np.empty(len(sizes), np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        size, fold = heapq.heappop(filled)
        number[group] = fold
        heapq.heappush(filled, (size + int(sizes[group]), fold))
    return number[codes]


def _classes(y: Array) -> Ints:
    """Return what is to be balanced for each row (n,): the class, or of several labels the rarest it has."""
    if y.ndim == 1:
        return np.asarray(y, np.int64)
    has = np.asarray(y, np.int64) > 0
    common = np.argsort(np.argsort(has.sum(axis=0), kind="stable"), kind="stable")
    return np.asarray(np.where(has, common, has.shape[1]).min(axis=1), np.int64)
