"""Numbers that do not belong to the rest of their column: beyond any tail it has, codes for no value, pile-ups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landmark.core.table import Floats, Mask

FEWEST = 20
"""Distinct numbers below which a column has no tail."""
MOST = 0.02
"""Share of the numbers that may be outliers: more are a second kind of row."""
FARTHER = 3.0
"""How much farther from the middle the nearest outlier must be than the last number of the tail."""
FEWEST_ALIKE, ALIKE = 3, 0.7
"""Numbers beyond, and share of them that are the same, from which they are meant."""
TAIL = 0.01
"""Share of a side that is its tail; at least FEWEST_IN_TAIL numbers."""
FEWEST_IN_TAIL = 20
LIGHTEST = 0.02
CHANCE = 3e-5
"""Chance of so wide a gap, from which it is none."""


FEWEST_CODES, APART, OUTERMOST, OFTENER, WIDER = 3, 0.5, 10, 5, 3
"""Rows a code for no value must be in; how far it must be from all else, in ranges of that, or else: so many of the
outermost other numbers, none of which may be nearly as frequent, or nearly as far from the next."""
FEW_WITHOUT_SIGN, FEWEST_POSITIVE, GREAT, BESIDE = 0.03, 10, 0.25, 12
"""Share of negative numbers that may have lost their sign; different positive ones there must be; the mean rank of the
sizes of the former among the latter; how many times as many positive ones there must be up to their middle size."""
SMALLEST, SPREADS = 0.1, 3.3
"""Share of the positive numbers that counts as small, and by how many standard deviations more of the others may be."""
FEWEST_OUTSIDE, FEW_NOTHING, STRAYS = 3, 0.01, 0.2
"""Shares in per cent that must be among others; share of zeros that may be among numbers far above it; how many times
as many as the zeros may lie between these and half of the middle: a tail that reaches 0 has more there."""
FEWEST_PILED, PILED, FEWEST_NEAR, HIGHER = 10, 0.01, 10, 2.3
"""Rows, and share of them, that make a pile; different numbers next to it, and how many times as many it must be."""


class Outliers(NamedTuple):
    """Numbers beyond a gap: which rows (n,), and where the rest ends."""

    where: Mask
    end: float


def outliers(x: Floats) -> Outliers | None:
    """Return the few numbers (n,) that lie beyond the tail of the others, above, below, or in logarithms; or None.

    In a tail of any weight, the logarithms of the excesses over the middle stand ever farther apart, and i times the
    i-th of their distances is like any other. A gap is an outlier's where that is far greater than in the tail behind.

    Source: Rényi, On the Theory of Order Statistics (1953); Hill, A Simple General Approach to Inference About the
    Tail of a Distribution (1975).
    """
    known = x[np.isfinite(x)]
    if len(np.unique(known)) < FEWEST:
        return None
    middle = float(np.median(known))
    views = [x - middle, middle - x]
    if known.min() > 0:
        views.append(np.log(middle) - np.log(x))
    for excess in views:
        limit = beyond(np.sort(excess[np.isfinite(excess) & (excess > 0)])[::-1], len(known))
        if limit is not None and not alike(excess[excess > limit]):
            where = np.asarray(np.isfinite(excess) & (excess > limit), bool)
            rest = x[np.isfinite(excess) & (excess > 0) & ~where]
            return Outliers(where, float(rest[np.argmax(excess[np.isfinite(excess) & (excess > 0) & ~where])]))
    return None


def alike(x: Floats) -> bool:
    """Return whether most of some numbers (n,) are one and the same, which nobody writes by mistake."""
    return len(x) >= FEWEST_ALIKE and np.unique(x, return_counts=True)[1].max() > ALIKE * len(x)


def beyond(excess: Floats, rows: int) -> float | None:
    """Return the greatest of the excesses (k,), in falling order, that is none of an outlier's; None where all are."""
    tail = max(FEWEST_IN_TAIL, int(TAIL * len(excess)))
    most = min(int(MOST * rows), len(excess) - tail - 1)
    if most < 1:
        return None
    logs = np.log(excess)
    gaps = logs[:most] - logs[1 : most + 1]
    counts = np.arange(1, most + 1)
    sums = np.concatenate([[0.0], np.cumsum(logs)])
    slope = (sums[counts + tail] - sums[counts]) / tail - logs[counts + tail]
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = (1 + counts * gaps / (np.maximum(slope, LIGHTEST) * tail)) ** -tail
    odd = np.flatnonzero((gaps > np.log(FARTHER)) & (chance * counts * (counts + 1) < CHANCE))
    return float(excess[odd[-1] + 1]) if len(odd) else None


NOTHING = tuple(sign * (10.0**digits - 1) for digits in range(2, 9) for sign in (-1, 1))
"""Numbers that stand for no value: fields filled with nines."""


def codes_for_nothing(x: Floats) -> tuple[float, ...]:
    """Return the numbers of NOTHING among (n,) that are often there and outside of all that is measured.

    >>> codes_for_nothing(np.r_[np.arange(100.0), [-999, -999, -999, 9999, 9999, 9999]])
    (-999.0, 9999.0)
    """
    suspects = [value for value in NOTHING if (x == value).sum() >= FEWEST_CODES]
    if not suspects:
        return ()
    rest, counts = np.unique(x[~np.isnan(x) & ~np.isin(x, suspects)], return_counts=True)
    if len(rest) < 2:
        return ()
    found = []
    for value in sorted(suspects):
        side = slice(0, OUTERMOST) if value < rest[0] else slice(-OUTERMOST, None) if value > rest[-1] else None
        if side is None:
            continue
        away = float(np.abs(rest - value).min())
        spiked = (x == value).sum() >= OFTENER * np.median(counts[side])
        alone = spiked and away > WIDER * float(np.diff(rest[side]).max(initial=0))
        far = away > max(APART * float(np.ptp(rest)), WIDER * float(np.diff(rest).max()), 1.0)
        if value < 0 <= rest[0] or far or alone:
            found.append(value)
    return tuple(found)


class Pile(NamedTuple):
    """A number that many rows hold: which rows (n,), at which end, and how many times as many as any near it."""

    where: Mask
    value: float
    end: str
    times: float

    def __str__(self) -> str:
        return f"{self.value:.6g}, the {self.end}: {self.times:.0f} times as many as any number next to it"


def pile_up(x: Floats) -> Pile | None:
    """Return the greatest, or the least, of numbers (n,) if far more rows hold it than any number next to it.

    A least number of 0 is none, nor is a 1 of counts: nothing is less, and often it is what there is most of.
    """
    codes = codes_for_nothing(x)
    known = x[np.isfinite(x) & ~np.isin(x, codes)]
    values, counts = np.unique(known, return_counts=True)
    if len(values) < FEWEST:
        return None
    natural = values[0] == 0 or (values[0] == 1 and bool(np.all(values == np.floor(values))))
    for end, place, near in (("greatest", -1, counts[-2::-1]), ("least", 0, counts[1:])):
        count = int(counts[place])
        if count < max(FEWEST_PILED, PILED * len(known)) or (end == "least" and natural):
            continue
        reach = max(FEWEST_NEAR, int(np.searchsorted(np.cumsum(near), count)) + 1)
        times = count / int(near[:reach].max())
        if times >= HIGHER:
            return Pile(np.asarray(x == values[place], bool), float(values[place]), end, times)
    return None


def without_sign(x: Floats) -> Mask | None:
    """Return which of numbers (n,) are negative, if they are few and as great as the positive ones; else None.

    Of a quantity that may be negative, few are where it is seldom near zero: then most of them are small, and just
    above zero there are about as many.
    """
    negative = np.asarray(x < 0, bool)
    positive = np.sort(x[x > 0])
    count = int(negative.sum())
    if not 0 < count <= FEW_WITHOUT_SIGN * len(positive) or len(np.unique(positive)) < FEWEST_POSITIVE:
        return None
    sizes = -x[negative]
    place = (np.searchsorted(positive, sizes) + np.searchsorted(positive, sizes, side="right")) / (2 * len(positive))
    small = float(positive[int(SMALLEST * len(positive))])
    few = SMALLEST * count + SPREADS * np.sqrt(SMALLEST * count)
    middle = float(np.median(sizes))
    near = float((sizes <= middle).sum())
    beside = float((positive <= middle).sum()) >= BESIDE * (near + 2 * np.sqrt(near))
    return negative if place.mean() >= GREAT and (sizes < small).sum() <= few and beside else None


def never_nothing(x: Floats) -> Mask | None:
    """Return which of numbers (n,) are 0, if they are few and nearly all others are far above it; else None."""
    known = x[np.isfinite(x)]
    rest = known[known != 0]
    if not 0 < len(known) - len(rest) <= FEW_NOTHING * len(known) or len(np.unique(rest)) < FEWEST:
        return None
    least = float(rest.min())
    counted = least <= 1 and bool(np.all(rest == np.floor(rest)))
    far = least > 0 and (2 * rest < np.median(rest)).sum() <= STRAYS * (len(known) - len(rest))
    return np.asarray(x == 0, bool) if far and not counted else None


def in_per_cent(x: Floats) -> Mask | None:
    """Return which of numbers (n,) are above 1, if nearly all others are shares and these are shares in per cent."""
    known = x[np.isfinite(x)]
    odd = np.asarray(x > 1, bool)
    inside, outside = known[known <= 1], known[known > 1]
    if not FEWEST_OUTSIDE <= len(outside) <= FEW_WITHOUT_SIGN * len(known) or len(np.unique(inside)) < FEWEST:
        return None
    shares = inside.min() >= 0 and np.quantile(inside, 0.9) >= 0.2 and not np.all(inside == np.floor(inside))
    low, high = np.quantile(inside, [0.02, 0.98])
    fits = np.median(outside) <= 100 * high and np.median(outside) >= 100 * low and outside.max() <= 100
    return odd if shares and fits and outside.min() >= 1.5 else None
