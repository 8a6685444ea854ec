"""One kind written in several ways: Berlin, berlin, "Berlin ", Berlim.

Source: Rahm & Do, Data Cleaning: Problems and Current Approaches (2000).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Ints, is_text
from landmark.statistics.spelling import misspelt

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MOST_KINDS, MOST_NAMED = 5000, 3
"""Kinds above which a column is not looked at, and groups of spellings that are named."""
FREQUENT, RARER = 20, 20
"""Rows of a kind from which others may be slips of it, and how many times rarer than it a slip is."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns in which kinds differ in case, in blanks, in what joins words, or by a slip of the hand."""
    for column, source in evidence.sources():
        known = evidence.profile.train.columns[source]
        kinds = column.type in ("category", "binary") and known.distinct <= MOST_KINDS
        if not kinds or not is_text(evidence.train.schema.field(source).type):
            continue
        coded = evidence.values(column, source, evidence.train).dictionary_encode()
        texts, codes = coded.dictionary.to_pylist(), np.asarray(coded.indices.fill_null(-1).to_numpy(), np.int64)
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            groups[plain(text)].append(place)
        several = [places for places in groups.values() if len(places) > 1]
        if several:
            named = "; ".join(" = ".join(repr(texts[p]) for p in places) for places in several[:MOST_NAMED])
            seen = f"{len(several)} kinds are written in several ways: {named}"
            row = evidence.train_row(np.equal(codes, several[0][1]))
            yield warn("category-variants", source, seen, "write each in one way, at the source", row)
        yield from slips(evidence, source, groups, codes)


def slips(evidence: Evidence, source: str, groups: dict[str, list[int]], codes: Ints) -> Iterator[Finding]:
    """Say which rare kinds are one slip away from a frequent one; `groups` are places in the codes by plain text."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    sizes = {text: int(counts[places].sum()) for text, places in groups.items()}
    frequent = [text for text, size in sizes.items() if size >= FREQUENT]
    most = max(sizes.values(), default=0)
    rare = [text for text, size in sizes.items() if size * RARER <= most]
    found = [(slip, of) for slip, of in misspelt(rare, frequent) if sizes[slip] * RARER <= sizes[of]]
    if found:
        rows = np.isin(codes, [place for slip, _ in found for place in groups[slip]])
        named = "; ".join(f"'{slip}' {sizes[slip]}, '{of}' {sizes[of]}" for slip, of in found[:MOST_NAMED])
        seen = f"{int(rows.sum())} rows hold a rare kind that is one letter from a frequent one: {named}"
        todo = "if they are slips, mend them at the source"
        yield warn("category-variants", source, seen, todo, evidence.train_row(rows))


def plain(text: str) -> str:
    """Return a kind without what people vary: case, blanks around, and what stands between words.

    >>> plain(" New-York ") == plain("new york"), plain("A-") == plain("A")
    (True, False)
    """
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", text.strip().casefold())
