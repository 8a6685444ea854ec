"""What tells people apart, in a column that everybody who sees the table, or the model, may read.

Found are mail addresses, phone, card, account (IBAN) and IP numbers, and the national numbers of the US, Spain, Italy,
France, Brazil, China, Finland and Sweden; in a column of whole numbers only those of cards. What is found is counted,
and never repeated.
Source: Regulation (EU) 2016/679, article 4 (1); the check digits: `statistics/personal.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import as_text, is_text, take, whole
from landmark.statistics.personal import SUSPECT, card_numbers, personal

HOLDS_AT: ReadinessLevel = "C1"
FALSE_ALARMS = 0.0
LOOK, LONGEST = 50_000, 5000
"""Training rows that are looked at, and characters of a text."""
LONG, EXACT = 1e11, 2.0**53
"""The least number of twelve digits, and that up to which a floating-point number holds all of its digits."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of texts that hold personal data, of which kinds, in how many rows, and the first of them."""
    look = np.linspace(0, evidence.train.num_rows - 1, min(LOOK, evidence.train.num_rows)).astype(np.int64)
    used = [*evidence.sources(), *((c, s) for c in evidence.schema.using("identifier") for s in c.columns)]
    digits = [source for _, source in used if is_long(evidence, source)]
    names = [source for _, source in used if source in digits or is_written(evidence, source)]
    rows = take(evidence.train.select(names), look)
    for name in names:
        written = as_digits(whole(rows.column(name))) if name in digits else whole(rows.column(name))
        coded = pc.utf8_slice_codeunits(written, 0, LONGEST).dictionary_encode()
        places = np.flatnonzero(pc.match_substring_regex(coded.dictionary, SUSPECT).to_numpy(zero_copy_only=False))
        found = (card_numbers if name in digits else personal)(coded.dictionary.take(pa.array(places)).to_pylist())
        if found:
            codes = coded.indices.fill_null(-1).to_numpy()
            where = {kind: np.isin(codes, places[held]) for kind, held in found.items()}
            first = int(np.argmax(np.logical_or.reduce(list(where.values()))))
            counted = ", ".join(f"{kind} in {int(hits.sum())}" for kind, hits in where.items())
            seen = f"of {len(look)} training rows that were looked at: {counted}"
            todo = f"take them out at the source, declare columns.{name}: {{use: ignore}}, or waive with a legal basis"
            yield warn("personal-data", name, seen, todo, int(evidence.split.train[look[first]]) + 1)


def is_written(evidence: Evidence, source: str) -> bool:
    """Return whether a source column holds texts that are neither all numbers nor all dates."""
    known = evidence.profile.train.columns[source]
    read = known.numbers == 1 or max(known.dates.values(), default=0.0) == 1
    return is_text(evidence.train.schema.field(source).type) and known.values > 0 and not read


def is_long(evidence: Evidence, source: str) -> bool:
    """Return whether a source column holds whole numbers alone, some of at least twelve digits, and all exactly."""
    known = evidence.profile.train.columns[source]
    kind, most = evidence.train.schema.field(source).type, known.maximum or 0.0
    exact = is_text(kind) or pa.types.is_integer(kind) or (pa.types.is_floating(kind) and most < EXACT)
    return exact and known.integers == 1 and most >= LONG


def as_digits(array: pa.Array) -> pa.Array:
    """Return whole numbers (n,), or texts (n,) of them, as texts."""
    return as_text(array.cast(pa.int64(), safe=False) if pa.types.is_floating(array.type) else array)
