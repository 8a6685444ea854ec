"""What one pass over the rows saw."""

from __future__ import annotations

from pydantic import Field

from landmark.artifacts.artifact import Artifact

PROBABILITIES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


class Stray(Artifact):
    """A text that stands where another kind of value is expected."""

    text: str
    count: int
    row: int


class ColumnProfile(Artifact):
    """One column: counts are rows, shares are of the values that are not missing.

    For text columns the numeric facts are of those values that read as numbers. `strays` are the values
    that do not, most frequent first; `first_rows` is the row in which the oddity was first seen.
    """

    name: str
    physical: str
    count: int = Field(description="rows")
    missing: int = Field(description="null or empty")
    distinct: int
    exact: bool = Field(True, description="whether `distinct` and `top` are exact")
    top: tuple[tuple[str, int], ...] = ()
    numbers: float = Field(0.0, description="share that reads as a number")
    integers: float = Field(0.0, description="share that reads as a whole number")
    booleans: float = 0.0
    dates: dict[str, float] = Field({}, description="date format -> share that it reads")
    delimiters: dict[str, float] = Field({}, description="delimiter -> share of values that contain it")
    lists: bool = False
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
    oddities: dict[str, Stray] = Field({}, description="NUL, invalid text, ... -> where first seen")

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
