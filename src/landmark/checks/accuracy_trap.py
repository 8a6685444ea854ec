"""Judged by accuracy where one label is nearly always right: the score is high before anything is learnt.

Source: Provost, Fawcett & Kohavi, The Case Against Accuracy Estimation for Comparing Induction Algorithms (1998).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
MOST = 0.9
"""Share of the commonest label from which accuracy says little."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the outputs that the document judges so, with the label and its share of the training rows."""
    judged = {output.name for output in evidence.question.outputs if output.metric == "accuracy"}
    for target in evidence.schema.targets:
        if target.name not in judged or target.type not in ("binary", "category"):
            continue
        truth = evidence.values(target, target.columns[0], evidence.train).drop_null()
        counts = truth.value_counts()
        most = max(counts.to_pylist(), key=lambda entry: entry["counts"])
        if most["counts"] >= MOST * len(truth):
            right = most["counts"] / len(truth)
            seen = f"judged by accuracy, and always saying '{most['values']}' is right in {right:.1%}"
            yield warn("accuracy-trap", target.name, seen, "judge by log_loss, average_precision, or by your costs")
