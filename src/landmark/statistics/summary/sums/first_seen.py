"""The first of something: kept so that it can be shown with its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from landmark.artifacts.profile import Stray
from landmark.core.table import Ints
from landmark.statistics.summary.profile_fields import short
from landmark.statistics.summary.sums.sketches import NEVER


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
