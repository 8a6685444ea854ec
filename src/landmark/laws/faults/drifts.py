"""Faults between training and judging rows: another time, another place, another order of columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from landmark.core.table import whole
from landmark.laws.faults.amounts import is_spread
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, given_rows, moments, numbers, put, put_numbers, some, texts

Made = tuple[Ground, Planted] | None
APART = 0.5
"""Share of a column's spread by which two columns must differ for their exchange to be seen."""


@fault("drift", weak=0.25, medium=0.5, strong=1.0, given=True)
def drift_number(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A quantity has grown since the training rows were collected, by so many standard deviations."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    if not names:
        return None
    name = str(rng.choice(names))
    rows, x = given_rows(ground.judging, name), numbers(ground.judging, name)
    shifted = x[rows] + amount * float(np.nanstd(numbers(ground.rows, name)))
    return ground.with_test(put_numbers(ground.judging, name, rows, shifted)), Planted((name,), rows, in_test=True)


@fault("drift", weak=0.1, medium=0.25, strong=0.5, given=True)
def drift_shares(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One kind has become more frequent: so many of the judging rows that were of another kind are of it."""
    names = ground.inputs("kinds")
    if not names:
        return None
    name = str(rng.choice(names))
    known, counts = np.unique(texts(ground.rows, name), return_counts=True)
    frequent = [kind for kind in known[np.argsort(-counts, kind="stable")] if kind][:5]
    kind = str(rng.choice(frequent[1:] or frequent))
    rows = some(np.flatnonzero(texts(ground.judging, name) != kind), amount, rng, 3)
    return _judged(ground, name, rows, [kind] * len(rows))


@fault("judging-anomaly", "drift", weak=0.05, medium=0.15, strong=0.4, given=True)
def new_kinds(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A new branch was opened: kinds that no training row has."""
    names = ground.inputs("kinds")
    if not names:
        return None
    name = str(rng.choice(names))
    rows = some(given_rows(ground.judging, name), amount, rng, 6)
    return _judged(ground, name, rows, [f"Branch {number}" for number in rng.integers(7, 10, len(rows))])


@fault("swapped-columns", "drift", "judging-anomaly", weak=0.3, medium=0.7, strong=1.0, given=True)
def swapped_columns(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Two columns have changed places since: their order was taken from the file, and not from its header."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    middle = {name: float(np.nanmedian(numbers(ground.rows, name))) for name in names}
    spread = {name: float(np.nanstd(numbers(ground.rows, name))) for name in names}
    pairs = [
        (one, two)
        for i, one in enumerate(names)
        for two in names[i + 1 :]
        if abs(middle[one] - middle[two]) > APART * max(spread[one], spread[two])
    ]
    if not pairs:
        return None
    one, two = pairs[int(rng.integers(len(pairs)))]
    table = ground.judging
    rows = some(np.arange(table.num_rows), amount, rng, 3)
    first, second = (whole(table.column(name)).take(rows).to_pylist() for name in (one, two))
    table = put(put(table, one, rows, second), two, rows, first)
    return ground.with_test(table), Planted((one, two), rows, in_test=True)


@fault("time-leakage", "time-order", weak=0.3, medium=0.6, strong=1.0, given=True)
def time_leakage(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Judging rows were drawn at random: they lie between the training rows in time, and their future is known."""
    names = ground.inputs("date")
    if not names:
        return None
    sides = [ground.rows, ground.judging]
    last, first = moments(sides[0], names[0]), moments(sides[1], names[0])
    if np.nanmax(last[~np.isnat(last)]) > np.nanmin(first[~np.isnat(first)]):
        return None
    count = round(amount * min(side.num_rows for side in sides))
    both = pa.concat_tables(sides)
    leave, come = (np.sort(rng.choice(side.num_rows, count, replace=False)) for side in sides)
    order = np.arange(both.num_rows)
    order[leave], order[len(sides[0]) + come] = order[len(sides[0]) + come], order[leave]
    train, test = (both.take(pa.array(part)) for part in (order[: len(sides[0])], order[len(sides[0]) :]))
    made = Ground(train, ground.question, test)
    return made, Planted((names[0],), come.astype(np.int64), tuple(both.column_names), in_test=True, moved=True)


def _judged(ground: Ground, name: str, rows: np.ndarray[tuple[int], np.dtype[np.int64]], values: list[str]) -> Made:
    return ground.with_test(put(ground.judging, name, rows, values)), Planted((name,), rows, in_test=True)
