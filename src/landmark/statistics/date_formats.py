"""Which of the known date formats read some texts, found out on few of them."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from landmark.core import dates

PROBE = 16
"""Values on which every date format is tried; those that read one of them are tried on all."""
DATED = r"(?:^|[^0-9])[0-9]{4}(?:[^0-9]|$)"
"""What every date format that is recognised by itself contains: a year."""
YEAR = re.compile(DATED)


def likely_formats(probe: list[str]) -> list[str]:
    """Return the date formats that read one of a few texts."""
    dated = pa.array([text for text in probe if YEAR.search(text)], pa.string())
    return [form for form in dates.FORMATS if not dates.parse(dated, form)[1].all()] if len(dated) else []


def formats(values: pa.Array) -> list[str]:
    """Return the date formats that read some of distinct values (d,), in the order they are known.

    Every format is tried on a few values only, then again on a few of those that none has read.
    """
    found: list[str] = []
    unread = values
    for _ in range(len(dates.FORMATS)):
        step = max(len(unread) // PROBE, 1)
        probe = unread.take(pa.array(np.arange(0, len(unread), step)[:PROBE]))
        new = [f for f in dates.FORMATS if f not in found and not dates.parse(probe, f)[1].all()]
        if not new:
            break
        found += new
        left = np.logical_and.reduce([dates.parse(unread, form)[1] for form in new])
        unread = unread.filter(pa.array(left))
        if len(unread) == 0:
            break
    return [form for form in dates.FORMATS if form in found]
