"""Judging rows whose inputs stand in training rows too: what is known by heart is not judged."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.statistics.association import quantities
from landmark.statistics.fingerprints import chained, distinct, of_numbers, of_rows
from landmark.statistics.grain import grain

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
MUCH = 0.01
"""Share of judging rows from which the score flatters."""
NATURAL = 0.5
"""Share of different training rows below which inputs repeat by nature: a few questions with a few answers."""
CHANCE, NEAR = 3.0, (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
"""Standard deviations by which repeated rows must be more than by chance; steps by which a number is moved to count
what chance gives."""
NONE = -(2.0**60)
"""Stands for no number, and for whatever is some steps from it."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say how many judging rows have the inputs of a training row, and which is the first."""
    names = [source for column in evidence.schema.features for source in column.columns]
    train, test = (of_rows(rows.select(names)) for rows in (evidence.train, evidence.test))
    seen_before = np.isin(test, train)
    share = float(seen_before.mean()) if len(test) else 0.0
    if share > 0:
        natural = distinct(train) < NATURAL * len(train)
        say = note if natural or share < MUCH or is_chance(int(seen_before.sum()), by_chance(evidence)) else warn
        seen = f"{seen_before.sum()} of {len(test)} judging rows ({share:.1%}) have the inputs of a training row"
        yield say("train-test-overlap", "rows", seen, "split by group, hash or time", evidence.test_row(seen_before))


def is_chance(count: int, expected: float) -> bool:
    """Return whether so many repeated rows are no more than chance gives.

    >>> is_chance(7, 6.2), is_chance(7, 1.0), is_chance(1, 0.0)
    (True, False, False)
    """
    return count <= expected + CHANCE * math.sqrt(expected)


def by_chance(evidence: Evidence) -> float:
    """Return how many judging rows would have the inputs of a training row if one number were a few steps beside it.

    Rounded numbers meet by chance, and as often so. It is the number with most different values; 0 without a rounded
    one.
    """
    features = evidence.schema.features
    able = [(column, source) for column, source in evidence.measured() if column in features]
    if not able:
        return 0.0
    column, source = max(able, key=lambda pair: evidence.profile.train.columns[pair[1]].distinct)
    sides = [quantities(evidence.values(column, source, rows)) for rows in (evidence.train, evidence.test)]
    train, test = (np.empty(0) if x is None else x for x in sides)
    step = grain(train[~np.isnan(train)])
    if step is None or len(test) == 0:
        return 0.0
    names = [other for column in features for other in column.columns if other != source]
    others = [of_rows(rows.select(names)) for rows in (evidence.train, evidence.test)]
    train, test = (np.where(np.isnan(x), NONE, np.rint(x / step)) for x in (train, test))
    known = chained(others[0], of_numbers(train))
    return float(np.mean([np.isin(chained(others[1], of_numbers(test + k)), known).sum() for k in NEAR]))
