"""A column that as good as tells the target: it was filled in afterwards, or is the target in other words.

Source: Kaufman, Rosset & Perlich, Leakage in Data Mining (2011).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats, take
from landmark.statistics.association import auc, codes, directions, errors_left, quantities, strength

HOLDS_AT: ReadinessLevel = "A4"
ALMOST = 0.999
"""Share told from which no honest column is expected."""
FEWEST, REPEATS = 30, 5
"""Rows below which chance may tell all, and rows of each value below which a value may know its row by heart."""
EXACT, MOST_COLUMNS, MOST_ROWS = 1e-9, 50, 2000
"""Share of the target that a sum of columns leaves when it is the target, and what is looked at for it."""
ADVICE = "if it is not known when the prediction is needed: columns.{}: {{use: ignore}}"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each input that alone tells an output in training rows, and inputs that add up to one."""
    rows = take(evidence.train, evidence.look())
    if rows.num_rows < FEWEST:
        return
    for target in evidence.schema.targets:
        truth = evidence.values(target, target.columns[0], rows)
        known = np.flatnonzero(truth.is_valid().to_numpy(zero_copy_only=False))
        rows_known, truth = take(rows, known), truth.take(pa.array(known))
        inputs = [(c, s, evidence.values(c, s, rows_known)) for c in evidence.schema.features for s in c.columns]
        alone = [(source, told(target, truth, column, array)) for column, source, array in inputs]
        for source, share in alone:
            if share > ALMOST:
                seen = f"alone it tells {share:.2%} of '{target.name}' in training rows"
                yield warn("leakage", source, seen, ADVICE.format(source))
        if target.type == "number" and max((share for _, share in alone), default=0.0) <= ALMOST:
            numbers = {source: array for column, source, array in inputs if column.type == "number"}
            parts = summands(numbers, truth)
            if parts:
                seen = f"together they add up to '{target.name}'"
                yield warn("leakage", ", ".join(parts), seen, ADVICE.format(parts[0]))


def told(target: Column, truth: pa.Array, column: Column, array: pa.Array) -> float:
    """Return how much of the truth (n,) a column (n,) tells, 0 to 1: of the ranks, the errors, or the variance."""
    if target.type == "number":
        return strength(array, directions(truth, True))
    labels, groups = codes(truth), codes(array) + 1
    repeats = int(groups.max(initial=0)) + 1 <= len(groups) / REPEATS
    share = 1 - errors_left(groups, labels) if repeats else 0.0
    x = quantities(array) if column.type in ("number", "date") and labels.max(initial=0) == 1 else None
    if x is None:
        return share
    given = ~np.isnan(x)
    if given.sum() < FEWEST or min(np.bincount(labels[given], minlength=2)) < REPEATS:
        return share
    return max(share, abs(2 * auc(x[given], labels[given] == 1) - 1))


def summands(numbers: dict[str, pa.Array], truth: pa.Array) -> tuple[str, ...]:
    """Return the columns whose weighted sum is the target exactly, () where there is no such sum.

    Found by least squares on columns scaled to length 1.
    """
    y = quantities(truth)
    read = {name: quantities(array) for name, array in list(numbers.items())[:MOST_COLUMNS]}
    columns = {name: x for name, x in read.items() if x is not None and not np.isnan(x).any()}
    if y is None or len(columns) < 2 or len(y) < 2 * len(columns):
        return ()
    look = np.linspace(0, len(y) - 1, min(MOST_ROWS, len(y))).astype(np.int64)
    table, wanted = np.column_stack([scaled(x[look]) for x in columns.values()]), scaled(y[look])
    weights, *_ = np.linalg.lstsq(table, wanted, rcond=1e-9)
    if not np.square(wanted).sum() > 0 or np.square(wanted - table @ weights).sum() > EXACT:
        return ()
    return tuple(name for name, weight in zip(columns, weights, strict=True) if abs(weight) > 1e-4)


def scaled(x: Floats) -> Floats:
    """Return x (n,) around 0 with length 1; zeros where it is constant."""
    scale = float(np.abs(x).max(initial=0)) or 1.0
    centred = x / scale - np.mean(x / scale)
    length = float(np.sqrt(centred @ centred))
    return centred / length if length > 0 else centred
