"""A key that goes with the target: the rows were sorted, sampled or numbered by it, or the target grows in time.

Source: Kaufman, Rosset & Perlich, Leakage in Data Mining (2011).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats, as_text, take
from landmark.statistics.agreement import comparable, sortedness
from landmark.statistics.association import quantities

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
MUCH = 0.15
"""Part of the order of the keys that the target explains."""
FEWEST = 100
"""Rows below which a target may go with anything."""
NUMBERED = r"(?P<number>[0-9]{1,15})[^0-9]*$"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the identifiers whose order, by the number in them, goes with an output."""
    rows = take(evidence.train, evidence.look())
    for column in evidence.schema.using("identifier"):
        source = column.columns[0]
        x = number_of(evidence.values(column, source, rows)) if rows.num_rows >= FEWEST else None
        if x is None:
            continue
        given = ~np.isnan(x)
        for target in evidence.schema.targets:
            truth = comparable(evidence.values(target, target.columns[0], rows), target.type == "number")
            told = sortedness(truth[given], x[given])
            if told > MUCH:
                seen = f"it names rows, and '{target.name}' explains {told:.0%} of their order by it"
                todo = f"find out how rows are numbered; perhaps split: {{by: time, column: {source}}}"
                yield warn("identifier-leak", source, seen, todo)


def number_of(keys: pa.Array) -> Floats | None:
    """Return the number in each key (n,): itself, or its last digits; NaN where it has none, None where most have none.

    >>> number_of(pa.array(["T-0012", "T-0007a"])).tolist()
    [12.0, 7.0]
    """
    x = quantities(keys)
    if x is not None:
        return x
    found = pc.struct_field(pc.extract_regex(as_text(keys), NUMBERED), "number")
    if found.null_count > 0.5 * len(found):
        return None
    return np.asarray(found.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
