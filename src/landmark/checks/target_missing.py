"""Rows without a target teach nothing, and why it is missing may be the real answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
MUCH = 0.05


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the outputs that are missing in training rows in which another output is known, or a code for it is."""
    for column in evidence.schema.targets:
        array = evidence.values(column, column.columns[0], evidence.train)
        if array.null_count:
            say = warn if array.null_count >= MUCH * len(array) else note
            seen = (
                f"{array.null_count} of {len(array)} training rows ({array.null_count / len(array):.1%}) have no value"
            )
            empty = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
            yield say("target-missing", column.name, seen, "find out why it is missing", evidence.train_row(empty))
