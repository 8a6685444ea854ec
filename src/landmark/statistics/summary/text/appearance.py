"""What texts look like, from the distinct values that were kept of a column: dates, words, shapes, scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import Stray
from landmark.core import dates
from landmark.core.table import Ints, Mask
from landmark.statistics.date_formats import DATED, formats
from landmark.statistics.summary.profile_fields import short
from landmark.statistics.summary.text.languages import FEWEST_WORDS, languages
from landmark.statistics.summary.text.shapes import scripts, shapes, strange

Row = Callable[[int], int]
"""Turns the place of a row into its number elsewhere."""

SAMPLE = 1000
"""Distinct values that are looked at for dates, delimiters, words and keys."""
MOST_STRAYS = 10
LABELS = 10
"""A column of more distinct values has no yes and no in it."""
DELIMITERS = (",", ";", "|")
YES_NO = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n", "on", "off", "1", "0", "1.0", "0.0"})
KEY = r"^(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{24,64})$"


@dataclass(frozen=True)
class Tally:
    """Distinct texts (d,), the rows of each and the place of its first, int64 (d,); whether they are all there are."""

    values: pa.Array
    counts: Ints
    first: Ints
    complete: bool

    def share(self, which: Mask) -> float:
        """Return the share of rows that a mask over distinct values (d,) stands for."""
        return float(self.counts[which].sum()) / max(int(self.counts.sum()), 1)

    def where(self, which: Any) -> Tally:
        """Return the values at a mask or at places."""
        taken = self.values.filter(pa.array(which)) if which.dtype == bool else self.values.take(pa.array(which))
        return Tally(taken, self.counts[which], self.first[which], False)

    def sample(self) -> Tally:
        """Return the tally of at most SAMPLE values; their fingerprints have put them in no order of their own."""
        return self if len(self.values) <= SAMPLE else self.where(np.arange(SAMPLE))

    def beside(self, other: Tally) -> Tally:
        """Return these values and others, none of which is among them."""
        values = pa.concat_arrays([self.values, other.values])
        counts, first = np.concatenate([self.counts, other.counts]), np.concatenate([self.first, other.first])
        return Tally(values, counts, first, False)

    def strays(self, row: Row) -> tuple[Stray, ...]:
        """Return the values as a profile keeps them, most frequent first; of equals the one first seen."""
        order = np.lexsort((self.first, -self.counts))[:MOST_STRAYS]
        return tuple(self.stray(int(place), row) for place in order)

    def stray(self, place: int, row: Row) -> Stray:
        """Return one value with its rows, and the number of the first, counted from 1."""
        text = short(self.values[place].as_py())
        return Stray(text=text, count=int(self.counts[place]), row=row(int(self.first[place])) + 1)


def look(known: Tally, unique: bool, row: Row) -> dict[str, Any]:
    """Return words, delimiters, keys, shapes, scripts, languages and oddities of texts; `unique`: no value repeats."""
    facts: dict[str, Any] = {}
    if known.complete and len(known.values) <= LABELS:
        words = [text.strip().lower() in YES_NO for text in known.values.to_pylist()]
        facts["booleans"] = known.share(np.array(words))
    some = known.sample()
    words = pc.count_substring_regex(some.values, r"\S+").to_numpy()
    facts["words_mean"] = float((words * some.counts).sum()) / int(some.counts.sum())
    marks = {mark: some.share(flags(pc.match_substring(some.values, mark))) for mark in DELIMITERS}
    facts["delimiters"] = {mark: share for mark, share in marks.items() if share}
    if unique:
        facts["keys"] = some.share(flags(pc.match_substring_regex(some.values, KEY)))
    facts |= {"patterns": shapes(some.values, some.counts), "scripts": scripts(some.values, some.counts)}
    if facts["words_mean"] >= FEWEST_WORDS:
        facts["languages"] = languages(some.values, some.counts)
    odd = {code: np.array(places) for code, places in strange(known.values).items()}
    facts["oddities"] = {code: known.stray(int(at[np.argmin(known.first[at])]), row) for code, at in odd.items()}
    return facts


def date_shares(known: Tally) -> dict[str, float]:
    """Return the date formats that read some texts, and the share that each reads."""
    some = known.sample()
    if not flags(pc.match_substring_regex(some.values, DATED)).any():
        return {}
    return {form: some.share(~dates.parse(some.values, form)[1]) for form in formats(some.values)}


def flags(array: pa.Array) -> Mask:
    """Return Arrow's booleans (n,) as a mask."""
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)
