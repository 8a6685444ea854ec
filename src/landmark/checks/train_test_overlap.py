"""Judging rows whose inputs stand in training rows too: what is known by heart is not judged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.statistics.fingerprints import distinct, of_rows

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
MUCH = 0.01
"""Share of judging rows from which the score flatters."""
NATURAL = 0.5
"""Share of different training rows below which inputs repeat by nature: a few questions with a few answers."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say how many judging rows have the inputs of a training row, and which is the first."""
    names = [source for column in evidence.schema.features for source in column.columns]
    train, test = (of_rows(rows.select(names)) for rows in (evidence.train, evidence.test))
    seen_before = np.isin(test, train)
    share = float(seen_before.mean()) if len(test) else 0.0
    if share > 0:
        natural = distinct(train) < NATURAL * len(train)
        say = note if natural or share < MUCH else warn
        seen = f"{seen_before.sum()} of {len(test)} judging rows ({share:.1%}) have the inputs of a training row"
        yield say("train-test-overlap", "rows", seen, "split by group, hash or time", evidence.test_row(seen_before))
