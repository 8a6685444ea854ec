"""Bytes: files of pictures and the like. Of some of them the header is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import Media
from landmark.core.table import Ints, whole
from landmark.statistics.fingerprints import NONE, Prints, of_numbers, of_texts, texts
from landmark.statistics.summary.blocks import Part
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.columns.picture_headers import Picture, picture
from landmark.statistics.summary.drawn_rows import Drawn, spread_out
from landmark.statistics.summary.profile_fields import kinds_facts, length_facts
from landmark.statistics.summary.sums.counts import Counts, counted
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.weights import Weighing

MOST_SEEN = 2048
"""Values whose header is read: those of the rows whose places have the smallest fingerprints."""


@dataclass
class Headers:
    """The headers of some values (k,), with the ranks of their rows, in the order of these."""

    ranks: Prints = field(default_factory=lambda: np.empty(0, np.uint64))
    seen: tuple[Picture | None, ...] = ()

    def add(self, array: pa.Array, places: Ints) -> None:
        """Add the values (n,) of the rows at places (n,), none of them null."""
        ranks = of_numbers(places)
        bound = self.ranks[-1] if len(self.ranks) == MOST_SEEN else np.uint64(2**64 - 1)
        chosen = np.flatnonzero(ranks <= bound)
        chosen = chosen[np.argsort(ranks[chosen])][:MOST_SEEN]
        self._keep(ranks[chosen], [picture(array[int(i)].as_py()) for i in chosen])

    def merge(self, other: Headers) -> None:
        """Add the headers of another."""
        self._keep(other.ranks, other.seen)

    def _keep(self, ranks: Prints, seen: Sequence[Picture | None]) -> None:
        everything = np.concatenate([self.ranks, ranks])
        order = np.argsort(everything)[:MOST_SEEN]
        both = (*self.seen, *seen)
        self.ranks, self.seen = everything[order], tuple(both[i] for i in order)

    def media(self) -> Media | None:
        """Return formats and sizes; None where no value is a picture."""
        pictures = [one for one in self.seen if one is not None]
        if not pictures:
            return None
        sized = [one for one in pictures if one.width and one.height]
        formats = Counter(one.format for one in pictures)
        return Media(
            looked_at=len(self.seen),
            formats=dict(sorted(formats.items(), key=lambda item: (-item[1], item[0]))),
            width=_three([one.width for one in sized]),
            height=_three([one.height for one in sized]),
        )


@dataclass
class Binaries:
    """A column of bytes."""

    count: int = 0
    missing: int = 0
    lengths: Counts = field(default_factory=Counts)
    kinds: Kinds = field(default_factory=Kinds)
    headers: Headers = field(default_factory=Headers)
    weighing: Weighing = field(default_factory=Weighing)

    def update(self, part: Part) -> Drawn:
        """Add one block; return the fingerprints of what its drawn rows hold."""
        held, array = part.held(), whole(part.array).drop_null()
        self.count += len(part.array)
        self.missing += len(part.array) - len(array)
        self.weighing.add(held, part.weights)
        prints = of_texts(texts(array))
        if len(array):
            places = part.places.where(held)
            self.lengths.add(*counted(np.asarray(pc.binary_length(array).to_numpy(), np.int64)))
            self.kinds.rows(prints, places, None)
            self.headers.add(array, places.of(np.arange(len(array))))
        return Drawn(prints=spread_out(prints, held, part.drawn, NONE))

    def merge(self, other: Binaries) -> None:
        """Add another column of bytes."""
        add_up(self, other, "count", "missing")
        for name in ("lengths", "kinds", "headers", "weighing"):
            getattr(self, name).merge(getattr(other, name))

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of bytes; none of them is shown."""
        held = self.count - self.missing
        facts: dict[str, Any] = {"count": self.count, "missing": self.missing, "media": self.headers.media()}
        facts |= kinds_facts(self.kinds, held, lambda prints: [""] * len(prints)) | {"top": ()}
        facts |= length_facts(self.lengths, held)
        return facts | self.weighing.facts(ending.drawn, ending.weights, lambda prints: [None] * len(prints))


def _three(sizes: list[int]) -> tuple[int, int, int] | None:
    """Return the least, the median and the largest."""
    ordered = sorted(sizes)
    return (ordered[0], ordered[len(ordered) // 2], ordered[-1]) if ordered else None
