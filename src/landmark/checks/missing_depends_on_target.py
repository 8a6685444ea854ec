"""A field that is left open for some answers more than for others: that it is empty tells the answer.

A difference must be large, and more than chance over all columns that are looked at.
Source: Little & Rubin, Statistical Analysis with Missing Data (2002), chapter 1; Bonferroni's correction.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Mask, as_text, take
from landmark.statistics.agreement import Comparable, comparable, known

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
FEWEST = 20
"""Rows with, and rows without a value, below which nothing can be said."""
SHARES, RANKS = 0.1, 0.1
"""Least difference between two shares of missing values, and between two mean ranks of the target, 0 to 1."""
SURE = 1e-3
"""Chance of one false alarm in a whole table."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs whose missing values go with an output, and the first row without a value."""
    look = evidence.look()
    rows = take(evidence.train, look)
    gaps = gaps_of(evidence, rows)
    for target in evidence.schema.targets:
        values = evidence.values(target, target.columns[0], rows)
        truth = comparable(values, target.type == "number")
        chance = SURE / max(len(gaps) * len(evidence.schema.targets), 1)
        for source, gap in gaps.items():
            seen = of_amounts(truth, gap, chance) if truth.dtype.kind == "f" else of_labels(truth, gap, chance, values)
            if seen:
                row = int(evidence.split.train[look[int(np.argmax(gap))]]) + 1
                todo = "find out why it is missing there, and whether it will be in use, when the answer is not known"
                yield warn("missing-depends-on-target", source, f"{seen}, in '{target.name}'", todo, row)


def gaps_of(evidence: Evidence, rows: pa.Table) -> dict[str, Mask]:
    """Return for each input that is missing in some rows (n,) in which it is."""
    gaps: dict[str, Mask] = {}
    for column in evidence.schema.features:
        for source in column.columns:
            if evidence.profile.train.columns[source].missing or column.options.get("missing"):
                missing = evidence.values(column, source, rows).is_null()
                gaps[source] = np.asarray(missing.to_numpy(zero_copy_only=False), bool)
    return gaps


def of_amounts(truth: Comparable, gap: Mask, chance: float) -> str:
    """Return how far the ranks (n,) of a target differ between rows with and without a value, "" if they hardly do."""
    there = known(truth)
    empty, filled = truth[there & gap], truth[there & ~gap]
    if min(len(empty), len(filled)) < FEWEST:
        return ""
    apart = float(empty.mean() - filled.mean())
    noise = float(np.std(truth[there])) * np.sqrt(1 / len(empty) + 1 / len(filled))
    if abs(apart) < max(RANKS, NormalDist().inv_cdf(1 - chance / 2) * noise):
        return ""
    return f"where it is missing the mean rank is {empty.mean():.2f} of 1, elsewhere {filled.mean():.2f}"


def of_labels(truth: Comparable, gap: Mask, chance: float, values: pa.Array) -> str:
    """Return for which of the labels (n,) a value is missing in another share of rows, "" if for none of them."""
    there = known(truth)
    labels, empty = truth[there].astype(np.int64), gap[there]
    if min(empty.sum(), (~empty).sum()) < FEWEST:
        return ""
    sizes = np.bincount(labels)
    holes = np.bincount(labels, empty)
    rest = len(labels) - sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        shares, others = holes / sizes, (empty.sum() - holes) / rest
        noise = np.sqrt(empty.mean() * (1 - empty.mean()) * (1 / sizes + 1 / rest))
        sure = np.abs(shares - others) / noise
    sure[(sizes == 0) | (rest == 0) | (np.abs(shares - others) < SHARES)] = 0.0
    most = int(np.argmax(sure))
    if sure[most] < NormalDist().inv_cdf(1 - chance / len(sizes) / 2):
        return ""
    label = as_text(values).filter(pa.array(np.equal(truth, most)))[0].as_py()
    return f"it is missing in {shares[most]:.0%} of the rows with '{label}' and in {others[most]:.0%} of the others"
