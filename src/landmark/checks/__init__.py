"""Readiness checks that need no model. One file per check; the file's name is the finding's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split
from landmark.core.cells import numbers
from landmark.core.families import Family
from landmark.core.findings import Finding
from landmark.core.table import Floats, Ints, Mask, as_text, has, held, take, whole, without
from landmark.statistics.association import quantities
from landmark.statistics.distances import UNLIKELY, Distance, corrected, of_kinds, of_numbers
from landmark.statistics.explanations import Explanation, Sides, explanations
from landmark.statistics.moments import MISSING, moments

LOOK = 10_000
"""Rows that are enough to see what one column tells of another, or of itself on the other side."""
KEPT = 2**25
"""Numbers that are kept once they have been read, for the checks that follow: 256 MB."""


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at. `train` and `test` are raw rows; nothing a check learns is kept."""

    question: Question
    split: Split
    profile: Profile
    schema: Schema
    train: pa.Table
    test: pa.Table
    read: dict[tuple[str, bool], Floats] = field(default_factory=dict, repr=False, compare=False)

    def sources(self) -> list[tuple[Column, str]]:
        """Return what is learnt from and predicted, each source column with the column of the schema it is in."""
        used = [*self.schema.features, *self.schema.targets]
        return [(column, source) for column in used for source in column.columns]

    def values(self, column: Column, source: str, rows: pa.Table) -> pa.Array:
        """Return the values (n,) of a source column in some rows, null where they are codes for no value."""
        codes = tuple(column.options.get("missing", ()))
        array = without(whole(rows.column(source)), codes)
        there = held(array)
        if codes and (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
            there &= ~np.isin(numbers(array)[0], numbers(pa.array(codes))[0])
        return array if there.all() else pc.if_else(pa.array(there), array, pa.scalar(None, array.type))

    def look(self) -> Ints:
        """Return the numbers of at most LOOK training rows, evenly spaced."""
        return np.linspace(0, self.train.num_rows - 1, min(LOOK, self.train.num_rows)).astype(np.int64)

    def measured(self) -> list[tuple[Column, str]]:
        """Return those sources that hold quantities: numbers, and places on the map."""
        return [(column, source) for column, source in self.sources() if column.type in ("number", "geo")]

    def numbers(self, column: Column, source: str, judging: bool = False) -> Floats:
        """Return the numbers (n,) in the rows of `look`, or as many judging ones; NaN where there is no finite one."""
        known = self.read.get((source, judging))
        if known is not None:
            return known
        x = quantities(self.values(column, source, self.looked[judging]))
        x = np.full(self.looked[judging].num_rows, np.nan) if x is None else x
        if sum(map(len, self.read.values())) + len(x) <= KEPT:
            self.read[source, judging] = x
        return x

    def all_numbers(self, column: Column, source: str) -> Floats:
        """Return the numbers (n,) in all training rows; NaN where there is no finite one."""
        if self.train.num_rows <= LOOK:
            return self.numbers(column, source)
        x = quantities(self.values(column, source, self.train))
        return np.full(self.train.num_rows, np.nan) if x is None else x

    @cached_property
    def looked(self) -> tuple[pa.Table, pa.Table]:
        """Return at most LOOK training rows, and at most as many judging rows, evenly spaced."""
        both = self.train, self.test
        spaced = (np.linspace(0, side.num_rows - 1, LOOK).astype(np.int64) for side in both)
        train, test = (take(s, r) if s.num_rows > LOOK else s for s, r in zip(both, spaced, strict=True))
        return train, test

    @cached_property
    def differences(self) -> dict[str, Distance]:
        """Return how far judging rows are from training rows in each source, with chances corrected for their number.

        Of texts the lengths are compared; of outputs only labels that training rows have; days and moments are not:
        later rows are later.
        """
        found = {source: self._difference(column, source) for column, source in self.sources()}
        known = {source: distance for source, distance in found.items() if distance is not None}
        chances = corrected([distance.p for distance in known.values()])
        return {source: d._replace(p=float(p)) for (source, d), p in zip(known.items(), chances, strict=True)}

    def _difference(self, column: Column, source: str) -> Distance | None:
        if not has(self.test, source):
            return None
        if column.type in ("number", "geo"):
            return of_numbers(self.numbers(column, source), self.numbers(column, source, True))
        sides = [self.values(column, source, rows) for rows in self.looked]
        if column.type == "text":
            lengths = [pc.utf8_length(as_text(side)).cast(pa.float64()) for side in sides]
            return of_numbers(*(side.to_numpy(zero_copy_only=False) for side in lengths))
        if column.type not in ("category", "binary"):
            return None
        if sides[0].type != sides[1].type:
            sides = [as_text(side) for side in sides]
        kinds = pa.concat_arrays(sides).dictionary_encode("encode")
        codes = np.asarray(kinds.indices.to_numpy(), np.int64)
        parts = np.split(codes, [len(sides[0])])
        before, now = (np.bincount(part, minlength=len(kinds.dictionary)) for part in parts)
        return of_kinds(before, np.where(before, now, 0) if column.use == "target" else now)

    @cached_property
    def explained(self) -> dict[str, Explanation]:
        """Return why sources of numbers differ in judging rows: a unit, an exchange with another one, or rounding."""
        sides = {}
        for column, source in self.measured():
            if source in self.differences:
                before, now = (self.numbers(column, source, judging) for judging in (False, True))
                unit = column.options.get("unit")
                sides[source] = Sides(before[~np.isnan(before)], now[~np.isnan(now)], unit)
        return explanations(sides, [source for source in sides if self.differences[source].p <= UNLIKELY])

    @cached_property
    def orders(self) -> dict[str, Ints]:
        """Return in which orders to go through the rows of `in_order`: as they stand in the table, and by each date."""
        found = {"": np.argsort(self.numbered, kind="stable")}
        for column in self.schema.columns.values():
            if column.type == "date":
                sides = self.looked if len(self.split.test) else self.looked[:1]
                arrays = (self.values(column, column.columns[0], side) for side in sides)
                when = np.concatenate([moments(array, column.options) for array in arrays])[found[""]]
                late = np.where(when == MISSING, np.iinfo(np.int64).max, when)
                order = found[""][np.argsort(late, kind="stable")]
                if all((order != other).any() for other in found.values()):
                    found[column.name] = order
        return found

    @cached_property
    def numbered(self) -> Ints:
        """Return the rows of the table that are looked at, judging ones too where they are of the same table."""
        rows = self.split.test
        judged = rows[np.linspace(0, len(rows) - 1, min(LOOK, len(rows))).astype(np.int64)]
        return np.concatenate([self.split.train[self.look()], judged])

    def in_order(self, column: Column, source: str, by: str) -> tuple[Floats, Ints]:
        """Return the numbers (n,) of the table in one of its `orders`, and their rows, as people count them."""
        sides = [self.numbers(column, source, judging) for judging in (False, True)[: 1 + bool(len(self.split.test))]]
        x = np.concatenate(sides)[self.orders[by]]
        known = ~np.isnan(x)
        return x[known], self.numbered[self.orders[by]][known] + 1

    def train_row(self, which: Mask) -> int:
        """Return the row, as people count it, of the first of some training rows (n,)."""
        return int(self.split.train[int(np.argmax(which))]) + 1

    def test_row(self, which: Mask) -> int:
        """Return the row, as people count it, of the first of some judging rows (n,)."""
        return self.judging_number(int(np.argmax(which)))

    def judging_number(self, place: int) -> int:
        """Return the row, as people count it, of a place among the judging rows."""
        return (int(self.split.test[place]) if len(self.split.test) else place) + 1


class Check(Protocol):
    """What a module in this folder provides."""

    @property
    def HOLDS_AT(self) -> ReadinessLevel:
        """The level the table stays at while this check finds something worse than a note."""

    @property
    def FALSE_ALARMS(self) -> float:
        """The share of looks at a column of clean tables in which it warned of what is not true, as was measured."""

    def check(self, evidence: Evidence) -> Iterable[Finding]:
        """Yield what was found, with column, row and the next action."""


CHECKS: Family[Any] = Family("landmark.checks")
