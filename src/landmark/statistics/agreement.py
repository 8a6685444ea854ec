"""How alike rows are that have something in common: a key, a neighbour in the table, a moment.

Source: Fleiss, Measuring nominal scale agreement among many raters (1971); Fisher, Statistical Methods for Research
Workers (1925), intraclass correlation: both are one less the difference within pairs by that of any two rows.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa

from landmark.core.table import Floats, Ints, Mask
from landmark.statistics.association import codes, quantities

Comparable: TypeAlias = Floats | Ints
"""Values (n,) to be compared: ranks from 0 to 1, NaN = missing, or the numbers of kinds, -1 = missing."""


def comparable(values: pa.Array, numeric: bool) -> Comparable:
    """Return values (n,) as ranks where they are quantities, else as numbers of kinds.

    >>> comparable(pa.array(["9", "10", None]), True).tolist(), comparable(pa.array(["b", "a", "b"]), False).tolist()
    ([0.0, 1.0, nan], [0, 1, 0])
    """
    x = quantities(values) if numeric else None
    return codes(values) if x is None else ranks(x)


def ranks(x: Floats) -> Floats:
    """Return the ranks of x (n,) from 0 to 1, equal values sharing theirs; NaN stays."""
    known = ~np.isnan(x)
    made = np.full(len(x), np.nan)
    different, places, counts = np.unique(x[known], return_inverse=True, return_counts=True)
    if len(different):
        middles = np.cumsum(counts) - (counts + 1) / 2
        made[known] = middles[places] / max(int(known.sum()) - 1, 1)
    return made


def known(values: Comparable) -> Mask:
    """Return which values (n,) are not missing."""
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def within(groups: Ints) -> Ints:
    """Return pairs (m, 2) of rows of one group (n,), each row with the next one of its group; -1 is in none.

    >>> within(np.array([5, 7, 5, -1, 5])).tolist()
    [[0, 2], [2, 4]]
    """
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    same = groups[order][1:] == groups[order][:-1]
    return np.column_stack([order[:-1][same], order[1:][same]]).astype(np.int64)


def agreement(values: Comparable, pairs: Ints) -> tuple[float, int]:
    """Return how much more alike the pairs (m, 2) of rows are than any two rows, and how many pairs could be compared.

    1: each pair is alike; 0: as any two rows are. NaN where all rows are alike, or no pair can be compared.

    >>> agreement(np.array([0, 0, 1, 1]), np.array([[0, 1], [2, 3]]))
    (1.0, 2)
    """
    there = known(values)
    pairs = pairs[there[pairs].all(axis=1)]
    one, other = values[pairs[:, 0]], values[pairs[:, 1]]
    own = values[there]
    if values.dtype.kind == "f":
        apart, usual = np.square(one - other).sum() / 2, float(np.var(own)) if len(own) else 0.0
    else:
        shares = np.bincount(own.astype(np.int64)) / max(len(own), 1)
        apart, usual = float(np.count_nonzero(one != other)), 1 - float(np.square(shares).sum())
    if usual <= 0 or len(pairs) == 0:
        return float("nan"), len(pairs)
    return float(1 - apart / len(pairs) / usual), len(pairs)


def sortedness(values: Comparable, places: Floats) -> float:
    """Return how far the rows are sorted by values (n,) along their places (n,): 1 wholly, 0 not at all.

    Of ranks the squared correlation; of kinds the part of the places' variance between them, by what it would be if
    each kind stood in one block.

    >>> [round(sortedness(np.array(kinds), np.arange(4.0)), 9) for kinds in ([1, 1, 0, 0], [1, 0, 0, 1])]
    [1.0, 0.0]
    """
    there = known(values)
    own, at = values[there], ranks(places)[there]
    at = at - at.mean() if len(at) else at
    if len(own) < 2 or np.ptp(own) == 0 or not np.any(at):
        return 0.0
    if values.dtype.kind == "f":
        centred = own - own.mean()
        return float((centred @ at) ** 2 / ((centred @ centred) * (at @ at)))
    sizes = np.bincount(own.astype(np.int64))
    sums = np.bincount(own.astype(np.int64), at)
    between = float((np.square(sums) / np.maximum(sizes, 1)).sum() / (at @ at))
    most = 1 - float((np.power(sizes / len(own), 3)).sum())
    return min(between / most, 1.0)
