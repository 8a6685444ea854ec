"""Inputs that are distributed otherwise in judging rows: what was learnt is asked about another world.

Source: Rabanser, Günnemann & Lipton, Failing Loudly: Detecting Dataset Shift (2019).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.distances import MUCH, UNLIKELY, Shape
from landmark.statistics.units import possible

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each input that differs by more than a tenth of the rows, and by more than chance allows."""
    targets = evidence.schema.targets
    for column, source in evidence.sources():
        distance = evidence.differences.get(source)
        if distance is None or column in targets or source in evidence.explained:
            continue
        if distance.effect < MUCH or distance.p > UNLIKELY:
            continue
        seen = f"{distance.effect:.0%} of the judging rows lie elsewhere{middles(evidence, column, source)}"
        todo = "if the world did, learn from later rows, or judge by rows like those in use"
        todo = f"find out what changed{question(evidence, column, source)}; {todo}"
        yield warn("drift", source, f"{seen}, p = {distance.p:.1g}", todo)


def middles(evidence: Evidence, column: Column, source: str) -> str:
    """Return the medians of both sides in words, where the column is one of numbers."""
    if column.type not in ("number", "geo"):
        return ""
    before, now = (float(np.nanmedian(evidence.numbers(column, source, judging))) for judging in (False, True))
    return f", median {before:.6g} and now {now:.6g}"


def question(evidence: Evidence, column: Column, source: str) -> str:
    """Return a conversion of units that would explain as much as growth does, in words, where there is one."""
    if column.type not in ("number", "geo"):
        return ""
    before, now = (Shape.of(evidence.numbers(column, source, judging)) for judging in (False, True))
    found = possible(before, now, column.options.get("unit"))
    return f" (another unit? {found.conversion.named()})" if found else ""
