"""What a table in memory allows to count exactly: distinct values, frequent ones, repeated rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import ColumnProfile
from landmark.core.context import Executor
from landmark.core.table import Ints, as_text, is_text
from landmark.statistics.blocks import ROWS
from landmark.statistics.facts import MOST_TOP, short
from landmark.statistics.fingerprints import NONE, Prints, distinct, of_rows, of_values


def exactly(known: ColumnProfile, array: pa.Array) -> ColumnProfile:
    """Return the profile of a column of values (n,) with its distinct and its frequent values counted one by one."""
    if is_text(array.type):
        array = array.filter(pc.not_equal(array, ""))
    prints = of_values(array)
    ordered = np.sort(prints)
    ordered = ordered[ordered != NONE]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.append(starts, len(ordered)))
    update: dict[str, Any] = {"distinct": len(starts), "exact": True, "distinct_error": 0.0, "top_error": 0}
    if known.top:
        rows = most_frequent(prints, ordered[starts], counts)
        names = as_text(array.take(pa.array(rows))).to_pylist()
        each = counts[np.searchsorted(ordered[starts], prints[rows])].tolist()
        update["top"] = tuple(zip(map(short, names), each, strict=True))
    if len(starts) < known.values:
        update["keys"] = 0.0
    return known.model_copy(update=update)


def most_frequent(prints: Prints, values: Prints, counts: Ints) -> Ints:
    """Return a row (k,) of each of the most frequent values, of equals the one first seen.

    prints (n,) are those of the rows; values (d,) the distinct ones in order, counts (d,) how often each occurs.
    """
    least = int(np.sort(counts)[-MOST_TOP:][0])
    above = int(np.count_nonzero(counts > least))
    places = np.flatnonzero(counts >= least)
    wanted, often = values[places], counts[places]
    found: list[tuple[int, int]] = []
    seen = np.zeros(len(wanted), bool)
    for start in range(0, len(prints), ROWS):
        own = prints[start : start + ROWS]
        at = np.minimum(np.searchsorted(wanted, own), len(wanted) - 1)
        new = np.flatnonzero((wanted[at] == own) & ~seen[at])
        which, first = np.unique(at[new], return_index=True)
        seen[which] = True
        found += zip((-often[which]).tolist(), (new[first] + start).tolist(), strict=True)
        found = sorted(found)[:MOST_TOP]
        if len(found) == MOST_TOP and np.count_nonzero(seen[often > least]) == above:
            break
    return np.array([row for _, row in found], np.int64)


def duplicates(table: pa.Table, columns: dict[str, ColumnProfile], executor: Executor) -> int:
    """Return how many rows repeat an earlier one; none does where the values of a column all differ."""
    if any(column.exact and column.distinct == table.num_rows for column in columns.values()):
        return 0
    cuts = range(0, table.num_rows, ROWS)
    prints = executor.map(lambda start: of_rows(table.slice(start, ROWS)), cuts)
    return int(table.num_rows) - distinct(np.concatenate([np.empty(0, np.uint64), *prints]))
