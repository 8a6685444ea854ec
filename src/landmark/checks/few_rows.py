"""Too few rows, or too few of one label, to learn from and to judge by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import as_text
from landmark.statistics.association import codes

HOLDS_AT: ReadinessLevel = "A4"
FALSE_ALARMS = 0.0
FEWEST, FEWEST_OF_ONE = 50, 10
"""Training rows in all, and of one label, below which a score is mostly chance."""
MOST_NAMED = 5


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say so for the whole, and name the rarest labels of each output; of a label with one row, its row."""
    rows = evidence.train.num_rows
    if rows < FEWEST:
        yield warn("few-rows", "rows", f"{rows} training rows", f"bring at least {FEWEST}, better many more")
    for target in evidence.schema.targets:
        if target.type in ("binary", "category"):
            yield from rare_labels(evidence, target.name, evidence.values(target, target.columns[0], evidence.train))


def rare_labels(evidence: Evidence, name: str, truth: pa.Array) -> Iterator[Finding]:
    """Name the labels of one output that have few rows."""
    labels = as_text(pc.unique(truth).drop_null()).to_pylist()
    places = codes(truth)
    sizes = np.bincount(places[places >= 0], minlength=len(labels))
    rare = np.flatnonzero(sizes < FEWEST_OF_ONE)
    rare = rare[np.argsort(sizes[rare], kind="stable")]
    single = [int(place) for place in rare if sizes[place] == 1][:MOST_NAMED]
    for place in single:
        seen = f"'{labels[place]}' has one training row: it can be learnt or judged, not both"
        todo = "bring more such rows, or join the label with another"
        yield warn("few-rows", name, seen, todo, evidence.train_row(places == place))
    if len(rare) > len(single):
        few = ", ".join(f"'{labels[place]}' {sizes[place]}" for place in rare[:MOST_NAMED])
        seen = f"{len(rare)} of {len(labels)} labels have fewer than {FEWEST_OF_ONE} training rows: {few}"
        yield warn("few-rows", name, seen, "bring more such rows, or join labels")
