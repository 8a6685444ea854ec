"""One pass over a table that need not fit into memory, by as many workers as there are."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from functools import reduce

import numpy as np
import pyarrow as pa

from landmark.artifacts.profile import TableProfile
from landmark.core.context import Executor, Progress, Serial, silent
from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import Ints, as_text
from landmark.statistics.summary.blocks import Block, keep_memory, of_batches, one
from landmark.statistics.summary.sums.weights import usable
from landmark.statistics.summary.table_state import TableState, drawn_rows

MOST_SLICES = 20
"""Values of a column whose rows are summed up apart: those seen first; the rows of all others are one slice more."""
OTHERS = "(others)"
MISSING = "(missing)"


def profile_stream(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Progress = silent,
    weight: str | None = None,
    by: str | None = None,
) -> TableProfile:
    """Return the profile of the rows of batches, which are taken as they are needed and not kept.

    Each worker takes the next block as soon as it has done one; the profile does not depend on how many there are.
    `weight` is a column that weighs rows, `by` one whose values cut the table into slices.
    """
    for option, name in (("--weight", weight), ("--slice", by)):
        if name is not None and name not in schema.names:
            fix = did_you_mean(name, schema.names)
            raise UserError(option, f"there is no column '{name}'", fix=fix)
    keep_memory()
    slices = Slices(by)
    blocks = Shared(_prepared(of_batches(batches, drawn_rows(len(schema))), slices, weight, progress))
    states = (executor or Serial()).map(lambda _: _summed(blocks, schema), range(workers))
    whole = reduce(_merged, states)
    seen = whole.profile()
    return seen.model_copy(
        update={
            "duplicates_known": False,
            "weight": weight,
            "unweighed": whole.unweighed,
            "slices": {slices.name(number): whole.slices[number].profile() for number in sorted(whole.slices)},
        }
    )


class Shared:
    """Blocks that several workers take from, one at a time."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self.blocks, self.lock = blocks, threading.Lock()

    def __iter__(self) -> Iterator[Block]:
        while True:
            with self.lock:
                block = next(self.blocks, None)
            if block is None:
                return
            yield block


class Slices:
    """The values of a column by which rows are told apart, numbered in the order in which they are first seen."""

    def __init__(self, column: str | None) -> None:
        self.column, self.numbers = column, dict[str, int]()

    def of(self, rows: pa.Table) -> Ints | None:
        """Return the number of the slice of each row (n,)."""
        if self.column is None:
            return None
        coded = as_text(_plain(rows, self.column)).dictionary_encode(null_encoding="encode")
        names = [MISSING if text is None else text for text in coded.dictionary.to_pylist()]
        for name in names:
            if name not in self.numbers and len(self.numbers) < MOST_SLICES:
                self.numbers[name] = len(self.numbers)
        codes = np.array([self.numbers.get(name, MOST_SLICES) for name in names])
        return np.asarray(codes[coded.indices.to_numpy()], np.int64)

    def name(self, number: int) -> str:
        """Return the value of a slice."""
        return list(self.numbers)[number] if number < len(self.numbers) else OTHERS


def _summed(blocks: Iterable[Block], schema: pa.Schema) -> TableState:
    state = TableState.of(schema)
    for block in blocks:
        state.update(block)
    return state


def _merged(a: TableState, b: TableState) -> TableState:
    a.merge(b)
    return a


def _prepared(blocks: Iterator[Block], slices: Slices, weight: str | None, progress: Progress) -> Iterator[Block]:
    """Yield blocks with the weights and the slices of their rows."""
    rows = 0
    for block in blocks:
        rows += block.rows.num_rows
        progress(f"summary: {rows:,} rows", 0.0)
        weights, unweighed = (None, 0) if weight is None else usable(_plain(block.rows, weight))
        yield block._replace(weights=weights, unweighed=unweighed, slices=slices.of(block.rows))


def _plain(rows: pa.Table, name: str) -> pa.Array:
    array = one(rows.column(name))
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
