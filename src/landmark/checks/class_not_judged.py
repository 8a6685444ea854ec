"""A label that no judging row has: how well it is told, nobody will know.

Source: Sechidis, Tsoumakas & Vlahavas, On the Stratification of Multi-Label Data (2011).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import as_text, has

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
EXPECTED, MOST_NAMED = 5.0, 5
"""Judging rows that a label should have by its share in training for their lack to be no chance; labels named."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name such labels of each output, the most frequent ones first."""
    for target in evidence.schema.targets:
        source = target.columns[0]
        if target.type not in ("binary", "category") or not has(evidence.test, source):
            continue
        taught, judged = (as_text(evidence.values(target, source, rows)) for rows in (evidence.train, evidence.test))
        counted = pc.value_counts(taught.drop_null())
        alone = pc.invert(pc.is_in(counted.field("values"), pc.unique(judged).drop_null()))
        counts = np.asarray(counted.field("counts").filter(alone).to_numpy(zero_copy_only=False), np.int64)
        if len(counts) and judged.null_count < len(judged):
            labels = counted.field("values").filter(alone).to_pylist()
            order = np.argsort(-counts, kind="stable")
            named = ", ".join(f"'{labels[i]}' {counts[i]}" for i in order[:MOST_NAMED])
            wanted = counts.max() / len(taught) * (len(judged) - judged.null_count)
            seen = f"{len(labels)} labels have no judging row; their training rows: {named}"
            say = warn if wanted >= EXPECTED else note
            yield say(
                "class-not-judged", target.name, seen, "bring judging rows with these labels, or split stratified"
            )
