"""What the columns of a table promise: inferred once, edited by people, held against every table that comes after.

A contract is plain values only, so that it can be written as a document, compared, and kept by its content.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from landmark.artifacts.artifact import Artifact
from landmark.core.findings import Finding, Level
from landmark.core.kinds import Kind

Word = Literal["number", "binary", "category", "text", "date", "set", "image"]
"""What a column holds; the words are those of the document's data types."""
Period = Literal["hour", "day", "week", "month", "year"]
Place = tuple[str, ...]
"""Where in a contract something stands: ("columns", "age", "least")."""

ENVIRONMENTS = ("training", "serving")


def _always(value: Any) -> Any:
    return 1.0 if value == "always" else value


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _exactly(value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return {"least": value, "most": value} if whole else value


Share = Annotated[float, BeforeValidator(_always), Field(ge=0, le=1)]
Names = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Span(Artifact):
    """From a least to a most count, both allowed; None: no such end."""

    least: int | None = Field(None, ge=0)
    most: int | None = Field(None, ge=0)


Counts = Annotated[Span, BeforeValidator(_exactly)]


class RowTerms(Artifact):
    """How many rows a table must have."""

    least: int | None = Field(1, ge=0, description="rows that must be there")
    most: int | None = Field(None, ge=0, description="rows there may be")
    least_share: float | None = Field(None, ge=0, description="rows that must be there, as a share of the reference's")
    most_share: float | None = Field(None, ge=0, description="rows there may be, as a share of the reference's")


class Every(Artifact):
    """No period between the first and the last date without rows."""

    span: Period = Field(description="the period: hour, day, week, month or year")
    least: int = Field(1, ge=1, description="rows that each period must have")


class ColumnTerms(Artifact):
    """What one column promises. A line that is not there promises nothing."""

    type: Word = Field(description="what its cells hold")
    stored: str | None = Field(None, description="the type in the source, where that is not text")
    unit: str | None = Field(None, description="what the numbers count, as s, kg, USD")
    kind: Kind | None = Field(None, description="what is measured, which bounds its values")
    missing: Names = Field((), description="texts that mean no value")
    formats: Names = Field((), description="how dates are written")
    delimiter: str | None = Field(None, min_length=1, description="what stands between the items of a set")
    unread: Share = Field(0.0, description="share of values that need not read as the type")
    only: Names = Field((), description="environments in which it is there; by default all")
    optional: bool = Field(False, description="whether the whole column may be absent")
    present: Share | None = Field(None, description="share of rows with a value, or always")
    filled: int | None = Field(None, ge=1, description="rows that must have a value, as a number")
    unique: bool = Field(False, description="whether no value comes twice")
    values: Names | None = Field(None, description="the values, or items, there may be")
    others: Share = Field(0.0, description="share of values that may be none of `values`")
    distinct: Counts | None = Field(None, description="how many different values there are")
    whole: bool = Field(False, description="whether all numbers are whole")
    infinite: bool = Field(False, description="whether infinite numbers are allowed")
    least: float | str | None = Field(None, description="the least number, or the first date")
    most: float | str | None = Field(None, description="the greatest number, or the last date")
    length: Counts | None = Field(None, description="characters of a text, bytes of a picture")
    items: Counts | None = Field(None, description="items of a set or list")
    pattern: str | None = Field(None, description="regular expression that every text matches from end to end")
    sorted: Literal["ascending", "descending"] | None = Field(None, description="the order of its values, row by row")
    tells: Names = Field((), description="columns with one value only for each value of this one")
    slips: Share = Field(0.0, description="share of rows that may have another value of a column it tells")
    every: Every | None = Field(None, description="periods that must not be without rows")
    fresh: str | None = Field(None, description="how old the newest date may be, as 36h or 2d")
    skew: Share | None = Field(None, description="how far its distribution may be from the reference")


class Rule(Artifact):
    """Something that holds in every row, as an expression over columns."""

    holds: str = Field(min_length=1, description="the expression")
    when: str | None = Field(None, min_length=1, description="rows it is asked of; by default all")
    level: Level = Field(Level.BLOCK, description="note, warn or block")
    message: str = Field("", description="what to say of a row that breaks it")
    share: Share = Field(1.0, description="share of rows in which it must hold")
    only: Names = Field((), description="environments in which it is asked; by default all")


class ColumnReference(Artifact):
    """How a column was distributed: rows without a value, and rows by label, or by intervals between edges.

    counts has one entry more than labels or edges have: other labels; or the last interval. An interval holds its
    upper edge. `of` says what is counted: values, or their lengths.
    """

    of: Literal["values", "lengths"] = "values"
    missing: int = Field(ge=0)
    labels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...]


class Reference(Artifact):
    """What new tables are compared with."""

    rows: int = Field(ge=0)
    columns: dict[str, ColumnReference] = Field({}, description="by name")


class Contract(Artifact):
    """The whole contract of a table."""

    rows: RowTerms = Field(RowTerms(), description="how many rows there must be")
    environments: Names = Field(ENVIRONMENTS, description="where such tables occur")
    skew: Share = Field(0.15, description="how far a distribution may be from the reference: 0 the same, 1 never asked")
    levels: dict[str, Level] = Field({}, description="code of a finding -> note, warn or block")
    columns: dict[str, ColumnTerms] = Field({}, description="what each column promises")
    rules: dict[str, Rule] = Field({}, description="what holds in every row")
    reference: Reference | None = Field(None, description="how the columns were distributed")


class Change(Artifact):
    """One place of a contract set to a value, or taken away."""

    place: Place
    value: Any = None
    remove: bool = False


class Edit(Artifact):
    """The change of a contract after which a finding would not be made again."""

    code: str
    column: str
    changes: tuple[Change, ...]


class Breach(Artifact):
    """One promise not kept: what was noticed, how often out of how many, the first rows, and the proposed edit."""

    finding: Finding
    count: int
    of: int
    rows: tuple[int, ...] = Field((), description="of the source, counted from 1")
    edit: Edit | None = None


class Validation(Artifact):
    """What holding a table against a contract has shown."""

    rows: int
    environment: str
    breaches: tuple[Breach, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was noticed, without counts and edits."""
        return tuple(breach.finding for breach in self.breaches)

    @property
    def kept(self) -> bool:
        """Return whether the table keeps the contract: nothing blocks."""
        return all(finding.level != Level.BLOCK for finding in self.findings)


class Validations(Artifact):
    """How training rows keep the contract, and apart from them judging rows; None: no contract stands."""

    train: Validation | None = None
    test: Validation | None = None

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Return what training rows do not keep, and what judging rows alone do not."""
        taught = () if self.train is None else self.train.breaches
        known = {(breach.finding.code, breach.finding.where) for breach in taught}
        judged = () if self.test is None else self.test.breaches
        return (*taught, *(breach for breach in judged if (breach.finding.code, breach.finding.where) not in known))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was noticed of training rows, and as notes what was of judging rows alone."""
        taught = 0 if self.train is None else len(self.train.breaches)
        found = [breach.finding for breach in self.breaches]
        return (*found[:taught], *map(_of_judging_rows, found[taught:]))


def _of_judging_rows(finding: Finding) -> Finding:
    return finding.model_copy(update={"level": Level.NOTE, "seen": f"judging rows: {finding.seen}"})
