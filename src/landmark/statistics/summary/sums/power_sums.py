"""Mean, deviation, skewness and kurtosis that are the same to the last bit, whatever is merged with what first.

A block of values is summed up about its own mean, in floats, where no digit is lost to a distant origin. The sums are
then moved to the common origin, and added to those of other blocks, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from landmark.core.table import Floats, Ints
from landmark.statistics.summary.sums.exact_sums import Exact, nearest, root

CALM = 200
"""Powers of two between which the fourth power of a number stays a float."""
ORDERS = 4
CHOOSE = ((1,), (1, 1), (1, 2, 1), (1, 3, 3, 1), (1, 4, 6, 4, 1))
ZEROS = (Exact(),) * (ORDERS + 1)


@dataclass
class Moments:
    """The sums of w * x^k for k = 0..4 over all values x with their weights, 1 if there are none."""

    sums: tuple[Exact, ...] = ZEROS

    def update(
        self,
        x: Floats,
        weights: Floats | Ints | None = None,
        ends: tuple[float, float] | None = None,
        total: float | None = None,
    ) -> None:
        """Add finite numbers x (n,), each as often as its weight (n,) says; the least, the largest and the sum of
        the numbers are asked for only if they are not known."""
        if len(x) == 0:
            return
        low, high = (float(x.min()), float(x.max())) if ends is None else ends
        largest = max(-low, high)
        exponent = int(np.frexp(largest)[1])
        scale = exponent if largest and abs(exponent) >= CALM else 0
        if scale:
            x, total = np.ldexp(x, -scale), None
            low, high = float(np.ldexp(low, -scale)), float(np.ldexp(high, -scale))
        if weights is not None:
            size = weights.sum()
            centre = float((x * (weights / size)).sum()) if size > 0 else low
        else:
            centre = (float(x.sum()) if total is None else total) / len(x)
        centre = min(max(centre, low), high)  # of equal numbers, the number itself
        moved = _moved([float(part).as_integer_ratio() for part in _about(x - centre, weights)], centre)
        self.sums = tuple(
            old.plus(new.scaled(scale * k)) for k, (old, new) in enumerate(zip(self.sums, moved, strict=True))
        )

    def merge(self, other: Moments) -> None:
        """Add the values of another."""
        self.sums = tuple(a.plus(b) for a, b in zip(self.sums, other.sums, strict=True))

    def reduced(self) -> tuple[Exact, ...]:
        """Return the sums, each in the one way to write it."""
        return tuple(total.reduced() for total in self.sums)

    def mean(self) -> float | None:
        """Return the mean, None of nothing."""
        total, first = (part.fraction() for part in self.sums[:2])
        return nearest(first / total) if total else None

    def std(self, weighted: bool = False) -> float | None:
        """Return the deviation: of a sample where values are counted, of all there is where they are weighted."""
        total = self.sums[0].fraction()
        if not total:
            return None
        return root(self._central(2) / (total if weighted or total <= 1 else total - 1))

    def skewness(self) -> float | None:
        """Return the third central moment over the cube of the deviation, None of a constant."""
        total, second, third = self.sums[0].fraction(), self._central(2), self._central(3)
        if not second:
            return None
        size = root(third * third * total / second**3)
        return size if third >= 0 else -size

    def kurtosis(self) -> float | None:
        """Return the fourth central moment over the square of the variance, less 3, None of a constant."""
        second = self._central(2)
        return nearest(self._central(4) * self.sums[0].fraction() / second**2 - 3) if second else None

    def _central(self, order: int) -> Fraction:
        """Return the sum of w * (x - mean)^order, exactly."""
        size, first = (part.fraction() for part in self.sums[:2])
        if not size:
            return Fraction(0)
        mean = first / size
        parts = (ways * self.sums[k].fraction() * (-mean) ** (order - k) for k, ways in enumerate(CHOOSE[order]))
        total = sum(parts, Fraction(0))
        return max(total, Fraction(0)) if order % 2 == 0 else total  # rounded sums may pass zero


def _about(d: Floats, weights: Floats | Ints | None) -> tuple[float, ...]:
    """Return the sums of w * d^k for k = 0..4; d (n,) is overwritten."""
    if weights is not None:
        w = weights.astype(np.float64)
        sums = [float(w.sum())]
        for _ in range(ORDERS):
            w *= d
            sums.append(float(w.sum()))
        return tuple(sums)
    n, first = float(len(d)), float(d.sum())
    square = d * d
    second = float(square.sum())
    d *= square
    third = float(d.sum())
    square *= square
    return n, first, second, third, float(square.sum())


def _moved(about: list[tuple[int, int]], centre: float) -> list[Exact]:
    """Return the sums of w * x^k for k = 0..4, given those about a centre as fractions.

    All are brought to one denominator first, so that what is left is whole numbers.
    """
    top, below = centre.as_integer_ratio()
    a, b = below.bit_length() - 1, max(below.bit_length() for _, below in about) - 1
    powers = [1, top, top**2, top**3, top**4]
    parts = [(whole << (b + 1 - below.bit_length())) << (a * k) for k, (whole, below) in enumerate(about)]
    sums = []
    for order in range(ORDERS + 1):
        terms = (ways * parts[k] * powers[order - k] for k, ways in enumerate(CHOOSE[order]))
        sums.append(Exact(sum(terms), b + a * order))
    return sums
