"""Faults of what is missing: how much, together with what, and on whom it depends."""

from __future__ import annotations

import numpy as np

from landmark.core.table import Ints, Mask
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, given_rows, numbers, places, put, some, texts

Made = tuple[Ground, Planted] | None
NATURAL = 0.3
"""Share of missing values in a column above which more of them are nothing new."""


@fault("missing-much", weak=0.55, medium=0.7, strong=0.9)
def missing_much(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A field that once was asked of everybody is hardly filled any more."""
    return _one_emptied(ground, rng, amount)


@fault("empty-column", "missing-much", weak=1.0, medium=1.0, strong=1.0)
def empty_column(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A join found nothing, and its column stayed empty."""
    return _one_emptied(ground, rng, amount)


@fault("missing-depends-on-target", weak=0.15, medium=0.4, strong=0.8)
def missing_depends_on_target(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A field is left open more often where the answer is one, than where it is another."""
    names, group = _filled(ground), of_one_answer(ground, rng)
    if not names or group is None:
        return None
    name = str(rng.choice(names))
    rows = np.intersect1d(places(group & (rng.random(len(group)) < amount)), given_rows(ground.rows, name))
    return ground.with_rows(put(ground.rows, name, rows, [None] * len(rows))), Planted((name,), rows)


@fault("missing-together", weak=0.03, medium=0.1, strong=0.3)
def missing_together(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One of several systems did not deliver, and all of its columns are empty in the same rows."""
    names = _filled(ground)
    if len(names) < 4:
        return None
    first = int(rng.integers(len(names) - 2))
    chosen = names[first : first + int(rng.integers(3, 5))]
    rows, touched = some(np.arange(ground.rows.num_rows), amount, rng, 5), ground.rows
    for name in chosen:
        touched = put(touched, name, rows, [None] * len(rows))
    return ground.with_rows(touched), Planted(tuple(chosen), rows)


@fault("judging-anomaly", weak=0.3, medium=0.6, strong=1.0, given=True)
def missing_in_judging(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The rows of today lack a field that the rows of yesterday had."""
    names = _filled(ground)
    if not names:
        return None
    name = str(rng.choice(names))
    rows = some(given_rows(ground.judging, name), amount, rng, 10)
    emptied = put(ground.judging, name, rows, [None] * len(rows))
    return ground.with_test(emptied), Planted((name,), rows, in_test=True)


@fault("target-missing", weak=0.01, medium=0.06, strong=0.2)
def target_missing(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Some rows were never labelled."""
    return _emptied(ground, ground.target(), amount, rng)


def of_one_answer(ground: Ground, rng: np.random.Generator) -> Mask | None:
    """Return the rows (n,) of one label that is neither rare nor in most rows, or those of the highest amounts."""
    if ground.target() == ground.amount():
        y = numbers(ground.rows, ground.target())
        return np.asarray(y > np.nanquantile(y, 0.67), bool)
    cells = texts(ground.rows, ground.target())
    labels, counts = np.unique(cells[cells != ""], return_counts=True)
    able = labels[(counts >= max(0.02 * len(cells), 10)) & (counts <= 0.7 * len(cells))]
    return np.asarray(cells == rng.choice(able), bool) if len(able) else None


def _filled(ground: Ground) -> list[str]:
    """Return the inputs that are missing rarely."""
    names = ground.inputs("number", "kinds", "text", "date")
    return [name for name in names if len(given_rows(ground.rows, name)) > (1 - NATURAL) * ground.rows.num_rows]


def _one_emptied(ground: Ground, rng: np.random.Generator, share: float) -> Made:
    """Return the ground with one of several inputs emptied in a share of the rows."""
    names = _filled(ground)
    return _emptied(ground, str(rng.choice(names)), share, rng) if len(names) > 1 else None


def _emptied(ground: Ground, name: str, share: float, rng: np.random.Generator) -> Made:
    rows: Ints = some(given_rows(ground.rows, name), share, rng)
    return ground.with_rows(put(ground.rows, name, rows, [None] * len(rows))), Planted((name,), rows)
