"""A table as blocks of a fixed number of rows, wherever its reader has cut it, and the rows that are drawn from it.

Sums of floats depend on where a column is cut; so it is always cut in the same places. Which rows are drawn depends on
their place in the table alone: those whose numbers have the smallest fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.table import Floats, Ints, Mask, is_text
from landmark.statistics.fingerprints import Prints, of_numbers

ROWS, FEWEST = 1 << 16, 256
"""Rows of a block: its temporary arrays of numbers stay in a core's cache. Of wide rows a block has fewer."""
BYTES, LOOK = 1 << 27, 1000
"""What a block may hold, as the first rows tell."""


class Places(NamedTuple):
    """Where rows (n,) stand in what is read: one after the other from `start` on, or only `rows` (n,) of those."""

    start: int
    rows: Ints | None = None

    def of(self, which: Ints) -> Ints:
        """Return where some of them (k,) stand."""
        return (which if self.rows is None else self.rows[which]) + self.start

    def one(self, row: int) -> int:
        """Return where one of them stands."""
        return self.start + (row if self.rows is None else int(self.rows[row]))

    def where(self, held: Mask | None) -> Places:
        """Return those of a mask (n,), all if None."""
        if held is None:
            return self
        rows = np.flatnonzero(held)
        return self._replace(rows=rows if self.rows is None else self.rows[rows])


class Part(NamedTuple):
    """One column of a block.

    places: where its rows (n,) stand; numbers int64 (n,): those they have elsewhere; drawn int64 (k,): which of them
    are drawn; weights (n,), if rows are weighed, none of them negative; before (0 or 1,): the cell above the first.
    """

    array: pa.Array
    places: Places
    numbers: Ints
    drawn: Ints
    weights: Floats | None = None
    before: pa.Array | None = None

    def held(self) -> Mask | None:
        """Return which rows (n,) have a value, None if all have."""
        if not self.array.null_count:
            return None
        return np.asarray(self.array.is_valid().to_numpy(zero_copy_only=False), bool)


class Block(NamedTuple):
    """Some rows that follow each other, and the last row before them.

    ranks uint64 (k,) order the drawn rows, of which those above `bound` are too many by now; slices int64 (n,) is the
    number of the slice that each row is in; unweighed is how many rows have no weight.
    """

    rows: pa.Table
    places: Places
    numbers: Ints
    drawn: Ints
    ranks: Prints
    bound: int
    before: pa.Table | None = None
    weights: Floats | None = None
    unweighed: int = 0
    slices: Ints | None = None

    def part(self, name: str) -> Part:
        """Return one column."""
        before = None if self.before is None else one(self.before.column(name))
        return Part(one(self.rows.column(name)), self.places, self.numbers, self.drawn, self.weights, before)

    def where(self, rows: Ints) -> Block:
        """Return some of its rows (m,), in order, as a block; of these the first is not compared to any before it."""
        weights = None if self.weights is None else self.weights[rows]
        drawn, ranks = np.flatnonzero(np.isin(rows, self.drawn)), self.ranks[np.isin(self.drawn, rows)]
        places = Places(self.places.start, rows)
        return Block(
            self.rows.take(pa.array(rows)), places, self.numbers[rows], drawn, ranks, self.bound, None, weights
        )


SLACK = 1.25
"""How many rows more than are to be drawn are kept until those too many are looked for."""


class Draw:
    """Rows drawn from a table whose length is not known: `size` of them in the end, all if there are no more."""

    def __init__(self, size: int) -> None:
        self.size, self.bound, self.pool = size, np.uint64(2**64 - 1), np.empty(0, np.uint64)

    def drawn(self, places: Ints) -> tuple[Ints, Prints]:
        """Return which of the next rows (n,) belong to those drawn so far, and their ranks."""
        ranks = of_numbers(places)
        chosen = np.flatnonzero(ranks <= self.bound)
        self.pool = np.concatenate([self.pool, ranks[chosen]])
        if len(self.pool) > SLACK * self.size:
            self.pool = np.partition(self.pool, self.size - 1)[: self.size]
            self.bound = self.pool.max()
        return chosen, ranks[chosen]


def last_of(rows: pa.Table) -> pa.Table:
    """Return the last row, copied, so that the others are not held for it."""
    return rows.slice(rows.num_rows - 1).take(pa.array([0]))


def one(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, as it is packed."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.array([], column.type)
    column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
    return pa.concat_arrays(column.chunks)


def of_batches(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[Block]:
    """Yield the rows of batches; no more than a block and a batch are held."""
    draw, start, before = Draw(size), 0, None
    for rows in _recut(batches):
        numbers = np.arange(start, start + rows.num_rows)
        drawn, ranks = draw.drawn(numbers)
        yield Block(rows, Places(start), numbers, drawn, ranks, int(draw.bound), before)
        start, before = start + rows.num_rows, last_of(rows)


def rows_of(first: pa.Table) -> int:
    """Return how many rows a block has, from the first rows of the table: fewer where these are wide."""
    width = sum(map(_bytes, first.columns)) / max(first.num_rows, 1)
    return min(ROWS, max(FEWEST, int(BYTES / max(width, 1.0))))


def _bytes(column: pa.ChunkedArray) -> int:
    """Return about how many bytes the values of a column take, however it is packed."""
    array = one(column)
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if is_text(array.type) or pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        return int(pc.sum(pc.binary_length(array), min_count=0).as_py())
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return 8 * int(pc.sum(pc.list_value_length(array), min_count=0).as_py())
    if pa.types.is_fixed_size_list(array.type):
        return 8 * int(array.type.list_size) * len(array)
    return int(array.type.byte_width if pa.types.is_fixed_size_binary(array.type) else 8) * len(array)


def _recut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    rows, batches = _looked_at(iter(batches))
    yield from _in_pieces(batches, rows)


def _looked_at(batches: Iterator[pa.RecordBatch]) -> tuple[int, Iterator[pa.RecordBatch]]:
    """Return how many rows a block has, and all batches, of which the first have been taken for it."""
    taken, have = list[pa.RecordBatch](), 0
    while have < LOOK and (batch := next(batches, None)) is not None:
        taken.append(batch)
        have += batch.num_rows
    rows = rows_of(pa.Table.from_batches(taken).slice(0, LOOK)) if have else ROWS
    return rows, chain(taken, batches)


def _in_pieces(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    have = 0
    for batch in batches:
        start = 0
        while have + batch.num_rows - start >= rows:
            waiting.append(batch.slice(start, rows - have))
            start, have = start + rows - have, 0
            yield pa.Table.from_batches(waiting)
            waiting = []
        if start < batch.num_rows:
            waiting.append(batch.slice(start))
            have += batch.num_rows - start
    if waiting:
        yield pa.Table.from_batches(waiting)


KEEP = 4 << 20
"""Bytes: more than any array of a block has. As much again is kept for each thread."""


def keep_memory() -> None:
    """Let the C library keep what is freed, so that the arrays of each block are not new pages of memory again.

    glibc takes the size of a large piece that is freed as the size from which on it asks the system anew; elsewhere
    this does nothing. Hashing a block of texts takes a third of the time then.
    Source: mallopt(3), M_MMAP_THRESHOLD, "dynamic mmap threshold".
    """
    np.empty(KEEP, np.uint8)
