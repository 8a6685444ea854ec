"""How finely numbers are written: a grain is the step that all of them are multiples of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landmark.core.table import Floats, Mask

FINEST, COARSEST, MOST_ZEROS = -9, 6, 3
"""Powers of ten between which a grain is looked for; and zeros at the end of one number that are counted."""
NEARLY = 0.99
"""Share of the numbers that must be multiples of their grain."""
FEWEST = 10
STEPS = tuple(float(f"{digit}e{power}") for power in range(COARSEST, FINEST - 1, -1) for digit in (5, 2, 1))
"""Steps that numbers are rounded to, the coarsest first."""
MOST_KEPT, FEWER, CHANCE, ROUGH = 0.8, 0.7, 1e-6, 0.01
"""Share of the others that may keep to a step, different numbers left of those of as many others, and chance."""


class Rounding(NamedTuple):
    """A step that all numbers keep to, and the share of others that do."""

    step: float
    kept: float


def multiples(x: Floats, step: float) -> Mask:
    """Return which numbers (n,) are multiples of a step, as nearly as a number of 24 bits tells.

    >>> multiples(np.array([0.3, 0.35]), 0.1).tolist()
    [True, False]
    """
    steps = x / step
    off = np.abs(steps - np.rint(steps))
    return np.asarray(off <= np.minimum(1e-9 + 1e-7 * np.abs(steps), 0.02), bool)


def grain(x: Floats) -> float | None:
    """Return the greatest power of ten that nearly all numbers (n,) are multiples of; None where there is none.

    >>> grain(np.arange(100) / 4), grain(np.sqrt(np.arange(100))) is None
    (0.01, True)
    """
    x = x[x != 0]
    if len(x) < FEWEST:
        return None
    for power in range(COARSEST, FINEST - 1, -1):
        step = float(f"1e{power}")
        if multiples(x, step).mean() >= NEARLY and np.abs(x / step).max() < 2**40:
            return step
    return None


def coarser(before: Floats, now: Floats) -> Rounding | None:
    """Return the step that all numbers `now` (m,) keep to and those `before` (n,) do not, and what share of these does.

    None where there is none, where chance may have made it, or where as many different numbers are left as before:
    then they are in another unit, and no less exact. NaN is no number.
    """
    before, now = before[~np.isnan(before)], now[~np.isnan(now)]
    different = np.unique(now)
    if min(len(before), len(now)) < FEWEST or len(different) < 2:
        return None
    step = next((s for s in STEPS if multiples(different[different != 0], s).all()), None)
    if step is None:
        return None
    if step < ROUGH * float(np.std(before)):
        return None
    kept = float((multiples(before, step).sum() + 1) / (len(before) + 2))
    sample = before[np.linspace(0, len(before) - 1, min(len(now), len(before))).astype(np.int64)]
    fewer = len(different) <= FEWER * len(np.unique(sample))
    return Rounding(step, kept) if kept <= MOST_KEPT and fewer and kept ** len(different) < CHANCE else None


def decimals(x: Floats) -> Floats:
    """Return with how many decimals each number (n,) is written, at least; below 0 for zeros at its end, but 0 for 0.

    >>> decimals(np.array([0.25, 7.0, 300.0, 0.0])).tolist()
    [2.0, 0.0, -2.0, 0.0]
    """
    result = np.full(len(x), float(-FINEST))
    left = np.arange(len(x))
    for power in range(MOST_ZEROS, FINEST, -1):
        hits = multiples(x[left], float(f"1e{power}"))
        result[left[hits]] = -power
        left = left[~hits]
    result[x == 0] = 0
    return result
