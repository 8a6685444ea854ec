"""The same facts where rows count by weight: moments of all rows, the rest from the drawn ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.profile import PROBABILITIES, Weighted
from landmark.core import cells
from landmark.core.table import Array, Floats, Mask
from landmark.statistics.fingerprints import NONE, Prints, of_numbers
from landmark.statistics.summary.drawn_rows import Drawn
from landmark.statistics.summary.profile_fields import MOST_TOP, short
from landmark.statistics.summary.sums.power_sums import Moments

Spell = Callable[[Prints], Sequence[str | None]]
"""Returns what values are called, None where that is not known."""


@dataclass
class Weighing:
    """The weighted sums of a column, as far as rows are weighed at all."""

    asked: bool = False
    total: Moments = field(default_factory=Moments)
    numbers: Moments = field(default_factory=Moments)

    def add(self, held: Mask | None, weights: Floats | None, x: Array | None = None) -> None:
        """Add the rows of a block that hold a value (held, None: all of them), and the numbers they hold (n,)."""
        if weights is None:
            return
        self.asked = True
        own = weights if held is None else weights[held]
        self.total.update(np.zeros(len(own)), own)
        if x is not None:
            finite = np.isfinite(x)
            self.numbers.update(x[finite].astype(np.float64), own[finite])

    def merge(self, other: Weighing) -> None:
        """Add what another has summed up."""
        self.asked = self.asked or other.asked
        self.total.merge(other.total)
        self.numbers.merge(other.numbers)

    def facts(self, drawn: Drawn, weights: Floats | None, spell: Spell) -> dict[str, Any]:
        """Return the weighted facts, nothing where rows are not weighed; weights (k,) are those of the drawn rows."""
        if not self.asked or weights is None:
            return {}
        numbers = np.full(len(weights), np.nan) if drawn.numbers is None else drawn.numbers
        prints = _prints(numbers) if drawn.prints is None else drawn.prints
        known = np.isfinite(numbers)
        return {
            "weighted": Weighted(
                total=float(self.total.sums[0].fraction()),
                mean=self.numbers.mean(),
                std=self.numbers.std(weighted=True),
                quantiles=quantiles(numbers[known], weights[known]) if known.any() else (),
                top=heaviest(prints, weights, spell),
            )
        }


def quantiles(x: Floats, weights: Floats) -> tuple[float, ...]:
    """Return the values at which numbers (k,) have reached each of PROBABILITIES of their weight (k,)."""
    order = np.argsort(x, kind="stable")
    below = np.cumsum(weights[order])
    if below[-1] <= 0:
        return ()
    places = np.searchsorted(below, np.array(PROBABILITIES) * below[-1], side="left")
    return tuple(x[order][np.minimum(places, len(x) - 1)].tolist())


def heaviest(prints: Prints, weights: Floats, spell: Spell) -> tuple[tuple[str, float], ...]:
    """Return the values that bear most of the weight of the drawn rows (k,), with their shares."""
    there = prints != NONE
    values, places = np.unique(prints[there], return_inverse=True)
    sums = np.bincount(places, weights[there], len(values))
    if not sums.sum() > 0:
        return ()
    order = np.argsort(-sums, kind="stable")[:MOST_TOP]
    shares = sums[order] / sums.sum()
    named = zip(spell(values[order]), shares.tolist(), strict=True)
    return tuple((short(text), share) for text, share in named if text is not None)


def _prints(x: Floats) -> Prints:
    there = ~np.isnan(x)
    return np.where(there, of_numbers(np.where(there, x, 0.0)), NONE)


def usable(array: pa.Array) -> tuple[Floats, int]:
    """Return weights (n,), 0 where a cell is no weight: missing, negative, endless, no number; and how many are none.

    >>> usable(pa.array(["2", "x", "-1", None]))
    (array([2., 0., 0., 0.]), 3)
    """
    x, odd = cells.numbers(array)
    none = odd | ~(np.isfinite(x) & (x >= 0))
    return np.where(none, 0.0, x), int(np.count_nonzero(none))
