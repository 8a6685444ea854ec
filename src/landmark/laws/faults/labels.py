"""Faults of what is to be predicted: wrong labels, rare ones, and labels of one side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from landmark.core.table import Ints, Mask, Strings
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, numbers, places, put, some, texts

Made = tuple[Ground, Planted] | None
NONE: Ints = np.empty(0, np.int64)


@fault("label-noise", "conflicting-labels", weak=0.05, medium=0.15, strong=0.3)
def label_noise(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Tired people label at random now and then: so many labels are others, drawn evenly."""
    name = ground.labels()
    if name is None:
        return None
    cells = texts(ground.rows, name)
    known = _labels(cells)
    if len(known) < 2:
        return None
    rows = some(np.flatnonzero(cells != ""), amount, rng)
    others = [str(rng.choice(known[known != text])) for text in cells[rows]]
    return ground.with_rows(put(ground.rows, name, rows, _as_they_are(ground, name, others))), Planted((name,), rows)


@fault("label-noise", "conflicting-labels", weak=0.1, medium=0.3, strong=0.6)
def flipped_class(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One label is taken for another by a person who never learnt the difference."""
    name = ground.labels()
    if name is None:
        return None
    cells = texts(ground.rows, name)
    known, counts = np.unique(cells[cells != ""], return_counts=True)
    able = known[counts >= max(20, 0.01 * len(cells))]
    if len(able) < 2:
        return None
    one, other = rng.choice(able, 2, replace=False)
    rows = some(np.flatnonzero(cells == one), amount, rng)
    changed = _as_they_are(ground, name, [str(other)] * len(rows))
    return ground.with_rows(put(ground.rows, name, rows, changed)), Planted((name,), rows)


@fault("imbalance", weak=0.04, medium=0.02, strong=0.005)
def imbalance(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One of two labels is what everybody looks for, and is hardly ever there."""
    return _made_rare(ground, rng, amount)


@fault("accuracy-trap", "imbalance", weak=0.04, medium=0.02, strong=0.005)
def accuracy_trap(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One of two labels is rare, and the document asks for accuracy, which is high without any model."""
    made = _made_rare(ground, rng, amount)
    if made is None:
        return None
    outputs = [
        output.model_copy(update={"metric": "accuracy"}) if output.name in made[1].where else output
        for output in ground.question.outputs
    ]
    return replace(made[0], question=ground.question.model_copy(update={"outputs": tuple(outputs)})), made[1]


@fault("few-rows", weak=8, medium=3, strong=1)
def rare_class(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One of several labels has so many rows only."""
    name = ground.labels()
    if name is None:
        return None
    cells = texts(ground.rows, name)
    known, counts = np.unique(cells[cells != ""], return_counts=True)
    able = known[counts > 20]
    if len(known) < 3 or not len(able):
        return None
    own = np.flatnonzero(cells == rng.choice(able))
    gone = rng.permutation(own)[int(amount) :]
    return ground.with_rows(_without(ground.rows, gone)), Planted((name,), NONE, moved=True)


@fault("class-unseen", weak=0.02, medium=0.1, strong=0.5, given=True)
def class_unseen(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The judging rows were labelled by another team, which ends some labels with a dot."""
    name = ground.labels()
    if name is None or not pa.types.is_string(ground.rows.schema.field(name).type):
        return None
    cells = texts(ground.judging, name)
    rows = some(np.flatnonzero(cells != ""), amount, rng)
    dotted = put(ground.judging, name, rows, [f"{text}." for text in cells[rows]])
    return ground.with_test(dotted), Planted((name,), rows, in_test=True)


@fault("class-not-judged", "class-unseen", weak=1, medium=1, strong=1, given=True)
def class_not_judged(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """No judging row has one of the labels: nobody will know how well it is told."""
    name = ground.labels()
    if name is None:
        return None
    cells = texts(ground.judging, name)
    known, counts = np.unique(cells[cells != ""], return_counts=True)
    able = known[(counts >= 3) & (counts < 0.5 * len(cells))]
    if len(known) < 3 or not len(able):
        return None
    gone = np.flatnonzero(cells == rng.choice(able))
    return ground.with_test(_without(ground.judging, gone)), Planted((name,), NONE, in_test=True, moved=True)


@fault("label-shift", "drift", weak=0.1, medium=0.25, strong=0.5, given=True)
def label_shift(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Judging rows were collected where one answer is more frequent: that much more of them have it."""
    name = ground.target()
    if name == ground.amount():
        known = numbers(ground.rows, name)
        chosen: Mask = np.asarray(numbers(ground.judging, name) > np.nanmedian(known), bool)
    else:
        cells = texts(ground.judging, name)
        labels, counts = np.unique(cells, return_counts=True)
        chosen = np.asarray(cells == labels[np.argmax(counts)], bool)
    share = float(chosen.mean())
    wanted = min(share + amount, 0.97)
    if not 0.02 < share < 0.9:
        return None
    rest = np.flatnonzero(~chosen)
    kept = round(chosen.sum() * (1 - wanted) / wanted)
    gone = rng.permutation(rest)[kept:]
    return ground.with_test(_without(ground.judging, gone)), Planted((name,), NONE, in_test=True, moved=True)


def _made_rare(ground: Ground, rng: np.random.Generator, share: float) -> Made:
    """Take rows of one of two labels away until it is rare."""
    name = ground.labels()
    cells = texts(ground.rows, name) if name is not None else np.empty(0, object)
    known = _labels(cells)
    if name is None or len(known) != 2:
        return None
    one = min(known, key=lambda label: int((cells == label).sum()))
    own, rest = places(cells == one), int(((cells != one) & (cells != "")).sum())
    kept = max(2, round(rest * share / (1 - share)))
    if kept >= len(own):
        return None
    return ground.with_rows(_without(ground.rows, rng.permutation(own)[kept:])), Planted((name,), NONE, moved=True)


def _labels(cells: Strings) -> Strings:
    """Return the different labels among cells (n,), in order."""
    return np.unique(cells[cells != ""])


def _as_they_are(ground: Ground, name: str, labels: Sequence[str]) -> list[object]:
    """Return labels, by their texts, as the values that the column holds."""
    values = {str(value): value for value in ground.rows.column(name).unique().to_pylist()}
    return [values[label] for label in labels]


def _without(table: pa.Table, gone: Ints) -> pa.Table:
    kept = np.ones(table.num_rows, bool)
    kept[gone] = False
    return table.filter(pa.array(kept))
