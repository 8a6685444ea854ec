"""Subjects with rows on both sides: who is known from training is judged again, and the answer goes with the subject.

Source: Kaufman, Rosset & Perlich, Leakage in Data Mining (2011); Roberts et al., Cross-validation strategies for data
with temporal, spatial, hierarchical, or phylogenetic structure (2017).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Mask, as_text, has, take
from landmark.statistics.agreement import agreement, comparable, within
from landmark.statistics.association import codes
from landmark.statistics.subjects import may_name_subjects

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.00099
SHARED, ALIKE = 0.05, 0.3
"""Share of judging rows whose subject is known, and agreement of the target within subjects."""
SURE, FEWEST = 3.0, 30
"""Standard deviations that it must be over chance, and pairs of rows of one subject without which nothing is told."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of subjects that are on both sides, where an output goes with them, and the first such row."""
    rows = take(evidence.train, evidence.look())
    for column in evidence.schema.columns.values():
        source = column.columns[0]
        known = evidence.profile.train.columns[source]
        if not may_name_subjects(column, known) or not has(evidence.test, source):
            continue
        target, alike = told_by(evidence, column, source, rows)
        both = shared(evidence, column, source) if target else np.zeros(0, bool)
        if both.sum() > SHARED * len(both):
            seen = (
                f"{both.mean():.0%} of the judging rows are of subjects known from training, whose rows are alike in "
            )
            todo = f"data: {{split: {{by: group, column: {source}}}}}"
            what = f"{seen}'{target}' ({alike:.2f} from 0, as any two rows, to 1)"
            yield warn("group-leakage", source, what, todo, evidence.test_row(both))


def told_by(evidence: Evidence, column: Column, source: str, rows: pa.Table) -> tuple[str, float]:
    """Return the output in which the rows of a subject are most alike, and how much; "" where they are not."""
    pairs = within(codes(evidence.values(column, source, rows)))
    best = ("", ALIKE)
    for target in evidence.schema.targets:
        truth = comparable(evidence.values(target, target.columns[0], rows), target.type == "number")
        alike, count = agreement(truth, pairs)
        if count >= FEWEST and alike >= max(best[1], SURE / np.sqrt(count)):
            best = (target.name, alike)
    return best


def shared(evidence: Evidence, column: Column, source: str) -> Mask:
    """Return which judging rows (n,) have a value of a column that training rows have."""
    taught, judged = (as_text(evidence.values(column, source, rows)) for rows in (evidence.train, evidence.test))
    both = pc.and_(judged.is_valid(), pc.is_in(judged, pc.unique(taught).drop_null()))
    return np.asarray(both.to_numpy(zero_copy_only=False), bool)
