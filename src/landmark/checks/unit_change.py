"""Judging rows in another unit than training rows: what was learnt of seconds is asked about milliseconds.

Source: Mars Climate Orbiter Mishap Investigation Board, Phase I Report (1999); how: `statistics/units.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.statistics.units import Change, advice

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of numbers that a conversion of units puts back in its place, with the factor and the pair."""
    for column, source in evidence.measured():
        found = evidence.explained.get(source)
        if isinstance(found, Change):
            before, now = (np.nanmedian(evidence.numbers(column, source, judging)) for judging in (False, True))
            part = "" if found.share == 1 else f", in about {found.share:.0%} of them"
            middles = f"median {before:.6g} in training rows, {now:.6g} in judging rows"
            todo = advice(found.conversion, source, column.options.get("unit"), "the judging rows")
            yield warn("unit-change", source, f"{middles}: {found.conversion.named()}{part}", todo)
