"""Numbers that pile up at the limit of what could be written: all that is known of them is that they are no less.

Source: Tobin, Estimation of Relationships for Limited Dependent Variables (1958).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note
from landmark.statistics.outliers import pile_up

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs whose greatest or least number is far more frequent than those next to it, and the first row."""
    targets = evidence.schema.targets
    for column, source in evidence.measured():
        if column in targets:
            continue
        x = evidence.all_numbers(column, source)
        found = pile_up(x)
        if found is not None:
            seen = f"{found.where.mean():.1%} of the training rows hold {found}"
            yield note(
                "capped-values",
                source,
                seen,
                "find out whether it means that much, or more",
                evidence.train_row(found.where),
            )
