"""Faults of whole columns: useless ones, repeated ones, and cells that stand in a column or a row of others."""

from __future__ import annotations

import uuid

import numpy as np

from landmark.core.table import Floats, as_text, whole
from landmark.laws.faults.amounts import is_spread
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, added, new_name, numbers, put, some

Made = tuple[Ground, Planted] | None
TOLD = 0.3
"""Correlation of ranks from which one column goes with another."""


@fault("constant-column", weak=1.0, medium=1.0, strong=1.0)
def constant(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An export adds a column that is the same everywhere."""
    name = new_name(ground.rows, "source")
    return ground.with_rows(added(ground.rows, name, ["export 3"] * ground.rows.num_rows)), _new(ground, name)


@fault("identifier-column", weak=1.0, medium=1.0, strong=1.0)
def identifier_key(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A key made by a machine stands among the inputs."""
    name = new_name(ground.rows, "token")
    keys = [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(ground.rows.num_rows)]
    return ground.with_rows(added(ground.rows, name, keys)), _new(ground, name)


@fault("identifier-column", weak=0, medium=1, strong=2)
def identifier_number(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Rows carry a number that names them, in no order; what it is called tells more, or less, of it."""
    name = new_name(ground.rows, ("reference", "customer_number", "customer_id")[int(amount)])
    size = ground.rows.num_rows
    drawn = 100_000 + rng.choice(20 * size, size, replace=False)
    return ground.with_rows(added(ground.rows, name, drawn.tolist())), _new(ground, name)


@fault("weight-column", weak=0, medium=1, strong=2)
def weight_column(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A survey says how many people each row stands for, under a name that tells more, or less, of it."""
    name = new_name(ground.rows, ("weight", "wgt", "sample_weight")[int(amount)])
    stands = np.round(np.exp(rng.normal(11, 0.6, ground.rows.num_rows)))
    return ground.with_rows(added(ground.rows, name, stands.astype(np.int64).tolist())), _new(ground, name)


@fault("repeated-column", weak=0.02, medium=0.005, strong=0.0)
def copied_column(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A column is another one times a price, with some noise: charges beside minutes."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    if not names:
        return None
    name, new = str(rng.choice(names)), new_name(ground.rows, "charge")
    x = numbers(ground.rows, name)
    noisy = x * float(rng.uniform(0.05, 0.5))
    noisy = noisy + amount * np.nanstd(noisy) * rng.normal(size=len(x))
    step = 10.0 ** np.floor(np.log10(np.nanstd(noisy) / 500))
    rounded = np.round(noisy / step) * step
    values = [None if np.isnan(value) else float(f"{value:.9g}") for value in rounded]
    return ground.with_rows(added(ground.rows, new, values)), Planted((name, new), _all(ground), (new,))


@fault("shifted-rows", "misaligned-columns", "mixed-types", "mixed-dates", weak=0.005, medium=0.02, strong=0.05)
def shifted_rows(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A delimiter too much: in some rows the cells of several columns stand one column further to the right."""
    outputs = {output.name for output in ground.question.outputs}
    names = [name for name in ground.rows.column_names if name not in outputs]
    able = set(ground.inputs("number", "kinds", "text", "date"))
    width = min(len(names), int(rng.integers(3, 7)))
    starts = [i for i in range(len(names) - width + 1) if len(able.intersection(names[i : i + width])) >= 2]
    if width < 3 or not starts:
        return None
    start = int(rng.choice(starts))
    chosen = names[start : start + width]
    rows = some(np.arange(ground.rows.num_rows), amount, rng, 3)
    cells = [as_text(whole(ground.rows.column(name))).take(rows).to_pylist() for name in chosen]
    touched = ground.rows
    for name, moved in zip(chosen, [cells[-1], *cells[:-1]], strict=True):
        touched = put(touched, name, rows, moved)
    return ground.with_rows(touched), Planted(tuple(chosen), rows)


@fault("misaligned-columns", weak=0.25, medium=0.5, strong=1.0)
def misaligned_columns(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Somebody sorted one column of a block in a spreadsheet, and the others stayed where they were."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    ranks = {name: _ranks(numbers(ground.rows, name)) for name in names}
    order = np.arange(ground.rows.num_rows)
    able = [n for n in names if abs(_goes_with(ranks[n], order)) < 0.5 and _is_told(n, ranks)]
    if not able:
        return None
    name, size = str(rng.choice(able)), ground.rows.num_rows
    first = int(rng.integers(int((1 - amount) * size) + 1))
    rows = np.arange(first, first + int(amount * size), dtype=np.int64)
    block = whole(ground.rows.column(name)).take(rows).to_pylist()
    ordered = [block[i] for i in np.argsort(numbers(ground.rows, name)[rows], kind="stable")]
    return ground.with_rows(put(ground.rows, name, rows, ordered)), Planted((name,), rows)


def _new(ground: Ground, name: str) -> Planted:
    return Planted((name,), _all(ground), (name,))


def _all(ground: Ground) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(ground.rows.num_rows, dtype=np.int64)


def _ranks(x: Floats) -> Floats:
    ranks = np.argsort(np.argsort(x, kind="stable"), kind="stable").astype(np.float64)
    ranks[np.isnan(x)] = np.nan
    return ranks


def _goes_with(one: Floats, other: Floats) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    return float(np.corrcoef(one[known], other[known])[0, 1]) if known.sum() > 2 else 0.0


def _is_told(name: str, ranks: dict[str, Floats]) -> bool:
    """Return whether another column goes with this one: only then is it to be seen that they are out of step."""
    return any(abs(_goes_with(ranks[name], ranks[other])) > TOLD for other in ranks if other != name)
