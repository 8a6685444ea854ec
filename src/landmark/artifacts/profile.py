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


class Histogram(Artifact):
    """Counts of finite numbers between edges, the lower one included; the last bar has its upper edge too."""

    edges: tuple[float, ...] = Field(description="one more than there are counts")
    counts: tuple[int, ...]


class Gaps(Artifact):
    """How moments follow each other: in the order of rows where that is the order of time, else by whole days."""

    step_s: float | None = Field(description="seconds between one and the next, the median")
    largest_s: float = Field(description="seconds of the longest time without any")
    after: float | None = Field(description="when that time began: microseconds since 1970")
    days: int = Field(description="days with at least one")
    empty_days: int = Field(description="days between the first and the last without any")


class Items(Artifact):
    """The items of all lists together."""

    count: int
    missing: int
    distinct: int
    exact: bool = True
    top: tuple[tuple[str, int], ...] = ()
    top_error: int = 0


class Media(Artifact):
    """What the first bytes of pictures, or the endings of their paths, tell; of at most so many as were looked at."""

    looked_at: int
    formats: dict[str, int] = Field(default_factory=dict, description="format -> how many of those looked at")
    width: tuple[int, int, int] | None = Field(None, description="least, median, largest, in pixels")
    height: tuple[int, int, int] | None = None


class Weighted(Artifact):
    """The same facts where every row counts as much as its weight."""

    total: float = Field(description="weight of the rows that hold a value")
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = Field((), description="at PROBABILITIES")
    top: tuple[tuple[str, float], ...] = Field((), description="value -> share of the weight")


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
    distinct_error: float = Field(0.0, description="relative standard error of `distinct`")
    top: tuple[tuple[str, int], ...] = ()
    top_error: int = Field(0, description="rows by which a count in `top` may be too low")
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
    skewness: float | None = Field(None, description="third central moment over the cube of the deviation")
    kurtosis: float | None = Field(None, description="fourth central moment over the squared variance, less 3")
    quantiles: tuple[float, ...] = Field((), description="at PROBABILITIES")
    histogram: Histogram | None = None
    order: str = Field("", description="ascending or descending, where no row breaks it; by a text's first 8 bytes")
    gaps: Gaps | None = None
    empty: int = Field(0, description="empty texts, which count as missing")
    length_min: int = 0
    length_mean: float = 0.0
    length_max: int = 0
    lengths: tuple[int, ...] = Field((), description="characters, bytes or items of a value, at PROBABILITIES")
    words_mean: float = 0.0
    patterns: tuple[tuple[str, float], ...] = Field((), description="shape, as AA-999 -> share of values")
    scripts: dict[str, float] = Field(default_factory=dict, description="script -> share of letters")
    languages: dict[str, float] = Field(default_factory=dict, description="language -> share of its small words")
    strays: tuple[Stray, ...] = ()
    oddities: dict[str, Stray] = Field(
        default_factory=dict,
        description="nul, invalid, infinite, mojibake, control, invisible, decomposed -> where first seen",
    )
    items: Items | None = None
    media: Media | None = None
    weighted: Weighted | None = None

    @property
    def values(self) -> int:
        """Return the number of rows that hold a value."""
        return self.count - self.missing

    @property
    def mean_told(self) -> float | None:
        """Return the mean: by weight where rows are weighed."""
        return self.weighted.mean if self.weighted and self.weighted.mean is not None else self.mean

    @property
    def quantiles_told(self) -> tuple[float, ...]:
        """Return the quantiles: by weight where rows are weighed."""
        return (self.weighted and self.weighted.quantiles) or self.quantiles

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """Return the most frequent values with their shares of the values: by weight where rows are weighed."""
        if self.weighted and self.weighted.top:
            return self.weighted.top
        return tuple((text, count / self.values) for text, count in self.top)


class Correlation(Artifact):
    """How two columns of numbers go together, where both hold one."""

    a: str
    b: str
    pearson: float
    spearman: float = Field(description="the same of ranks")


class Dependency(Artifact):
    """That one column tells another: `b` is the same wherever `a` is."""

    a: str
    b: str
    repeats: bool = Field(description="whether each tells the other")
    errors: float = Field(description="share of rows that are not as the others with their `a`")


class Together(Artifact):
    """Columns that are missing in the same rows."""

    columns: tuple[str, ...]
    share: float = Field(description="rows in which they are missing")


class Across(Artifact):
    """What columns tell of each other, in a sample of rows that depends on their numbers only."""

    rows: int = Field(0, description="rows looked at")
    columns: int = Field(0, description="columns looked at")
    correlations: tuple[Correlation, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    missing_together: tuple[Together, ...] = ()


class TableProfile(Artifact):
    """All columns of a set of rows."""

    rows: int
    columns: dict[str, ColumnProfile]
    duplicates: int = Field(0, description="rows that repeat an earlier one entirely")
    duplicates_known: bool = Field(True, description="whether these were counted: a stream does not keep its rows")
    sorted_by: tuple[str, ...] = Field((), description="columns in whose order the rows stand")
    across: Across = Across()
    weight: str | None = Field(None, description="the column by which rows are weighed")
    unweighed: int = Field(0, description="rows whose weight is none: missing, negative, not finite")
    slices: dict[str, TableProfile] = Field(default_factory=dict, description="a column's value -> its rows alone")


class Profile(Artifact):
    """The training rows and, apart from them, the judging rows."""

    train: TableProfile
    test: TableProfile
