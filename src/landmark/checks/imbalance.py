"""A label that is rare: always saying the other one is right most of the time, and useless."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
RARE = 0.05
"""Share of the rarer of two labels."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the outputs of two labels of which one is rare."""
    for target in evidence.schema.targets:
        known = evidence.profile.train.columns[target.columns[0]]
        codes = target.options.get("missing", ())
        counts = sorted((count, label) for label, count in known.top if label not in codes)
        if target.type == "binary" and len(counts) == 2:
            share = counts[0][0] / (counts[0][0] + counts[1][0])
            if share < RARE:
                seen = f"'{counts[0][1]}' is in {share:.1%} of the rows, so that accuracy says little"
                yield note("imbalance", target.name, seen, "judge by log loss, average precision, or by your costs")
