"""Outputs that are distributed otherwise in judging rows: a model is judged on answers it has seldom seen.

Source: Lipton, Wang & Smola, Detecting and Correcting for Label Shift with Black Box Predictors (2018).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.distances import MUCH, UNLIKELY

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each output that differs by more than a tenth of the rows, and by more than chance allows."""
    for column in evidence.schema.targets:
        distance = evidence.differences.get(column.columns[0])
        if distance is None or column.columns[0] in evidence.explained:
            continue
        if distance.effect >= MUCH and distance.p <= UNLIKELY:
            seen = f"{distance.effect:.0%} of the judging rows have another answer than is usual, p = {distance.p:.1g}"
            todo = "find out how both were collected; judge by rows like those in use"
            yield warn("label-shift", column.name, seen, todo)
