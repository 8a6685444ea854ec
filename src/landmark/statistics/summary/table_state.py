"""The state of a whole table while its blocks pass by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from landmark.artifacts.profile import ColumnProfile, TableProfile
from landmark.core.table import is_text
from landmark.statistics.summary.across import across
from landmark.statistics.summary.blocks import Block
from landmark.statistics.summary.columns import Column, Ending
from landmark.statistics.summary.columns.binaries import Binaries
from landmark.statistics.summary.columns.flags import Flags
from landmark.statistics.summary.columns.lists import Lists
from landmark.statistics.summary.columns.numbers import Numbers
from landmark.statistics.summary.columns.texts import Texts
from landmark.statistics.summary.columns.times import Times
from landmark.statistics.summary.drawn_rows import Drawn, Gather

DRAWN = 1 << 17
"""Rows that are drawn from a table: the rank of a quantile is then off by 0.14 % (standard error) at most."""
CELLS, FEWEST = 1 << 22, 256
"""Cells of drawn rows of which a wide table keeps no more, but for so many rows."""


def drawn_rows(columns: int) -> int:
    """Return how many rows are drawn from a table of so many columns."""
    return min(DRAWN, max(CELLS // max(columns, 1), FEWEST))


@dataclass
class TableState:
    """The states of all columns of some blocks, and what their drawn rows hold; the same of slices of the rows."""

    schema: pa.Schema
    gather: Gather
    columns: dict[str, Column]
    rows: int = 0
    unweighed: int = 0
    slices: dict[int, TableState] = field(default_factory=dict)

    @staticmethod
    def of(schema: pa.Schema) -> TableState:
        """Return the state of no rows."""
        kinds = dict(zip(schema.names, schema.types, strict=True))
        columns = {name: column_of(kind) for name, kind in kinds.items()}
        return TableState(schema, Gather(drawn_rows(len(columns))), columns)

    def update(self, block: Block) -> None:
        """Add a block, to all and to the slices that its rows are in."""
        self.rows += block.rows.num_rows
        self.unweighed += block.unweighed
        drawn = {name: column.update(block.part(name)) for name, column in self.columns.items()}
        weights = None if block.weights is None else block.weights[block.drawn]
        self.gather.add(block.ranks, drawn, weights, block.bound)
        if block.slices is not None:
            for number in np.unique(block.slices).tolist():
                own = self.slices.setdefault(number, TableState.of(self.schema))
                own.update(block.where(np.flatnonzero(block.slices == number)))

    def merge(self, other: TableState) -> None:
        """Add the blocks of another."""
        self.rows += other.rows
        self.unweighed += other.unweighed
        for name, column in self.columns.items():
            column.merge(other.columns[name])
        self.gather.merge(other.gather)
        for number, own in other.slices.items():
            self.slices.setdefault(number, TableState.of(self.schema)).merge(own)

    def profile(self, row: Callable[[int], int] = int) -> TableProfile:
        """Return the profile of the blocks; `row` turns the place of a row into its number elsewhere."""
        self.gather.settle()
        weights = self.gather.weights[0] if self.gather.weights else None
        kinds = dict(zip(self.schema.names, self.schema.types, strict=True))
        columns = {
            name: column_profile(name, kind, self.columns[name], Ending(self.gather.of(name), weights, row))
            for name, kind in kinds.items()
        }
        return of_columns(self.rows, columns, {name: self.gather.of(name) for name in columns})


def column_of(kind: pa.DataType) -> Column:
    """Return an empty state for a column of an Arrow type."""
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    if is_text(values) or pa.types.is_null(values):
        return Texts()
    if pa.types.is_boolean(values):
        return Flags()
    if pa.types.is_timestamp(values) or pa.types.is_date(values):
        return Times(values)
    if pa.types.is_binary(values) or pa.types.is_large_binary(values) or pa.types.is_fixed_size_binary(values):
        return Binaries()
    if pa.types.is_list(values) or pa.types.is_large_list(values) or pa.types.is_fixed_size_list(values):
        return Lists()
    if pa.types.is_integer(values) or pa.types.is_floating(values):
        code = "f" if pa.types.is_floating(values) else "i" if pa.types.is_signed_integer(values) else "u"
        return Numbers(code)
    if pa.types.is_decimal(values) or pa.types.is_duration(values):
        return Numbers("f", exotic=True)
    return Texts(told=False)


def column_profile(name: str, kind: pa.DataType, column: Column, ending: Ending) -> ColumnProfile:
    """Return the profile of a column of an Arrow type from its state."""
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    return ColumnProfile(name=name, physical=str(values), **column.facts(ending))


def of_columns(rows: int, columns: dict[str, ColumnProfile], drawn: dict[str, Drawn]) -> TableProfile:
    """Return the profile of a table from those of its columns, and what each holds in the drawn rows."""
    ordered = tuple(name for name, column in columns.items() if column.order)
    return TableProfile(rows=rows, columns=columns, sorted_by=ordered, across=across(drawn))
