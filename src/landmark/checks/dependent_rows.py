"""Rows that are not independent: several of one subject, or neighbours in a table that follows time or place.

Split at random, they are judged by what is nearly known. Told by how much more alike such rows are than any two.
Source: Roberts et al., Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic
structure (2017).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Ints, take
from landmark.statistics.agreement import Comparable, agreement, comparable, sortedness, within
from landmark.statistics.association import codes
from landmark.statistics.subjects import may_name_subjects

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
OF_TARGET, OF_INPUT, INPUTS = 0.3, 0.5, 0.5
"""Agreement of a target within subjects, and of an input, and share of the inputs that must agree."""
NEXT_INPUT, SORTED = 0.25, 0.1
"""Agreement of an input in neighbours; order by the target from which neighbours agree because of it."""
SURE, SURE_NEXT, FEWEST = 3.0, 5.0, 30
"""Standard deviations over chance within subjects, and of neighbours, and pairs of rows that are needed."""
MOST_INPUTS = 200


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the column of subjects whose rows are most alike, or that neighbouring rows are, with one output of them."""
    if evidence.split.by in ("group", "time"):
        return
    order = np.argsort(evidence.split.train, kind="stable")[evidence.look()]
    rows = take(evidence.train, order)
    inputs = comparable_inputs(evidence, rows)
    targets = {
        target.name: comparable(evidence.values(target, target.columns[0], rows), target.type == "number")
        for target in evidence.schema.targets
    }
    yield from of_subjects(evidence, order, inputs, targets)
    if evidence.split.by in ("random", "stratified"):
        yield from of_neighbours(inputs, targets, rows.num_rows)


def comparable_inputs(evidence: Evidence, rows: pa.Table) -> dict[str, Comparable]:
    """Return at most MOST_INPUTS inputs, by the names of their columns, to be compared."""
    columns = [(column, source) for column in evidence.schema.features for source in column.columns]
    return {
        source: comparable(evidence.values(column, source, rows), column.type in ("number", "geo"))
        for column, source in columns[:MOST_INPUTS]
    }


def of_subjects(
    evidence: Evidence, order: Ints, inputs: dict[str, Comparable], targets: dict[str, Comparable]
) -> Iterator[Finding]:
    """Say for each output in which column the rows of a subject are most alike, in rows taken in some order (n,)."""
    keys: dict[str, Ints] = {}
    for column in evidence.schema.columns.values():
        source = column.columns[0]
        if may_name_subjects(column, evidence.profile.train.columns[source]):
            values = evidence.values(column, source, evidence.train).take(pa.array(order))
            keys[source] = within(codes(values))
    for name, truth in targets.items():
        told = {source: agreement(truth, pairs) for source, pairs in keys.items() if is_alike(truth, pairs)}
        alike = {
            source: alike
            for source, (alike, _) in told.items()
            if agreeing({other: x for other, x in inputs.items() if other != source}, keys[source], OF_INPUT)
        }
        if alike:
            source = max(alike, key=lambda key: alike[key] * len(keys[key]))
            count = len(np.unique(keys[source]))
            seen = (
                f"{count} rows share it with others, which are alike in most inputs, "
                f"and in '{name}' ({alike[source]:.2f} from 0, as any two rows, to 1)"
            )
            row = int(evidence.split.train[order[keys[source].min()]]) + 1
            yield warn("dependent-rows", source, seen, f"data: {{split: {{by: group, column: {source}}}}}", row)


def is_alike(truth: Comparable, pairs: Ints) -> bool:
    """Return whether a target agrees in pairs (m, 2) of rows, by much and not by chance."""
    alike, count = agreement(truth, pairs)
    return count >= FEWEST and alike >= max(OF_TARGET, SURE / np.sqrt(count))


def agreeing(inputs: dict[str, Comparable], pairs: Ints, least: float) -> bool:
    """Return whether most of the inputs that differ at all agree in pairs (m, 2) of rows."""
    alike = [agreement(x, pairs)[0] for x in inputs.values()]
    known = [value for value in alike if not np.isnan(value)]
    return bool(known) and sum(value >= least for value in known) >= INPUTS * len(known)


def of_neighbours(inputs: dict[str, Comparable], targets: dict[str, Comparable], size: int) -> Iterator[Finding]:
    """Say for the first output for which it is so that neighbouring rows of the table are alike."""
    places = np.arange(size, dtype=np.int64)
    pairs = np.column_stack([places[:-1], places[1:]])
    for name, truth in targets.items():
        alike, count = agreement(truth, pairs)
        sorted_by_it = sortedness(truth, places.astype(np.float64)) > SORTED
        if count < FEWEST or sorted_by_it or not alike >= SURE_NEXT / np.sqrt(count):
            continue
        if agreeing(inputs, pairs, NEXT_INPUT):
            seen = f"rows that follow each other are alike in most inputs, and in '{name}' ({alike:.2f} from 0 to 1)"
            todo = "if they follow time: data: {split: {by: time, ...}}; if place or subject: {by: group, ...}"
            yield warn("dependent-rows", "rows", seen, todo)
            return
