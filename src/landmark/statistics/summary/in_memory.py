"""What is to be known of every column of a table in memory, before its type is decided.

The columns pass by as they would from a file, each by itself. Then what must be exact is made so: how many distinct
values there are, which are the most frequent, and how many rows repeat an earlier one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import ColumnProfile, TableProfile
from landmark.core.context import Executor, Progress, Serial, silent
from landmark.core.table import Ints, as_text, is_text, whole
from landmark.statistics.fingerprints import NONE, Prints, distinct, of_numbers, of_rows, of_values
from landmark.statistics.summary.blocks import ROWS, Part, Places, keep_memory
from landmark.statistics.summary.columns import Ending
from landmark.statistics.summary.drawn_rows import Drawn, joined
from landmark.statistics.summary.profile_fields import MOST_TOP, short
from landmark.statistics.summary.table_state import column_of, column_profile, drawn_rows, of_columns


class Chosen(NamedTuple):
    """The drawn rows int64 (k,) of a table, from the first, and the order of their ranks."""

    rows: Ints
    order: Ints


def profile(
    table: pa.Table, rows: Ints | None = None, executor: Executor | None = None, progress: Progress = silent
) -> TableProfile:
    """Return what is to be known of every column; `rows` (n,) are the numbers the rows have elsewhere, from 0."""
    executor = executor or Serial()
    keep_memory()
    chosen = drawn(table.num_rows, drawn_rows(table.num_columns))
    done: list[str] = []

    def looked(name: str) -> tuple[ColumnProfile, Drawn]:
        seen = look(name, whole(table.column(name)), rows, chosen)
        done.append(name)
        progress(f"profile: {len(done)} of {table.num_columns} columns", len(done) / table.num_columns)
        return seen

    seen = dict(zip(table.column_names, executor.map(looked, table.column_names), strict=True))
    columns = {name: column for name, (column, _) in seen.items()}
    found = of_columns(table.num_rows, columns, {name: own for name, (_, own) in seen.items()})
    return found.model_copy(update={"duplicates": duplicates(table, columns, executor)})


def column(name: str, array: pa.Array, rows: Ints | None = None) -> ColumnProfile:
    """Return what is to be known of one column of values (n,)."""
    array = whole(array)
    return look(name, array, rows, drawn(len(array), drawn_rows(1)))[0]


def drawn(rows: int, size: int) -> Chosen:
    """Return `size` of so many rows, those whose places have the smallest fingerprints; all if there are no more."""
    ranks = of_numbers(np.arange(rows))
    kept = np.arange(rows) if rows <= size else np.sort(np.argpartition(ranks, size)[:size])
    return Chosen(kept, np.argsort(ranks[kept]))


def look(name: str, array: pa.Array, rows: Ints | None, chosen: Chosen) -> tuple[ColumnProfile, Drawn]:
    """Return the profile of one column of values (n,), and what its drawn rows hold, in the order of their ranks."""
    state = column_of(array.type)
    parts, lengths = list[Drawn](), list[int]()
    for start in range(0, len(array), ROWS):
        stop = min(start + ROWS, len(array))
        own = chosen.rows[slice(*np.searchsorted(chosen.rows, (start, stop)))] - start
        numbers = np.arange(start, stop) if rows is None else rows[start:stop]
        before = array.slice(start - 1, 1) if start else None
        parts.append(state.update(Part(array.slice(start, ROWS), Places(start), numbers, own, None, before)))
        lengths.append(len(own))
    kept = joined(parts, lengths, chosen.order) if parts else Drawn()
    ending = Ending(kept, None, int if rows is None else lambda place: int(rows[place]))
    found = column_profile(name, array.type, state, ending)
    return (found if found.exact else counted_exactly(found, array)), kept


def counted_exactly(known: ColumnProfile, array: pa.Array) -> ColumnProfile:
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
