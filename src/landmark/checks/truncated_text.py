"""Texts that were all cut off at one length, as a field of a database does that holds no more.

Source: Kim, Choi, Hong, Kim & Lee, A Taxonomy of Dirty Data (2003).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import is_text

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
FEWEST, SHORTEST, WORDS = 5, 10, 2.0
"""Different texts of the greatest length, its characters, and words of a text on average, for it to be a cut."""
BELOW, APART = 0.1, 5.0
"""Share of the greatest length whose lengths are compared with it, and standard deviations it must stand out by."""
MOST = 0.8
"""Share of the texts of the greatest length from which they are all that long by nature."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns in which far more texts have the greatest length than have one a little below it."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        written = column.type in ("text", "category") and known.words_mean >= WORDS
        if not written or known.length_max < SHORTEST or not is_text(evidence.train.schema.field(source).type):
            continue
        array = evidence.values(column, source, evidence.train)
        longest = cut_at(pc.unique(array.drop_null()))
        if longest is not None:
            where = np.asarray(pc.equal(pc.utf8_length(array), longest).fill_null(False).to_numpy(zero_copy_only=False))
            seen = f"{int(where.sum())} texts are {longest} characters long and none is longer: they seem to be cut off"
            yield warn(
                "truncated-text", source, seen, "read the whole texts from the source", evidence.train_row(where)
            )


def cut_at(texts: pa.Array) -> int | None:
    """Return the length at which different texts (n,) were cut, None where the greatest length is nothing special.

    >>> cut_at(pa.array([("x" * i)[:60] for i in range(10, 100)])), cut_at(pa.array(["x" * i for i in range(10, 100)]))
    (60, None)
    """
    lengths = np.asarray(pc.utf8_length(texts).to_numpy(zero_copy_only=False), np.int64)
    counts = np.bincount(lengths, minlength=1)
    longest = len(counts) - 1
    width = max(int(BELOW * longest), 2)
    usual = float(counts[max(longest - width, 0) : longest].mean()) if longest else 0.0
    stands_out = counts[longest] > usual + APART * np.sqrt(max(usual, 1.0))
    enough = longest >= SHORTEST and FEWEST <= counts[longest] <= MOST * len(texts)
    return longest if enough and stands_out else None
