"""The texts of a block: as its distinct values with their rows where these are few, else row by row.

Which of the two it is decides what a block costs, and nothing that is found in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core import cells, dates
from landmark.core.table import Array, Floats, Ints, Mask, Strings, as_text, is_text
from landmark.statistics import fingerprints
from landmark.statistics.fingerprints import NONE, Bytes, Prints
from landmark.statistics.summary.blocks import Part, Places
from landmark.statistics.summary.sums.counts import counted
from landmark.statistics.summary.sums.first_seen import first_of

KEPT_CHARACTERS = 512
"""Of a text that is kept as an example or to be looked at more closely."""
FEW = 64
"""Texts that are taken one by one: calling Arrow once costs as much."""
REPLACEMENT = "\ufffd".encode()[0]
"""The first byte of the character that stands for undecodable bytes."""
ONES = np.uint64(0x0101010101010101)
HIGH = np.uint64(0x8080808080808080)
LOWER = np.uint64(0x2020202020202020)
BLANK, BEGINS = np.zeros(256, bool), np.zeros(256, bool)
"""The bytes that blanks begin with, and those that a number or the blanks before it can begin with; the words nan and
inf are asked for apart."""
BLANK[np.frombuffer(b" \t\n\x0b\x0c\r\xc2", np.uint8)] = True
BEGINS[np.frombuffer(b"0123456789+-.", np.uint8)] = True
BEGINS |= BLANK
WORDS = np.array([int.from_bytes(word, "little") for word in (b"nan", b"inf")], np.uint64)


@dataclass(frozen=True)
class Values:
    """Texts (d,), none null and none empty. `hopeful`: it is tried first whether all of them are numbers."""

    array: pa.Array
    hopeful: bool = False

    @cached_property
    def bytes(self) -> Bytes:
        """Return the bytes they are made of."""
        return fingerprints.texts(self.array)

    @cached_property
    def size(self) -> int:
        """Return how many bytes they have together."""
        return int(self.bytes.starts[-1] + self.bytes.sizes[-1]) if len(self.array) else 0

    def sizes_counted(self, times: Ints | None) -> tuple[Ints, Ints]:
        """Return the lengths that occur, and in how many rows, of which each text has so many (d,), or one."""
        if times is None and self.largest < 128 and self.bytes.shortest == self.bytes.longest:
            return np.array([self.bytes.longest]), np.array([len(self.array)])
        return counted(self.lengths, times)

    @cached_property
    def prints(self) -> Prints:
        """Return their fingerprints (d,)."""
        return fingerprints.of_texts(self.bytes, self.heads)

    @cached_property
    def order(self) -> Ints:
        """Return their places in the order of their fingerprints."""
        return np.argsort(self.prints)

    @cached_property
    def heads(self) -> Prints:
        """Return their first eight bytes (d,), the first lowest."""
        return self.bytes.words()

    @cached_property
    def largest(self) -> int:
        """Return the largest byte."""
        return int(self.bytes.octets[: self.size].max(initial=0))

    @cached_property
    def lengths(self) -> Ints:
        """Return how many characters they have (d,)."""
        if self.largest < 128:
            return self.bytes.sizes
        return np.asarray(pc.utf8_length(self.array).to_numpy(zero_copy_only=False), np.int64)

    def names(self, places: Ints) -> Strings:
        """Return the texts at places (k,), long ones cut."""
        named = np.empty(len(places), object)
        if len(places) > FEW and self.bytes.longest <= KEPT_CHARACTERS:
            named[:] = self.array.take(pa.array(places)).to_pylist()
            return named
        starts, sizes = self.bytes.starts[places], np.minimum(self.bytes.sizes[places], 4 * KEPT_CHARACTERS)
        named[:] = [
            self.bytes.octets[start : start + size].tobytes().decode("utf-8", "ignore")[:KEPT_CHARACTERS]
            for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
        ]
        return named

    @cached_property
    def numbers(self) -> tuple[Floats, Mask] | None:
        """Return the numbers (d,) that they read as, NaN where blank, and which do not read; None where none does."""
        if self.hopeful:
            quick = self._plain_numbers()
            if quick is not None:
                return quick
        likely = may_be_numbers(self.heads)
        if not likely.any():
            return None
        if likely.all():
            quick = self._plain_numbers()
            return cells.numbers(self.array) if quick is None else quick
        x, odd = np.full(len(likely), np.nan), np.ones(len(likely), bool)
        x[likely], odd[likely] = cells.numbers(self.array.filter(pa.array(likely)))
        return None if odd.all() else (x, odd)

    @property
    def all_numbers(self) -> bool:
        """Return whether all of them read as numbers."""
        return self.numbers is not None and not self.numbers[1].any()

    def _plain_numbers(self) -> tuple[Floats, Mask] | None:
        """Return them as Arrow reads numbers, if it reads all; what it takes for NaN or infinite is read again."""
        try:
            x: Floats = pc.cast(self.array, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            return None
        if self._long_exponents():
            return None
        odd = np.zeros(len(x), bool)
        with np.errstate(over="ignore", invalid="ignore"):
            total = float(x.sum())
        if not np.isfinite(total):
            strange = np.flatnonzero(~np.isfinite(x))
            x = x.copy()
            x[strange], odd[strange] = cells.numbers(self.array.take(pa.array(strange)))
        return x, odd

    def _long_exponents(self) -> bool:
        """Return whether four digits follow an e, a sign between them or not."""
        octets = self.bytes.octets[: self.size]
        at = np.flatnonzero((octets | 0x20) == ord("e"))
        if not len(at):
            return False
        padded = np.append(octets, np.zeros(6, np.uint8))
        digit = (padded >= ord("0")) & (padded <= ord("9"))
        following = np.stack([digit[at + i] for i in range(1, 6)])
        return bool((following[1:4].all(axis=0) & (following[0] | following[4])).any())

    def marks(self) -> list[str]:
        """Return which of nul and invalid some text may hold."""
        if not self.size:
            return []
        octets = self.bytes.octets[: self.size]
        nul = ["nul"] if octets.min() == 0 else []
        return nul + (["invalid"] if self.largest >= REPLACEMENT and (octets == REPLACEMENT).any() else [])

    def holds(self, mark: str) -> Mask:
        """Return which texts (d,) hold a mark."""
        return np.asarray(pc.match_substring(self.array, mark).to_numpy(zero_copy_only=False), bool)

    def moments(self, form: str) -> tuple[Ints, Mask]:
        """Return the dates (d,) that they read as in a format, microseconds since 1970, and which do not read."""
        if form == "Y-m-d":
            quick = self._plain_moments()
            if quick is not None:
                return quick, np.zeros(len(quick), bool)
        return dates.parse(self.array, form)

    def _plain_moments(self) -> Ints | None:
        """Return them as Arrow reads ISO 8601, where each has a day and no, or a whole, time of day."""
        sizes = self.bytes.sizes
        timed = sizes > len("2024-01-31")
        if self.bytes.shortest < len("2024-01-31") or (timed & (sizes < len("2024-01-31 10:30"))).any():
            return None
        try:
            moments = pc.cast(self.array, pa.timestamp("us")).cast(pa.int64())
        except pa.ArrowInvalid:
            return None
        return np.asarray(moments.to_numpy(), np.int64)


@dataclass(frozen=True)
class TextBlock:
    """The texts of one block.

    codes int64 (n,): for each row that holds a text its place among the values, None where the values are the
    rows; places: where these rows stand; held bool (rows,), None where all rows hold one.
    """

    values: Values
    codes: Ints | None
    places: Places
    held: Mask | None
    empty: int

    @cached_property
    def size(self) -> int:
        """Return the number of rows that hold a text."""
        return len(self.values.array if self.codes is None else self.codes)

    @cached_property
    def rows(self) -> Ints | None:
        """Return how many rows each value (d,) has; None where it has one."""
        return None if self.codes is None else np.bincount(self.codes, minlength=len(self.values.array))

    @cached_property
    def used(self) -> Ints | None:
        """Return the places of the values that have rows, None if all have."""
        return None if self.rows is None or self.rows.all() else np.flatnonzero(self.rows > 0)

    def of_used(self, facts: Array) -> Array:
        """Return facts (d,) of the values, of those with rows alone."""
        return facts if self.used is None else facts[self.used]

    def of_rows(self, facts: Array) -> Array:
        """Return facts (d,) of the values as facts (n,) of the rows."""
        return facts if self.codes is None else facts[self.codes]

    def first(self) -> Ints:
        """Return the first row of each value (d,)."""
        return np.arange(self.size) if self.codes is None else first_of(self.codes, len(self.values.array))

    def names(self, places: Ints) -> Strings:
        """Return the texts at places among the used values."""
        return self.values.names(places if self.used is None else self.used[places])

    def at(self, rows: Ints) -> Ints:
        """Return the place among the values of what some of the rows (k,) hold."""
        return rows if self.codes is None else self.codes[rows]

    def text(self, row: int) -> str:
        """Return the text of one of the rows (n,)."""
        return str(self.values.names(self.at(np.array([row])))[0])

    @cached_property
    def numbers(self) -> tuple[Floats, Mask] | None:
        """Return the numbers (d,) that the values read as, and which do not; None where no row holds a number."""
        read = self.values.numbers
        return None if read is None or self.of_used(read[1]).all() else read

    def probe(self, size: int) -> list[str]:
        """Return the texts of at most so many rows, evenly spaced, that are no numbers."""
        at = self.at(np.linspace(0, self.size - 1, min(size, self.size)).astype(np.int64))
        return list(self.values.names(at if self.numbers is None else at[self.numbers[1][at]]).tolist())

    def drawn(self, rows: Ints) -> Prints:
        """Return the fingerprints of what some rows of the block hold, NONE where there is no text."""
        there = rows if self.held is None else rows[self.held[rows]]
        own = there if self.held is None else (np.cumsum(self.held) - 1)[there]
        prints = self.values.prints[own if self.codes is None else self.codes[own]]
        if self.held is None:
            return prints
        found = np.full(len(rows), NONE)
        found[self.held[rows]] = prints
        return found


def block_of(part: Part, repeating: bool, like: Values | None) -> TextBlock:
    """Return the texts of one column of a block.

    repeating: whether its values are thought to be few; like: the values of the block before, used again where
    they are the same, and a hint where not.
    """
    array = part.array
    if pa.types.is_dictionary(array.type):
        return _coded(array.dictionary, array.indices, part, like)
    array = array if is_text(array.type) else as_text(array)
    array = array.cast(pa.string()) if not pa.types.is_string(array.type) else array
    if repeating:
        coded = array.dictionary_encode()
        return _coded(coded.dictionary, coded.indices, part, like)
    held = None
    if array.null_count:
        held = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), bool)
        array = array.drop_null()
    sizes = np.diff(np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1])
    filled = sizes > 0
    empty = len(sizes) - int(np.count_nonzero(filled))
    if empty:
        held = np.ones(len(part.array), bool) if held is None else held
        held[held] = filled
        array = array.filter(pa.array(filled))
    hopeful = like is not None and like.all_numbers
    return _block(Values(array, hopeful), None, held, empty, part)


def _coded(dictionary: pa.Array, indices: pa.Array, part: Part, like: Values | None) -> TextBlock:
    dictionary = dictionary.cast(pa.string()) if not pa.types.is_string(dictionary.type) else dictionary
    codes = np.asarray((indices.fill_null(-1) if indices.null_count else indices).to_numpy(), np.int64)
    held = codes >= 0 if indices.null_count else None
    at = pc.index(dictionary, "").as_py()
    empty = int(np.count_nonzero(codes == at)) if at >= 0 else 0
    if at >= 0:
        held = (codes != at) & (codes >= 0)
        dictionary = dictionary.filter(pc.not_equal(dictionary, ""))
        codes = codes - (codes > at)
    values = like if like is not None and like.array.equals(dictionary) else Values(dictionary)
    return _block(values, codes if held is None else codes[held], held, empty, part)


def _block(values: Values, codes: Ints | None, held: Mask | None, empty: int, part: Part) -> TextBlock:
    return TextBlock(values, codes, part.places.where(held), held, empty)


def may_be_numbers(heads: Prints) -> Mask:
    """Return which texts (n,) may read as numbers, by their first eight bytes; the others do not.

    What begins like a number is none if a colon, a slash or a second sign follows, as in dates and codes.
    """
    begin = (heads & np.uint64(0xFF)).view(np.int64)
    likely = BEGINS.take(begin)
    word = (heads | LOWER) & np.uint64(0xFFFFFF)
    likely |= (word == WORDS[0]) | (word == WORDS[1])
    if not likely.any():
        return likely
    signed = _has(heads >> np.uint64(8), "-")
    if signed.any():
        signed &= ~_has(heads | LOWER, "e")
        if signed.any():
            likely &= ~signed | BLANK.take(begin)
    if likely.any():
        likely &= ~(_has(heads, ":") | _has(heads, "/"))
    return likely


def _has(heads: Prints, letter: str) -> Mask:
    """Return which of eight bytes each (n,) hold a letter. Source: Anderson, Bit Twiddling Hacks, "zero in word"."""
    x = heads ^ (ONES * np.uint64(ord(letter)))
    return np.asarray(((x - ONES) & ~x & HIGH) != 0, bool)
