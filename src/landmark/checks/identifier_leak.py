"""A key that goes with the target: the rows were sorted, sampled or numbered by it, or the target grows in time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import take
from landmark.statistics.association import directions, strength

HOLDS_AT: ReadinessLevel = "A4"
MUCH = 0.5
"""Share of the target's variance that the key explains, by a straight line."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the identifiers that are numbers and explain much of an output."""
    rows = take(evidence.train, evidence.look())
    for column in evidence.schema.using("identifier"):
        source = column.columns[0]
        if evidence.profile.train.columns[source].numbers < 1:
            continue
        for target in evidence.schema.targets:
            truth = evidence.values(target, target.columns[0], rows)
            told = strength(evidence.values(column, source, rows), directions(truth, target.type == "number"))
            if np.isfinite(told) and told > MUCH:
                seen = f"it names rows, and explains {told:.0%} of '{target.name}'"
                todo = f"find out how rows are numbered; perhaps split: {{by: time, column: {source}}}"
                yield warn("identifier-leak", source, seen, todo)
