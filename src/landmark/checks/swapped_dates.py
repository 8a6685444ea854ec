"""Dates in which day and month changed places: read as 3/4 where 4/3 was written.

Told where the table follows time, or holds part of a year only. Where neither is so, an exchanged date looks like any
other, and nothing is said. Source: ISO 8601 (2019) exists because of it; Kim et al., A Taxonomy of Dirty Data (2003).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Ints, Mask, take
from landmark.statistics.moments import DAY, MISSING, exchanged, moments, parts, running_median, shown

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
FEWEST, MOSTLY = 3, 0.8
"""Rows that an exchange must heal, and their share of all dates that do not fit and could be exchanged."""
SURE, MONTHS = 30, 12
"""Dates that cannot have been exchanged, such as the 25th, without which nothing is known of the others: where months
are written without a day, none is. The last number that may be a month."""
AROUND, SLACK = 45, 10
"""Days whose rows a date is compared with, and days that it may be apart from them, over what others are."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns of dates in which some do not fit, and would with day and month exchanged."""
    order = np.argsort(evidence.split.train, kind="stable")[evidence.look()]
    rows = take(evidence.train, order)
    for column, source in evidence.sources():
        if column.type != "date":
            continue
        when = moments(evidence.values(column, source, rows), column.options)
        known = np.flatnonzero(when != MISSING)
        healed = known[healed_by_exchange(when[known] // DAY)]
        if len(healed):
            first = healed[np.argmin(evidence.split.train[order[healed]])]
            turned = exchanged(when[[first]] // DAY)[0][0] * DAY
            seen = (
                f"{len(healed)} of {len(known)} dates fit with day and month exchanged only: "
                f"{shown(when[first])} would be {shown(turned)}"
            )
            todo = f"find out how the source writes dates, or declare columns.{source}: {{type: date, formats: [...]}}"
            yield warn("swapped-dates", source, seen, todo, int(evidence.split.train[order[first]]) + 1)


def healed_by_exchange(days: Ints) -> Mask:
    """Return which days (n,), in the order of the table, fit with day and month exchanged only."""
    sure = np.asarray(parts(days)[2] > MONTHS, bool)
    if sure.sum() < SURE:
        return np.zeros(len(days), bool)
    turned, able = exchanged(days)
    return by_season(days, turned, able, sure) | by_order(days, turned, able, sure)


def by_season(days: Ints, turned: Ints, able: Mask, sure: Mask) -> Mask:
    """Return which days lie in months without a sure date, where most of these would not if exchanged.

    The month beside one with sure dates may be one that has begun.
    """
    months, others = (12 * year + month for year, month, _ in (parts(days), parts(turned)))
    inside = np.unique(months[sure])
    outside = able & ~np.isin(months, [inside - 1, inside, inside + 1])
    return mostly(outside & np.isin(others, inside), outside)


def by_order(days: Ints, turned: Ints, able: Mask, sure: Mask) -> Mask:
    """Return which days are far from those around them in the table, where most of these would be near if exchanged.

    The first and the last rows have others on one side only, and are left out.
    """
    width = int(np.clip(AROUND * len(days) / max(int(np.ptp(days)), 1), 15, 1001))
    inner = slice(width // 2, len(days) - width // 2)
    around = running_median(days, width)
    apart = np.abs(days - around)
    if not sure[inner].any():
        return np.zeros(len(days), bool)
    usual = float(np.quantile(apart[inner][sure[inner]], 0.95))
    far = able & (apart > 2 * usual + SLACK)
    far[: inner.start] = far[inner.stop :] = False
    return mostly(far & (np.abs(turned - around) <= usual + SLACK), far)


def mostly(healed: Mask, odd: Mask) -> Mask:
    """Return what an exchange heals (n,), where that is most of what is odd; else nothing."""
    enough = healed.sum() >= max(FEWEST, MOSTLY * odd.sum())
    return healed if enough else np.zeros(len(healed), bool)
