"""Two columns that have changed places in the judging rows: a file was read by the order of columns, not by names.

Source: Breck et al., Data Validation for Machine Learning (2019).
"""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.explanations import Exchange

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each pair of columns of numbers whose judging rows look like the training rows of the other one."""
    named = set[str]()
    for source, found in evidence.explained.items():
        if isinstance(found, Exchange) and source not in named:
            named |= {source, found.other}
            seen = f"about {found.share:.0%} of the judging rows hold the numbers of the other one"
            yield warn("swapped-columns", f"{source}, {found.other}", seen, "give the judging rows their header again")
