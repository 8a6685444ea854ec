"""Faults of units: part of the numbers is measured in another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from landmark.core.table import Floats, Ints
from landmark.laws.faults.amounts import is_spread
from landmark.laws.faults.fault import Fault, Planted, fault
from landmark.laws.faults.ground import Ground, given_rows, numbers, put_numbers, some

Made = tuple[Ground, Planted] | None
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Change:
    """One unit in place of another: `factor` times the number, plus `shift`; the pairs of units it can lie between."""

    name: str
    factor: float
    pairs: Pairs
    story: str
    shift: float = 0.0
    finer: int = 1

    def apply(self, x: Floats) -> Floats:
        """Return numbers (n,) in the new unit."""
        return np.asarray(self.factor * x + self.shift, np.float64)

    def back(self) -> Change:
        """Return the change the other way round."""
        other = tuple((new, old) for old, new in self.pairs)
        finer = 1 + round(np.log10(self.factor))
        return replace(self, factor=1 / self.factor, pairs=other, shift=-self.shift / self.factor, finer=finer)


THOUSAND = Change("thousand", 1000.0, (("s", "ms"), ("km", "m"), ("kg", "g"), ("m", "mm")), "seconds and milliseconds")
SIXTY = Change("sixty", 60.0, (("min", "s"), ("h", "min")), "minutes and seconds")
HUNDRED = Change("hundred", 100.0, (("USD", "cent_USD"), ("EUR", "cent_EUR"), ("m", "cm")), "dollars and cents")
POUNDS = Change("pounds", 2.20462, (("kg", "lb"),), "kilograms and pounds", finer=2)
MILES = Change("miles", 1.609344, (("mile", "km"),), "miles and kilometres", finer=2)
FAHRENHEIT = Change("fahrenheit", 1.8, (("degC", "degF"),), "degrees Celsius and Fahrenheit", shift=32.0)
WEATHER = (-40.0, 60.0)
"""Degrees Celsius between which a column may be one of temperatures."""


def _columns(ground: Ground, change: Change) -> list[str]:
    """Return the columns whose numbers may be measured in the first unit."""
    names = [name for name in ground.inputs("number") if is_spread(ground, name)]
    read = {name: numbers(ground.rows, name) for name in names}
    if change.shift:
        ends = {name: np.nanquantile(x, [0.01, 0.99]) for name, x in read.items()}
        able = [n for n, (low, high) in ends.items() if WEATHER[0] <= low and high <= WEATHER[1] and high - low > 8]
    else:
        able = [name for name, x in read.items() if np.nanmin(x) >= 0 and np.nanmean(x > 0) > 0.8]
    return able


def _turned(change: Change, rng: np.random.Generator) -> Change:
    """Return the change one way or the other; of temperatures as it is, for the column is taken to be in Celsius."""
    return change if change.shift or rng.random() < 0.5 else change.back()


def _changed(rows: pa.Table, name: str, where: Ints, change: Change) -> pa.Table:
    return put_numbers(rows, name, where, change.apply(numbers(rows, name)[where]), change.finer)


def _jump(change: Change) -> Fault:
    """Return the fault that the last rows of the file are measured in another unit."""

    def plant(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
        names = _columns(ground, change)
        if not names:
            return None
        name, turned = str(rng.choice(names)), _turned(change, rng)
        rows = given_rows(ground.rows, name)
        rows = rows[rows >= (1 - amount) * ground.rows.num_rows]
        planted = Planted((name,), rows, factor=turned.factor, pairs=turned.pairs)
        return ground.with_rows(_changed(ground.rows, name, rows, turned)), planted

    plant.__name__ = f"unit_jump_{change.name}"
    plant.__doc__ = f"From some row on, a column is in another unit: {change.story}."
    return fault("unit-jump", weak=0.1, medium=0.25, strong=0.5)(plant)


def _change(change: Change) -> Fault:
    """Return the fault that judging rows are measured in another unit than training rows."""

    def plant(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
        names = _columns(ground, change)
        if not names:
            return None
        name, turned = str(rng.choice(names)), _turned(change, rng)
        rows = some(given_rows(ground.judging, name), amount, rng)
        planted = Planted((name,), rows, in_test=True, factor=turned.factor, pairs=turned.pairs)
        return ground.with_test(_changed(ground.judging, name, rows, turned)), planted

    plant.__name__ = f"unit_change_{change.name}"
    plant.__doc__ = f"Judging rows come from a source with another unit: {change.story}."
    return fault("unit-change", weak=0.6, medium=0.9, strong=1.0, given=True)(plant)


unit_jump_thousand, unit_change_thousand = _jump(THOUSAND), _change(THOUSAND)
unit_jump_sixty, unit_change_sixty = _jump(SIXTY), _change(SIXTY)
unit_jump_hundred, unit_change_hundred = _jump(HUNDRED), _change(HUNDRED)
unit_jump_pounds, unit_change_pounds = _jump(POUNDS), _change(POUNDS)
unit_jump_miles, unit_change_miles = _jump(MILES), _change(MILES)
unit_jump_fahrenheit, unit_change_fahrenheit = _jump(FAHRENHEIT), _change(FAHRENHEIT)
