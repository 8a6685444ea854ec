"""From what was counted to what a profile says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from landmark.artifacts.profile import PROBABILITIES, Stray
from landmark.core.table import Array, Floats, Ints, Mask
from landmark.statistics.counts import Counts
from landmark.statistics.fingerprints import Prints
from landmark.statistics.kinds import Kinds
from landmark.statistics.ranks import Ranks
from landmark.statistics.sketches import NEVER, Sample
from landmark.statistics.spread import Spread

MOST_TOP, MOST_TEXT = 20, 120
"""Frequent values, and characters of a text, that a profile keeps."""


class Drawn(NamedTuple):
    """The drawn rows (k,) of a column: the numbers they hold, NaN where none; the fingerprints of what they hold; the
    moments that texts read as, NaN where none. None: no row has such."""

    numbers: Floats | None = None
    prints: Prints | None = None
    moments: Floats | None = None


@dataclass
class First:
    """The first row of something odd: its place, what it holds, and how many rows are so."""

    place: int = NEVER
    text: str = ""
    rows: int = 0

    def add(self, place: int, text: str, rows: int) -> None:
        """Add so many rows, of which the first stands at a place and holds a text."""
        if place < self.place:
            self.place, self.text = place, text
        self.rows += rows

    def merge(self, other: First) -> None:
        """Add what another saw."""
        self.add(other.place, other.text, other.rows)

    def stray(self, row: Callable[[int], int]) -> Stray:
        """Return it as a profile keeps it."""
        return Stray(text=short(self.text), count=self.rows, row=row(self.place) + 1)


def first_of(codes: Ints, size: int) -> Ints:
    """Return the first of the rows (n,) that has each code from 0 to size - 1; any row where none has it."""
    first = np.zeros(size, np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of equal codes the last write stays
    return first


def spread_out(facts: Array, held: Mask | None, rows: Ints, none: Any = np.nan) -> Array:
    """Return facts (n,) of the rows that hold a value, at some rows (k,) of the block; `none` where there is none."""
    if held is None:
        return facts[rows].astype(np.result_type(none), copy=False)
    found = np.full(len(rows), none)
    there = held[rows]
    found[there] = facts[(np.cumsum(held) - 1)[rows[there]]]
    return found


def kinds_facts(kinds: Kinds, held: int, spell: Callable[[Prints], list[str]]) -> dict[str, Any]:
    """Return how many distinct values `held` rows have, and the most frequent with their counts.

    `spell` names values that have no text of their own.
    """
    sample = kinds.sample
    facts: dict[str, Any] = {"distinct": estimate(sample, held), "exact": not sample.full}
    if sample.full:
        facts |= {"distinct_error": (sample.room - 2) ** -0.5, "top_error": min(kinds.hits.error, held)}
    return facts | {"top": most_frequent(kinds, spell)}


def estimate(sample: Sample, held: int) -> int:
    """Return how many distinct values there are: as many as rows, if none of those kept has come twice."""
    if sample.full and (sample.counts == 1).all():
        return held
    return min(sample.distinct(), held)


def most_frequent(kinds: Kinds, spell: Callable[[Prints], list[str]]) -> tuple[tuple[str, int], ...]:
    """Return the most frequent values with their counts; of equals the one first seen.

    What the sample holds is counted exactly; what only is a frequent value, in the blocks where it is one.
    """
    sample, hits = kinds.sample, kinds.hits
    own = np.arange(len(sample.prints) if sample.texts is None else len(sample.texts))
    more = np.flatnonzero(~np.isin(hits.prints, sample.prints[own])) if sample.full else own[:0]
    prints = np.concatenate([sample.prints[own], hits.prints[more]])
    counts = np.concatenate([sample.counts[own], hits.counts()[more]])
    first = np.concatenate([sample.first[own], np.full(len(more), NEVER)])
    order = np.lexsort((prints, first, -counts))[:MOST_TOP]
    if sample.texts is None:
        names = spell(prints[order])
    else:
        others = np.empty(0, object) if hits.texts is None else hits.texts[more]
        names = np.concatenate([sample.texts, others])[order].tolist()
    return tuple(zip(map(short, names), counts[order].tolist(), strict=True))


def short(text: str) -> str:
    """Return a text cut to what a profile keeps."""
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def spread_facts(spread: Spread, ranks: Ranks) -> dict[str, Any]:
    """Return range, moments, quantiles and histogram of finite numbers."""
    if not spread.held:
        return {}
    moments = spread.moments
    inner = ranks.quantiles()[1:-1]
    return {
        "minimum": spread.low,
        "maximum": spread.high,
        "mean": moments.mean(),
        "std": moments.std(),
        "skewness": moments.skewness(),
        "kurtosis": moments.kurtosis(),
        "quantiles": (spread.low, *inner, spread.high),
        "histogram": ranks.histogram(),
    }


def length_facts(lengths: Counts, held: int) -> dict[str, Any]:
    """Return the facts of the lengths of the values that `held` rows hold."""
    at = lengths.at(PROBABILITIES)
    if not at:
        return {}
    mean = lengths.total() / max(held, 1)
    return {"length_min": at[0], "length_max": at[-1], "length_mean": mean, "lengths": at}
