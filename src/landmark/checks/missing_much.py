"""A column that is mostly empty says more by being empty than by its values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
MUCH = 0.5


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs of which more than half of the training rows hold no value, codes for it included."""
    for column in evidence.schema.features:
        for source in column.columns:
            known = evidence.profile.train.columns[source]
            if known.missing <= MUCH * known.count and not column.options.get("missing"):
                continue
            array = evidence.values(column, source, evidence.train)
            if array.null_count > MUCH * len(array):
                empty = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
                seen = f"{array.null_count / len(array):.0%} of the training rows have no value"
                todo = "find out what it depends on; learn from it only if it will be filled as often in use"
                yield warn("missing-much", source, seen, todo, evidence.train_row(empty))
