"""Texts such as 62-Aug or 2-Sep: what a spreadsheet makes of dates, and of what it takes for dates.

Source: Ziemann, Eren & El-Osta, Gene name errors are widespread in the scientific literature (2016).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import is_text

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
MANGLED = rf"^(?:[0-9]{{1,2}}-(?:{MONTHS})|(?:{MONTHS})-[0-9]{{2}})$"
FEWEST = 2
"""Such texts that must be in a column of other texts; among dates one is enough."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of texts and of dates in which values look so, and the first row."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        written = column.type in ("category", "text", "date") and known.numbers < 1
        if not written or not is_text(evidence.train.schema.field(source).type):
            continue
        array = evidence.values(column, source, evidence.train)
        hits = np.asarray(pc.match_substring_regex(array, MANGLED).fill_null(False).to_numpy(zero_copy_only=False))
        if hits.sum() >= (1 if column.type == "date" else FEWEST):
            example = array[int(np.argmax(hits))].as_py()
            seen = f"{hits.sum()} values look like {example!r}: a date without its century or day"
            todo = f"export the column as text, or declare columns.{source}: {{type: date, formats: Mon-y}}"
            yield warn("spreadsheet-dates", source, seen, todo, evidence.train_row(hits))
