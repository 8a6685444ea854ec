"""Dates as numbers: read, taken apart, put together in another order, and followed through a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.core import dates
from landmark.core.table import Floats, Ints, Mask, is_text, whole

MISSING, DAY = dates.MISSING, dates.DAY


def moments(values: pa.Array, options: Mapping[str, Any]) -> Ints:
    """Return dates (n,) as int64 (n,) microseconds since 1970 UTC, MISSING where there is none.

    `options` are those of the column: texts are read in its formats, each one what those before it have not read.
    """
    values = whole(values)
    if not is_text(values.type):
        known = values.cast(pa.timestamp("us", getattr(values.type, "tz", None)), safe=False).cast(pa.int64())
        return np.asarray(known.fill_null(MISSING).to_numpy(zero_copy_only=False), np.int64)
    read = np.full(len(values), MISSING, np.int64)
    for form in options.get("formats") or ("Y-m-d",):
        left = np.flatnonzero(read == MISSING)
        read[left] = dates.parse(values.take(pa.array(left)), form)[0]
    return read


def shown(moment: int) -> str:
    """Return the day of a moment in microseconds since 1970.

    >>> shown(DAY)
    '1970-01-02'
    """
    return str(np.datetime64(int(moment) // DAY, "D"))


def parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Return year, month and day (n,) of days since 1970 (n,)."""
    moments = days.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    number = months.astype(np.int64)
    return 1970 + number // 12, 1 + number % 12, 1 + (moments - months).astype(np.int64)


def exchanged(days: Ints) -> tuple[Ints, Mask]:
    """Return days (n,) with day and month in each other's places, and where that is another date.

    >>> turned, able = exchanged(np.array([31, 60]))  # the first of February and the second of March 1970
    >>> turned.tolist(), able.tolist()
    ([1, 33], [True, True])
    """
    year, month, day = parts(days)
    able = (day <= 12) & (day != month)
    turned = np.asarray(dates.days(year, np.where(able, day, month), np.where(able, month, day)), np.int64)
    return turned, np.asarray(able, bool)


def running_median(x: Ints, width: int) -> Floats:
    """Return for each of x (n,) the median of the `width` values around it, at the ends of as many beside it.

    >>> running_median(np.array([1, 2, 90, 4, 5]), 3).tolist()
    [2.0, 2.0, 4.0, 5.0, 5.0]
    """
    width = min(width, len(x))
    middles = np.median(np.lib.stride_tricks.sliding_window_view(x, width), axis=1)
    places = np.clip(np.arange(len(x)) - width // 2, 0, len(middles) - 1)
    return np.asarray(middles[places], np.float64)
