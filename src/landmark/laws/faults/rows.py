"""Faults of rows: repeated, nearly repeated, tied to each other, in a telling order, or too few."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from landmark.core.table import Ints
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import (
    Ground,
    added,
    given_rows,
    inserted,
    new_name,
    numbers,
    put,
    put_numbers,
    some,
    texts,
)

Made = tuple[Ground, Planted] | None
MORE = ("Thanks.", "Please reply.", "Reminder", "(sent again)")
FEWEST_PARTS = 3
"""Columns that must be left alike for a row to be nearly another's."""


@fault("duplicate-rows", weak=0.005, medium=0.03, strong=0.1)
def duplicate_rows(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An export ran twice, and part of the rows stand there twice."""
    again = ground.rows.take(pa.array(_drawn(ground.rows, amount, rng)))
    table, rows = inserted(ground.rows, again, rng)
    return ground.with_rows(table), Planted(("rows",), rows, tuple(table.column_names), moved=True)


@fault("near-duplicates", weak=0.01, medium=0.03, strong=0.1)
def near_duplicates(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The same thing was recorded twice, with a word more in the text, or a number that was read again."""
    drawn = ground.rows.take(pa.array(_drawn(ground.rows, amount, rng)))
    again = nearly(ground, drawn, rng)
    if again is None:
        return None
    table, rows = inserted(ground.rows, again[0], rng)
    return ground.with_rows(table), Planted(("rows", again[1]), rows, tuple(table.column_names), moved=True)


@fault("near-duplicates", "train-test-overlap", weak=0.02, medium=0.05, strong=0.2, given=True)
def near_duplicates_across(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Judging rows are training rows, recorded again with a small difference."""
    count = max(3, round(amount * ground.judging.num_rows))
    drawn = ground.rows.take(pa.array(_some_rows(ground.rows, count, rng)))
    again = nearly(ground, drawn, rng)
    if again is None:
        return None
    table, rows = _replaced(ground.judging, again[0], rng)
    return ground.with_test(table), Planted(("rows", again[1]), rows, tuple(table.column_names), in_test=True)


@fault("train-test-overlap", weak=0.02, medium=0.05, strong=0.2, given=True)
def train_test_overlap(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Judging rows stand among the training rows as well: the split was made before repeats were removed."""
    count = max(3, round(amount * ground.judging.num_rows))
    drawn = ground.rows.take(pa.array(_some_rows(ground.rows, count, rng)))
    table, rows = _replaced(ground.judging, drawn, rng)
    return ground.with_test(table), Planted(("rows",), rows, tuple(table.column_names), in_test=True)


@fault("conflicting-labels", weak=0.01, medium=0.05, strong=0.15)
def conflicting_labels(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Two people labelled the same rows, and do not agree."""
    name = ground.labels()
    if name is None or len({*texts(ground.rows, name)} - {""}) < 2:
        return None
    drawn = ground.rows.take(pa.array(_drawn(ground.rows, amount, rng)))
    known = np.unique([text for text in texts(ground.rows, name) if text])
    others = [str(rng.choice(known[known != text])) for text in texts(drawn, name)]
    again = put(drawn, name, np.arange(len(others)), others)
    table, rows = inserted(ground.rows, again.cast(ground.rows.schema), rng)
    return ground.with_rows(table), Planted((name,), rows, tuple(table.column_names), moved=True)


@fault("dependent-rows", "group-leakage", weak=2, medium=4, strong=8)
def repeated_subjects(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Each person was measured so many times: rows with one answer, alike in all else, under one number."""
    names = ground.inputs("number")
    size, times = ground.rows.num_rows, int(amount)
    if len(names) < 2 or size < 20 * times:
        return None
    subject = np.sort(np.arange(size) % (size // times))
    table = ground.rows.take(pa.array(rng.permutation(size)[: size // times])).take(pa.array(subject))
    for name in names:
        x, rows = numbers(table, name), given_rows(table, name)
        table = put_numbers(table, name, rows, x[rows] + 0.1 * np.nanstd(x) * rng.normal(size=len(rows)))
    order = rng.permutation(size)
    new = new_name(table, "subject")
    table = added(table, new, [f"S{number:05}" for number in subject]).take(pa.array(order))
    return ground.with_rows(table), Planted((new, "rows"), np.arange(size), tuple(table.column_names), moved=True)


@fault("group-leakage", "dependent-rows", weak=0.2, medium=0.5, strong=1.0, given=True)
def group_leakage(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Training and judging rows come from the same households, and who lives together is alike."""
    name, members = new_name(ground.rows, "household"), 8
    sides = [ground.rows, ground.judging]
    both = Ground(pa.concat_tables(sides), ground.question).truth()
    scale = max(float(np.nanstd(both)), 1e-9)
    closeness = np.nan_to_num(both / scale) + 0.1 * rng.normal(size=len(both))
    group = np.empty(len(both), np.int64)
    group[np.argsort(closeness, kind="stable")] = np.arange(len(both)) // members
    number = rng.permutation(int(group.max()) + 1)[group]
    of_test = number[len(sides[0]) :].copy()
    alone = rng.random(len(of_test)) >= amount
    of_test[alone] += int(number.max()) + 1
    keys = [[f"H{n:06}" for n in part] for part in (number[: len(sides[0])], of_test)]
    made = Ground(added(sides[0], name, keys[0]), ground.question, added(sides[1], name, keys[1]))
    return made, Planted((name, "rows"), np.arange(len(sides[0])), (name,))


@fault("few-rows", weak=45, medium=30, strong=15)
def few_rows(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Only so many rows were collected before somebody wanted a model."""
    cells = texts(ground.rows, ground.target())
    rows = np.sort(rng.permutation(ground.rows.num_rows)[: int(amount)])
    commonest = [label for label in np.unique(cells)[:2] if label not in cells[rows]]
    rows = np.sort(np.concatenate([rows, [np.flatnonzero(cells == label)[0] for label in commonest]]).astype(np.int64))
    columns = tuple(ground.rows.column_names)
    planted = Planted(("rows", ground.target()), np.empty(0, np.int64), columns, moved=True)
    return ground.with_rows(ground.rows.take(pa.array(rows))), planted


@fault("sorted-target", weak=0.3, medium=0.1, strong=0.0)
def sorted_target(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The file is sorted by the answer, but for some noise, so that its end is unlike its beginning."""
    truth = np.nan_to_num(ground.truth())
    ranks = np.argsort(np.argsort(truth, kind="stable"), kind="stable") / len(truth)
    order = np.argsort(ranks + amount * rng.normal(size=len(truth)), kind="stable")
    planted = Planted((ground.target(), "rows"), np.empty(0, np.int64), moved=True)
    return ground.with_rows(ground.rows.take(pa.array(order))), planted


def nearly(ground: Ground, drawn: pa.Table, rng: np.random.Generator) -> tuple[pa.Table, str] | None:
    """Return rows, each with a small difference in one column, and that column; None where nothing would be left."""
    long, amounts = ground.inputs("text"), ground.inputs("number")
    rows = np.arange(drawn.num_rows)
    if long:
        name = str(rng.choice(long))
        longer = [f"{text} {rng.choice(MORE)}" for text in texts(drawn, name)]
        return put(drawn, name, rows, longer).cast(ground.rows.schema), name
    if not amounts or len(ground.inputs("number", "kinds", "date")) <= FEWEST_PARTS:
        return None
    name = str(rng.choice(amounts))
    x = numbers(ground.rows, name)
    step = max(0.01 * float(np.nanstd(x)), float(np.diff(np.unique(x[np.isfinite(x)])).min()))
    filled = given_rows(drawn, name)
    moved = numbers(drawn, name)[filled] + step * rng.choice([-1, 1], len(filled))
    return put_numbers(drawn, name, filled, moved).cast(ground.rows.schema), name


def _drawn(table: pa.Table, share: float, rng: np.random.Generator) -> Ints:
    return some(np.arange(table.num_rows), share, rng, 2)


def _some_rows(table: pa.Table, count: int, rng: np.random.Generator) -> Ints:
    return np.sort(rng.choice(table.num_rows, min(count, table.num_rows), replace=False)).astype(np.int64)


def _replaced(table: pa.Table, others: pa.Table, rng: np.random.Generator) -> tuple[pa.Table, Ints]:
    """Return table with other rows in the places of some of its own, and these places."""
    count = min(others.num_rows, table.num_rows)
    rows = _some_rows(table, count, rng)
    order = np.arange(table.num_rows)
    order[rows] = table.num_rows + np.arange(count)
    return pa.concat_tables([table, others.slice(0, count).cast(table.schema)]).take(pa.array(order)), rows
