"""Labels that rows alike contradict: as often where these are of one mind as elsewhere, so that it is not the border.

Without a model, wrong labels cannot be told from a question that the columns do not decide, and few wrong labels cannot
be told at all: this is a note, never a warning, and nothing is said below an eighth. After training, the evaluation
ranks the rows whose labels are most likely wrong.
Source: Cover & Hart, Nearest neighbor pattern classification (1967); Northcutt, Jiang & Chuang, Confident Learning
(2021).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note
from landmark.core.table import Floats, Ints, take
from landmark.statistics.association import codes, quantities
from landmark.statistics.neighbours import Points, of_kinds, of_numbers, of_texts, votes

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
LOOK, FEWEST, MOST_COLUMNS = 2000, 400, 100
"""Training rows that are compared with each other, rows without which nothing is told, and columns."""
SURE, HALF = 0.2, 0.5
"""Parts of the rows, those whose neighbours agree most first, in which labels are compared with what these say."""
LEAST, MOST, FLAT, RISE, BETTER = 0.12, 0.42, 0.8, 2.0, 0.95
"""Contradicted labels in the first part: how many; how many at most; by those in the second; how many times those
in the second all may be; by those that the commonest label leaves."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say for each output how many labels may be wrong, and name the first row that all its neighbours contradict."""
    look = np.linspace(0, evidence.train.num_rows - 1, min(LOOK, evidence.train.num_rows)).astype(np.int64)
    rows = take(evidence.train, look)
    targets = [target for target in evidence.schema.targets if target.type in ("binary", "category")]
    points = points_of(evidence, rows) if targets and len(look) >= FEWEST else None
    if points is None:
        return
    for target in targets:
        labels = codes(evidence.values(target, target.columns[0], rows))
        known = np.flatnonzero(labels >= 0)
        if len(known) < FEWEST:
            continue
        said, share = votes(points[known], labels[known])
        if (wrong := contradicted(labels[known], said, share)) is not None:
            odd = (said != labels[known]) & (share == share.max())
            row = int(evidence.split.train[look[known[int(np.argmax(odd))]]]) + 1 if odd.any() else None
            seen = (
                f"{wrong:.0%} of the rows whose neighbours agree most have another label than these: about so many may "
                "be wrong, or be decided by what no column holds"
            )
            yield note("label-noise", target.name, seen, "let somebody label a hundred rows again, and compare", row)


def contradicted(labels: Ints, said: Ints, share: Floats) -> float | None:
    """Return the share of labels (n,) that sure neighbours contradict, None where it is small or only at the border."""
    order = np.argsort(-share, kind="stable")
    wrong = (said != labels)[order]
    sure, half, all_of_them = (float(wrong[: int(part * len(wrong))].mean()) for part in (SURE, HALF, 1.0))
    usual = 1 - float(np.bincount(labels).max()) / len(labels)
    flat = sure >= FLAT * half and all_of_them <= RISE * half
    return sure if flat and LEAST <= sure <= min(MOST, BETTER * usual) else None


def points_of(evidence: Evidence, rows: pa.Table) -> Points | None:
    """Return the inputs of rows (n,) as points, None where there are none to be compared."""
    parts: list[Points] = []
    columns = [(column, source) for column in evidence.schema.features for source in column.columns]
    for column, source in columns[:MOST_COLUMNS]:
        values = evidence.values(column, source, rows)
        if column.type in ("number", "geo") and (x := quantities(values)) is not None:
            parts.append(of_numbers(x))
        elif column.type in ("text", "set"):
            parts.append(of_texts(values))
        elif column.type in ("category", "binary"):
            parts.append(of_kinds(values))
    return np.concatenate(parts, axis=1) if parts else None
