"""Rows whose cells stand one column beside their own: a delimiter too much, or too few.

Source: van den Burg, Nazabal & Sutton, Wrangling messy CSV files by detecting row and type patterns (2019).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import take
from landmark.statistics.shifts import cells, moved

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
LOOK, MOST_COLUMNS = 5000, 500
"""Training rows, and columns, that are looked at."""
FEWEST, SHARE = 3, 0.002
"""Rows that must have moved at one place, and their share."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns whose cells moved, in how many rows, and the first of them."""
    targets = {source for column in evidence.schema.targets for source in column.columns}
    kinds = evidence.train.schema
    bytes_ = [kinds.field(i).name for i, kind in enumerate(kinds.types) if pa.types.is_binary(kind)]
    names = [name for name in kinds.names if name not in {*targets, *bytes_}][:MOST_COLUMNS]
    look = np.linspace(0, evidence.train.num_rows - 1, min(LOOK, evidence.train.num_rows)).astype(np.int64)
    rows = take(evidence.train.select(names), look)
    table = [cells(rows.column(name)) for name in names]
    fewest = max(FEWEST, math.ceil(SHARE * len(look)))
    for side, order in (("right", 1), ("left", -1)):
        for found in moved(table[::order], fewest):
            touched = names[::order][found.first - 1 : found.last + 1][::order]
            row = int(evidence.split.train[look[found.rows]].min()) + 1
            some = f"{len(found.rows)} of {len(look)} rows" + " looked at" * (len(look) < evidence.train.num_rows)
            seen = f"in {some} the cells seem to stand one column too far to the {side}"
            todo = "look at these rows at the source: a delimiter in a text, or one that is missing"
            yield warn("shifted-rows", ", ".join(touched), seen, todo, row)
