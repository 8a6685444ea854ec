"""Faults of columns that tell the answer: in other words, in part, afterwards, or by the number of the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from landmark.core.table import Floats, Ints, Strings
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.gaps import of_one_answer
from landmark.laws.faults.ground import Ground, added, decimals, new_name, numbers, texts

Made = tuple[Ground, Planted] | None
MOST_LABELS = 20


@fault("leakage", weak=1.0, medium=1.0, strong=1.0)
def target_copy(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A column is the answer in other words: a code for the label, or the amount in another currency."""
    name = new_name(ground.rows, "status")
    if ground.target() == ground.amount():
        return _with(ground, name, _numbers(1.1 * numbers(ground.rows, ground.target()) - 7))
    return _with(ground, name, _recoded(texts(ground.rows, ground.target()), rng))


@fault("leakage", weak=0.93, medium=0.97, strong=0.995)
def noisy_copy(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A column was filled in after the answer was known, and agrees with it in that share of the rows."""
    name = new_name(ground.rows, "queue")
    if ground.target() == ground.amount():
        y = numbers(ground.rows, ground.target())
        return _with(ground, name, _numbers(y + np.sqrt(1 - amount) * np.nanstd(y) * rng.normal(size=len(y))))
    cells = texts(ground.rows, ground.target())
    told = np.where(rng.random(len(cells)) < amount, cells, rng.permutation(cells))
    return _with(ground, name, _recoded(told, rng))


@fault("leakage", weak=0.95, medium=0.99, strong=1.0)
def leaking_pair(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Neither of two columns says anything, and both together say the answer: a code, and the key to it."""
    name = ground.target()
    known = np.unique(texts(ground.rows, name))
    if name == ground.amount() or len(known) > MOST_LABELS:
        return None
    places = np.searchsorted(known, texts(ground.rows, name))
    key = rng.integers(len(known), size=len(places))
    code = (places + key) % len(known)
    code = np.where(rng.random(len(code)) < amount, code, rng.integers(len(known), size=len(code)))
    first, second = new_name(ground.rows, "desk"), new_name(ground.rows, "shelf")
    table = added(ground.rows, first, [f"D{number}" for number in key])
    table = added(table, second, [f"S{number}" for number in code])
    return ground.with_rows(table), Planted((first, second), _all(ground), (first, second))


@fault("leakage", weak=0.01, medium=0.001, strong=0.0)
def leaking_parts(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Two columns add up to the answer, but for so many standard deviations of noise: members and guests."""
    name = ground.amount()
    if name is None or name != ground.target():
        return None
    y, digits = numbers(ground.rows, name), decimals(ground.rows, name)
    part = np.round(y * rng.beta(2, 2, len(y)), digits)
    rest = np.round(y - part + amount * np.nanstd(y) * rng.normal(size=len(y)), digits + (amount > 0))
    first, second = new_name(ground.rows, "members"), new_name(ground.rows, "guests")
    table = added(added(ground.rows, first, _numbers(part)), second, _numbers(rest))
    return ground.with_rows(table), Planted((first, second), _all(ground), (first, second))


@fault("leakage", "missing-depends-on-target", weak=0.9, medium=0.97, strong=1.0)
def after_the_event(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A column is filled once the answer is known, and only where it is one: the day of a refund."""
    group = of_one_answer(ground, rng)
    if group is None:
        return None
    told = np.where(rng.random(len(group)) < amount, group, rng.permutation(group))
    when = np.datetime64("2023-01-01") + rng.integers(0, 700, len(told)).astype("timedelta64[D]")
    days = [str(day) if filled else None for day, filled in zip(when, told, strict=True)]
    return _with(ground, new_name(ground.rows, "closed_on"), days)


@fault("identifier-leak", "leakage", weak=0.5, medium=0.2, strong=0.0)
def identifier_leak(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Rows were numbered while they were sorted by the answer, but for that much disorder, and then mixed."""
    truth = np.nan_to_num(ground.truth())
    ranks = np.argsort(np.argsort(truth, kind="stable"), kind="stable") / len(truth)
    order = np.argsort(ranks + amount * rng.normal(size=len(ranks)), kind="stable")
    number = np.empty(len(order), np.int64)
    number[order] = 10_000 + np.arange(len(order))
    return _with(ground, new_name(ground.rows, "record_id"), number.tolist())


def _with(ground: Ground, name: str, values: Sequence[object]) -> Made:
    return ground.with_rows(added(ground.rows, name, values)), Planted((name,), _all(ground), (name,))


def _all(ground: Ground) -> Ints:
    return np.arange(ground.rows.num_rows, dtype=np.int64)


def _numbers(x: Floats) -> list[object]:
    return [None if np.isnan(value) else float(f"{value:.9g}") for value in x]


def _recoded(cells: Strings, rng: np.random.Generator) -> list[object]:
    """Return labels (n,) as codes that do not look like them."""
    known, places = np.unique(cells, return_inverse=True)
    codes = rng.permutation(len(known))
    return [f"Q{codes[place]:02}" for place in places]
