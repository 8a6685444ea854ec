"""A number or a day that stands for no value: -999, 9999, 1970-01-01.

Source: Qahtan et al., FAHES: A Robust Disguised Missing Values Detector (2018).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats, Mask, as_text
from landmark.statistics.outliers import NOTHING, codes_for_nothing

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
DAYS = ("1970-01-01", "1900-01-01", "1899-12-30", "0001-01-01", "1753-01-01", "9999-12-31", "2099-12-31")
FEWEST, OFTEN = 3, 0.005
"""Rows it must be in, and the share of a day."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns that hold such a number often and outside of all others, or such a day, with the first row."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        if column.type in ("number", "geo") and {known.minimum, known.maximum} & set(NOTHING):
            found = numbers_apart(evidence.all_numbers(column, source))
        elif column.type == "date":
            found = frequent_days(known, evidence.values(column, source, evidence.train))
        else:
            continue
        for text, where in found:
            seen = f"{int(where.sum())} training rows hold {text}, apart from all other values"
            todo = f"if it means no value: columns.{source}: {{missing: ['{text}']}}"
            yield warn("sentinel", source, seen, todo, evidence.train_row(where))


def numbers_apart(x: Floats) -> Iterator[tuple[str, Mask]]:
    """Yield the numbers (n,) that stand for no value, with their rows (n,)."""
    for value in codes_for_nothing(x):
        yield f"{value:.0f}", np.asarray(x == value, bool)


def frequent_days(known: ColumnProfile, values: pa.Array) -> Iterator[tuple[str, Mask]]:
    """Yield suspicious days that hold a share of the column no single day should, with their rows (n,)."""
    enough = max(FEWEST, OFTEN * known.values)
    days = [text for text, count in known.top if text.startswith(DAYS) and count >= enough]
    texts = as_text(values) if days else None
    for text in days:
        yield text, np.asarray(pc.equal(texts, text).fill_null(False).to_numpy(zero_copy_only=False), bool)
