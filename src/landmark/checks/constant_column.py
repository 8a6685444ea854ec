"""A column with one value tells nothing apart; it is left out unless somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs that were asked for and hold one value, or none."""
    for column in evidence.schema.features:
        for source in column.columns:
            known = evidence.profile.train.columns[source]
            if known.values == 0 or (known.distinct == 1 and known.missing == 0):
                seen = f"the same in all {known.count} training rows" if known.values else "no value at all"
                yield warn("constant-column", source, seen, f"columns.{source}: {{use: ignore}}")
