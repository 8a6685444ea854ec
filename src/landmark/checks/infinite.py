"""An infinite number is a division by zero that somebody did not look at."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of numbers that hold infinities, and the first row."""
    for part, profile in (("training", evidence.profile.train), ("judging", evidence.profile.test)):
        for column, source in evidence.sources():
            known = profile.columns[source]
            if column.type == "number" and known.infinite:
                seen = f"{known.infinite} {part} rows hold {known.oddities['infinite'].text}"
                todo = f"mend the source, or declare columns.{source}.missing"
                yield warn("infinite", source, seen, todo, known.oddities["infinite"].row)
