"""From what was counted to the fields of a `ColumnProfile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from landmark.artifacts.profile import PROBABILITIES
from landmark.statistics.fingerprints import Prints
from landmark.statistics.summary.sums.counts import Counts
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.ranks import Ranks
from landmark.statistics.summary.sums.sketches import NEVER, Sample
from landmark.statistics.summary.sums.spread import Spread

MOST_TOP, MOST_TEXT = 20, 120
"""Frequent values, and characters of a text, that a profile keeps."""


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
