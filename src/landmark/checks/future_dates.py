"""Dates far beyond all others: a year typed wrongly, or a far day that stands for "never".

No clock is asked: the same data must give the same findings tomorrow.
Source: Kim, Choi, Hong, Kim & Lee, A Taxonomy of Dirty Data (2003).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Ints
from landmark.statistics.moments import DAY, MISSING, moments, shown

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MOST, FEWEST = 0.05, 20
"""Share of the dates that may lie beyond the others, and dates without which there are no others."""
APART = 2 * 365 * DAY
"""The least time between them; it is as well longer than all others span."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of dates of which some lie beyond all others by more than these span, and the first such row."""
    for column, source in evidence.sources():
        if column.type != "date":
            continue
        tables = (evidence.train, evidence.test)
        parts = [moments(evidence.values(column, source, rows), column.options) for rows in tables]
        last = end_of_most(np.concatenate(parts))
        if last is None:
            continue
        for part, when, row_of in zip(
            ("training", "judging"), parts, (evidence.train_row, evidence.test_row), strict=True
        ):
            late = when > last
            if late.any():
                seen = (
                    f"{int(late.sum())} {part} rows lie far beyond all others, "
                    f"which end on {shown(last)}: {shown(when[np.argmax(late)])}"
                )
                todo = f"mend them; if the day means no value: columns.{source}: {{missing: [...]}}"
                yield warn("future-dates", source, seen, todo, row_of(late))


def end_of_most(when: Ints) -> int | None:
    """Return the last moment before a gap longer than all moments (n,) before it span; None where there is no gap."""
    known = np.sort(when[when != MISSING])
    if len(known) < FEWEST:
        return None
    start = int((1 - MOST) * len(known)) - 1
    before, after = known[start:-1], known[start + 1 :]
    gaps = np.flatnonzero(after - before > np.maximum(before - known[0], APART))
    return int(before[gaps[0]]) if len(gaps) else None
