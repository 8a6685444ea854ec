"""Rows with a date, split at random: the model is judged on days between those it learnt from."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the dates that rows could be split by."""
    if evidence.split.by not in ("random", "stratified"):
        return
    for column in evidence.schema.features:
        if column.type == "date":
            seen = f"a date, and rows are split {evidence.split.by}: the future helps to predict the past"
            todo = f"if the model is for the future: data: {{split: {{by: time, column: {column.name}}}}}"
            yield note("time-order", column.name, seen, todo)
