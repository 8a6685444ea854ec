"""How far beyond what was seen values may lie before something must be wrong: told by how the tail of them falls.

A least and a greatest value are exceeded by every second sample as good as this one. So a limit lies where a tail
that goes on as it was seen would not get in ten thousand tables: at its end where it is cut off, some way beyond
where it falls like an exponential, a multiple of that where it falls like a power.
Source: the greatest of n values exceeds that of n others by t with probability 1 / (1 + exp(t / b)), where b is the
scale of an exponential tail (Gumbel, Statistics of Extremes, 1958, 3.1); a power's tail is one in logarithms.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from landmark.core.table import Floats

FEWEST = 50
"""Values below which no limit is seen."""
UNLIKELY = math.log(10_000)
SHORT, LONG = 0.5, 1.5
"""A tail as long as so many exponential ones is cut off, or falls like a power."""
OFTEN, MUCH = 20, 0.01
"""Times that the last value comes where a tail is cut off at it, and its share of all values."""
FEWEST_ZEROS = 5
"""Times that zero comes before it is taken for the end that it is by nature."""
YEARS = (1500, 2100)
"""Whole numbers that all lie here are years, of which there will be more."""
MOST_FACTOR = 1e3
"""A limit so many times beyond what was seen catches nothing."""
NATURAL = (1.0, 100.0)
"""Ends that a share or a percentage has."""


class Limit(NamedTuple):
    """An end of a column, and why it is there."""

    value: float
    why: str


class Tail(NamedTuple):
    """One side of a column: its last value, the limit beyond it (None: it cannot be told), and how it falls."""

    end: float
    limit: float | None
    falls: str


def limits(x: Floats) -> tuple[Limit | None, Limit | None]:
    """Return the least and the greatest that finite numbers x (n,) may be, with reasons; None where it cannot be told.

    >>> low, high = limits(np.repeat(np.arange(1.0, 8), 100))
    >>> low.value, high.value
    (0.0, 7.0)
    """
    if len(x) < FEWEST or x.min() == x.max():
        return None, None
    x = np.sort(x)
    with np.errstate(over="ignore", invalid="ignore"):  # enormous numbers: a limit beyond all of them is none
        return _lower(x, tail(-x[::-1])), _upper(x, tail(x))


def tail(x: Floats) -> Tail:
    """Return how the upper tail of ascending numbers x (n,) falls, and where it would not get."""
    found = _tail(x)
    return found if found.limit is None or math.isfinite(found.limit) else found._replace(limit=None)


def _tail(x: Floats) -> Tail:
    end = float(x[-1])
    if _is_cut_off(x):
        return Tail(end, end, "cut off")
    above = x[x > x[len(x) // 2]]
    body = x if _at(x, 0.95) > _at(x, 0.5) else above  # a value that most rows share hides what lies beyond
    if len(body) < FEWEST:
        return Tail(end, None, "unknown")
    middle, far = _at(body, 0.5), _at(body, 0.95)
    if far == middle:
        return Tail(end, None, "unknown")
    length = (end - far) / (far - middle) / (math.log(len(body) / 20) / math.log(10)) if len(body) > 20 else 1.0
    reach = end - middle
    if length < SHORT:
        return Tail(end, end + max(end - far, reach * UNLIKELY / math.log(len(body) / 2) / 2), "short")
    if length <= LONG:
        return Tail(end, end + reach * UNLIKELY / math.log(len(body) / 2), "exponential")
    beyond = body[body > middle] - middle
    growth = math.log(reach / _at(beyond, 0.5)) * UNLIKELY / math.log(len(beyond) / 2)
    factor = math.exp(growth) if growth < math.log(MOST_FACTOR) else math.inf
    return Tail(end, None if math.isinf(factor) else middle + reach * factor, "power")


def _at(x: Floats, share: float) -> float:
    """Return the value of ascending numbers x (n,) below which a share of them lies."""
    return float(x[int(share * (len(x) - 1))])


def _is_cut_off(x: Floats) -> bool:
    """Return whether ascending numbers x (n,) end in a value that comes too often to be the last by chance.

    The next value would come about as much more seldom as this one does than the one before.
    """
    last = x[-1]
    count = len(x) - int(np.searchsorted(x, last, side="left"))
    if count < max(OFTEN, MUCH * len(x)):
        return False
    rest = x[: len(x) - count]
    before = len(rest) - int(np.searchsorted(rest, rest[-1], side="left"))
    return count * count >= before * OFTEN


def _lower(x: Floats, low: Tail) -> Limit | None:
    least = -low.end
    bound = None if low.limit is None else -low.limit
    if low.falls == "cut off":
        return Limit(least, f"{_often(x, least)} rows hold it, none less") if least < 0 else _zero(x, least)
    from_zero = least >= 0 and (low.falls in ("short", "unknown") or _often(x, 0.0) >= FEWEST_ZEROS)
    if from_zero and (bound is None or bound <= least / 2):
        return Limit(0.0, f"none is negative, the least is {least:.6g}")
    if bound is None:
        return None
    return Limit(_outward(bound, least - bound, -1), f"the least is {least:.6g}, its tail {low.falls}")


def _zero(x: Floats, least: float) -> Limit:
    """Return the limit of numbers cut off at or above zero: zero, unless all lie far from it."""
    if least == 0 or least < (x[-1] - least):
        return Limit(0.0, f"none is negative, the least is {least:.6g}")
    return Limit(least, f"{_often(x, least)} rows hold it, none less")


def _upper(x: Floats, high: Tail) -> Limit | None:
    most = high.end
    if high.limit is None or (YEARS[0] <= x[0] and most <= YEARS[1] and not _has_fractions(x)):
        return None
    if high.falls == "cut off":
        return Limit(most, f"{_often(x, most)} rows hold it, none more")
    for natural in NATURAL:
        if high.falls == "short" and x[0] >= 0 and 0.98 * natural <= most <= natural < high.limit and _has_fractions(x):
            return Limit(natural, f"the greatest is {most:.6g}, as of a share")
    return Limit(_outward(high.limit, high.limit - most, 1), f"the greatest is {most:.6g}, its tail {high.falls}")


def _has_fractions(x: Floats) -> bool:
    return bool((x != np.floor(x)).any())


def _often(x: Floats, value: float) -> int:
    return int(np.count_nonzero(x == value))


def _outward(bound: float, room: float, sign: int) -> float:
    """Return a limit rounded away from the values to a number that people read: to a tenth of the room left.

    >>> _outward(9871.3, 2000.0, 1), _outward(-0.123, 0.5, -1)
    (9900.0, -0.13)
    """
    if not (math.isfinite(bound) and room > 0):
        return bound
    digits = 1 - math.floor(math.log10(room))
    step = 10.0**-digits if abs(digits) < 300 else 1.0
    return round(sign * math.ceil(sign * bound / step - 1e-9) * step, max(digits, 0) if digits < 300 else 15)
