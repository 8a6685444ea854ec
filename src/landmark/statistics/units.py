"""Whether numbers are another sample's numbers in another unit, told from quantiles of both.

A conversion is taken for what happened when it, and it alone, puts the two distributions on each other again. Growth
may look like a small factor: there the writing decides. What was measured in whole kilometres is whole once miles are
undone, and what grew in whole numbers is whole as it stands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from landmark.core.errors import UserError
from landmark.core.table import Floats
from landmark.core.units import CURRENCIES, WHOLE, convert
from landmark.statistics.distances import Shape, area, noise
from landmark.statistics.grain import decimals, grain

SMALL = 15.0
"""A factor below which growth is as likely as another unit, unless the writing of the numbers shows it."""
FEWEST, FEWEST_DISTINCT = 20, 10
"""Numbers, and distinct numbers among their quantiles, below which nothing is said."""
APART, APART_IN_NOISE = 0.04, 3.5
"""How far two samples must be apart: of at most 0.5, and in units of what chance makes of their sizes."""
SURE, SURE_IN_NOISE = 0.15, 6.0
"""The same where only the fit tells: of a great factor, and of a small one."""
LEFT, LEFT_WRITTEN, TIGHT = 0.36, 0.75, (1.8, 0.006)
"""Share of the distance that may be left: of a great factor, of one that the writing shows; else in noise, and more."""
SHOWN, MOST_STEPS = 0.7, 30_000
"""Share of the numbers, beyond chance, that must be multiples of the first grain; how many times, so that it shows."""
BLURRED, CERTAIN = 0.45, 5.0
"""Grains within which a number is a multiple, from which writing shows nothing, so that growth is as likely as a small
factor; and standard errors beyond chance."""
OTHERS, STEPS = np.linspace(0.1, 2.3, 13), np.arange(1.0, 14.0)
"""By how many grains, and by how many of their own at least, numbers are moved to see what chance makes of them."""
RARE, FAVOUR = 0.06, 0.05
"""Distance that a conversion must leave less than others, by the number of pairs of units it lies between; and that one
that shows may leave more."""
QUARTERS, RAISED, LOWERED = [50, 100, 150], (50, 190), (10, 150)
"""Places in GRID: of the quartiles, and those between which the middle of the first may be after a conversion."""
SLACK = 0.1
"""How far it may be beyond them, as a part of itself."""
APART_IN_HALVES = 0.8
"""How much more of the moved numbers must be beyond half of the way than of the others, for it to tell them."""
FAR = 20.0
"""How many spreads all numbers must have moved by a factor for it to be that one, whatever the fit."""
NEAR = 0.05
"""How far two factors may be apart, and still be one."""


@dataclass(frozen=True)
class Conversion:
    """A number in one unit as a number in another: factor times it, plus shift; between which units that may be."""

    factor: float
    shift: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        shift = f" {'+' if self.shift > 0 else '-'} {abs(self.shift):.4g}" if self.shift else ""
        return f"x{self.factor:.6g}{shift}"

    @property
    def small(self) -> bool:
        """Return whether growth, or weather, could be mistaken for it."""
        return 1 / SMALL < self.factor < SMALL

    @property
    def most_steps(self) -> float:
        """Return how many times a grain a number may be, so that the digits of the factor tell it from the next."""
        return np.inf if float(f"{self.factor:.7g}") == self.factor else MOST_STEPS

    def undone(self, x: Floats) -> Floats:
        """Return numbers (n,) in the old unit."""
        return np.asarray((x - self.shift) / self.factor, np.float64)

    def back(self) -> Conversion:
        """Return the conversion the other way round."""
        pairs = tuple((new, old) for old, new in self.pairs)
        return Conversion(1 / self.factor, -self.shift / self.factor, pairs)

    def named(self) -> str:
        """Return the factor, and the pairs of units it may lie between, in words."""
        pairs = " or ".join(f"{old} to {new}" for old, new in self.pairs)
        return f"{self}, as from {pairs}" if pairs else f"{self}, which is between no units known here"


@dataclass(frozen=True)
class Change:
    """A conversion that explains a difference, in what share of the second sample, and what it leaves of how much."""

    conversion: Conversion
    share: float
    left: float
    apart: float
    shown: bool = False


def _known() -> tuple[Conversion, ...]:
    """Return the conversions that are looked for where no unit is declared, both ways."""
    table: tuple[tuple[float, float, str], ...] = (
        (1000.0, 0.0, "s ms, kg g, km m, m mm"),
        (100.0, 0.0, "USD cent_USD, EUR cent_EUR, m cm, ratio %"),
        (60.0, 0.0, "min s, h min"),
        (10.0, 0.0, "cm mm"),
        (24.0, 0.0, "day h"),
        (3600.0, 0.0, "h s"),
        (1440.0, 0.0, "day min"),
        (86_400.0, 0.0, "day s"),
        (1e6, 0.0, "s us, MB byte, km mm"),
        (1e9, 0.0, "s ns, GB byte"),
        (365.25, 0.0, "year day"),
        (12.0, 0.0, "year month, foot inch"),
        (2.2046226218, 0.0, "kg lb"),
        (1.609344, 0.0, "mile km, mph km/h"),
        (2.54, 0.0, "inch cm"),
        (25.4, 0.0, "inch mm"),
        (3.280839895, 0.0, "m foot"),
        (3.6, 0.0, "m/s km/h"),
        (28.34952, 0.0, "oz g"),
        (453.59237, 0.0, "lb g"),
        (1.8, 32.0, "degC degF"),
        (1.0, 273.15, "degC K"),
    )
    forward = [
        Conversion(factor, shift, tuple((pair.split()[0], pair.split()[1]) for pair in pairs.split(", ")))
        for factor, shift, pairs in table
    ]
    return (*forward, *(conversion.back() for conversion in forward))


KNOWN = _known()
COMMON = (
    *("ns", "us", "ms", "s", "min", "h", "day", "week", "month", "year", "mm", "cm", "m", "km", "inch", "foot"),
    *("yard", "mile", "mg", "g", "kg", "tonne", "oz", "lb", "degC", "degF", "K", "ml", "l", "gallon", "m^3", "J"),
    *("kJ", "Wh", "kWh", "MWh", "cal", "kcal", "W", "kW", "MW", "horsepower", "Pa", "hPa", "kPa", "bar", "psi"),
    *("m/s", "km/h", "mph", "knot", "bit", "byte", "kB", "MB", "GB", "TB", "m^2", "km^2", "hectare", "acre"),
    *("deg", "rad", "Hz", "kHz", "MHz", "V", "mV", "A", "mA"),
)
"""Units that a column with a declared one may turn out to be in."""


@cache
def of_unit(unit: str) -> tuple[Conversion, ...]:
    """Return the conversions from a declared unit into others of its dimension that growth cannot be taken for."""
    money = next((code for code in CURRENCIES if code in unit), None)
    if money is not None and f"cent_{money}" in unit:
        return (Conversion(0.01, pairs=((unit, unit.replace(f"cent_{money}", money, 1)),)),)
    if money is not None and unit.startswith(money) and money not in WHOLE:
        return (Conversion(100.0, pairs=((unit, f"cent_{unit}"),)),)
    found: list[Conversion] = []
    for other in COMMON:
        try:
            shift, one = convert(np.array([0.0, 1.0]), unit, other).tolist()
        except UserError:  # another dimension
            continue
        if not 0.8 < one - shift < 1.25 or abs(shift) > 1:
            found.append(Conversion(one - shift, shift, ((unit, other),)))
    return tuple(found)


def change(before: Shape, now: Shape, unit: str | None = None) -> Change | None:
    """Return the conversion that turns one distribution into another; None where none does, and where nothing differs.

    `unit` is that of the first where it is declared.
    """
    if min(before.rows, now.rows) < FEWEST or min(len(before.knots), len(now.knots)) < FEWEST_DISTINCT:
        return None
    pair = Pair(before, now, area(now, before)[0], noise(before, now))
    if pair.apart < max(APART, APART_IN_NOISE * pair.noise):
        return None
    found = [made for made in (explained(pair, conversion) for conversion in able(pair, unit)) if made is not None]
    return likeliest(found) if found else unnamed(pair)


def possible(before: Shape, now: Shape, unit: str | None = None) -> Change | None:
    """Return the conversion between two distributions that growth cannot be told from; None where none fits.

    It is of a small factor into a unit so much larger that the writing of the numbers shows nothing.
    """
    if min(before.rows, now.rows) < FEWEST or min(len(before.knots), len(now.knots)) < FEWEST_DISTINCT:
        return None
    pair = Pair(before, now, area(now, before)[0], noise(before, now))
    if pair.apart < SURE_IN_NOISE * pair.noise:
        return None
    unshown = [c for c in able(pair, unit) if c.small and blur(pair, c) >= BLURRED]
    left = [(c, area(now, before.moved(c.factor, c.shift))[0]) for c in unshown]
    found = [Change(conversion, 1.0, rest, pair.apart) for conversion, rest in left if rest <= pair.tight]
    return likeliest(found) if found else None


def able(pair: Pair, unit: str | None) -> list[Conversion]:
    """Return the conversions that are tried: those of a declared unit, and whatever else is known."""
    declared = of_unit(unit) if unit else ()
    others = (c for c in KNOWN if all(abs(c.factor / d.factor - 1) > NEAR for d in declared))
    return [conversion for conversion in (*declared, *others) if reaches(pair, conversion)]


def likeliest(found: list[Change]) -> Change:
    """Return the change that leaves least; one that shows, or lies between many units, may leave more."""
    return min(found, key=lambda made: made.left + RARE / len(made.conversion.pairs) - FAVOUR * made.shown)


@dataclass(frozen=True)
class Pair:
    """Two distributions, how far they are apart, and how far chance alone would put them."""

    before: Shape
    now: Shape
    apart: float
    noise: float

    @property
    def tight(self) -> float:
        """Return how much of a distance chance alone may leave."""
        return TIGHT[0] * self.noise + TIGHT[1]

    @property
    def positive(self) -> bool:
        """Return whether all numbers of both are above 0."""
        return bool(min(self.before.at[0], self.now.at[0]) > 0)

    @cached_property
    def grains(self) -> tuple[float | None, float | None]:
        """Return the grains that both are written with."""
        return grain(self.before.knots), grain(self.now.knots)

    def is_moved(self, factor: float) -> bool:
        """Return whether all numbers are a factor away from what they were, far beyond the spread of either side."""
        if not self.positive:
            return False
        first, second = np.log(self.before.at[QUARTERS]), np.log(self.now.at[QUARTERS])
        ratio, spread = float(second[1] - first[1]), float(max(first[2] - first[0], second[2] - second[0]))
        return abs(ratio - math.log(factor)) < NEAR and abs(ratio) > FAR * spread


def reaches(pair: Pair, conversion: Conversion) -> bool:
    """Return whether a conversion puts the middle about where that of half the second sample, or of more, may be."""
    middle = float(pair.before.at[QUARTERS[1]])
    made = conversion.factor * middle + conversion.shift
    low, high = RAISED if made > middle else LOWERED
    return bool(pair.now.at[low] - SLACK * abs(made) <= made <= pair.now.at[high] + SLACK * abs(made))


def explained(pair: Pair, conversion: Conversion) -> Change | None:
    """Return how a conversion explains a difference; None where it does not."""
    if not conversion.small and pair.is_moved(conversion.factor):
        return Change(conversion, 1.0, 0.0, pair.apart)
    left, share = area(pair.now, pair.before, pair.before.moved(conversion.factor, conversion.shift))
    if left > (LEFT_WRITTEN if conversion.small else LEFT) * pair.apart:
        return None
    share = share if conversion.small else beyond(pair, conversion, share)
    written = shown_by_writing(pair, conversion)
    shown = written is not None and written >= SHOWN * share
    tight = written is None and left <= pair.tight and pair.apart >= SURE_IN_NOISE * pair.noise
    fits = shown or tight if conversion.small else pair.apart >= SURE
    return Change(conversion, share, left, pair.apart, shown) if fits else None


def beyond(pair: Pair, conversion: Conversion, share: float) -> float:
    """Return the share of the second's numbers that a great factor moved: by how many are beyond half of the way.

    Whatever else differs between the two does not count, as it does for the share that fits best, which is returned
    where the ways of both overlap.
    """
    sizes = [np.abs(at) for at in (pair.before.at, conversion.factor * pair.before.at + conversion.shift, pair.now.at)]
    middles = [float(np.median(size)) for size in sizes[:2]]
    if min(middles) <= 0:
        return share
    half = math.sqrt(middles[0] * middles[1])
    old, new, now = (float((size > half).mean()) for size in sizes)
    return min((now - old) / (new - old), 1.0) if abs(new - old) > APART_IN_HALVES else share


def shown_by_writing(pair: Pair, conversion: Conversion) -> float | None:
    """Return the share of the second's numbers that are multiples of the first's grain once undone, beyond chance.

    None where the first has no grain, or one too fine for the digits of a factor. Chance is what other numbers with
    as many decimals would make.
    """
    first, second = pair.grains
    x = pair.now.knots[pair.now.knots != 0]
    x = x[np.abs(conversion.undone(x)) < conversion.most_steps * first] if first is not None else x[:0]
    if first is None or len(x) < FEWEST_DISTINCT:
        return None
    width, near = conversion.factor * first, blur(pair, conversion)
    if near >= BLURRED:
        return 0.0
    step = (np.maximum(10.0 ** -decimals(x), second) if second else np.full(len(x), NEAR * width))[:, None]
    other = x[:, None] + step * np.maximum(np.rint(OTHERS * width / step), STEPS)
    hits, chance = (
        float((np.abs(steps - np.rint(steps)) <= near).mean())
        for steps in (conversion.undone(values) / first for values in (x, other))
    )
    sure = (hits - chance) * math.sqrt(len(x)) > CERTAIN * math.sqrt(chance * (1 - chance))
    return (hits - chance) / (1 - chance) if sure and chance < 1 else 0.0


def blur(pair: Pair, conversion: Conversion) -> float:
    """Return by how many of the first's grains the second's rounding moves a number, once undone; 0 without grains."""
    first, second = pair.grains
    return max(0.6 * (second or 0.0) / (conversion.factor * first), NEAR) if first is not None else 0.0


def unnamed(pair: Pair) -> Change | None:
    """Return the great factor between two distributions of positive numbers that are else alike; None without one."""
    if not pair.positive:
        return None
    free = Conversion(float(np.exp(np.median(np.log(pair.now.at)) - np.median(np.log(pair.before.at)))))
    if free.small:
        return None
    left, share = area(pair.now, pair.before, pair.before.moved(free.factor, 0.0))
    return Change(free, share, left, pair.apart) if share == 1.0 and left <= pair.tight else None


def advice(conversion: Conversion, source: str, unit: str | None, which: str) -> str:
    """Return what to do about rows (`which`) of a column that seem to be in another unit than its own."""
    meant = [new for old, new in conversion.pairs if old == unit]
    if meant:
        return f"convert {which} to {unit}: they seem to be in {meant[0]}"
    return f"find out the units; convert {which}, and declare columns.{source}: {{type: number, unit: ...}}"
