"""Dates and moments of a type of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.core.dates import DAY
from landmark.core.table import Ints, as_text, whole
from landmark.statistics.fingerprints import Prints, floats_of, ints_of, of_numbers
from landmark.statistics.summary.blocks import Part, Places
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.drawn_rows import Drawn, spread_out
from landmark.statistics.summary.profile_fields import kinds_facts, spread_facts
from landmark.statistics.summary.sums import ranks
from landmark.statistics.summary.sums.calendar import Calendar
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.first_seen import first_of
from landmark.statistics.summary.sums.weights import Weighing

NARROW = 4096
"""Days; dates in a block that lie no further apart are counted before anything else is done."""


@dataclass
class Times:
    """A column of dates, or of dates with a time of day, in microseconds since 1970."""

    kind: pa.DataType
    count: int = 0
    missing: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    kinds: Kinds = field(default_factory=Kinds)
    weighing: Weighing = field(default_factory=Weighing)

    def update(self, part: Part) -> Drawn:
        """Add one block; return the moments that its drawn rows hold."""
        held = part.held()
        moments = microseconds(whole(part.array))
        self.count += len(part.array)
        self.missing += len(part.array) - len(moments)
        self.weighing.add(held, part.weights, moments)
        if len(moments):
            before = () if part.before is None else microseconds(part.before).tolist()
            self._add(moments, part.places.where(held), *before)
        return Drawn(numbers=spread_out(moments, held, part.drawn))

    def _add(self, moments: Ints, places: Places, before: int | None = None) -> None:
        """Add moments (n,), and where their rows stand: by distinct days where these are few, and no hours told."""
        if pa.types.is_date32(self.kind) and int(moments.max()) - int(moments.min()) < NARROW * DAY:
            codes = moments // DAY
            low = int(codes.min())
            codes -= low
            rows = np.bincount(codes)
            used = np.flatnonzero(rows != 0)
            self.calendar.add(moments, before, (used + low, rows[used]))
            prints = of_numbers((used + low) * DAY)
            self.kinds.values(prints, rows[used], places, lambda: first_of(codes, len(rows))[used], None)
            return
        self.calendar.add(moments, before)
        self.kinds.rows(of_numbers(moments), places, None)

    def merge(self, other: Times) -> None:
        """Add another column of moments."""
        add_up(self, other, "count", "missing")
        for name in ("calendar", "kinds", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of moments."""
        held, spread, sample = self.count - self.missing, self.calendar.spread, self.kinds.sample
        facts: dict[str, Any] = {"count": self.count, "missing": self.missing}
        facts |= kinds_facts(self.kinds, held, lambda prints: self._written(ints_of(prints)))
        if not held:
            return facts
        known = None if sample.full else (ints_of(sample.prints).astype(np.float64), sample.counts)
        facts |= spread_facts(spread, ranks.of_column(spread, known, ending.drawn.numbers))
        facts |= {"order": self.calendar.order.name(), "gaps": self.calendar.gaps()}
        return facts | self.weighing.facts(ending.drawn, ending.weights, self._spell_drawn)

    def _spell_drawn(self, prints: Prints) -> list[str]:
        return self._written(floats_of(prints).astype(np.int64))

    def _written(self, moments: Ints) -> list[str]:
        """Return moments as the column's own type writes them."""
        array = pa.array(moments).cast(pa.timestamp("us", getattr(self.kind, "tz", None)))
        try:
            return list(as_text(array.cast(self.kind, safe=False)).to_pylist())
        except (ValueError, OverflowError):  # beyond Python's calendar
            return list(array.cast(pa.string()).to_pylist())


def microseconds(array: pa.Array) -> Ints:
    """Return the moments (n,) that a column of dates holds, without those that are missing."""
    kind = array.type
    moments = array.drop_null().cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(pa.int64())
    return np.asarray(moments.to_numpy(), np.int64)
