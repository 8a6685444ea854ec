"""No value, written in several ways in one column, or written so that it is taken for a value.

Source: Kim, Choi, Hong, Kim & Lee, A Taxonomy of Dirty Data (2003).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import is_text, whole
from landmark.statistics.missing_codes import MARKS, WORDS, is_token

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
LONGEST = max(len(word) for word in (*MARKS, *WORDS)) + 4
"""Characters that a text for no value has at most, with blanks around it."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of texts in which no value is written in several ways, and how often each of them occurs."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        read = known.numbers == 1 or max(known.dates.values(), default=0.0) == 1
        if read or not known.values or not is_text(evidence.train.schema.field(source).type):
            continue
        array = whole(evidence.train.column(source))
        ways = spelled(array)
        loose = [text for text in ways if text not in column.options.get("missing", ())]
        several = len({text.strip().lower() for text in ways}) > 1
        if several or (loose and is_word_of_an_input(column, loose)):
            shown = ", ".join(f"'{text}' {count}" for text, count in ways.items())
            where = np.asarray(
                pc.is_in(array, pa.array(loose or list(ways), array.type)).to_numpy(zero_copy_only=False)
            )
            say = warn if several and loose else note
            yield say("mixed-nulls", source, *told(source, shown, loose, several), evidence.train_row(where))


def spelled(array: pa.Array) -> dict[str, int]:
    """Return the texts in a column (n,) that are known to stand for no value, the most frequent first, with counts.

    >>> spelled(pa.array(["red", "n/a", "-", "n/a", None, ""]))
    {'n/a': 2, '-': 1}
    """
    coded = array.dictionary_encode()
    short = np.flatnonzero(pc.less_equal(pc.utf8_length(coded.dictionary), LONGEST).to_numpy(zero_copy_only=False))
    some = coded.dictionary.take(pa.array(short))
    tokens = {int(place): text for place, text in zip(short, some.to_pylist(), strict=True) if text and is_token(text)}
    counts = np.bincount(coded.indices.drop_null().to_numpy(), minlength=1)
    return {tokens[place]: int(counts[place]) for place in sorted(tokens, key=lambda place: -counts[place])}


def is_word_of_an_input(column: Column, loose: list[str]) -> bool:
    """Return whether a single text that was not taken as no value may well be none: a word, and no label."""
    return column.use != "target" and loose[0].strip() not in MARKS


def told(source: str, shown: str, loose: list[str], several: bool) -> tuple[str, str]:
    """Return what was seen of the ways to write no value, and what to do about it."""
    codes = ", ".join(f"'{text}'" for text in loose)
    declared = f"columns.{source}: {{missing: [{codes}]}}"
    if not loose:
        return (
            f"no value is written in several ways, all of them taken so: {shown}",
            "write it in one way, at the source",
        )
    if several:
        seen = f"no value is written in several ways: {shown}; {codes} count as values"
        return seen, f"leave such cells empty, or declare {declared}"
    return f"{shown} may mean no value, and counts as one", f"if it means none: {declared}"
