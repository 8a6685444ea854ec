"""Rows that repeat an earlier one entirely count twice, and may stand on both sides of a split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.statistics.fingerprints import of_rows

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MUCH = 0.01
"""Share of repeated rows from which a random split flatters."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say how many training rows repeat an earlier one, and which is the first."""
    repeated, rows = evidence.profile.train.duplicates, evidence.train.num_rows
    if not repeated:
        return
    _, first = np.unique(of_rows(evidence.train), return_index=True)
    again = np.ones(rows, bool)
    again[first] = False
    say = warn if repeated >= MUCH * rows else note
    seen = f"{repeated} of {rows} training rows ({repeated / rows:.1%}) repeat an earlier row entirely"
    yield say("duplicate-rows", "rows", seen, "remove repeats, or split by group or hash", evidence.train_row(again))
