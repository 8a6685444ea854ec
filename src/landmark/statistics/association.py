"""How much one column tells of another, cheaply enough to ask it of a hundred thousand columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from landmark.core.cells import numbers
from landmark.core.table import Floats, Ints, Mask, as_text, whole

MOST_LABELS = 10
"""Labels of a target of many that are looked at, the most frequent ones."""


def codes(array: pa.Array) -> Ints:
    """Return a number for each distinct value (n,) in order of first appearance, -1 where there is none."""
    array = whole(array)
    coded = (as_text(array) if pa.types.is_nested(array.type) else array).dictionary_encode()
    return np.asarray(coded.indices.fill_null(-1).to_numpy(), np.int64)


def quantities(array: pa.Array) -> Floats | None:
    """Return the finite numbers of a column (n,), NaN elsewhere; None where most cells are none."""
    array = whole(array)
    if pa.types.is_temporal(array.type) and not pa.types.is_duration(array.type):
        array = array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64())
    x, odd = numbers(array)
    if odd.sum() > 0.5 * len(x):
        return None
    return np.where(np.isfinite(x), x, np.nan)


def directions(target: pa.Array, numeric: bool) -> Floats:
    """Return a target as unit vectors (n, k) around 0: the number itself, or a flag for each frequent label."""
    x = quantities(target) if numeric else None
    if x is not None and not np.isnan(x).all():
        return _unit(np.where(np.isnan(x), np.nanmean(x), x))[:, None]
    labels = codes(target)
    frequent = np.argsort(-np.bincount(labels[labels >= 0]), kind="stable")[:MOST_LABELS]
    return np.column_stack([_unit((labels == label).astype(np.float64)) for label in frequent])


def strength(array: pa.Array, target: Floats) -> float:
    """Return the share (at most 1) of the variance of one of the directions (n, k) that a column explains.

    Of a column of numbers by a straight line, of any other by the mean of each value; less what as many
    free parameters explain by chance, so that a column of distinct texts explains nothing.
    """
    n = len(target)
    x = quantities(array)
    if x is not None:
        known = ~np.isnan(x)
        if not known.any():
            return 0.0
        explained = np.square(_unit(np.where(known, x, x[known].mean())) @ target)
        freedom = 1
    else:
        groups = codes(array) + 1
        sizes = np.bincount(groups)
        sums = np.stack([np.bincount(groups, side, len(sizes)) for side in target.T])
        explained = (np.square(sums) / np.maximum(sizes, 1)).sum(axis=1)
        freedom = int(np.count_nonzero(sizes)) - 1
    if freedom >= n - 1:
        return 0.0
    return float(1 - (1 - explained.max()) * (n - 1) / (n - 1 - freedom))


def auc(x: Floats, positive: Mask) -> float:
    """Return the chance that a positive row has the larger x (n,), ties counting half; NaN with one class only."""
    _, place, sizes = np.unique(x, return_inverse=True, return_counts=True)
    rank = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    hits, misses = int(positive.sum()), int((~positive).sum())
    if hits == 0 or misses == 0:
        return float("nan")
    return float((rank[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def errors(groups: Ints, labels: Ints) -> int:
    """Return how many of n rows are wrong when each group says its commonest label; both int64 (n,), from 0.

    >>> errors(np.array([0, 0, 0, 1]), np.array([2, 2, 5, 5]))
    1
    """
    width = int(labels.max(initial=0)) + 1
    _, places = np.unique(groups, return_inverse=True)
    cells, sizes = np.unique(places * width + labels, return_counts=True)
    most = np.zeros(int(places.max(initial=0)) + 1, np.int64)
    np.maximum.at(most, cells // width, sizes)
    return len(labels) - int(most.sum())


def errors_left(groups: Ints, labels: Ints) -> float:
    """Return the share of the errors of always saying the commonest label that remain when each group says its own.

    0: the group tells the label; 1: it tells nothing.

    >>> errors_left(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    0.0
    """
    wrong = errors(np.zeros_like(groups), labels)
    return errors(groups, labels) / wrong if wrong else 1.0


def _unit(x: Floats) -> Floats:
    """Return x (n,) around 0 with length 1; zeros where it is constant. Scaled first: squares may overflow."""
    centred = x - x.mean()
    scale = np.abs(centred).max(initial=0)
    if not 0 < scale < np.inf:
        return np.zeros(len(x))
    centred /= scale
    return np.asarray(centred / np.sqrt(centred @ centred), np.float64)
