"""A column that changes its unit from some row on: another release, another instrument, another person.

Source: Pettitt, A Non-parametric Approach to the Change-Point Problem (1979); how: `statistics/units.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats
from landmark.statistics.change_points import Block, Place, exactly, places
from landmark.statistics.distances import Shape
from landmark.statistics.grain import decimals
from landmark.statistics.units import Change, Conversion, advice, change

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
FEWEST = 200
"""Numbers below which nothing is said: of fifty, the next fifty may be anything."""
BESIDE, FEWEST_BESIDE = (0.1, 0.02), 30
"""Shares of the numbers, and their number, on either side of where a block begins, that must show the jump."""
JUMPS, JUMPS_WRITTEN, LEAST, MOSTLY, LEFT = (0.6, 1.6), (0.4, 2.5), 0.1, 0.9, 0.12
"""How much of the conversion must be seen there, as a part of it: a trend has nothing of it at any one place; by how
much of their spread the numbers must differ there at all; what share of the block must be so, and how much of
the difference may be left."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of numbers of which a block of rows is in another unit than the rest, and its first row."""
    for column, source in evidence.measured():
        unit = column.options.get("unit")
        for by in evidence.orders:
            x, rows = evidence.in_order(column, source, by)
            found = jump(x, unit)
            if found is not None:
                place, conversion = found
                way = f", in the order of '{by}'" if by else ""
                outside = np.concatenate([x[: place.start], x[place.stop :]])
                middles = f"median {np.median(outside):.6g}, and {np.median(x[place.start : place.stop]):.6g} in them"
                seen = f"{place.stop - place.start} of {len(x)} rows that follow each other{way}: {middles}"
                todo = advice(conversion, source, unit, "these rows")
                yield warn("unit-jump", source, f"{seen}: {conversion.named()}", todo, int(rows[place.start]))
                break


def jump(x: Floats, unit: str | None) -> tuple[Block, Conversion] | None:
    """Return the block of numbers (n,) that is in another unit than the rest, and the conversion; None without one.

    It may begin where the level changes, or the way in which numbers are written. Both parts are compared, and what
    stands just before and after: where a file is sorted, only neighbours are alike.
    """
    if len(x) < FEWEST:
        return None
    views = (decimals(x), x, np.abs(x - np.median(x)))
    found = {place: i == 0 for i, view in reversed([*enumerate(views)]) for place in places(view)}
    for (start, middle, stop), begins in sorted(found.items(), key=lambda item: item[0].middle):
        sides = [beside(x, Place(start, middle, stop), part) for part in (1.0, *BESIDE)]
        made = [made_between(x, middle, *side, unit, begins) for side in sides]
        sure = [(side, change) for side, change in zip(sides, made, strict=True) if change is not None]
        if sure:
            nearest = min((change for _, change in reversed(sure)), key=lambda change: change.left)
            return exactly(x, middle, *sure[0][0]), nearest.conversion
    return None


def beside(x: Floats, place: Place, part: float) -> tuple[Floats, Floats]:
    """Return those of numbers (n,) before and after a place that are at most a part of all away from it."""
    width = max(FEWEST_BESIDE, int(part * len(x)))
    start, middle, stop = place
    return x[max(start, middle - width) : middle], x[middle : min(stop, middle + width)]


def made_between(x: Floats, middle: int, other: Floats, own: Floats, unit: str | None, begins: bool) -> Change | None:
    """Return the conversion between the numbers before and after a place of (n,), where it is one for sure.

    `begins` says that there begins another way of writing.
    """
    if abs(np.median(own) - np.median(other)) < LEAST * float(np.subtract(*np.quantile(other, [0.75, 0.25]))):
        return None
    made = change(Shape.of(other), Shape.of(own), unit)
    if made is None:
        return None
    written = begins and written_otherwise(other, own, made.conversion.small)
    return made if is_sure(made, written) and abrupt(x, middle, made, written) else None


def written_otherwise(other: Floats, own: Floats, small: bool) -> bool:
    """Return whether two samples differ in their decimals; if the factor is small, not because of their level.

    Of numbers with so many digits, those ten times as great have one decimal less: their digits vary less.
    """
    ways = [decimals(x) for x in (other, own)]
    digits = [way + magnitudes(x) for way, x in zip(ways, (other, own), strict=True)]
    by_level = sum(float(np.std(digit)) for digit in digits) < sum(float(np.std(way)) for way in ways)
    return bool(np.median(ways[0]) != np.median(ways[1]) and not (small and by_level))


def magnitudes(x: Floats) -> Floats:
    """Return how many digits stand before the point of numbers (n,), below 0 for zeros after it; 0 has none."""
    return np.floor(np.log10(np.abs(np.where(x == 0, 0.1, x)))) + 1


def is_sure(found: Change, written: bool) -> bool:
    """Return whether a conversion is no season and no next group of rows, which jump too.

    A great one must fit nearly all numbers, and be a usual one, unless they are written in another way from that very
    place on; a small one must show in the writing, or begin with it.
    """
    whole, usual = found.share >= MOSTLY, len(found.conversion.pairs) > 1
    fits = usual and not found.conversion.small and found.left <= LEFT * found.apart
    named = len(found.conversion.pairs) > 0
    return named and ((found.shown and written) or (whole and (written or found.shown or fits)))


def abrupt(x: Floats, middle: int, found: Change, written: bool) -> bool:
    """Return whether the numbers (n,) just before and just after the beginning of a block differ as the whole does."""
    width = max(FEWEST_BESIDE, int(BESIDE[0] * len(x)))
    before, after = x[max(0, middle - width) : middle], x[middle : middle + width]
    middles = float(np.median(before)), float(np.median(after))
    wanted = found.conversion.factor * middles[0] + found.conversion.shift
    if min(*middles, wanted) > 0:
        middles, wanted = (float(np.log(middles[0])), float(np.log(middles[1]))), float(np.log(wanted))
    least, most = JUMPS_WRITTEN if written and found.shown else JUMPS
    return wanted != middles[0] and least < (middles[1] - middles[0]) / (wanted - middles[0]) < most
