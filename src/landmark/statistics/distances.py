"""How far two samples of one column are apart, and whether chance alone may put them so far.

Both are needed. An effect alone fires on small samples (a population stability index above 0.1 does so on every
clean sample of 200), a test alone on large ones, where any two days differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from landmark.core.table import Floats, Ints

MUCH, UNLIKELY = 0.1, 0.001
"""Effect from which a difference matters, and corrected chance up to which it is one."""
EXPECTED = 5
"""Rows expected of a kind in each sample, below which it is counted together with other rare kinds.

Source: Cochran, Some Methods for Strengthening the Common Chi-Square Tests (1954).
"""


GRID = (np.arange(200) + 0.5) / 200
"""Probabilities of the quantiles that a distribution is known by here."""
SHARES = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
"""Shares of a sample that may be of another distribution than the rest."""
NOISE = 0.3133
"""The area between two samples of one distribution, by the root of their sizes: that below a Brownian bridge."""


class Distance(NamedTuple):
    """What differs, from 0 to 1, and the chance that two samples of one population differ as much.

    The effect is the share of rows that would have to change: the greatest difference between the shares below a
    number, or half the sum of the differences between the shares of kinds.
    """

    effect: float
    p: float


SAME = Distance(0.0, 1.0)


def of_numbers(before: Floats, now: Floats) -> Distance:
    """Return the distance of two samples of numbers, (n,) and (m,), NaN left out.

    The test is Kolmogorov and Smirnov's, which sees any difference, and that of Wilcoxon, Mann and Whitney, which
    sees a shift sooner; p is twice the smaller one.

    >>> of_numbers(np.arange(100.0), np.arange(100.0) + 50).effect
    0.5
    """
    before, now = before[~np.isnan(before)], now[~np.isnan(now)]
    n, m = len(before), len(now)
    if min(n, m) == 0:
        return SAME
    both = np.concatenate([before, now])
    order = np.argsort(both, kind="stable")
    ordered = both[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    mine = np.cumsum(order < n)[ends]
    below = ends + 1
    effect = float(np.abs(mine / n - (below - mine) / m).max())
    sizes = np.diff(below, prepend=0)
    ranks = below - (sizes - 1) / 2
    spread = n * m / 12 * (n + m + 1 - (sizes**3.0 - sizes).sum() / ((n + m) * max(n + m - 1, 1)))
    if spread <= 0:
        return SAME
    shift = float((ranks * np.diff(mine, prepend=0)).sum()) - n * (n + m + 1) / 2
    return Distance(effect, min(1.0, 2 * min(_kolmogorov(effect, n, m), math.erfc(abs(shift) / math.sqrt(2 * spread)))))


def of_kinds(before: Ints, now: Ints) -> Distance:
    """Return the distance of two samples by how often each of k kinds is in them, (k,) and (k,).

    The effect is less what chance alone makes of so many kinds; the test is chi-square.

    >>> of_kinds(np.array([500, 500]), np.array([500, 500])).effect
    0.0
    """
    n, m = int(before.sum()), int(now.sum())
    if min(n, m) == 0:
        return SAME
    shares = (before + now) / (n + m)
    seen = float(np.abs(before / n - now / m).sum()) / 2
    chance = float(np.sqrt(shares * (1 - shares)).sum()) / 2 * math.sqrt(2 / math.pi * (1 / n + 1 / m))
    frequent = shares * min(n, m) >= EXPECTED
    table = np.stack([np.append(side[frequent], side[~frequent].sum()) for side in (before, now)]).astype(np.float64)
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=0) * np.array([[n], [m]]) / (n + m)
    free = table.shape[1] - 1
    if free < 1:
        return SAME
    from scipy.special import chdtrc

    p = float(chdtrc(free, (np.square(table - expected) / expected).sum()))
    return Distance(math.sqrt(max(seen**2 - chance**2, 0.0)), p)


def corrected(chances: Sequence[float]) -> Floats:
    """Return chances p (k,) as if only one question had been asked, not k.

    Source: Benjamini & Hochberg, Controlling the False Discovery Rate (1995).

    >>> corrected([0.01, 0.5, 0.02]).round(3).tolist()
    [0.03, 0.5, 0.03]
    """
    p = np.asarray(chances, np.float64)
    order = np.argsort(p)[::-1]
    adjusted = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    result = np.empty(len(p))
    result[order] = np.minimum(adjusted, 1.0)
    return result


@dataclass(frozen=True)
class Shape:
    """A distribution as its quantiles (k,) at GRID, of so many rows.

    `knots` (d,) are the different ones among them, and `shares` (d,) what lies below each, half of itself included.
    """

    at: Floats
    rows: int
    knots: Floats
    shares: Floats

    @classmethod
    def of(cls, x: Floats) -> Shape:
        """Return the shape of numbers (n,); each quantile is one of the numbers. NaN is left out."""
        x = np.sort(x[~np.isnan(x)])
        return cls.stored(x[(GRID * len(x)).astype(np.int64)] if len(x) else np.full(len(GRID), np.nan), len(x))

    @classmethod
    def stored(cls, quantiles: Floats, rows: int, probabilities: Floats = GRID) -> Shape:
        """Return the shape that was kept as quantiles (q,) at some probabilities (q,)."""
        at = quantiles if probabilities is GRID else np.interp(GRID, probabilities, quantiles)
        knots, place, sizes = np.unique(at, return_inverse=True, return_counts=True)
        return cls(at, rows, knots, np.bincount(place, GRID) / sizes)

    def below(self, x: Floats) -> Floats:
        """Return the share that lies below numbers (n,)."""
        return np.asarray(np.interp(x, self.knots, self.shares, left=0.0, right=1.0), np.float64)

    def moved(self, factor: float, shift: float) -> Shape:
        """Return the shape of all numbers times a positive factor, plus shift."""
        return replace(self, at=self.at * factor + shift, knots=self.knots * factor + shift)


def area(now: Shape, before: Shape, other: Shape | None = None) -> tuple[float, float]:
    """Return how far `now` is from a mixture of two shapes, and the share of `other` in it that is nearest.

    Without another it is how far now is from before. The distance, 0 to 0.5, is the mean difference between the shares
    below a number, over the numbers of both sides: it knows neither the scale nor the length of the tails.
    """
    at_now, at_before = before.below(now.at) - now.below(now.at), before.below(before.at) - now.below(before.at)
    if other is None:
        return float(np.abs(at_now).mean() + np.abs(at_before).mean()) / 2, 0.0
    more_now, more_before = (other.below(at) - before.below(at) for at in (now.at, before.at))
    at_other, less_other = (
        side.below(other.at) - mine.below(other.at) for side, mine in ((other, now), (before, other))
    )
    share = SHARES[:, None]
    from_now, from_before, from_other = (
        np.abs(difference).mean(axis=1)
        for difference in (
            at_now + share * more_now,
            at_before + share * more_before,
            at_other + (1 - share) * less_other,
        )
    )
    distances = (from_now + (1 - SHARES) * from_before + SHARES * from_other) / 2
    nearest = int(np.argmin(distances))
    return float(distances[nearest]), float(SHARES[nearest])


def noise(one: Shape, other: Shape) -> float:
    """Return the area between two samples of one distribution that their sizes make likely."""
    return NOISE * math.sqrt(1 / one.rows + 1 / other.rows)


def _kolmogorov(distance: float, n: int, m: int) -> float:
    """Return the chance of so great a distance. Source: Stephens, EDF Statistics for Goodness of Fit (1974)."""
    size = math.sqrt(n * m / (n + m))
    reach = (size + 0.12 + 0.11 / size) * distance
    if reach < 0.3:
        return 1.0
    terms = (math.exp(-2 * (k * reach) ** 2) for k in range(1, 20))
    return min(1.0, 2 * sum(term if k % 2 == 0 else -term for k, term in enumerate(terms)))
