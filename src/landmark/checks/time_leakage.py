"""Judging rows that lie between training rows in time: their future was learnt from.

Source: Kaufman, Rosset & Perlich, Leakage in Data Mining (2011), section 4; Bergmeir & Benitez, On the use of
cross-validation for time series predictor evaluation (2012).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Ints, has, take
from landmark.statistics.agreement import agreement, comparable
from landmark.statistics.moments import MISSING, moments, shown

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
LAST, SOME, FEWEST = 0.95, 0.1, 30
"""Share of the training rows that are not the last ones; share of judging rows before these; and rows that show it."""
ALIKE, SURE = 0.2, 5.0
"""How much more alike two rows of neighbouring times are than any two, and standard deviations it must be above 0."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the dates by which given judging rows lie between training rows; a warning where outputs go with time."""
    if len(evidence.split.test) or evidence.test.num_rows < FEWEST:
        return
    look = evidence.look()
    rows = take(evidence.train, look)
    for column in evidence.schema.features:
        if column.type != "date" or not has(evidence.test, column.name):
            continue
        taught, judged = (
            moments(evidence.values(column, column.name, r), column.options) for r in (rows, evidence.test)
        )
        known = taught[taught != MISSING]
        if len(known) < FEWEST:
            continue
        last = int(np.quantile(known, LAST, method="lower"))
        between = (judged != MISSING) & (judged < last) & (judged > known.min())
        if between.mean() >= SOME:
            say = warn if goes_with_time(evidence, taught, rows) else note
            seen = f"{between.mean():.0%} of the judging rows lie before {shown(last)}, and training rows after it"
            todo = f"if the model is for the future, judge by later rows: split by time, column {column.name}"
            yield say("time-leakage", column.name, seen, todo, evidence.test_row(between))


def goes_with_time(evidence: Evidence, when: Ints, rows: pa.Table) -> bool:
    """Return whether an output is much alike in rows (n,) of neighbouring times."""
    order = np.argsort(when, kind="stable")
    order = order[when[order] != MISSING]
    pairs = np.column_stack([order[:-1], order[1:]])
    for target in evidence.schema.targets:
        truth = comparable(evidence.values(target, target.columns[0], rows), target.type == "number")
        alike, count = agreement(truth, pairs)
        if alike > max(ALIKE, SURE / np.sqrt(max(count, 1))):
            return True
    return False
