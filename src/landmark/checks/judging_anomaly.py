"""Judging rows that are not what the training rows promised: another format, empty columns, new kinds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.cells import numbers
from landmark.core.findings import Finding, warn
from landmark.core.table import as_text, is_text

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
MUCH = 0.2
"""Share of judging rows that may differ by chance or by time."""
MOST_KINDS = 1000


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs whose judging rows the schema of the training rows does not fit, and the first such row."""
    for column in evidence.schema.features:
        for source in column.columns:
            before, now = (part.columns[source] for part in (evidence.profile.train, evidence.profile.test))
            todo = "find out what changed at the source"
            shares = [part.missing / max(part.count, 1) for part in (now, before)]
            if (shares[0] - shares[1]) * now.count > max(MUCH * now.count, 5):
                seen = f"{shares[0]:.0%} of the judging rows have no value, in training {shares[1]:.0%}"
                yield warn("judging-anomaly", source, seen, todo)
            elif column.type == "number" and now.values and before.numbers - now.numbers > MUCH:
                array = evidence.values(column, source, evidence.test)
                odd = numbers(array)[1]
                first = array[int(np.argmax(odd))].as_py()
                seen = f"{1 - now.numbers:.0%} of the judging rows do not read as numbers: {first!r}"
                yield warn("judging-anomaly", source, seen, todo, evidence.test_row(odd))
            elif column.type in ("category", "binary") and before.distinct <= MOST_KINDS:
                yield from new_kinds(evidence, column, source)


def new_kinds(evidence: Evidence, column: Column, source: str) -> Iterator[Finding]:
    """Say so where more judging rows hold kinds that no training row has than is to be expected.

    To be expected is the share of training rows whose kind is seen once.
    Source: Good, The Population Frequencies of Species (1953).
    """
    known, judged = (evidence.values(column, source, rows) for rows in (evidence.train, evidence.test))
    if not is_text(known.type):
        known, judged = as_text(known), as_text(judged)
    counted = pc.value_counts(known.drop_null())
    expected = pc.equal(counted.field("counts"), 1).true_count / max(len(known) - known.null_count, 1)
    new = pc.and_(judged.is_valid(), pc.invert(pc.is_in(judged, counted.field("values").cast(judged.type))))
    mask = np.asarray(new.to_numpy(zero_copy_only=False), bool)
    if mask.sum() > max((MUCH + expected) * len(mask), 5):
        first = judged[int(np.argmax(mask))].as_py()
        seen = f"{mask.mean():.0%} of the judging rows hold kinds that no training row has: {first!r}"
        yield warn("judging-anomaly", source, seen, "find out what changed at the source", evidence.test_row(mask))
