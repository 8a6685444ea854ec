"""Rows whose cells moved one column: told by cells that fit the column beside theirs better than their own.

For each cell the logarithm of how much more often such a cell stands in the column before than in its own; along a row
the largest sum of these over neighbouring columns. Where nothing moved, a sum of 7 is seen once in a thousand rows.
Source: the cumulative sum of likelihood ratios of Page, Continuous Inspection Schemes (1954).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.cells import numbers
from landmark.core.table import Floats, Ints, Mask, as_text, held, whole
from landmark.statistics.fingerprints import Prints, of_values

BINS, MOST_NUMBERS, MOST_TEXTS = 24, 64, 300
"""Parts that the numbers of two columns are put into, and different numbers and texts up to which each is its own."""
MOST = 6.0
"""What one cell counts at most, so that none decides alone."""
MOVED = 6.0
"""Sum along a row from which its cells seem to have moved."""


class Cells(NamedTuple):
    """A column as its cells (n,) are compared: numbers, NaN elsewhere; texts; which are empty; of what shape."""

    numbers: Floats
    texts: Prints
    empty: Mask
    shape: Ints


class Moved(NamedTuple):
    """Rows (m,) whose cells in the columns from `first` to `last` seem to be those of the columns before."""

    first: int
    last: int
    rows: Ints


def cells(values: pa.Array) -> Cells:
    """Return a column (n,) as it is compared; of many different texts the shape: how long, how many words, digits."""
    texts = as_text(whole(values))
    x, _ = numbers(texts)
    length = np.log2(1 + np.asarray(pc.utf8_length(texts).fill_null(0).to_numpy(zero_copy_only=False))).astype(np.int64)
    words = np.minimum(pc.count_substring(texts, " ").fill_null(0).to_numpy(zero_copy_only=False), 3).astype(np.int64)
    digits = pc.match_substring_regex(texts, "[0-9]").fill_null(False).to_numpy(zero_copy_only=False).astype(np.int64)
    shape = (length * 4 + words) * 2 + digits
    return Cells(np.where(np.isfinite(x), x, np.nan), of_values(texts), ~held(texts), shape)


def alike(one: Cells, other: Cells) -> tuple[Ints, Ints, int]:
    """Return numbers for the cells of two columns (n,), equal where cells are alike, and how many there are."""
    x = np.concatenate([one.numbers, other.numbers])
    made = np.zeros(len(x), np.int64)
    counted = ~np.isnan(x)
    size = 1
    if counted.any():
        different = np.unique(x[counted])
        if len(different) > MOST_NUMBERS:
            steps = np.linspace(0, 1, BINS + 1)[1:-1]
            ends = [np.nanquantile(part.numbers, steps) for part in (one, other) if not np.isnan(part.numbers).all()]
            different = np.unique(np.concatenate(ends))
        made[counted] = size + np.searchsorted(different, x[counted])
        size += len(different) + 1
    written = ~counted & ~np.concatenate([one.empty, other.empty])
    if written.any():
        kinds, places = np.unique(np.concatenate([one.texts, other.texts])[written], return_inverse=True)
        if len(kinds) > MOST_TEXTS:
            kinds, places = np.unique(np.concatenate([one.shape, other.shape])[written], return_inverse=True)
        made[written] = size + places
        size += len(kinds)
    return made[: len(one.numbers)], made[len(one.numbers) :], size


def fits_better(one: Cells, other: Cells) -> Floats:
    """Return for the cells of `other` (n,) the log of how much more often such cells stand in `one`, within MOST."""
    left, right, size = alike(one, other)
    often = [np.log(np.bincount(part, minlength=size) + 0.5) for part in (left, right)]
    return np.asarray(np.clip((often[0] - often[1])[right], -MOST, MOST), np.float64)


def moved(table: list[Cells], fewest: int) -> list[Moved]:
    """Return where at least so many rows of a table seem to have moved by one column; each row at one place.

    The cell before those that moved must not fit either: it is empty, or one that came from elsewhere.
    """
    size = len(table[0].numbers) if table else 0
    run, begin = np.zeros(size), np.zeros(size, np.int64)
    best, first, last = np.zeros(size), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for place in range(1, len(table)):
        begin = np.where(run <= 0, place, begin)
        run = np.maximum(run, 0) + fits_better(table[place - 1], table[place])
        better = (run > best) & (begin < place)
        best, first, last = np.where(better, run, best), np.where(better, begin, first), np.where(better, place, last)
    found = []
    for start in np.unique(first[best >= MOVED]).tolist():
        rows = np.flatnonzero((best >= MOVED) & (first == start))
        end = int(np.median(last[rows]))
        front = table[start - 1]
        strange = front.empty[rows] | (
            np.max([fits_better(c, front)[rows] for c in table[start : end + 1]], axis=0) > 0
        )
        if strange.sum() >= fewest:
            found.append(Moved(start, end, rows[strange].astype(np.int64)))
    return found
