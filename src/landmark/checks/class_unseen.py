"""Labels in judging rows that no training row has: they can only be missed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.errors import did_you_mean
from landmark.core.findings import Finding, warn
from landmark.core.table import as_text, has

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
MOST_NAMED = 5


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name such labels of each output, and the nearest one that is known: it may be written differently."""
    for target in evidence.schema.targets:
        source = target.columns[0]
        if target.type not in ("binary", "category") or not has(evidence.test, source):
            continue
        sides = (evidence.train, evidence.test)
        known, judged = (as_text(evidence.values(target, source, rows)) for rows in sides)
        new = pc.and_(judged.is_valid(), pc.invert(pc.is_in(judged, pc.unique(known).drop_null())))
        labels = pc.unique(judged.filter(new)).to_pylist()
        if labels:
            mask = np.asarray(new.to_numpy(zero_copy_only=False), bool)
            named = ", ".join(f"'{label}'" for label in labels[:MOST_NAMED])
            seen = f"{int(mask.sum())} judging rows have labels that no training row has: {named}"
            near = did_you_mean(labels[0], pc.unique(known).drop_null().to_pylist())
            yield warn("class-unseen", target.name, seen, near, evidence.test_row(mask))
