"""Judging rows that are rounded more coarsely than training rows: another instrument, another export.

Source: Heitjan & Rubin, Ignorability and Coarse Data (1991).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.grain import Rounding

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of numbers whose judging rows know no finer step than one that training rows do not keep to."""
    for source, found in evidence.explained.items():
        if isinstance(found, Rounding):
            seen = f"all judging rows hold multiples of {found.step:g}, of the training rows {found.kept:.0%} do"
            todo = "find out what rounds them; round both sides alike, or bring them as they were measured"
            yield warn("precision-change", source, seen, todo)
