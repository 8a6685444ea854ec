"""What one pass over the rows saw."""

from __future__ import annotations

from pydantic import Field

from landmark.artifacts.artifact import Artifact

PROBABILITIES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


class Stray(Artifact):
    """A text that stands where another kind of value is expected; `row` counts from 1, as people do."""

    text: str
    count: int
    row: int


class ColumnProfile(Artifact):
    """One column: counts are rows, shares are of the values that are not missing.

    The numeric facts of a text column are of those values that read as numbers, or, where more read as dates,
    of the dates in microseconds since 1970. `strays` are the values that do not read so, most frequent first.
    """

    name: str
    physical: str
    count: int = Field(description="rows")
    missing: int = Field(description="null, empty, or NaN in a column of numbers")
    distinct: int
    exact: bool = Field(True, description="whether `distinct` and `top` are exact")
    top: tuple[tuple[str, int], ...] = ()
    numbers: float = Field(0.0, description="share that reads as a number")
    integers: float = Field(0.0, description="share that reads as a whole number")
    booleans: float = 0.0
    dates: dict[str, float] = Field(default_factory=dict, description="date format -> share that it reads")
    delimiters: dict[str, float] = Field(default_factory=dict, description="delimiter -> share of values with it")
    lists: bool = False
    keys: float = Field(0.0, description="share that looks like a key made by a machine: a UUID, a digest")
    counter: bool = Field(False, description="whether it is the row's number, but for where it starts")
    nan: int = 0
    infinite: int = 0
    zeros: int = 0
    negatives: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = Field((), description="at PROBABILITIES")
    length_mean: float = 0.0
    length_max: int = 0
    words_mean: float = 0.0
    strays: tuple[Stray, ...] = ()
    oddities: dict[str, Stray] = Field(default_factory=dict, description="nul, invalid, infinite -> where first seen")

    @property
    def values(self) -> int:
        """Return the number of rows that hold a value."""
        return self.count - self.missing


class TableProfile(Artifact):
    """All columns of a set of rows."""

    rows: int
    columns: dict[str, ColumnProfile]
    duplicates: int = Field(0, description="rows that repeat an earlier one entirely")


class Profile(Artifact):
    """The training rows and, apart from them, the judging rows."""

    train: TableProfile
    test: TableProfile
