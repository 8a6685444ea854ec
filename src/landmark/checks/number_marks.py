"""Numbers written with a decimal comma, or with marks between their thousands: read as texts, they are no numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Mask, is_text, take

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
MOST = 0.95
"""Share of the values that must be written so, whole numbers among them."""


class Way(NamedTuple):
    """What would be declared; a number that shows this way of writing; and any number of this way."""

    declared: str
    shows: str
    all: str


BLANKS = r"[1-9]\d{0,2}([ \x{a0}\x{202f}]\d{3})+"
"""Digits in threes with blanks between; those that break no line are common."""
WAYS = (
    Way("thousands: ','", r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", r"([1-9]\d{0,2}(,\d{3})+|\d{1,3})(\.\d*)?"),
    Way("decimal: ','", r"\d*,\d+", r"\d+(,\d*)?|,\d+"),
    Way("decimal: ',', thousands: '.'", r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?", r"([1-9]\d{0,2}(\.\d{3})+|\d{1,3})(,\d*)?"),
    Way("thousands: ' '", rf"{BLANKS}(\.\d+)?", rf"({BLANKS}|\d{{1,3}})(\.\d*)?"),
    Way("decimal: ',', thousands: ' '", rf"{BLANKS}(,\d+)", rf"({BLANKS}|\d{{1,3}})(,\d*)?"),
    Way('thousands: "\'"', r"[1-9]\d{0,2}('\d{3})+(\.\d+)?", r"([1-9]\d{0,2}('\d{3})+|\d{1,3})(\.\d*)?"),
)


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of text that are numbers in another way of writing, and the first row that shows it.

    Where a column could be written in several ways (7,250 is one number or another), that of most columns is meant.
    """
    rows = take(evidence.train, evidence.look())
    found: list[tuple[Column, str, list[Way]]] = []
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        if column.type != "number" and is_text(rows.schema.field(source).type) and known.numbers < MOST:
            array = evidence.values(column, source, rows).drop_null()
            found.append((column, source, [way for way in WAYS if written_so(array, way)]))
    often = Counter(way for _, _, ways in found for way in ways)
    for column, source, ways in found:
        if ways:
            meant = max(ways, key=lambda way: often[way])
            where = flags(evidence.values(column, source, evidence.train), meant.shows)
            text = evidence.train.column(source)[int(np.argmax(where))].as_py()
            seen = f"numbers such as '{text.strip()}' are read as {column.type}"
            todo = f"declare how they are written: data: {{format: {{{meant.declared}}}}}"
            yield warn("number-marks", source, seen, todo, evidence.train_row(where))


def written_so(array: pa.Array, way: Way) -> bool:
    """Return whether nearly all texts (n,) are numbers of a way of writing, and several show that it is this one."""
    if len(array) == 0 or flags(array, way.all).mean() < MOST:
        return False
    telling = flags(array, way.shows)
    return bool(telling.sum() >= 2 and len(pc.unique(array.filter(pa.array(telling)))) >= 2)


def flags(array: pa.Array, pattern: str) -> Mask:
    """Return which texts (n,) are a pattern as a whole, with a sign or blanks around it."""
    hits = pc.match_substring_regex(array, rf"^\s*[+-]?({pattern})\s*$").fill_null(False)
    return np.asarray(hits.to_numpy(zero_copy_only=False), bool)
