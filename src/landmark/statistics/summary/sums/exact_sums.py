"""Sums that do not depend on the order of adding: numbers of the form whole * 2^-shift, kept without any loss."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple


class Exact(NamedTuple):
    """The number whole * 2^-shift; every finite float is one, and sums and products of them are.

    >>> Exact.of(1e16).plus(Exact.of(1.0)).plus(Exact.of(-1e16)).fraction()
    Fraction(1, 1)
    """

    whole: int = 0
    shift: int = 0

    @staticmethod
    def of(x: float) -> Exact:
        """Return a finite float as it is."""
        above, below = x.as_integer_ratio()
        return Exact(above, below.bit_length() - 1)

    def plus(self, other: Exact) -> Exact:
        """Return the sum."""
        more = other.shift - self.shift
        if more >= 0:
            return Exact((self.whole << more) + other.whole, other.shift)
        return Exact(self.whole + (other.whole << -more), self.shift)

    def scaled(self, exponent: int) -> Exact:
        """Return it times 2^exponent."""
        return Exact(self.whole, self.shift - exponent)

    def reduced(self) -> Exact:
        """Return the same number in the one way to write it: whole is odd, or 0 without a shift."""
        if self.whole == 0:
            return Exact()
        zeros = (self.whole & -self.whole).bit_length() - 1
        return Exact(self.whole >> zeros, self.shift - zeros)

    def fraction(self) -> Fraction:
        """Return it as a fraction."""
        return Fraction(self.whole) / Fraction(2) ** self.shift


def nearest(x: Fraction) -> float:
    """Return the float nearest to x, infinite beyond the largest."""
    try:
        return float(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def root(x: Fraction) -> float:
    """Return the square root of x >= 0, also where x itself is beyond the largest float.

    >>> root(Fraction(10) ** 600), root(Fraction(2))
    (1e+300, 1.4142135623730951)
    """
    above, below = x.numerator, x.denominator
    shift = 2 * max(0, (below.bit_length() - above.bit_length()) // 2 + 64)
    whole = math.isqrt((above << shift) // below)
    return nearest(Fraction(whole, 1 << (shift // 2)))
