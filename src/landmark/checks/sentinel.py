"""A number or a day that stands for no value: -999, 9999, 1970-01-01."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Mask, as_text
from landmark.statistics.association import quantities

HOLDS_AT: ReadinessLevel = "B4"
NUMBERS = tuple(sign * (10**digits - 1) for digits in range(2, 9) for sign in (-1, 1))
DAYS = ("1970-01-01", "1900-01-01", "1899-12-30", "0001-01-01", "1753-01-01", "9999-12-31", "2099-12-31")
FEWEST, APART, OFTEN = 3, 0.5, 0.005
"""Rows it must be in; its distance from all other values, in ranges of theirs; and the share of a day."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns whose least or greatest value is such a one, often, and far from all others."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        suspects = numbers_apart if column.type == "number" else frequent_days if column.type == "date" else None
        if suspects is None:
            continue
        for text, where in suspects(known, evidence.values(column, source, evidence.train)):
            seen = f"{int(where.sum())} training rows hold {text}, apart from all other values"
            todo = f"if it means no value: columns.{source}: {{missing: ['{text}']}}"
            yield warn("sentinel", source, seen, todo, evidence.train_row(where))


def numbers_apart(known: ColumnProfile, values: pa.Array) -> Iterator[tuple[str, Mask]]:
    """Yield suspicious numbers that occur more than by chance and lie far from all others, with their rows (n,)."""
    extremes = [value for value in (known.minimum, known.maximum) if value is not None and value in NUMBERS]
    x = quantities(values) if extremes else None
    if x is None:
        return
    for value in extremes:
        where = np.equal(x, value)
        others = x[~np.isnan(x) & ~where]
        if where.sum() < FEWEST or not len(others):
            continue
        if np.abs(others - value).min() > APART * max(float(np.ptp(others)), 1.0):
            yield f"{value:.0f}", where


def frequent_days(known: ColumnProfile, values: pa.Array) -> Iterator[tuple[str, Mask]]:
    """Yield suspicious days that hold a share of the column no single day should, with their rows (n,)."""
    enough = max(FEWEST, OFTEN * known.values)
    days = [text for text, count in known.top if text.startswith(DAYS) and count >= enough]
    texts = as_text(values) if days else None
    for text in days:
        yield text, np.asarray(pc.equal(texts, text).fill_null(False).to_numpy(zero_copy_only=False), bool)
