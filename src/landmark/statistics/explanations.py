"""Why numbers of judging rows are not like those of training rows: another unit, another column, or coarser steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import NamedTuple

from landmark.core.table import Floats
from landmark.statistics.distances import Shape, area, noise
from landmark.statistics.grain import Rounding, coarser
from landmark.statistics.units import Change, change

FEWEST, MOST_COLUMNS = 20, 60
"""Numbers below which nothing is said, and differing columns of which every pair is looked at."""
APART, APART_IN_NOISE, LEFT = 0.06, 3.0, 0.3
"""How far both columns must be from what they were, of at most 0.5 and in units of what chance makes of their sizes;
and how much of it may be left of the other one."""
UNEQUAL = 0.21
"""How much the shares of exchanged rows may differ between the two."""


class Sides(NamedTuple):
    """The numbers of a column in training rows (n,) and in judging rows (m,), without NaN, and its unit if declared."""

    before: Floats
    now: Floats
    unit: str | None


class Exchange(NamedTuple):
    """Another column whose numbers stand here, in what share of the judging rows."""

    other: str
    share: float


Explanation = Change | Exchange | Rounding


def explanations(columns: Mapping[str, Sides], differ: Collection[str]) -> dict[str, Explanation]:
    """Return what explains the difference of each column that has such a reason; `differ` are those that differ.

    Rounding is looked for in all: it may leave the distribution as it was.
    """
    able = [name for name in differ if min(len(columns[name].before), len(columns[name].now)) >= FEWEST]
    shapes = {name: (Shape.of(columns[name].before), Shape.of(columns[name].now)) for name in able}
    found: dict[str, Explanation] = dict(exchanges(shapes))
    for name, (before, now) in shapes.items():
        made = change(before, now, columns[name].unit) if name not in found else None
        if made is not None and not any(area(now, before, shapes[o][0])[0] <= made.left for o in able if o != name):
            found[name] = made
    rounded = {name: coarser(sides.before, sides.now) for name, sides in columns.items() if name not in found}
    return found | {name: rounding for name, rounding in rounded.items() if rounding is not None}


def exchanges(shapes: Mapping[str, tuple[Shape, Shape]]) -> dict[str, Exchange]:
    """Return the columns that have changed places with another one, given before and now, each with the other."""
    apart = {name: area(now, before)[0] for name, (before, now) in shapes.items()}
    far = [name for name, both in shapes.items() if apart[name] >= max(APART, APART_IN_NOISE * noise(*both))]
    found: dict[str, Exchange] = {}
    for one, other in combinations(sorted(far, key=lambda name: -apart[name])[:MOST_COLUMNS], 2):
        first, second = (area(shapes[a][1], shapes[a][0], shapes[b][0]) for a, b in ((one, other), (other, one)))
        fits = first[0] <= LEFT * apart[one] and second[0] <= LEFT * apart[other]
        if fits and abs(first[1] - second[1]) < UNEQUAL:
            share = (first[1] + second[1]) / 2
            found |= {one: Exchange(other, share), other: Exchange(one, share)}
    return found
