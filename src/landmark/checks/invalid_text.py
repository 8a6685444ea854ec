"""Text that was damaged on its way: a NUL, the mark of lost bytes, or an encoding that was taken for another.

Source: The Unicode Standard 15.0 (2022), sections 3.9 and 23.8; for UTF-8 read as Windows-1252: R. Speer, ftfy (2019).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import is_text, take, whole

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
WHAT = {
    "nul": ("a NUL character, which browsers cut off", "remove it at the source"),
    "invalid": ("U+FFFD, in place of bytes that are not text in this encoding", "declare data.format.encoding"),
}
AFTER = "\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"
"""What the second and later bytes of a character in UTF-8 become in Latin-1, and in Windows-1252."""
MISREAD = f"[ÂÃÅ][{AFTER}]|â[\u0080€][{AFTER}]|ð[\u009fŸ][{AFTER}]|(?:[ÐÑ][{AFTER}]){{3}}|[\u0080-\u009f]"
"""UTF-8 read as one of these, as Ã© for é and â€™ for an apostrophe; and Windows-1252 read as Latin-1."""
LOOK = 100_000
"""Training rows in which such texts are looked for."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns and rows where such a character was first seen, in training and in judging rows."""
    for part, profile in (("training", evidence.profile.train), ("judging", evidence.profile.test)):
        for name, known in profile.columns.items():
            for code, (what, todo) in WHAT.items():
                if code in known.oddities:
                    seen = f"{what}, in {part} rows: {known.oddities[code].text!r}"
                    yield warn("invalid-text", name, seen, todo, known.oddities[code].row)
    yield from misread(evidence)


def misread(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of texts that were read in another encoding than they were written in."""
    names = [source for _, source in evidence.sources() if is_written(evidence, source)]
    look = np.linspace(0, evidence.train.num_rows - 1, min(LOOK, evidence.train.num_rows)).astype(np.int64)
    rows = take(evidence.train.select(names), look)
    for name in names:
        coded = whole(rows.column(name)).dictionary_encode()
        odd = pc.match_substring_regex(coded.dictionary, MISREAD)
        if pc.any(odd).as_py():
            hits = np.asarray(odd.take(coded.indices).fill_null(False).to_numpy(zero_copy_only=False), bool)
            row = int(evidence.split.train[look[int(np.argmax(hits))]]) + 1
            part = pc.extract_regex(coded.dictionary.filter(odd).slice(0, 1), f"(?P<odd>{MISREAD})")
            seen = (
                f"{int(hits.sum())} of {len(look)} rows hold text read in a wrong encoding: {part[0].as_py()['odd']!r}"
            )
            yield warn("invalid-text", name, seen, "declare data.format.encoding, or mend them", row)


def is_written(evidence: Evidence, source: str) -> bool:
    """Return whether a source column holds texts that are not all numbers."""
    known = evidence.profile.train.columns[source]
    return is_text(evidence.train.schema.field(source).type) and known.numbers < 1 and known.values > 0
