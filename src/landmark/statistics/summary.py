"""What is to be known of every column of a table in memory, before its type is decided.

The columns pass by as they would from a file, each by itself. Then what must be exact is made so: how many distinct
values there are, which are the most frequent, and how many rows repeat an earlier one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from landmark.artifacts.profile import ColumnProfile, TableProfile
from landmark.core.context import Executor, Progress, Serial, silent
from landmark.core.table import Ints, whole
from landmark.statistics.blocks import ROWS, Part, Places
from landmark.statistics.columns import Ending
from landmark.statistics.exactly import duplicates, exactly
from landmark.statistics.facts import Drawn
from landmark.statistics.fingerprints import of_numbers
from landmark.statistics.gather import joined
from landmark.statistics.memory import keep_memory
from landmark.statistics.tables import column_of, column_profile, drawn_rows, of_columns


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
    return (found if found.exact else exactly(found, array)), kept


def compact(known: ColumnProfile) -> dict[str, Any]:
    """Return the reference summary that a model file carries: no value but numbers and repeated labels.

    A text that occurs once may be somebody's name; labels are kept where they repeat and the column has few.
    """
    kept: dict[str, Any] = {"count": known.count, "missing": known.missing, "distinct": known.distinct}
    numeric = {name: getattr(known, name) for name in ("minimum", "maximum", "mean", "std")}
    kept |= {name: value for name, value in numeric.items() if value is not None and np.isfinite(value)}
    if known.quantiles:
        kept["quantiles"] = list(known.quantiles)
    if known.length_max and known.numbers < 1:
        kept |= {"length_mean": known.length_mean, "length_max": known.length_max, "words_mean": known.words_mean}
    if known.distinct <= known.values / 10:
        kept["top"] = [[text, count] for text, count in known.top if count > 1]
    return kept
