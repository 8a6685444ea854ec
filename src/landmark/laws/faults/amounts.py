"""Faults of numbers: what they cannot be, and what wrote them wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from landmark.core.table import Floats, Ints
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, decimals, given_rows, numbers, put_numbers, some

Made = tuple[Ground, Planted] | None
FEWEST = 30
"""Different numbers below which a column is not one of amounts."""


@fault("impossible-value", weak=0.001, medium=0.005, strong=0.02)
def impossible_count(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A count is negative: somebody subtracted what was never added."""
    names = [name for name in ground.inputs("number") if _is_counted(ground, name)]
    return _some_numbers(ground, names, amount, rng, np.negative)


@fault("impossible-value", "outliers", weak=0.001, medium=0.005, strong=0.02)
def negative_amounts(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An amount that is always above zero has lost its sign, as bookings that were reversed do."""
    measured = [name for name in ground.inputs("number") if not _is_counted(ground, name)]
    names = [name for name in measured if np.nanmin(numbers(ground.rows, name)) > 0]
    return _some_numbers(ground, names, amount, rng, np.negative)


@fault("impossible-value", weak=0.001, medium=0.005, strong=0.02)
def impossible_share(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A column that is declared to hold probabilities holds some in per cent."""
    names = [name for name in ground.inputs("number") if _is_share(numbers(ground.rows, name))]
    made = _some_numbers(ground, names, amount, rng, lambda x: x * 100)
    if made is None:
        return None
    (name,) = made[1].where
    declared = {**ground.question.columns, name: {"type": "number", "kind": "probability"}}
    return replace(made[0], question=ground.question.model_copy(update={"columns": declared})), made[1]


@fault("outliers", weak=0.0005, medium=0.002, strong=0.01)
def outliers(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A decimal point was left out, or a key was held down."""
    names = [name for name in ground.inputs("number") if _is_calm(numbers(ground.rows, name))]

    def slipped(x: Floats) -> Floats:
        powers = np.ceil(np.log10(5 * highest / np.abs(x)))
        return np.asarray(x * 10.0**powers, np.float64)

    if not names:
        return None
    name = str(rng.choice(names))
    highest = float(np.nanmax(np.abs(numbers(ground.rows, name))))
    return _some_numbers(ground, [name], amount, rng, slipped, least=2)


@fault("capped-values", weak=0.03, medium=0.1, strong=0.25)
def capped_values(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An instrument, or a form, knows no number above a limit and writes the limit."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    return _capped(ground, str(rng.choice(names)), amount) if names else None


@fault("capped-target", weak=0.03, medium=0.1, strong=0.25)
def capped_target(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """What is to be predicted was recorded up to a limit only."""
    name = ground.amount()
    return _capped(ground, name, amount) if name is not None and is_spread(ground, name) else None


@fault("stuck-value", weak=0.05, medium=0.15, strong=0.3)
def stuck_value(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A sensor broke, and has been sending its last number since."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    if not names:
        return None
    name, size = str(rng.choice(names)), ground.rows.num_rows
    x = numbers(ground.rows, name)
    start = int((1 - amount) * size)
    start += int(np.argmax(np.isfinite(x[start:])))
    rows = np.arange(start + 1, size, dtype=np.int64)
    stuck = put_numbers(ground.rows, name, rows, np.full(len(rows), x[start]))
    return ground.with_rows(stuck), Planted((name,), rows[x[rows] != x[start]])


@fault("precision-change", weak=0.1, medium=0.25, strong=0.5, given=True)
def precision_change(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The new system keeps fewer digits: judging rows are rounded to so many standard deviations."""
    spread = [name for name in ground.inputs("number") if is_spread(ground, name)]
    names = [name for name in spread if is_fine(numbers(ground.rows, name))]
    if not names:
        return None
    name = str(rng.choice(names))
    x, rows = numbers(ground.judging, name), given_rows(ground.judging, name)
    wanted = amount * float(np.nanstd(x))
    power = 10.0 ** np.floor(np.log10(wanted))
    step = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    rounded = np.round(x[rows] / step) * step
    return ground.with_test(put_numbers(ground.judging, name, rows, rounded)), Planted((name,), rows, in_test=True)


def is_spread(ground: Ground, name: str) -> bool:
    """Return whether a column has many different numbers, none of them often."""
    x = numbers(ground.rows, name)
    x = x[np.isfinite(x)]
    _, counts = np.unique(x, return_counts=True)
    return len(counts) >= FEWEST and counts.max() < 0.1 * len(x)


def is_fine(x: Floats) -> bool:
    """Return whether numbers (n,) stand much closer than they spread: 50 steps to a standard deviation."""
    different = np.unique(x[np.isfinite(x)])
    return len(different) > FEWEST and float(np.median(np.diff(different))) < 0.02 * float(np.nanstd(x))


def _is_counted(ground: Ground, name: str) -> bool:
    x = numbers(ground.rows, name)
    x = x[np.isfinite(x)]
    return decimals(ground.rows, name) == 0 and bool(
        np.all(x >= 0) and np.all(x == np.floor(x)) and np.mean(x > 0) > 0.2
    )


def _is_share(x: Floats) -> bool:
    x = x[np.isfinite(x)]
    return bool(x.min() >= 0 and 0.2 < x.max() <= 1 and np.mean(x > 0.02) > 0.5)


def _is_calm(x: Floats) -> bool:
    """Return whether no number (n,) is an outlier already: 6 standard deviations at most, and few zeros."""
    x = x[np.isfinite(x)]
    return bool(np.abs(x - x.mean()).max() < 6 * x.std() and np.mean(x != 0) > 0.5)


def _some_numbers(
    ground: Ground,
    names: Iterable[str],
    share: float,
    rng: np.random.Generator,
    other: Callable[[Floats], Floats],
    least: int = 1,
) -> Made:
    """Write another number into some cells, none of them 0, of one of the columns."""
    able = list(names)
    if not able:
        return None
    name = str(rng.choice(able))
    x = numbers(ground.rows, name)
    rows = some(np.flatnonzero(np.isfinite(x) & (x != 0)), share, rng, least)
    return ground.with_rows(put_numbers(ground.rows, name, rows, other(x[rows]))), Planted((name,), rows)


def _capped(ground: Ground, name: str, share: float) -> Made:
    x = numbers(ground.rows, name)
    limit = np.round(float(np.nanquantile(x, 1 - share)), decimals(ground.rows, name))
    rows: Ints = np.flatnonzero(x > limit).astype(np.int64)
    return ground.with_rows(put_numbers(ground.rows, name, rows, np.full(len(rows), limit))), Planted((name,), rows)
