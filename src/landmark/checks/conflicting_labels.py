"""Rows with the same inputs and different labels: no model can be right about all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Ints, Mask
from landmark.statistics.association import codes, errors
from landmark.statistics.fingerprints import of_rows

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MUCH = 0.05
"""Share of training rows that must be wrong, whatever is answered, from which labels are to be looked at."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say for each output with labels how many rows are wrong even if the commonest label of equal inputs is said."""
    names = [source for column in evidence.schema.features for source in column.columns]
    targets = [column for column in evidence.schema.targets if column.type in ("binary", "category")]
    inputs = codes(pa.array(of_rows(evidence.train.select(names)))) if targets else np.empty(0, np.int64)
    for target in targets:
        labels = codes(evidence.values(target, target.columns[0], evidence.train))
        known = labels >= 0
        wrong, rows = errors(inputs[known], labels[known]), int(known.sum())
        if wrong:
            say = warn if wrong >= MUCH * rows else note
            seen = f"{wrong} training rows ({wrong / rows:.1%}) have the inputs of others, and another label"
            yield say("conflicting-labels", target.name, seen, "look at them", evidence.train_row(torn(inputs, labels)))


def torn(inputs: Ints, labels: Ints) -> Mask:
    """Return which rows (n,) have a known label other than that of the first row with their inputs."""
    _, first = np.unique(inputs, return_index=True)
    return np.asarray((labels >= 0) & (labels != labels[first][inputs]) & (labels[first][inputs] >= 0), bool)
