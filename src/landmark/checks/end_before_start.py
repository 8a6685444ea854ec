"""Things that end before they began: two clocks, or two people, wrote the times.

Source: Fan & Geerts, Foundations of Data Quality Management (2012), denial constraints.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Ints, take
from landmark.statistics.moments import MISSING, moments

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MOST, FEWEST, MOST_COLUMNS = 0.1, 30, 30
"""Share of the rows that may break an order, rows in which it must be seen, and columns that are compared."""
CLOSE = 0.5
"""Spread of the time between two dates, by their own, above which they have little to do with each other."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each two columns of dates of which one follows the other in nearly all rows, and where it does not."""
    look = evidence.look()
    rows = take(evidence.train, look)
    dated = [(column, source) for column, source in evidence.sources() if column.type == "date"][:MOST_COLUMNS]
    read = {source: moments(evidence.values(column, source, rows), column.options) for column, source in dated}
    for one, other in combinations(read, 2):
        start, end = (one, other) if follows(read[one], read[other]) else (other, one)
        odd = (read[end] < read[start]) & (read[end] != MISSING)
        if odd.any() and follows(read[start], read[end]):
            row = int(evidence.split.train[look[int(np.argmax(odd))]]) + 1
            seen = f"in {int(odd.sum())} of {len(odd)} rows it lies before '{start}', which it follows in all others"
            yield warn("end-before-start", end, seen, "mend these rows, or leave the times out", row)


def follows(start: Ints, end: Ints) -> bool:
    """Return whether moments end (n,) come after start (n,) in nearly all rows, and at a distance of their own."""
    known = (start != MISSING) & (end != MISSING)
    if known.sum() < FEWEST:
        return False
    between = (end - start)[known]
    spread = min(iqr(start[known]), iqr(end[known]))
    return bool((between < 0).mean() <= MOST and (between > 0).mean() > MOST and iqr(between) < CLOSE * spread)


def iqr(x: Ints) -> float:
    """Return the distance between the quartiles of x (n,)."""
    low, high = np.quantile(x, [0.25, 0.75])
    return float(high - low)
