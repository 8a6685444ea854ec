"""Texts and rows that are nearly alike, found without comparing each with each.

Texts: the sets of their runs of five characters, summed up by MinHash; what shares one of the bands of a signature is
compared exactly. Rows: the fingerprint of a row without one of its columns is that of all others.
Source: Broder, On the resemblance and containment of documents (1997); Leskovec, Rajaraman & Ullman, Mining of Massive
Datasets (2014), section 3.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.seeds import generator
from landmark.core.table import Floats, Ints, whole
from landmark.statistics.fingerprints import MIX, ODD, Prints, chained, of_values

Signatures: TypeAlias = npt.NDArray[np.uint32]

PERMUTATIONS, BANDS = 128, 21
"""Numbers in a signature, and bands of six of them: of pairs that share 80 % they meet 99.8 %, of 40 % a tenth."""
RUN, ALIKE = 5, 0.8
"""Characters of a run, and share of common runs (Jaccard) from which two texts are nearly alike."""
LONGEST = 2000
"""Characters of a text that are looked at."""
CHUNK = 1 << 15
"""Runs that are worked on at once, so that they stay in the cache."""
NEIGHBOURS, MOST_PAIRS = 4, 200_000
"""Texts of a bucket that each of its texts is compared with, and pairs that are, the likeliest ones."""


def plain(texts: pa.Array) -> pa.Array:
    """Return texts (n,) in small letters, with one blank for all that is neither letter nor digit.

    >>> plain(pa.array(["Hello,  World!", None])).to_pylist()
    ['hello world', None]
    """
    short = pc.utf8_slice_codeunits(texts, 0, LONGEST)
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(short), r"[^\pL\pN]+", " "))


def near_pairs(texts: pa.Array, alike: float = ALIKE) -> Ints:
    """Return the places (m, 2) of different texts (n,) that share at least so much of their runs, each pair once.

    >>> near_pairs(pa.array(["the parcel has not come yet", "the parcel has not come", "where is it"])).tolist()
    [[0, 1]]
    """
    words = texts.to_pylist()
    if len(words) < 2:
        return np.empty((0, 2), np.int64)
    made = signatures(words)
    pairs = np.unique(np.concatenate([*candidates(made)]), axis=0)
    if len(pairs) > MOST_PAIRS:
        guesses = np.array([np.count_nonzero(made[a] == made[b]) for a, b in pairs])
        pairs = pairs[np.sort(np.argsort(-guesses, kind="stable")[:MOST_PAIRS])]
    sets = {int(place): runs_of(words[place]) for place in np.unique(pairs)}
    kept = [pair for pair in pairs.tolist() if share(sets[pair[0]], sets[pair[1]]) >= alike]
    return np.array(kept, np.int64).reshape(-1, 2)


def signatures(texts: list[str]) -> Signatures:
    """Return the signature (n, PERMUTATIONS) of each text: the least of its runs under so many fixed hashes."""
    padded = [text.ljust(RUN) for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sizes = np.array([len(text) - RUN + 1 for text in padded], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    hashes = np.delete(runs(letters), gaps(sizes))
    rng = generator(0, "overlap")
    factors = rng.integers(0, 2**63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = rng.integers(0, 2**63, PERMUTATIONS, dtype=np.uint64)
    made: Signatures = np.empty((len(texts), PERMUTATIONS), np.uint32)
    first = 0
    while first < len(texts):
        last = max(int(np.searchsorted(starts, starts[first] + CHUNK, "right")) - 1, first + 1)
        own, places = hashes[starts[first] : starts[last]], starts[first:last] - starts[first]
        for i, (factor, shift) in enumerate(zip(factors, shifts, strict=True)):
            made[first:last, i] = np.minimum.reduceat((own * factor + shift) >> np.uint64(32), places)
        first = last
    return made


def runs(letters: Prints) -> Prints:
    """Return a hash of every run of RUN letters (n,), one for each place where one begins."""
    count = max(len(letters) - RUN + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for i in range(RUN):
        hashes = (hashes ^ letters[i : i + count]) * ODD
        hashes ^= hashes >> np.uint64(29)
    return hashes


def gaps(sizes: Ints) -> Ints:
    """Return the places of the runs that begin in one text and end in the next; `sizes` are runs within each text."""
    ends = np.cumsum(sizes + RUN - 1)[:-1]
    return np.asarray((ends[:, None] - np.arange(1, RUN)).ravel(), np.int64)


def candidates(made: Signatures) -> Iterator[Ints]:
    """Yield pairs of places (m, 2), the lesser one first, that share a band of their signatures (n, PERMUTATIONS)."""
    rows = PERMUTATIONS // BANDS
    for band in range(BANDS):
        keys = np.zeros(len(made), np.uint64)
        for column in made[:, band * rows : (band + 1) * rows].T:
            keys = (keys ^ column) * MIX
            keys ^= keys >> np.uint64(31)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        for step in range(1, NEIGHBOURS + 1):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            yield np.sort(np.column_stack([order[same], order[same + step]]), axis=1).astype(np.int64)


def runs_of(text: str) -> frozenset[str]:
    """Return the runs of RUN characters of a text; a shorter text is its only run."""
    return frozenset(text[i : i + RUN] for i in range(max(len(text) - RUN + 1, 1)))


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much of their runs two texts have in common, 0 to 1 (Jaccard)."""
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def but_one(table: pa.Table) -> Iterator[Prints]:
    """Yield for each column fingerprints (n,) of the rows without it: equal where all other columns are equal."""
    own = [
        chained(np.full(table.num_rows, place, np.uint64), of_values(whole(column)))
        for place, column in enumerate(table.columns)
    ]
    total = np.add.reduce(own) if own else np.empty(0, np.uint64)
    for prints in own:
        yield total - prints


def beside(prints: Prints, order: Floats | Ints) -> Ints:
    """Return the pairs (m, 2) of rows with equal prints (n,), each row with the next one by `order` (n,).

    >>> beside(np.array([7, 9, 7, 7], np.uint64), np.array([1.0, 2.0, 5.0, 3.0])).tolist()
    [[0, 3], [3, 2]]
    """
    ordered = np.sort(prints)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    some = np.flatnonzero(np.isin(prints, repeated)) if len(repeated) else np.empty(0, np.int64)
    some = some[np.lexsort((order[some], prints[some]))]
    same = prints[some][1:] == prints[some][:-1]
    return np.column_stack([some[:-1][same], some[1:][same]]).astype(np.int64)
