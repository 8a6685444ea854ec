"""Weights must say how much a row counts: a missing or negative one makes it count for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.cells import numbers
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say how many training rows have no positive weight, and which is the first."""
    for column in evidence.schema.using("weight"):
        weight, _ = numbers(evidence.values(column, column.columns[0], evidence.train))
        useless = ~(np.isfinite(weight) & (weight > 0))
        if useless.any():
            seen = f"{useless.sum()} training rows have no positive weight, and count for nothing"
            yield warn(
                "weights", column.name, seen, "mend the weights, or remove the rows", evidence.train_row(useless)
            )
