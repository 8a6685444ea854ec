"""A column that says what another one says already: times a price, in another order of numbers, by other names.

Source: Papenbrock et al., Functional Dependency Discovery (2015).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, note
from landmark.core.table import Floats
from landmark.statistics.association import codes

HOLDS_AT: ReadinessLevel = "B1"
FALSE_ALARMS = 0.0
ROWS, MOST_COLUMNS = 2000, 1000
"""Training rows, and columns of numbers, that are compared."""
SAME, NEARLY, FEWEST = 0.9995, 0.99, 20
"""Correlation from which two columns say the same, or are looked at closely, and different numbers they must have."""
MOST_KINDS, FEWEST_OF_ONE = 0.5, 5
"""Distinct values by row, above which any two columns of names go together; and rows of the second most frequent."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each input that repeats an earlier one, and how: by a factor, by the order of its numbers, by its kinds."""
    features = {source: column for column in evidence.schema.features for source in column.columns}
    found = dict[str, Finding]()
    for finding in (*same_kinds(evidence, features), *same_numbers(evidence, features)):
        found.setdefault(finding.where, finding)
    yield from found.values()


def same_kinds(evidence: Evidence, features: dict[str, Column]) -> Iterator[Finding]:
    """Yield the columns whose values stand for those of another one, each for one and the same."""
    rows = evidence.looked[0]
    first = dict[bytes, str]()
    for source, column in features.items():
        if column.type not in ("category", "binary", "text", "number"):
            continue
        kinds = codes(evidence.values(column, source, rows))
        sizes = np.sort(np.bincount(kinds[kinds >= 0]))[::-1]
        if not 2 <= len(sizes) <= MOST_KINDS * len(kinds) or sizes[1] < FEWEST_OF_ONE:
            continue
        other = first.setdefault(hashlib.blake2b(kinds.tobytes(), digest_size=16).digest(), source)
        if other != source:
            seen = f"each of its {len(sizes)} values stands for one of '{other}', in all of {len(kinds)} training rows"
            yield said(source, other, seen)


def same_numbers(evidence: Evidence, features: dict[str, Column]) -> Iterator[Finding]:
    """Yield the columns of numbers that are another one times a factor, or have its order."""
    look = np.linspace(0, len(evidence.look()) - 1, min(ROWS, len(evidence.look()))).astype(np.int64)
    numbers = [s for s, column in features.items() if column.type in ("number", "geo")][:MOST_COLUMNS]
    read = {source: evidence.numbers(features[source], source)[look] for source in numbers}
    read = {source: x for source, x in read.items() if np.unique(x[~np.isnan(x)]).size >= FEWEST}
    if len(read) < 2:
        return
    names = list(read)
    lines, orders = (np.stack([standard(x) for x in view]) for view in (read.values(), map(ranks, read.values())))
    together = np.maximum(np.abs(lines @ lines.T), np.abs(orders @ orders.T))
    for other, one in np.argwhere(np.triu(together, 1) >= NEARLY):
        x, y = read[names[other]], read[names[one]]
        both = ~np.isnan(x) & ~np.isnan(y)
        x, y = x[both], y[both]
        if len(x) < FEWEST or abs(float(standard(ranks(x)) @ standard(ranks(y)))) < NEARLY:
            continue
        if abs(float(standard(x) @ standard(y))) >= SAME:
            slope = float(np.std(y) / np.std(x)) * (1 if float(standard(x) @ standard(y)) > 0 else -1)
            shift = float(np.mean(y) - slope * np.mean(x))
            more = f" {'+' if shift > 0 else '-'} {abs(shift):.4g}" if abs(shift) > 0.01 * float(np.std(y)) else ""
            yield said(names[one], names[other], f"it is '{names[other]}' x{slope:.4g}{more}")
        elif abs(float(standard(ranks(x)) @ standard(ranks(y)))) >= SAME:
            yield said(names[one], names[other], f"it puts rows in the order of '{names[other]}'")


def said(source: str, other: str, seen: str) -> Finding:
    """Return that one column repeats another."""
    return note("repeated-column", source, seen, f"one of both is enough: columns.{source}: {{use: ignore}}")


def standard(x: Floats) -> Floats:
    """Return numbers (n,) around 0 with length 1, 0 where there is none."""
    centred = np.nan_to_num(x - np.nanmean(x))
    length = float(np.sqrt(centred @ centred))
    return centred / length if length > 0 else centred


def ranks(x: Floats) -> Floats:
    """Return the ranks of numbers (n,), that of equals in the middle; NaN where there is none."""
    known = ~np.isnan(x)
    _, place, sizes = np.unique(x[known], return_inverse=True, return_counts=True)
    result = np.full(len(x), np.nan)
    result[known] = (np.cumsum(sizes) - sizes / 2)[place]
    return result
