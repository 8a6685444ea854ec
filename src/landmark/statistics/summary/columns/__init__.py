"""What is added up of a column while it passes by: one file for each kind of column.

A state takes a column block by block, is joined with the state of other blocks in any order, and says at the end what a
profile wants to know. Whatever the order and the number of states, the profile is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

from landmark.core.table import Floats
from landmark.statistics.summary.blocks import Part
from landmark.statistics.summary.drawn_rows import Drawn

State = TypeVar("State", bound="Column")


class Column(Protocol):
    """The state of one column."""

    def update(self, part: Part) -> Drawn:
        """Add one block of at most `blocks.ROWS` rows; return what its drawn rows hold."""

    def merge(self: State, other: State) -> None:
        """Add what another state of the same kind was given; no block may be in both."""

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return the fields of a `ColumnProfile`, but for its name and its Arrow type."""


class Ending(NamedTuple):
    """What is at hand when all blocks were added.

    drawn: what the drawn rows hold, in the order of their ranks; weights (k,): theirs, if rows are weighed;
    row: from the place of a row to its number elsewhere.
    """

    drawn: Drawn
    weights: Floats | None
    row: Callable[[int], int]


def add_up(state: Column, other: Column, *names: str) -> None:
    """Add the counts of these names of another state."""
    for name in names:
        setattr(state, name, getattr(state, name) + getattr(other, name))
