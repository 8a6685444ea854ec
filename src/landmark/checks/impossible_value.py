"""A number that what is measured cannot be: a probability of 1.2, a count of -3, a negative duration.

Where nothing is declared, the column says it: of a thousand amounts above zero, three have lost their sign.

Source: van der Loo & de Jonge, Statistical Data Cleaning with Applications in R (2018).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.profile import PROBABILITIES
from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.cells import numbers
from landmark.core.findings import Finding, warn
from landmark.core.kinds import impossible
from landmark.statistics.outliers import codes_for_nothing, in_per_cent, never_nothing, without_sign

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.00049
MIDDLE = PROBABILITIES.index(0.5)


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column with values that its declared kind, or all other values, rule out, and the first such row."""
    for column, source in evidence.measured():
        kind = column.options.get("kind")
        if kind is None:
            yield from evident(evidence, column, source)
        else:
            yield from declared(evidence, column, source, kind)


def declared(evidence: Evidence, column: Column, source: str, kind: str) -> Iterator[Finding]:
    """Yield what is said to be of a kind and cannot be: in training rows, and in judging rows."""
    parts = (("training", evidence.train, evidence.train_row), ("judging", evidence.test, evidence.test_row))
    for part, rows, row_of in parts:
        values, _ = numbers(evidence.values(column, source, rows))
        odd = impossible(values, kind, column.options.get("unit"), source)
        if odd.any():
            seen = f"{odd.sum()} {part} rows hold no {kind}, the first {values[np.argmax(odd)]:g}"
            todo = f"mend the source, or declare columns.{source}: {{type: number, kind: ...}} or {{missing: [...]}}"
            yield warn("impossible-value", source, seen, todo, row_of(odd))


def evident(evidence: Evidence, column: Column, source: str) -> Iterator[Finding]:
    """Yield what the rest of a column of training rows rules out: a lost sign, a share in per cent."""
    known = evidence.profile.train.columns[source]
    if not known.negatives and not known.zeros and not (known.quantiles and known.quantiles[MIDDLE] <= 1):
        return
    x = evidence.all_numbers(column, source)
    x = np.where(np.isin(x, codes_for_nothing(x)), np.nan, x)
    todo = f"mend them; or declare what is measured: columns.{source}: {{type: number, kind: ...}}"
    told = (without_sign(x), "above 0"), (never_nothing(x), "far above 0"), (in_per_cent(x), "shares of at most 1")
    for odd, others in told:
        if odd is not None:
            seen = f"{odd.sum()} of {len(x)} training rows hold what others do not, which are {others}"
            yield warn("impossible-value", source, f"{seen}: {x[np.argmax(odd)]:g}", todo, evidence.train_row(odd))
