"""A table that is sorted by its answer: its end is unlike its beginning, and a cut through it is no sample.

Source: Bengio, Practical recommendations for gradient-based training of deep architectures (2012), section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Floats, take
from landmark.statistics.agreement import comparable, ranks, sortedness
from landmark.statistics.moments import MISSING, moments

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
MUCH, FEWEST = 0.1, 50
"""Part of the order that the answer explains from which it is worth a word, and rows below which it may by chance."""
CUT = ("time", "column")
"""Ways to split that may cut the table in two where it is sorted."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the outputs by which the rows are sorted, wholly or largely, if no date and no number of rows is more so."""
    order = np.argsort(evidence.split.train, kind="stable")[evidence.look()]
    rows, places = take(evidence.train, order), np.arange(len(order), dtype=np.float64)
    if len(order) < FEWEST:
        return
    by_time = max((sortedness(ranks(x), places) for x in times(evidence, rows)), default=0.0)
    for target in evidence.schema.targets:
        truth = evidence.values(target, target.columns[0], rows)
        told = sortedness(comparable(truth, target.type == "number"), places)
        if told > max(MUCH, by_time):
            seen = f"the order of the rows goes with it, and it explains {told:.0%} of their places"
            say = warn if evidence.split.by in CUT else note
            yield say("sorted-target", target.name, seen, "mix the rows before anything is cut off or read in order")


def times(evidence: Evidence, rows: pa.Table) -> Iterator[Floats]:
    """Yield what numbers the rows or dates them, as numbers (n,)."""
    for column in evidence.schema.using("feature", "protected", "exposure", "identifier"):
        for source in column.columns:
            values = evidence.values(column, source, rows)
            if column.type == "date":
                when = moments(values, column.options)
                yield np.where(when == MISSING, np.nan, when)
            elif column.use == "identifier" and column.type == "number":
                yield comparable(values, True).astype(np.float64)
