"""Lists and sets: how long they are, and which items they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import Items
from landmark.core.table import Ints, Strings, as_text, whole
from landmark.statistics.fingerprints import NONE, Prints, of_lists, of_values
from landmark.statistics.summary.blocks import ROWS, Part, Places
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.drawn_rows import Drawn, spread_out
from landmark.statistics.summary.profile_fields import kinds_facts, length_facts
from landmark.statistics.summary.sums.counts import Counts, counted
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.weights import Weighing


@dataclass
class Lists:
    """A column of lists. Decimal numbers in lists are coordinates, and are not counted one by one."""

    count: int = 0
    missing: int = 0
    items: int = 0
    items_missing: int = 0
    lengths: Counts = field(default_factory=Counts)
    kinds: Kinds = field(default_factory=Kinds)
    item_kinds: Kinds = field(default_factory=Kinds)
    weighing: Weighing = field(default_factory=Weighing)

    def update(self, part: Part) -> Drawn:
        """Add one block; return the fingerprints of what its drawn rows hold."""
        held, array = part.held(), whole(part.array).drop_null()
        self.count += len(part.array)
        self.missing += len(part.array) - len(array)
        self.weighing.add(held, part.weights)
        lengths = np.asarray(pc.list_value_length(array).to_numpy(), np.int64)
        flat = whole(array.flatten())
        own = of_values(flat)
        prints = of_lists(own, lengths)
        if len(array):
            places = part.places.where(held)
            self.lengths.add(*counted(lengths))
            self.kinds.rows(prints, places, lambda at: _named(array.take(pa.array(at))))
            rows = np.arange(len(array)) if places.rows is None else places.rows
            self._add_items(flat, own, np.repeat(rows, lengths), places.start)
        return Drawn(prints=spread_out(prints, held, part.drawn, NONE))

    def merge(self, other: Lists) -> None:
        """Add another column of lists."""
        add_up(self, other, "count", "missing", "items", "items_missing")
        for name in ("lengths", "kinds", "item_kinds", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of lists."""
        held = self.count - self.missing
        facts: dict[str, Any] = {"count": self.count, "missing": self.missing, "lists": True}
        facts |= kinds_facts(self.kinds, held, lambda prints: []) | length_facts(self.lengths, held)
        if self.items:
            there = self.items - self.items_missing
            known = kinds_facts(self.item_kinds, there, lambda prints: [])
            known.pop("distinct_error", None)
            facts["items"] = Items(count=self.items, missing=self.items_missing, **known)
        return facts | self.weighing.facts(ending.drawn, ending.weights, lambda prints: [None] * len(prints))

    def _add_items(self, flat: pa.Array, prints: Prints, rows: Ints, start: int) -> None:
        """Add the items of all lists of a block; rows (m,) are those they are in."""
        self.items += len(flat)
        there = np.flatnonzero(prints != NONE)
        self.items_missing += len(flat) - len(there)
        if pa.types.is_floating(flat.type):
            return
        for begin in range(0, len(there), ROWS):
            some = there[begin : begin + ROWS]
            self.item_kinds.rows(prints[some], Places(start, rows[some]), partial(_items, flat, some))


def _items(flat: pa.Array, some: Ints, at: Ints) -> Strings:
    """Return some of some items, as text."""
    return _named(flat.take(pa.array(some[at])))


def _named(array: pa.Array) -> Strings:
    names = np.empty(len(array), object)
    names[:] = as_text(array).to_pylist()
    return names
