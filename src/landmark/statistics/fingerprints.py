"""64-bit fingerprints of values and rows: the same on every machine and in every release.

Equal values have equal fingerprints; unequal ones share one by a chance of 2^-64 for each pair, so that ten
million rows hold a false repeat once in 400,000 tables.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from landmark.core.table import Ints, as_text, is_text, whole

Prints: TypeAlias = npt.NDArray[np.uint64]

NONE = np.uint64(0x6A09E667F3BCC908)
"""The fingerprint of a missing value."""
LONG = 512
"""Bytes of a text that are worked on in steps of eight; a longer text goes to blake2b as a whole."""
CHUNK = 1 << 13
ODD, MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""The multipliers of splitmix64. Source: Steele, Lea & Flood, Fast Splittable Pseudorandom Number Generators (2014)."""
MASKS = np.array([(1 << (8 * i)) - 1 for i in range(8)] + [2**64 - 1], np.uint64)


def of_rows(table: pa.Table) -> Prints:
    """Return the fingerprint of each row (n,): of its values, in the order of the columns."""
    prints = np.full(table.num_rows, ODD)
    for column in table.columns:
        prints = chained(prints, of_values(whole(column)))
    return prints


def chained(prints: Prints, more: Prints) -> Prints:
    """Return the fingerprints (n,) of rows that have been joined by one more value each."""
    return _mixed((prints ^ more) * ODD)


def draws(table: pa.Table, rows: Ints, seed: int) -> Prints:
    """Return a number for each of some rows (m,), as if by chance: of all that the row holds, and of the seed.

    Neither the other rows nor the order of rows or columns matters, so that a row keeps its number when the table
    grows. Rows that are alike are numbered as they come, and each has a draw of its own.
    """
    held = of_rows(table.select(sorted(table.column_names)))[rows]
    order = np.argsort(held, kind="stable")
    first = np.flatnonzero(np.diff(held[order], prepend=~held[order[:1]]))
    alike = np.empty_like(held)
    alike[order] = np.arange(len(held)) - np.repeat(first, np.diff(first, append=len(held)))
    return chained(chained(held, alike), np.full(len(held), seed, np.uint64))


def distinct(prints: Prints) -> int:
    """Return how many different fingerprints there are; sorting takes a tenth of the time of `np.unique`."""
    ordered = np.sort(prints)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + (len(ordered) > 0)


def of_values(array: pa.Array) -> Prints:
    """Return the fingerprint of each value (n,); null and NaN are alike, and so are 0.0 and -0.0."""
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind):
        return _of_numbers(array)
    if not is_text(kind) and not pa.types.is_binary(kind) and not pa.types.is_large_binary(kind):
        array = as_text(array)
    coded = array.dictionary_encode()
    distinct = coded.dictionary.cast(pa.large_binary())
    parts = [_of_bytes(distinct.slice(start, CHUNK)) for start in range(0, len(distinct), CHUNK)]
    prints = np.concatenate([*parts, np.array([NONE])])
    return np.asarray(prints[coded.indices.fill_null(len(distinct)).to_numpy()], np.uint64)


def _of_numbers(array: pa.Array) -> Prints:
    missing = array.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_temporal(array.type):
        wide = pa.int32() if array.type.bit_width == 32 else pa.int64()
        array = array.cast(wide)
    floating = pa.types.is_floating(array.type)
    values: Any = (array.fill_null(0) if array.null_count else array).to_numpy(zero_copy_only=False)
    if floating:
        missing |= np.isnan(values)
        bits = (values.astype(np.float64) + 0.0).view(np.uint64)
    else:
        bits = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64).view(np.uint64)
    return np.where(missing, NONE, _mixed(bits * ODD))


def _of_bytes(array: pa.Array) -> Prints:
    """Return the fingerprints of large binary values (n,), none of them null."""
    _, starts, content = array.buffers()
    offsets = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
    raw = np.frombuffer(content, np.uint8)[offsets[0] : offsets[-1]] if content else np.empty(0, np.uint8)
    padded = np.concatenate([raw, np.zeros(8, np.uint8)])
    eights: Prints = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
    place, left = offsets[:-1] - offsets[0], np.diff(offsets)
    prints = left.astype(np.uint64) * ODD
    live = np.flatnonzero((left > 0) & (left <= LONG))
    while len(live):
        word = eights[place[live]] & MASKS[np.minimum(left[live], 8)]
        prints[live] = _mixed((prints[live] ^ word) * MIX)
        place[live] += 8
        left[live] -= 8
        live = live[left[live] > 0]
    for i in np.flatnonzero(left > LONG):
        prints[i] = int.from_bytes(hashlib.blake2b(array[int(i)].as_buffer(), digest_size=8).digest(), "little")
    return _mixed(prints)


def _mixed(prints: Prints) -> Prints:
    """Return prints with every bit depending on every bit."""
    prints = (prints ^ (prints >> np.uint64(32))) * MIX
    return prints ^ (prints >> np.uint64(29))
