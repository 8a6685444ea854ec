"""Numbers: whole ones, decimal ones, amounts of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.core import cells
from landmark.core.table import Array, Floats, Ints, Mask, Strings, as_text, whole
from landmark.statistics import ranks
from landmark.statistics.blocks import Part, Places
from landmark.statistics.columns import Ending, add_up
from landmark.statistics.facts import Drawn, First, first_of, kinds_facts, spread_facts, spread_out
from landmark.statistics.fingerprints import Prints, floats_of, ints_of, of_numbers
from landmark.statistics.kinds import Kinds
from landmark.statistics.sketches import Spelling
from landmark.statistics.spread import Lead, Order, Spread
from landmark.statistics.weights import Weighing

NARROW = 4096
"""Whole numbers in a block that lie no further apart than this are counted before anything else is done."""


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
        x, held, nan = self._held(part.array)
        self.count += len(part.array)
        self.missing += len(part.array) - len(x)
        self.nan += nan
        self.weighing.add(held, part.weights, x)
        if len(x):
            if not self.order.settled:
                self.order.add(x, *(() if part.before is None else self._held(part.before)[0]))
            if self.lead.steady:
                self.lead.add(x, part.numbers if held is None else part.numbers[held])
            self._add(x, part.places.where(held), partial(_names, part.array, held) if self.exotic else None)
        return Drawn(numbers=spread_out(x, held, part.drawn))

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

    def _held(self, array: pa.Array) -> tuple[Array, Mask | None, int]:
        """Return the numbers of the rows that hold one, which rows these are (None: all), and how many are NaN."""
        array = whole(array)
        if self.exotic:
            array = pa.array(cells.numbers(array)[0], from_pandas=True)
        held = None
        if array.null_count:
            held = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)
            array = array.drop_null()
        x = array.to_numpy(zero_copy_only=False)
        if self.code != "f":
            return x.astype(np.int64 if self.code == "i" else np.uint64, copy=False), held, 0
        x = x.astype(np.float64, copy=False)
        with np.errstate(invalid="ignore", over="ignore"):
            clean = not np.isnan(x.sum())
        if clean:
            return x, held, 0
        good = ~np.isnan(x)
        held = good if held is None else _within(held, good)
        return x[good], held, int(np.count_nonzero(~good))

    def _add(self, x: Array, places: Places, spelling: Spelling) -> None:
        """Add numbers (n,), and where their rows stand."""
        if self.code != "f" and int(x.max()) - int(x.min()) < NARROW:
            low = x.min()
            codes = (x - low).astype(np.int64)
            rows = np.bincount(codes)
            used = np.flatnonzero(rows != 0)
            values = used.astype(x.dtype) + low
            self.spread.add(values.astype(np.float64), True, rows[used])
            self.kinds.values(of_numbers(values), rows[used], places, lambda: first_of(codes, len(rows))[used], None)
            return
        self.kinds.rows(of_numbers(x), places, spelling)
        before = self.spread.infinite
        self.spread.add(x.astype(np.float64, copy=False), self.code != "f")
        if self.spread.infinite > before:
            at = int(np.argmax(np.isinf(x)))
            self.endless.add(places.one(at), str(float(x[at])), self.spread.infinite - before)

    def _numbers(self, prints: Prints) -> Floats:
        return self._native(prints).astype(np.float64)

    def _native(self, prints: Prints) -> Array:
        return floats_of(prints) if self.code == "f" else ints_of(prints).view(self.code + "8")


def _within(held: Mask, good: Mask) -> Mask:
    both = held.copy()
    both[held] = good
    return both


def _names(array: pa.Array, held: Mask | None, rows: Ints) -> Strings:
    """Return how the values of some rows (k,) are written, counted among those that hold one."""
    rows = rows if held is None else np.flatnonzero(held)[rows]
    names = np.empty(len(rows), object)
    names[:] = as_text(array.take(pa.array(rows))).to_pylist()
    return names
