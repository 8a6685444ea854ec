"""A few numbers beyond any tail their column has: a decimal point that slipped, a key that was held down.

Source: Hawkins, Identification of Outliers (1980); the tail: `statistics/outliers.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.outliers import codes_for_nothing, outliers

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
MOST_NAMED = 5


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of numbers with such cells: how many, where the rest ends, and the first row."""
    for column, source in evidence.measured():
        x = evidence.all_numbers(column, source)
        codes = codes_for_nothing(x)
        x = np.where(np.isin(x, codes), np.nan, x) if codes else x
        found = outliers(x)
        if found is not None:
            which = x[found.where]
            named = ", ".join(
                f"{value:.6g}" for value in which[np.sort(np.unique(which, return_index=True)[1])][:MOST_NAMED]
            )
            seen = (
                f"{len(which)} of {len(x)} training rows lie far from all others, which end at {found.end:.6g}: {named}"
            )
            todo = f"look at them: mend them, or leave them empty, as columns.{source}.missing"
            yield warn("outliers", source, seen, todo, evidence.train_row(found.where))
