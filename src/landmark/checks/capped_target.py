"""A target that piles up at a limit: a model learns the limit, and is judged by it.

Source: Tobin, Estimation of Relationships for Limited Dependent Variables (1958).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.outliers import pile_up

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the outputs that are numbers and whose greatest or least one is far more frequent than those next to it."""
    for column in evidence.schema.targets:
        if column.type != "number":
            continue
        x = evidence.all_numbers(column, column.columns[0])
        found = pile_up(x)
        if found is not None:
            seen = f"{found.where.mean():.1%} of the training rows hold {found}"
            todo = "find out the true values; or leave these rows out, and say that nothing beyond is predicted"
            yield warn("capped-target", column.name, seen, todo, evidence.train_row(found.where))
