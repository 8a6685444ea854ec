"""Texts such as 62-Aug or 2-Sep: what a spreadsheet makes of dates, and of what it takes for dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B4"
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
MANGLED = rf"^(?:[0-9]{{1,2}}-(?:{MONTHS})|(?:{MONTHS})-[0-9]{{2}})$"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of text in which frequent values look so."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        if column.type not in ("category", "text") or not any(re.match(MANGLED, text) for text, _ in known.top):
            continue
        array = evidence.values(column, source, evidence.train)
        hits = np.asarray(pc.match_substring_regex(array, MANGLED).fill_null(False).to_numpy(zero_copy_only=False))
        seen = (
            f"{hits.sum()} values look like {array[int(np.argmax(hits))].as_py()!r}: a date without its century or day"
        )
        todo = f"export the column as text, or declare columns.{source}: {{type: date, formats: Mon-y}}"
        yield warn("spreadsheet-dates", source, seen, todo, evidence.train_row(hits))
