"""One kind written in several ways: Berlin, berlin, "Berlin "."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import is_text

HOLDS_AT: ReadinessLevel = "B3"
MOST_KINDS, MOST_NAMED = 5000, 3
"""Kinds above which a column is not looked at, and groups of spellings that are named."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns in which kinds differ in case, in blanks, or in what joins their words."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        kinds = column.type in ("category", "binary") and known.distinct <= MOST_KINDS
        if not kinds or not is_text(evidence.train.schema.field(source).type):
            continue
        coded = evidence.values(column, source, evidence.train).dictionary_encode()
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(coded.dictionary.to_pylist()):
            groups[plain(text)].append(place)
        several = [places for places in groups.values() if len(places) > 1]
        if several:
            codes = coded.indices.fill_null(-1).to_numpy()
            texts = coded.dictionary.to_pylist()
            named = "; ".join(" = ".join(repr(texts[p]) for p in places) for places in several[:MOST_NAMED])
            seen = f"{len(several)} kinds are written in several ways: {named}"
            row = evidence.train_row(np.equal(codes, several[0][1]))
            yield warn("category-variants", source, seen, "write each in one way, at the source", row)


def plain(text: str) -> str:
    """Return a kind without what people vary: case, blanks around, and what stands between words.

    >>> plain(" New-York ") == plain("new york"), plain("A-") == plain("A")
    (True, False)
    """
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", text.strip().casefold())
