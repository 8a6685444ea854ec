"""A number that what is measured cannot be: a probability of 1.2, a count of -3, a negative duration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.cells import numbers
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B3"
RANGES = {"probability": (0.0, 1.0), "count": (0.0, np.inf), "duration": (0.0, np.inf)}
"""What is measured -> its least and its greatest value; of the other kinds none is known."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column whose declared kind has a range that some value is outside of, and the first such row."""
    parts = (("training", evidence.train, evidence.train_row), ("judging", evidence.test, evidence.test_row))
    for column, source in evidence.sources():
        kind = column.options.get("kind")
        if column.type != "number" or kind not in RANGES:
            continue
        low, high = RANGES[kind]
        for part, rows, row_of in parts:
            values, _ = numbers(evidence.values(column, source, rows))
            odd = (values < low) | (values > high)
            if odd.any():
                seen = f"{odd.sum()} {part} rows hold no {kind}, the first {values[np.argmax(odd)]:g}"
                todo = f"mend the source, or declare columns.{source}: {{kind: ...}} or {{missing: ...}}"
                yield warn("impossible-value", source, seen, todo, row_of(odd))
