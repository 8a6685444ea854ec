"""Yes and no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.core.table import Mask, whole
from landmark.statistics.fingerprints import Prints, floats_of
from landmark.statistics.summary.blocks import Part, Places
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.drawn_rows import Drawn
from landmark.statistics.summary.sums.first_seen import First
from landmark.statistics.summary.sums.spread import Order
from landmark.statistics.summary.sums.weights import Weighing


class Value(First):
    """One of the two: how many rows, and the first."""

    def see(self, which: Mask, places: Places) -> None:
        """Keep the first of the rows (n,) of a mask, if there is one before those seen."""
        if places.start < self.place and which.any():
            self.add(places.one(int(np.argmax(which))), "", 0)


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
        array, held = whole(part.array), part.held() if part.weights is not None else None
        known, yes = len(array) - array.null_count, array.true_count
        self.count += len(array)
        self.missing += array.null_count
        self.weighing.add(held, part.weights)
        start = part.places.start
        if not self.order.settled or (yes and start < self.yes.place) or (known > yes and start < self.no.place):
            flags = np.asarray(array.drop_null().to_numpy(zero_copy_only=False), bool)
            places = part.places.where(part.held())
            self.yes.see(flags, places)
            self.no.see(~flags, places)
            before = () if part.before is None else part.before.drop_null().to_numpy(zero_copy_only=False)
            self.order.add(flags, *before)
        self.yes.rows += yes
        self.no.rows += known - yes
        drawn = array.take(pa.array(part.drawn)).cast(pa.float64())
        return Drawn(numbers=np.asarray(drawn.to_numpy(zero_copy_only=False), np.float64))

    def merge(self, other: Flags) -> None:
        """Add another column of booleans."""
        add_up(self, other, "count", "missing")
        for name in ("yes", "no", "order", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of yes and no."""
        known = [(first, str(first is self.yes)) for first in (self.yes, self.no) if first.rows]
        ordered = sorted(known, key=lambda one: (-one[0].rows, one[0].place))
        facts: dict[str, Any] = {
            "count": self.count,
            "missing": self.missing,
            "distinct": len(known),
            "top": tuple((text, first.rows) for first, text in ordered),
            "booleans": float(bool(known)),
            "order": self.order.name(),
        }
        return facts | self.weighing.facts(ending.drawn, ending.weights, _spell)


def _spell(prints: Prints) -> list[str]:
    return [str(bool(value)) for value in floats_of(prints).tolist()]
