"""64-bit fingerprints of values and rows: the same on every machine and in every release.

Equal values have equal fingerprints; unequal ones share one by a chance of 2^-64 for each pair, so that ten
million rows hold a false repeat once in 400,000 tables. Numbers share none: theirs can be turned back.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from landmark.core.table import Floats, Ints, as_text, is_text, whole

Prints: TypeAlias = npt.NDArray[np.uint64]
Octets: TypeAlias = npt.NDArray[np.uint8]

NONE = np.uint64(0x6A09E667F3BCC908)
"""The fingerprint of a missing value."""
LONG = 512
"""Bytes of a text that are worked on in steps of eight; a longer text goes to blake2b as a whole."""
CHUNK = 1 << 15
MOSTLY = 0.5
"""Share of texts that must have bytes left so that all are worked on, and not these alone."""
WORDY = 64
"""Bytes of a value, on average, above which each distinct one is read only once."""
ODD, MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""The multipliers of splitmix64. Source: Steele, Lea & Flood, Fast Splittable Pseudorandom Number Generators (2014)."""
MASKS = np.array([(1 << (8 * i)) - 1 for i in range(8)] + [2**64 - 1], np.uint64)


class Bytes(NamedTuple):
    """The bytes of n values, one after the other: where each starts and how many it has, int64 (n,).

    `octets` go at least eight bytes beyond the last value; `shortest` and `longest` are the least and largest size.
    """

    octets: Octets
    starts: Ints
    sizes: Ints
    shortest: int
    longest: int

    def words(self) -> Prints:
        """Return the first eight bytes of each value (n,) as one number, the first lowest; zeros after its end."""
        if self.shortest == self.longest:
            first: Prints = self.grid(0) & MASKS[min(self.longest, 8)]
            return first
        return _words(self.octets, self.starts, self.sizes, self.shortest)

    def grid(self, skip: int) -> Prints:
        """Return eight bytes of each of values (n,) of one size, from the same place on."""
        start = int(self.starts[0]) + skip if len(self.starts) else 0
        grid: Prints = np.ndarray((len(self.starts),), "<u8", self.octets, offset=start, strides=(self.longest,))
        return grid

    def cut(self, rows: slice) -> Bytes:
        """Return some of the values."""
        return self._replace(starts=self.starts[rows], sizes=self.sizes[rows])


def of_rows(table: pa.Table) -> Prints:
    """Return the fingerprint of each row (n,): of its values, in the order of the columns."""
    prints = np.full(table.num_rows, ODD)
    for column in table.columns:
        prints = chained(prints, of_values(whole(column)))
    return prints


def chained(prints: Prints, more: Prints) -> Prints:
    """Return the fingerprints (n,) of rows that have been joined by one more value each."""
    return mixed((prints ^ more) * ODD)


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
        return _of_cells(array)
    if not is_text(kind) and not pa.types.is_binary(kind) and not pa.types.is_large_binary(kind):
        array = as_text(array)
    array = array if _has_offsets(array.type) else array.cast(pa.large_binary())
    if array.nbytes <= WORDY * len(array):
        prints = of_texts(texts(array.fill_null("") if array.null_count else array))
        return np.where(array.is_null().to_numpy(zero_copy_only=False), NONE, prints) if array.null_count else prints
    coded = array.dictionary_encode()
    prints = np.append(of_texts(texts(coded.dictionary)), NONE)
    return np.asarray(prints[coded.indices.fill_null(len(coded.dictionary)).to_numpy()], np.uint64)


def of_lists(items: Prints, lengths: Ints) -> Prints:
    """Return the fingerprints of lists (n,), from those of all their items one after the other, and their lengths (n,).

    Items count by their place: the same ones in another order are another list.
    """
    ends = np.cumsum(lengths)
    place = np.arange(len(items)) - np.repeat(ends - lengths, lengths)
    placed = mixed(items + place.astype(np.uint64) * ODD)
    below = np.concatenate([np.zeros(1, np.uint64), np.cumsum(placed, dtype=np.uint64)])
    return mixed((below[ends] - below[ends - lengths]) ^ (lengths.astype(np.uint64) * ODD))


def of_numbers(x: Floats | Ints) -> Prints:
    """Return the fingerprints of numbers (n,), none of them NaN."""
    bits = (x + 0.0).view(np.uint64) if x.dtype.kind == "f" else x.view(np.uint64)
    return mixed(bits * ODD)


def floats_of(prints: Prints) -> Floats:
    """Return the float64 numbers (n,) that have these fingerprints.

    >>> floats_of(of_numbers(np.array([1.5, -2.0])))
    array([ 1.5, -2. ])
    """
    return _bits_of(prints).view(np.float64)


def ints_of(prints: Prints) -> Ints:
    """Return the int64 numbers (n,) that have these fingerprints."""
    return _bits_of(prints).view(np.int64)


def texts(array: pa.Array) -> Bytes:
    """Return text or binary values (n,), none of them null, as their bytes."""
    if not _has_offsets(array.type):
        array = array.cast(pa.large_binary())
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    _, places, content = array.buffers()
    offsets = np.frombuffer(places, np.int64 if large else np.int32)[array.offset : array.offset + len(array) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    octets: Octets = np.frombuffer(content, np.uint8) if content is not None else np.empty(0, np.uint8)
    tail = octets[first : last + 8]
    if len(octets) < last + 8:
        tail = np.concatenate([octets[first:last], np.zeros(8, np.uint8)])
    sizes = np.diff(offsets).astype(np.int64, copy=False)
    shortest, longest = int(sizes.min(initial=LONG)), int(sizes.max(initial=0))
    return Bytes(tail, offsets[:-1].astype(np.int64) - first, sizes, min(shortest, longest), longest)


def of_texts(values: Bytes, heads: Prints | None = None) -> Prints:
    """Return the fingerprints (n,) of texts; `heads` are their first eight bytes, if these are known."""
    n = len(values.sizes)
    if n > CHUNK:
        cuts = [slice(start, start + CHUNK) for start in range(0, n, CHUNK)]
        return np.concatenate([of_texts(values.cut(c), None if heads is None else heads[c]) for c in cuts])
    prints = values.sizes.astype(np.uint64) * ODD
    if values.longest > LONG:
        _add_words(prints, values, None)
        _replace_long(prints, values)
    elif values.shortest == values.longest:
        for skip in range(0, values.longest, 8):
            _add(prints, values.grid(skip) & MASKS[min(values.longest - skip, 8)])
    else:
        _add_words(prints, values, heads)
    return mixed(prints, prints)


def _add(prints: Prints, words: Prints) -> None:
    prints ^= words
    prints *= MIX
    mixed(prints, prints)


def _add_words(prints: Prints, values: Bytes, heads: Prints | None) -> None:
    """Add texts of any size, eight bytes of all that have so many left at a time; none of those that are too long."""
    left, shortest, starts = values.sizes, values.shortest, values.starts
    if values.longest > LONG:
        left, shortest = np.where(left > LONG, 0, left), 0
    _add(prints, _words(values.octets, starts, left, shortest) if heads is None else heads)
    live: Ints | None = None
    while True:
        more = left > 8
        size = int(np.count_nonzero(more))
        if not size:
            return
        if size < len(left) * MOSTLY:
            at = np.flatnonzero(more)
            starts, left, live = starts[at], left[at], at if live is None else live[at]
            more = np.ones(size, bool)
        starts, left, shortest = starts + 8, left - 8, shortest - 8
        own = prints if live is None else prints[live]
        new = own ^ _words(values.octets, np.minimum(starts, len(values.octets) - 8), left, shortest)
        new *= MIX
        mixed(new, new)
        if live is None:
            np.copyto(prints, new, where=more)
        else:
            prints[live] = np.where(more, new, own)


def _words(octets: Octets, starts: Ints, left: Ints, shortest: int) -> Prints:
    """Return eight bytes from each start (k,), zeros after the end, of which so many bytes are left."""
    eights: Prints = np.ndarray((len(octets) - 7,), "<u8", octets, strides=(1,))
    word = eights[starts]
    return word if shortest >= 8 else word & MASKS.take(np.minimum(left, 8), mode="clip")


def _replace_long(prints: Prints, values: Bytes) -> None:
    for i in np.flatnonzero(values.sizes > LONG):
        start = int(values.starts[i])
        own = values.octets[start : start + int(values.sizes[i])]
        prints[i] = int.from_bytes(hashlib.blake2b(own.tobytes(), digest_size=8).digest(), "little")


def mixed(prints: Prints, out: Prints | None = None) -> Prints:
    """Return prints (n,) with every bit depending on every bit, in place of `out` if it is given."""
    shifted = prints >> np.uint64(32)
    out = np.bitwise_xor(prints, shifted, out=out)
    out *= MIX
    np.right_shift(out, np.uint64(29), out=shifted)
    out ^= shifted
    return out


INVERSE = {odd: np.uint64(pow(int(odd), -1, 1 << 64)) for odd in (ODD, MIX)}


def _bits_of(prints: Prints) -> Prints:
    """Return what `mixed(bits * ODD)` was made of."""
    prints = prints ^ (prints >> np.uint64(29)) ^ (prints >> np.uint64(58))
    prints = prints * INVERSE[MIX]
    return (prints ^ (prints >> np.uint64(32))) * INVERSE[ODD]


def _of_cells(array: pa.Array) -> Prints:
    missing = array.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_temporal(array.type):
        wide = pa.int32() if array.type.bit_width == 32 else pa.int64()
        array = array.cast(wide)
    values: Any = (array.fill_null(0) if array.null_count else array).to_numpy(zero_copy_only=False)
    if values.dtype.kind == "f":
        missing = missing | np.isnan(values)
        values = values.astype(np.float64)
    else:
        values = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64)
    return np.where(missing, NONE, of_numbers(values))


def _has_offsets(kind: pa.DataType) -> bool:
    """Return whether values of a type are kept as bytes with offsets."""
    plain = (pa.types.is_string, pa.types.is_binary, pa.types.is_large_string, pa.types.is_large_binary)
    return any(is_one(kind) for is_one in plain)
