"""Lengths of time as people write them in a contract: 30min, 36h, 2d, 6w."""

from __future__ import annotations

import re

from landmark.core.dates import DAY

UNITS = {"min": DAY // 1440, "h": DAY // 24, "d": DAY, "w": 7 * DAY}
_WRITTEN = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(min|h|d|w)\s*")


def duration(text: str) -> int:
    """Return a written length of time in microseconds. Raises: ValueError where it is none.

    >>> duration("1.5h") == 90 * duration("1min")
    True
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError("is no length of time; write 30min, 36h, 2d or 6w")
    return round(float(found[1]) * UNITS[found[2]])


def duration_name(microseconds: int) -> str:
    """Return a length of time in the largest unit of which it has two, rounded up.

    >>> duration_name(49 * DAY // 24), duration_name(DAY // 24)
    ('3d', '60min')
    """
    unit = next((name for name in ("d", "h", "min") if microseconds >= 2 * UNITS[name]), "min")
    return f"{max(-(-microseconds // UNITS[unit]), 1)}{unit}"
