"""How moments follow each other: their days, and the steps between neighbouring rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from landmark.artifacts.profile import Gaps
from landmark.core.dates import DAY
from landmark.core.table import Ints
from landmark.statistics.summary.sums.counts import Counts, counted
from landmark.statistics.summary.sums.ranks import middle_of
from landmark.statistics.summary.sums.sketches import NEVER
from landmark.statistics.summary.sums.spread import Order, Spread, binned

SECOND = 1_000_000
ROUND = (DAY, DAY // 24, 60 * SECOND, SECOND, 1_000, 1)
"""Microseconds of which a step is thought to be a multiple, the longest first."""
CLOSE = 0.005
"""How near to such a multiple the middle of a bin of steps must be."""


@dataclass
class Calendar:
    """The moments of a column, int64 microseconds since 1970: their spread, order, days, and steps upward."""

    spread: Spread = field(default_factory=Spread)
    order: Order = field(default_factory=Order)
    days: Counts = field(default_factory=Counts)
    steps: Counts = field(default_factory=Counts)
    longest: int = 0
    after: int = NEVER

    def add(self, moments: Ints, before: int | None = None, days: tuple[Ints, Ints] | None = None) -> None:
        """Add the moments (n,) of a block; `before` is the last one of the block before, if there is one.

        `days` are the distinct days (d,) and the rows of each, where these are known and no moment has a time of day.
        """
        if not len(moments):
            return
        if days is None:
            self.spread.add(moments.astype(np.float64), True)
            self.days.add(*counted(moments // DAY))
        else:
            self.spread.add((days[0] * DAY).astype(np.float64), True, days[1])
            self.days.add(*days)
        if not self.order.settled:
            self.order.add(moments, before)
        if self.order.drops:
            self._forget()
        else:
            self._add_steps(moments if before is None else np.concatenate([[before], moments]))

    def merge(self, other: Calendar) -> None:
        """Add the moments of another."""
        for name in ("spread", "order", "days", "steps"):
            getattr(self, name).merge(getattr(other, name))
        self._keep(other.longest, other.after)
        if self.order.drops:
            self._forget()

    def _forget(self) -> None:
        """Forget the steps: where one goes back, the others say nothing."""
        self.steps, self.longest, self.after = Counts(), 0, NEVER

    def _add_steps(self, moments: Ints) -> None:
        """Add the steps between moments (n,), which are asked for only where none goes back."""
        steps = np.diff(moments)
        up = steps > 0
        if up.any():
            self.steps.add(*binned((steps if up.all() else steps[up]).astype(np.float64)))
            at = int(np.argmax(steps))
            self._keep(int(steps[at]), int(moments[at]))

    def _keep(self, longest: int, after: int) -> None:
        if longest > self.longest:
            self.longest, self.after = longest, after
        elif longest == self.longest:
            self.after = min(self.after, after)

    def gaps(self) -> Gaps | None:
        """Return how moments follow each other; None where there are not two."""
        days, _ = self.days.settle()
        if self.spread.low >= self.spread.high:
            return None
        between = np.diff(days)
        empty = int(days[-1] - days[0] + 1 - len(days))
        if not self.order.drops:
            step, longest, after = _typical(self.steps), self.longest, self.after
        else:
            at = int(np.argmax(between)) if len(between) else 0
            step = float(np.median(between)) * DAY if len(between) else None
            longest, after = (int(between[at]) * DAY, int(days[at]) * DAY) if len(between) else (0, int(days[0]) * DAY)
        return Gaps(
            step_s=None if step is None else step / SECOND,
            largest_s=longest / SECOND,
            after=float(after),
            days=len(days),
            empty_days=empty,
        )


def _typical(steps: Counts) -> float | None:
    """Return the median step in microseconds: as a multiple of a usual unit of time where it is near one."""
    middle = steps.at((0.5,))
    if not middle:
        return None
    step = float(middle_of(np.array(middle))[0])
    for unit in ROUND:
        times = round(step / unit)
        if times and abs(times * unit - step) <= CLOSE * step:
            return float(times * unit)
    return step
