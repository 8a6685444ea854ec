"""A column that is part numbers and part text: somebody typed what a machine should have counted.

Source: Kim, Choi, Hong, Kim & Lee, A Taxonomy of Dirty Data (2003).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import ColumnProfile, Stray
from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.errors import UserError
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Mask, is_text, take
from landmark.core.units import CURRENCIES, check_unit

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
SOME, MOST = 0.1, 0.8
"""Shares of numbers from which a column of texts is worth a note, and a warning."""
NUMBER, UNIT = r"[+-]?(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)", r"([^\s0-9.,;:()+-][^\s0-9,;:()]{0,9})"
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₪": "ILS", "₫": "VND", "₴": "UAH"}
"""Signs of currencies, and the currency that each most often means."""
MEASURED = rf"^\s*(?:{NUMBER}\s*{UNIT}|[+-]?([{''.join(SIGNS)}]|{'|'.join(CURRENCIES)})\s*{NUMBER})\s*$"
"""A number with its unit behind it, or its currency before it."""
ALL, ONE, FEWEST = 0.95, 0.9, 5
"""Share of the values that must be numbers then, of the units that must be one, and different texts that show it."""
ORDINALS = ("st", "nd", "rd", "th")
FEWEST_KINDS, MOST_KINDS, CODED = 2, 1000, 0.02
"""Words that must be among the kinds, kinds at most, and share of the numbers, for numbers to be codes of the words."""
MET = 0.8
"""Share of the codes from the first to the last that occur."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of numbers with units or other texts, and the columns of texts that are largely numbers."""
    rows = take(evidence.train, evidence.look())
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        if not is_text(evidence.train.schema.field(source).type) or known.numbers == 1:
            continue
        codes = column.options.get("missing", ())
        strays = [stray for stray in known.strays if stray.text not in codes and stray.text.strip()]
        shown = [*(stray.text for stray in strays), *(text for text, _ in known.top)]
        if any(re.match(MEASURED, text) for text in shown):
            unit = unit_of(evidence.values(column, source, rows))
            if unit is not None:
                yield measured(evidence, column, source, unit)
                continue
        if not strays or not 0 < known.numbers >= max(known.dates.values(), default=0.0):
            continue
        if column.type in ("number", "geo"):
            unread = sum(stray.count for stray in strays)
            seen = f"{read(known, strays)}; {unread} such values count as missing"
            yield warn("mixed-types", source, seen, f"mend them, or declare columns.{source}.missing", strays[0].row)
        elif column.type in ("category", "text") and known.distinct > FEWEST_KINDS:
            yield from among_texts(source, known, strays, evidence.values(column, source, rows))


def read(known: ColumnProfile, strays: list[Stray]) -> str:
    """Return how much of a column reads as numbers, and what does not."""
    return f"{known.numbers:.1%} of the values read as numbers; {strays[0].text!r} does not"


def among_texts(source: str, known: ColumnProfile, strays: list[Stray], texts: pa.Array) -> Iterator[Finding]:
    """Say what numbers do in a column of other texts (n,): they are codes of its words, or they are many."""
    if known.numbers >= CODED and known.distinct <= MOST_KINDS and are_codes(pc.unique(texts.drop_null()).to_pylist()):
        seen = f"{known.numbers:.1%} of the kinds are small whole numbers, the others words such as {strays[0].text!r}"
        yield warn("mixed-types", source, seen, "if two sources write the same kinds, let them agree", strays[0].row)
    elif known.numbers >= SOME:
        say = warn if known.numbers >= MOST else note
        yield say("mixed-types", source, read(known, strays), f"declare columns.{source}.type", strays[0].row)


def are_codes(kinds: list[str]) -> bool:
    """Return whether there are numbers from 0 or 1 on among kinds, no more of them than there are words.

    Kinds such as 1, 2, 3 and more are another thing: there the numbers are many, and the word is one.

    >>> are_codes(["red", "green", "2", "1"]), are_codes(["1", "2", "3", "more"]), are_codes(["red", "green", "70"])
    (True, False, False)
    """
    numbers = sorted(int(text) for text in kinds if text.isascii() and text.isdigit() and len(text) < 5)
    words = sum(any(c.isalpha() for c in text) for text in kinds)
    if not numbers or numbers[0] > 1 or not FEWEST_KINDS <= words >= len(numbers):
        return False
    return len(numbers) >= MET * (numbers[-1] - numbers[0] + 1)


def unit_of(texts: pa.Array) -> str | None:
    """Return the unit that is written beside the numbers of a column (n,), None where there is none.

    >>> unit_of(pa.array([f"{i} kg" for i in range(9)] + ["70"])), unit_of(pa.array(["1st", "2nd", "3rd", "4th"] * 9))
    ('kg', None)
    >>> unit_of(pa.array([f"$1,{i}00.50" for i in range(9)])), unit_of(pa.array([f"USD {i}" for i in range(9)]))
    ('$', 'USD')
    """
    texts = texts.drop_null()
    told = flags(texts, MEASURED)
    if not told.any() or (told | flags(texts, rf"^\s*{NUMBER}\s*$")).mean() < ALL:
        return None
    some = texts.filter(pa.array(told))
    units = pc.value_counts(pc.replace_substring_regex(some, MEASURED, r"\1\2"))
    most = int(np.argmax(units.field("counts").to_numpy()))
    unit: str = units.field("values")[most].as_py()
    one = units.field("counts")[most].as_py() >= ONE * len(some)
    return unit if one and unit.lower() not in ORDINALS and len(pc.unique(some)) >= FEWEST else None


def measured(evidence: Evidence, column: Column, source: str, unit: str) -> Finding:
    """Return what is said of a column with a unit in its cells."""
    where = flags(evidence.values(column, source, evidence.train), MEASURED)
    text = evidence.train.column(source)[int(np.argmax(where))].as_py()
    taken = "count as missing" if column.type == "number" else f"are taken as {column.type}"
    seen = f"{int(where.sum())} numbers have the unit '{unit}' beside them and {taken}: {text!r}"
    todo = f"write numbers alone{with_unit(source, SIGNS.get(unit, unit))}"
    return warn("mixed-types", source, seen, todo, evidence.train_row(where))


def with_unit(source: str, unit: str) -> str:
    """Return how a unit is declared, in words; nothing where it is none that a document may name.

    >>> with_unit("load", "%"), with_unit("load", "pieces")
    (", and the unit into the document: columns.load: {type: number, unit: '%'}", '')
    """
    try:
        check_unit(unit)
    except UserError:
        return ""
    return f", and the unit into the document: columns.{source}: {{type: number, unit: '{unit}'}}"


def flags(texts: pa.Array, pattern: str) -> Mask:
    """Return which texts (n,) match a pattern; null does not."""
    hits = pc.match_substring_regex(texts, pattern).fill_null(False)
    return np.asarray(hits.to_numpy(zero_copy_only=False), bool)
