"""Columns that as good as tell the target: filled in afterwards, or the target in other words, in two parts, in a sum.

Source: Kaufman, Rosset & Perlich, Leakage in Data Mining (2011).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats, Ints, take
from landmark.statistics.association import auc, codes, directions, errors_left, quantities, strength
from landmark.statistics.combinations import summands, telling_pairs

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
OF_LABELS, OF_AMOUNTS, OF_RANKS = 0.9, 0.95, 0.98
"""Share told from which no honest column is expected: of errors spared, of variance, of pairs in their order."""
FEWEST, REPEATS = 30, 5
"""Rows below which chance may tell all, and rows of each value below which a value may know its row by heart."""
MOST_KINDS, MOST_LABELS, MOST_COLUMNS = 50, 100, 200
"""Kinds of a column and labels up to which pairs of columns are tried, and columns that are."""
ADVICE = "if it is not known when the prediction is needed: columns.{}: {{use: ignore}}"


@dataclass(frozen=True)
class Asked:
    """An output, its known values (n,), and the inputs in the same rows."""

    target: Column
    truth: pa.Array
    inputs: list[tuple[Column, str, pa.Array]]

    def said(self, where: str, share: float) -> Finding:
        """Return that one input alone tells so much."""
        seen = f"alone it tells {share:.2%} of '{self.target.name}' in training rows"
        return warn("leakage", where, seen, ADVICE.format(where))


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each input that tells an output by itself or by being filled, and inputs that tell it together."""
    rows = take(evidence.train, evidence.look())
    if rows.num_rows < FEWEST:
        return
    for target in evidence.schema.targets:
        truth = evidence.values(target, target.columns[0], rows)
        there = np.flatnonzero(truth.is_valid().to_numpy(zero_copy_only=False))
        if len(there) < FEWEST:
            continue
        some, truth = take(rows, there), truth.take(pa.array(there))
        inputs = [(c, s, evidence.values(c, s, some)) for c in evidence.schema.features for s in c.columns]
        yield from (of_amount if target.type == "number" else of_labels)(Asked(target, truth, inputs))


def of_amount(asked: Asked) -> Iterator[Finding]:
    """Name what tells an amount: a column, whether it is filled, or columns that add up to it."""
    y, truth = quantities(asked.truth), directions(asked.truth, True)
    alone = False
    for _, source, array in asked.inputs:
        share = strength(array, truth)
        if share > OF_AMOUNTS:
            alone = alone or share > 1 - 1e-9
            yield asked.said(source, share)
        elif y is not None and (filled := told_by_gaps(array, y, asked.truth)) is not None:
            yield filled_tells(source, filled, asked.target.name)
    if y is not None and not alone:
        read = {source: quantities(array) for column, source, array in asked.inputs if column.type == "number"}
        numbers = {name: x for name, x in read.items() if x is not None}
        while parts := summands(numbers, y):
            seen = f"together they add up to '{asked.target.name}'"
            yield warn("leakage", ", ".join(parts), seen, ADVICE.format(parts[0]))
            numbers = {name: x for name, x in numbers.items() if name not in parts}


def of_labels(asked: Asked) -> Iterator[Finding]:
    """Name what tells labels: a column, whether it is filled, or two columns together."""
    labels = codes(asked.truth)
    kinds: dict[str, Ints] = {}
    for column, source, array in asked.inputs:
        groups = codes(array) + 1
        share, much = told(column, array, groups, labels)
        if share > much:
            yield asked.said(source, share)
            continue
        if (filled := told_by_gaps(array, None, asked.truth)) is not None:
            yield filled_tells(source, filled, asked.target.name)
        if int(groups.max(initial=0)) <= MOST_KINDS:
            kinds[source] = groups
    if labels.max(initial=0) < MOST_LABELS:
        for one, other, share in telling_pairs(dict(list(kinds.items())[-MOST_COLUMNS:]), labels):
            seen = f"together they tell {share:.1%} of '{asked.target.name}' in training rows, and neither does alone"
            yield warn("leakage", f"{one}, {other}", seen, ADVICE.format(one))


def told(column: Column, array: pa.Array, groups: Ints, labels: Ints) -> tuple[float, float]:
    """Return how much of the labels (n,) a column (n,) tells, 0 to 1, and how much would be no honest share."""
    repeats = int(groups.max(initial=0)) + 1 <= len(groups) / REPEATS
    share = 1 - errors_left(groups, labels) if repeats else 0.0
    x = quantities(array) if column.type in ("number", "date") and labels.max(initial=0) == 1 else None
    if x is None:
        return share, OF_LABELS if column.type != "number" else OF_RANKS
    given = ~np.isnan(x)
    if given.sum() < FEWEST or min(np.bincount(labels[given], minlength=2)) < REPEATS:
        return share, OF_LABELS
    return max(share, abs(2 * auc(x[given], labels[given] == 1) - 1)), OF_RANKS


def told_by_gaps(array: pa.Array, amounts: Floats | None, truth: pa.Array) -> tuple[float, str] | None:
    """Return how much it tells whether a column (n,) is filled, and of which label; None where that is honest."""
    filled = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)
    if min(filled.sum(), (~filled).sum()) < FEWEST:
        return None
    if amounts is not None:
        share = abs(2 * auc(amounts, filled) - 1)
        return (share, "") if share > OF_AMOUNTS else None
    labels = codes(truth)
    sizes, held = np.bincount(labels), np.bincount(labels, filled)
    wrong = np.minimum(held, filled.sum() - held) + np.minimum(sizes - held, (~filled).sum() - (sizes - held))
    shares = 1 - wrong / np.maximum(np.minimum(sizes, len(labels) - sizes), 1)
    shares[sizes < REPEATS] = 0.0
    most = int(np.argmax(shares))
    label = str(truth[int(np.argmax(labels == most))].as_py())
    return (float(shares[most]), label) if shares[most] > OF_LABELS else None


def filled_tells(source: str, told: tuple[float, str], target: str) -> Finding:
    """Return that it is the answer whether a column is filled."""
    share, label = told
    of = f"the rows with '{label}' in '{target}'" if label else f"'{target}'"
    seen = f"whether it is filled tells {share:.1%} of {of}: it is written after the answer is known"
    return warn("leakage", source, seen, ADVICE.format(source))
