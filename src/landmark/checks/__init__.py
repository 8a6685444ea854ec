"""Readiness checks that need no model. One file per check; the file's name is the finding's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
from landmark.core.table import Ints, Mask, held, whole, without

LOOK = 10_000
"""Training rows that are enough to see what one column tells of another."""


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at. `train` and `test` are raw rows; nothing a check learns is kept."""

    question: Question
    split: Split
    profile: Profile
    schema: Schema
    train: pa.Table
    test: pa.Table

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

    def check(self, evidence: Evidence) -> Iterable[Finding]:
        """Yield what was found, with column, row and the next action."""


CHECKS: Family[Any] = Family("landmark.checks")
