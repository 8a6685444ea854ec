"""Numbers: whole ones, decimal ones, amounts of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from landmark.core import cells
from landmark.core.table import Array, Floats, Ints, Mask, Strings, as_text, whole
from landmark.statistics.fingerprints import Prints, floats_of, ints_of, of_numbers
from landmark.statistics.summary.blocks import Part, Places
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.drawn_rows import Drawn, spread_out
from landmark.statistics.summary.profile_fields import kinds_facts, spread_facts
from landmark.statistics.summary.sums import ranks
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.first_seen import First, first_of
from landmark.statistics.summary.sums.sketches import Spelling
from landmark.statistics.summary.sums.spread import Lead, Order, Spread
from landmark.statistics.summary.sums.weights import Weighing

NARROW = 4096
"""Whole numbers in a block that lie no further apart than this are counted before anything else is done."""


class Held(NamedTuple):
    """The numbers (n,) of the rows of a block that hold one, int64, uint64 or float64, none of them NaN.

    held bool (rows,): which rows these are, None: all; nan: how many hold NaN; total: the sum of the numbers, if known;
    whole float64 (rows,): all rows, NaN where there is none, if they are at hand like this.
    """

    numbers: Array
    held: Mask | None
    nan: int = 0
    total: float | None = None
    whole: Floats | None = None

    def drawn(self, rows: Ints) -> Floats:
        """Return the numbers of some rows (k,) of the block, NaN where there is none."""
        return spread_out(self.numbers, self.held, rows) if self.whole is None else self.whole[rows]


def numbers_in(array: pa.Array, exotic: bool) -> Held:
    """Return the numbers that a block holds. `exotic`: they are of a type that Python writes in its own way."""
    array = whole(array)
    array = pa.array(cells.numbers(array)[0], from_pandas=True) if exotic else array
    if not pa.types.is_floating(array.type):
        held = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool) if array.null_count else None
        x = (array if held is None else array.drop_null()).to_numpy(zero_copy_only=False)
        return Held(x.astype(np.uint64 if x.dtype == np.uint64 else np.int64, copy=False), held)
    x = array.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    with np.errstate(invalid="ignore", over="ignore"):
        total = float(x.sum())
    if not np.isnan(total):
        return Held(x, None, 0, total, x)
    good = ~np.isnan(x)
    own = x[good]
    return Held(own, None if len(own) == len(x) else good, len(x) - len(own) - array.null_count, None, x)


@dataclass
class Numbers:
    """A column of a type of numbers: whole (code i), whole and never negative (u), decimal (f).

    `exotic`: values of that type are written otherwise than as plain numbers.
    """

    code: str
    exotic: bool = False
    count: int = 0
    missing: int = 0
    nan: int = 0
    spread: Spread = field(default_factory=Spread)
    order: Order = field(default_factory=Order)
    lead: Lead = field(default_factory=Lead)
    kinds: Kinds = field(default_factory=Kinds)
    endless: First = field(default_factory=First)
    weighing: Weighing = field(default_factory=Weighing)

    def update(self, part: Part) -> Drawn:
        """Add one block; return the numbers that its drawn rows hold."""
        held_ = numbers_in(part.array, self.exotic)
        x, held = held_.numbers, held_.held
        self.count += len(part.array)
        self.missing += len(part.array) - len(x)
        self.nan += held_.nan
        self.weighing.add(held, part.weights, x)
        if len(x):
            if not self.order.settled:
                self.order.add(x, *(() if part.before is None else numbers_in(part.before, self.exotic).numbers))
            if self.lead.steady:
                self.lead.add(x, part.numbers if held is None else part.numbers[held])
            self._add(held_, part.places.where(held), partial(_names, part.array, held) if self.exotic else None)
        return Drawn(numbers=held_.drawn(part.drawn))

    def merge(self, other: Numbers) -> None:
        """Add another column of numbers."""
        add_up(self, other, "count", "missing", "nan")
        for name in ("spread", "order", "lead", "kinds", "endless", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of numbers."""
        held, spread, sample = self.count - self.missing, self.spread, self.kinds.sample
        facts: dict[str, Any] = {"count": self.count, "missing": self.missing, "nan": self.nan}
        facts |= kinds_facts(self.kinds, held, self.spell)
        if not held:
            return facts
        facts |= {
            "numbers": 1.0,
            "integers": spread.whole / held,
            "infinite": spread.infinite,
            "zeros": spread.zeros,
            "negatives": spread.negatives(),
            "counter": self.lead.steady and self.count == spread.whole > 1,
            "order": self.order.name(),
        }
        if spread.infinite:
            facts["oddities"] = {"infinite": self.endless.stray(ending.row)}
        known = None if sample.full else (self._numbers(sample.prints), sample.counts)
        facts |= spread_facts(spread, ranks.of_column(spread, known, ending.drawn.numbers))
        return facts | self.weighing.facts(ending.drawn, ending.weights, self._spell_drawn)

    def spell(self, prints: Prints) -> list[str]:
        """Return how numbers with these fingerprints are written."""
        return [str(value) for value in self._native(prints).tolist()]

    def _spell_drawn(self, prints: Prints) -> list[str]:
        values = floats_of(prints).tolist()
        return [str(value if self.code == "f" else int(value)) for value in values]

    def _add(self, held: Held, places: Places, spelling: Spelling) -> None:
        """Add numbers (n,), and where their rows stand."""
        x = held.numbers
        if self.code != "f" and int(x.max()) - int(x.min()) < NARROW:
            low = x.min()
            codes = (x - low).astype(np.int64)
            rows = np.bincount(codes)
            used = np.flatnonzero(rows != 0)
            values = used.astype(x.dtype) + low

            def first() -> Ints:
                return first_of(codes, len(rows))[used]

            self.spread.add(values.astype(np.float64), True, rows[used])
            self.kinds.values(of_numbers(values), rows[used], places, first, None)
            return
        self.kinds.rows(of_numbers(x), places, spelling)
        before = self.spread.infinite
        self.spread.add(x.astype(np.float64, copy=False), self.code != "f", None, held.total)
        if self.spread.infinite > before:
            at = int(np.argmax(np.isinf(x)))
            self.endless.add(places.one(at), str(float(x[at])), self.spread.infinite - before)

    def _numbers(self, prints: Prints) -> Floats:
        return self._native(prints).astype(np.float64)

    def _native(self, prints: Prints) -> Array:
        return floats_of(prints) if self.code == "f" else ints_of(prints).view(self.code + "8")


def _names(array: pa.Array, held: Mask | None, rows: Ints) -> Strings:
    """Return how the values of some rows (k,) are written, counted among those that hold one."""
    rows = rows if held is None else np.flatnonzero(held)[rows]
    names = np.empty(len(rows), object)
    names[:] = as_text(array.take(pa.array(rows))).to_pylist()
    return names
