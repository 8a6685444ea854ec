"""Yes and no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from landmark.core.table import Mask, whole
from landmark.statistics.blocks import Part, Places
from landmark.statistics.columns import Ending, add_up
from landmark.statistics.facts import Drawn, First, spread_out
from landmark.statistics.fingerprints import Prints, floats_of
from landmark.statistics.spread import Order
from landmark.statistics.weights import Weighing


class Value(First):
    """One of the two: how many rows, and the first."""

    def add_rows(self, flags: Mask, value: bool, rows: int, places: Places) -> None:
        """Add the rows (n,) of a block, at some places, of which so many have the value."""
        if rows and places.start < self.place:
            self.add(places.one(int(np.argmax(flags == value))), str(value), 0)
        self.rows += rows


@dataclass
class Flags:
    """A column of booleans."""

    count: int = 0
    missing: int = 0
    yes: Value = field(default_factory=Value)
    no: Value = field(default_factory=Value)
    order: Order = field(default_factory=Order)
    weighing: Weighing = field(default_factory=Weighing)

    def update(self, part: Part) -> Drawn:
        """Add one block; return what its drawn rows hold as 1 and 0."""
        array, held = whole(part.array), part.held()
        flags = np.asarray(array.drop_null().to_numpy(zero_copy_only=False), bool)
        self.count += len(array)
        self.missing += len(array) - len(flags)
        self.weighing.add(held, part.weights)
        if len(flags):
            places = part.places.where(held)
            yes = int(np.count_nonzero(flags))
            self.yes.add_rows(flags, True, yes, places)
            self.no.add_rows(flags, False, len(flags) - yes, places)
            if not self.order.settled:
                before = () if part.before is None else part.before.drop_null().to_numpy(zero_copy_only=False)
                self.order.add(flags, *before)
        return Drawn(numbers=spread_out(flags, held, part.drawn))

    def merge(self, other: Flags) -> None:
        """Add another column of booleans."""
        add_up(self, other, "count", "missing")
        for name in ("yes", "no", "order", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of yes and no."""
        known = [first for first in (self.yes, self.no) if first.rows]
        ordered = sorted(known, key=lambda first: (-first.rows, first.place))
        facts: dict[str, Any] = {
            "count": self.count,
            "missing": self.missing,
            "distinct": len(known),
            "top": tuple((first.text, first.rows) for first in ordered),
            "booleans": float(bool(known)),
            "order": self.order.name(),
        }
        return facts | self.weighing.facts(ending.drawn, ending.weights, _spell)


def _spell(prints: Prints) -> list[str]:
    return [str(bool(value)) for value in floats_of(prints).tolist()]
