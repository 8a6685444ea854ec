"""Dates as numbers: read, taken apart, put together in another order, and followed through a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.core import dates
from landmark.core.table import Ints, is_text, whole

MISSING = dates.MISSING


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
