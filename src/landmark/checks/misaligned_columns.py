"""A column that was sorted apart from the others, in a block of rows or in all: its values belong to other rows.

Told by a long run of rows in its order within which it does not go with what it goes with elsewhere, from one row to
the next. Where all rows are in its order nothing is left to compare with, and it is worth a note.
Source: Panko, What We Know About Spreadsheet Errors (1998); Fisher's z for the difference of two correlations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Floats, Ints, take
from landmark.statistics.agreement import ranks
from landmark.statistics.association import quantities
from landmark.statistics.moments import MISSING, moments

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
LONG, SHARE, DIFFERENT = 50, 0.03, 20
"""Rows of a run, their share of all rows, and different values in it, that chance does not put in order."""
REST = 0.1
"""Share of rows outside of it that are enough to compare it with."""
TOLD, LOST = 0.2, 0.5
"""Correlation from row to row from which columns go together, and part of it up to which it is lost."""
SURE = 4.0
"""Standard deviations between two correlations."""
MOST_COLUMNS = 300


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name such columns of numbers, and the first row of the block."""
    order = np.argsort(evidence.split.train, kind="stable")[evidence.look()]
    table = ordered_columns(evidence, order)
    numbers = {
        source for column in evidence.schema.features if column.type in ("number", "geo") for source in column.columns
    }
    for source in (name for name in table if name in numbers):
        x = table[source]
        start, stop = longest_run(x)
        if stop - start < max(LONG, SHARE * len(x)) or len(np.unique(x[start:stop])) < DIFFERENT:
            continue
        row = int(evidence.split.train[order[start]]) + 1
        known = evidence.profile.train.columns[source]
        partner = lost(x, {name: y for name, y in table.items() if name != source}, start, stop)
        if len(x) - (stop - start) < REST * len(x):
            if known.distinct < known.values or known.integers < 1:
                todo = "if it was sorted apart from the others, take the rows from the source again"
                yield note(
                    "misaligned-columns", source, "the rows are in its order, and in that of no other", todo, row
                )
        elif partner is not None:
            name, outside, inside = partner
            seen = (
                f"{stop - start} rows that follow each other are in its order, and there it does not go with "
                f"'{name}' (correlation {inside:.2f}, elsewhere {outside:.2f}): it seems to be sorted apart"
            )
            yield warn("misaligned-columns", source, seen, "take the rows from the source again", row)


def ordered_columns(evidence: Evidence, order: Ints) -> dict[str, Floats]:
    """Return the ranks (n,) of columns of numbers and dates, outputs among them, in the order of the table."""
    rows = take(evidence.train, order)
    table: dict[str, Floats] = {}
    for column, source in evidence.sources()[:MOST_COLUMNS]:
        values = evidence.values(column, source, rows)
        if column.type == "date":
            when = moments(values, column.options)
            table[source] = ranks(np.where(when == MISSING, np.nan, when))
        elif column.type in ("number", "geo") and (x := quantities(values)) is not None:
            table[source] = ranks(x)
    return table


def longest_run(x: Floats) -> tuple[int, int]:
    """Return where the longest part of x (n,) begins and ends that only rises, or only falls; NaN is passed over.

    >>> longest_run(np.array([5.0, 1, 2, np.nan, 2, 7, 3]))
    (1, 6)
    """
    known = np.flatnonzero(~np.isnan(x))
    best = (0, 0)
    for sign in (1, -1):
        breaks = np.flatnonzero(np.diff(sign * x[known]) < 0) + 1
        starts, ends = np.concatenate([[0], breaks]), np.concatenate([breaks, [len(known)]])
        longest = int(np.argmax(ends - starts)) if len(known) else 0
        if len(known) and ends[longest] - starts[longest] > best[1] - best[0]:
            best = (int(known[starts[longest]]), int(known[ends[longest] - 1]) + 1)
    return best


def lost(x: Floats, others: dict[str, Floats], start: int, stop: int) -> tuple[str, float, float] | None:
    """Return the column that x (n,) goes with most outside of a block and not within it, and both correlations.

    From row to row, because what follows time or place goes with all else that does; and as a whole, because rows that
    were put in order together differ little from one to the next.
    """
    inside = np.zeros(len(x), bool)
    inside[start:stop] = True
    outside = {name: np.nan_to_num(correlation(np.diff(x[~inside]), np.diff(y[~inside]))) for name, y in others.items()}
    name = max(outside, key=lambda name: abs(outside[name]), default="")
    if not name or abs(outside[name]) < TOLD:
        return None
    y, sizes = others[name], (stop - start, len(x) - (stop - start))
    within = correlation(np.diff(x[inside]), np.diff(y[inside]))
    parts = correlation(x[inside], y[inside]), correlation(x[~inside], y[~inside])
    both = is_less(within, outside[name], sizes) and is_less(parts[0], parts[1], sizes)
    return (name, outside[name], within) if both and abs(within) <= LOST * abs(outside[name]) else None


def is_less(one: float, other: float, sizes: tuple[int, int]) -> bool:
    """Return whether a correlation in so many rows is weaker than another one in others, and surely so."""
    apart = np.arctanh(min(abs(other), 0.999)) - np.arctanh(min(abs(one), 0.999))
    return bool(apart > SURE * np.sqrt(sum(1 / max(size - 3, 1) for size in sizes)))


def correlation(one: Floats, other: Floats) -> float:
    """Return the correlation of two columns (n,) where both are known; NaN where one of them is constant."""
    known = ~np.isnan(one) & ~np.isnan(other)
    a, b = one[known], other[known]
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
