"""Columns that are empty in the same rows: they come from one source, and its silence is one fact, not several.

Source: Little & Rubin, Statistical Analysis with Missing Data (2002), section 1.2, patterns of missing data.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note
from landmark.core.table import Floats, Ints, Mask, take

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
FEWEST, TOGETHER, APART = 5, 0.5, 5.0
"""Rows in which two columns are empty, their share of those where one is, and standard deviations over chance."""
MOST_COLUMNS, MOST_NAMED = 500, 8
"""Columns that are compared, those with most missing values, and columns that are named."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the groups of inputs that are missing together, and the first row in which the first two of a group are."""
    look = evidence.look()
    rows = take(evidence.train, look)
    gaps: dict[str, Mask] = {}
    for column in evidence.schema.features:
        for source in column.columns if column.type != "geo" else column.columns[:1]:
            known = evidence.profile.train.columns[source]
            if 0 < known.missing < known.count:
                missing = evidence.values(column, source, rows).is_null()
                gaps[source] = np.asarray(missing.to_numpy(zero_copy_only=False), bool)
    names = sorted(gaps, key=lambda name: -int(gaps[name].sum()))[:MOST_COLUMNS]
    if len(names) < 2:
        return
    table = np.stack([gaps[name] for name in names], axis=1).astype(np.float64)
    for members in groups(tied(table)):
        both = np.flatnonzero(table[:, members[0]].astype(bool) & table[:, members[1]].astype(bool))
        named = ", ".join(names[i] for i in members[:MOST_NAMED])
        seen = f"{len(members)} columns are mostly missing in the same rows: two of them in {len(both)} rows"
        todo = "find out which source was silent; one flag says as much as all of them"
        yield note("missing-together", named, seen, todo, int(evidence.split.train[look[both[0]]]) + 1)


def tied(table: Floats) -> Mask:
    """Return which columns of a table (n, k) of 0 and 1 are 1 together, as (k, k), far more often than by chance."""
    n = len(table)
    both = table.T @ table
    sizes = np.diag(both)
    expected = np.outer(sizes, sizes) / n
    often = both >= np.maximum(FEWEST, TOGETHER * np.minimum.outer(sizes, sizes))
    return np.asarray(often & (both > expected + APART * np.sqrt(expected)) & ~np.eye(len(sizes), dtype=bool), bool)


def groups(ties: Mask) -> Iterator[Ints]:
    """Yield the columns that are tied to each other, directly or through others, in their order.

    >>> [group.tolist() for group in groups(np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool))]
    [[0, 2]]
    """
    left = np.asarray(ties.any(axis=1), bool)
    while left.any():
        group = np.zeros(len(left), bool)
        group[int(np.argmax(left))] = True
        while (grown := group | ties[group].any(axis=0)).sum() > group.sum():
            group = grown
        left &= ~group
        yield np.flatnonzero(group).astype(np.int64)
