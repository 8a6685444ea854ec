"""Dates written in several ways: the third of April and the fourth of March look alike."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
SOME = 0.2
"""Share that the commonest format reads from which a column is taken to be of dates."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of dates in which one format does not read everything, and the first row it does not read."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        best = max(known.dates, key=lambda form: known.dates[form], default="")
        codes = column.options.get("missing", ())
        strays = [stray for stray in known.strays if stray.text not in codes and stray.text.strip()]
        if not best or not strays or known.dates[best] < max(SOME, known.numbers):
            continue
        ways = sorted(known.dates, key=lambda form: -known.dates[form])
        shares = ", ".join(f"{form} {known.dates[form]:.0%}" for form in ways)
        seen = f"dates by format: {shares}; {strays[0].text!r} is not {best}"
        todo = f"write them in one way, or declare columns.{source}: {{type: date, formats: [...]}}"
        yield warn("mixed-dates", source, seen, todo, min(stray.row for stray in strays))
