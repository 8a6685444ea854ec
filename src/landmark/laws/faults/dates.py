"""Faults of dates and times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from landmark.core.table import Array
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, added, given_rows, moments, new_name, put, put_moments, some

Made = tuple[Ground, Planted] | None
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CENTURY = 36_525
"""Days."""


@fault("sentinel", weak=0.01, medium=0.03, strong=0.1)
def sentinel_day(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An empty time became 0, and 0 is the first of January 1970."""
    return _some_moments(ground, rng, amount, lambda when: np.full(len(when), np.datetime64("1970-01-01T00:00:00")))


@fault("future-dates", weak=0.002, medium=0.01, strong=0.03)
def future_dates(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A year was typed in the wrong century."""
    return _some_moments(ground, rng, amount, lambda when: when + np.timedelta64(CENTURY, "D"))


@fault("swapped-dates", weak=0.05, medium=0.2, strong=0.5)
def swapped_dates(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Part of the days was read as months, wherever that makes a date."""
    name = _date_column(ground, rng)
    if name is None:
        return None
    when = moments(ground.rows, name)
    year, month, day = _parts(when)
    able = np.flatnonzero((day <= 12) & (day != month) & ~np.isnat(when))
    if len(able) < 10:
        return None
    rows = some(able, amount, rng, 3)
    time = when[rows] - when[rows].astype("datetime64[D]")
    days = [f"{year[row]:04}-{day[row]:02}-{month[row]:02}" for row in rows]
    changed = np.array(days, "datetime64[D]").astype("datetime64[s]") + time
    return ground.with_rows(put_moments(ground.rows, name, rows, changed)), Planted((name,), rows)


@fault("mixed-dates", weak=0.02, medium=0.1, strong=0.3)
def mixed_dates(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Three programs write into one column, each in its own format."""
    return _written(ground, rng, amount, ("{day:02}/{month:02}/{year}", "{name} {day}, {year}"))


@fault("spreadsheet-dates", "mixed-dates", weak=0.02, medium=0.1, strong=0.3)
def spreadsheet_dates(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A spreadsheet shows part of the days without their year, and saves what it shows."""
    return _written(ground, rng, amount, ("{day}-{name}", "{name}-{short:02}"))


@fault("end-before-start", weak=0.005, medium=0.02, strong=0.05)
def end_before_start(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Some things end before they began: two clocks, or two people, wrote the times."""
    name = _date_column(ground, rng)
    if name is None:
        return None
    start = moments(ground.rows, name)
    lasted = np.maximum(rng.lognormal(10, 1, len(start)), 60).astype(np.int64)
    rows = some(given_rows(ground.rows, name), amount, rng, 3)
    lasted[rows] *= -1
    end = [None if np.isnat(when) else str(when).replace("T", " ") for when in start + lasted.astype("timedelta64[s]")]
    new = new_name(ground.rows, "ended_at")
    return ground.with_rows(added(ground.rows, new, end)), Planted((name, new), rows, (new,))


def _date_column(ground: Ground, rng: np.random.Generator) -> str | None:
    names = ground.inputs("date")
    return str(rng.choice(names)) if names else None


def _parts(when: Array) -> tuple[Array, Array, Array]:
    """Return year, month and day (n,) of moments (n,)."""
    months = when.astype("datetime64[M]").astype(np.int64)
    days = (when.astype("datetime64[D]") - when.astype("datetime64[M]")).astype(np.int64)
    return 1970 + months // 12, 1 + months % 12, 1 + days


def _some_moments(ground: Ground, rng: np.random.Generator, share: float, other: Callable[[Array], Array]) -> Made:
    """Put other moments into some cells of a date column."""
    name = _date_column(ground, rng)
    if name is None:
        return None
    rows = some(given_rows(ground.rows, name), share, rng, 3)
    changed = other(moments(ground.rows, name)[rows])
    return ground.with_rows(put_moments(ground.rows, name, rows, changed)), Planted((name,), rows)


def _written(ground: Ground, rng: np.random.Generator, share: float, ways: tuple[str, ...]) -> Made:
    """Write some cells of a date column in other ways."""
    name = _date_column(ground, rng)
    if name is None:
        return None
    rows = some(given_rows(ground.rows, name), share, rng, 4)
    shown = []
    for year, month, day in zip(*_parts(moments(ground.rows, name)[rows]), strict=True):
        parts = {"year": year, "month": month, "day": day, "name": MONTHS[month - 1], "short": year % 100}
        shown.append(str(rng.choice(ways)).format(**parts))
    return ground.with_rows(put(ground.rows, name, rows, shown)), Planted((name,), rows)
