"""A column that is part numbers and part text: somebody typed what a machine should have counted."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn

HOLDS_AT: ReadinessLevel = "B4"
SOME, MOST = 0.1, 0.8
"""Shares of numbers from which a column of texts is worth a note, and a warning."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of numbers with other texts, and the columns of texts that are largely numbers."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        codes = column.options.get("missing", ())
        strays = [stray for stray in known.strays if stray.text not in codes and stray.text.strip()]
        if not strays or known.numbers == 0 or max(known.dates.values(), default=0.0) > known.numbers:
            continue
        seen = f"{known.numbers:.1%} of the values read as numbers; {strays[0].text!r} does not"
        if column.type == "number":
            unread = sum(stray.count for stray in strays)
            more = f"{seen}; {unread} such values count as missing"
            todo = f"mend them, or declare columns.{source}.missing"
            yield warn("mixed-types", source, more, todo, strays[0].row)
        elif known.numbers >= SOME and is_mixed(column, known):
            say = warn if known.numbers >= MOST else note
            yield say("mixed-types", source, seen, f"declare columns.{source}.type", strays[0].row)


def is_mixed(column: Column, known: ColumnProfile) -> bool:
    """Return whether numbers are strange in a column: they are not in a set, nor among two kinds."""
    return column.type in ("category", "text") and known.distinct > 2
