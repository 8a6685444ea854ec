"""What the drawn rows of a table hold, column by column; no more of them than were to be drawn are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from landmark.core.table import Array, Floats, Ints, Mask
from landmark.statistics.fingerprints import NONE, Prints

LARGEST = 2**64 - 1
SLACK = 1.5
"""How many times as many rows as were left may gather before those too many are dropped again."""


class Drawn(NamedTuple):
    """The drawn rows (k,) of a column: the numbers they hold, NaN where none; the fingerprints of what they hold; the
    moments that texts read as, NaN where none. None: no row has such."""

    numbers: Floats | None = None
    prints: Prints | None = None
    moments: Floats | None = None


NOTHING = Drawn()


@dataclass
class Gather:
    """The drawn rows so far, in parts: their ranks, what each column holds there, and their weights."""

    size: int
    ranks: list[Prints] = field(default_factory=list)
    columns: dict[str, list[Drawn]] = field(default_factory=dict)
    weights: list[Floats] = field(default_factory=list)
    bound: int = LARGEST
    kept: int = 0
    limit: int = 0

    def add(self, ranks: Prints, columns: dict[str, Drawn], weights: Floats | None, bound: int) -> None:
        """Add the drawn rows of a block; those with ranks above `bound` are known to be too many."""
        self.bound = min(self.bound, bound)
        if not len(ranks):
            return
        self.ranks.append(ranks)
        for name, drawn in columns.items():
            self.columns.setdefault(name, []).append(drawn)
        if weights is not None:
            self.weights.append(weights)
        self.kept += len(ranks)
        if self.kept > max(self.limit, self.size // 2):
            self.settle()

    def merge(self, other: Gather) -> None:
        """Add what another has gathered."""
        self.settle()
        other.settle()
        self.ranks += other.ranks
        for name, parts in other.columns.items():
            self.columns.setdefault(name, []).extend(parts)
        self.weights += other.weights
        self.kept += other.kept
        self.bound = min(self.bound, other.bound)
        self.settle()

    def settle(self) -> None:
        """Join the parts into one, in the order of ranks, and drop what is too much."""
        if not self.ranks:
            return
        lengths = [len(ranks) for ranks in self.ranks]
        ranks = np.concatenate(self.ranks)
        order = np.argsort(ranks)
        order = order[: min(self.size, int(np.searchsorted(ranks, np.uint64(self.bound), "right", order)))]
        self.ranks, self.kept = [ranks[order]], len(order)
        for name, parts in self.columns.items():  # one by one: the old parts of a column go before the next one's
            self.columns[name] = [joined(parts, lengths, order)]
        self.weights = [np.concatenate(self.weights)[order]] if self.weights else []
        self.limit = int(SLACK * self.kept)

    def of(self, name: str) -> Drawn:
        """Return what a column holds in the drawn rows, once all is settled."""
        return self.columns[name][0] if name in self.columns else NOTHING


def joined(parts: Sequence[Drawn], lengths: Sequence[int], order: Any) -> Drawn:
    """Return parts of drawn rows, of some lengths, as one in another order."""
    fields = []
    for name, none in zip(Drawn._fields, (np.nan, NONE, np.nan), strict=True):
        own = [getattr(part, name) for part in parts]
        fields.append(None if all(part is None for part in own) else _joined(own, lengths, none)[order])
    return Drawn(*fields)


def _joined(parts: Sequence[Array | None], lengths: Sequence[int], none: Any) -> Array:
    filled = [np.full(n, none) if part is None else part for part, n in zip(parts, lengths, strict=True)]
    return np.concatenate(filled)


def spread_out(facts: Array, held: Mask | None, rows: Ints, none: Any = np.nan) -> Array:
    """Return facts (n,) of the rows that hold a value, at some rows (k,) of the block; `none` where there is none."""
    if held is None:
        return facts[rows].astype(np.result_type(none), copy=False)
    found = np.full(len(rows), none)
    there = held[rows]
    found[there] = facts[(np.cumsum(held) - 1)[rows[there]]]
    return found
