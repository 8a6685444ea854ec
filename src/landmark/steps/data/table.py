"""Step `table`: everything becomes Arrow at the door."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from landmark.artifacts.table import Table
from landmark.core.cells import in_unit
from landmark.core.context import Context
from landmark.core.digest import of_json
from landmark.core.errors import Mistakes, UserError, did_you_mean, refuse_all
from landmark.core.findings import Finding, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import whole
from landmark.files.content import of_table
from landmark.files.memory import table_of
from landmark.files.pictures import paths_of_pictures, pictures
from landmark.files.places import as_they_are
from landmark.sources import Stream, described, kind_of, stream
from landmark.statistics import sampling

FEWEST = 10
"""Rows below which nothing can be learnt and judged."""
SETTLED_NS = 2_000_000_000
"""A file that was changed longer ago cannot be changed again without its time of change telling so."""
WAYS = {
    "random": "random",
    "stratified": "stratified by '{}'",
    "time": "the latest by '{}'",
    "group": "whole groups of '{}'",
}
"""What is said of a sample, by how it is drawn."""


class Sample(Settings):
    """Fewer rows for a quick look; always said aloud."""

    rows: int | None = Field(None, ge=FEWEST, description="how many rows to keep, as 5000 or 100k")
    share: float | None = Field(None, gt=0, lt=1, description="which share of the rows to keep, as 0.1 or 10%")
    by: Literal["random", "stratified", "time", "group"] = Field(
        "random", description="stratified: every value keeps its share; time: the latest rows; group: whole groups"
    )
    column: str | None = Field(
        None, description="whose values keep their share (the first output if not given), or the time, or the group"
    )

    @field_validator("rows", mode="before")
    @classmethod
    def _thousands(cls, value: Any) -> Any:
        found = re.fullmatch(r"\s*([\d.]+)\s*([km])\s*", value.lower()) if isinstance(value, str) else None
        return round(float(found[1]) * {"k": 1_000, "m": 1_000_000}[found[2]]) if found else value

    @field_validator("share", mode="before")
    @classmethod
    def _percent(cls, value: Any) -> Any:
        found = re.fullmatch(r"\s*([\d.]+)\s*%\s*", value) if isinstance(value, str) else None
        return float(found[1]) / 100 if found else value

    @model_validator(mode="after")
    def _one_size(self) -> Sample:
        if (self.rows is None) == (self.share is None):
            raise ValueError("needs either rows, as in {rows: 100k}, or a share, as in {share: 10%}")
        if self.by in ("time", "group") and self.column is None:
            raise ValueError(f"by {self.by} needs a column, as in {{rows: 100k, by: {self.by}, column: ...}}")
        return self

    @property
    def size(self) -> sampling.Size:
        """Return how large it is to be."""
        return sampling.Size(self.rows, self.share)


class Wanted(Settings):
    """What a column is turned into: the unit it is declared in, and texts of it that are no numbers."""

    unit: str
    missing: tuple[str, ...] = ()


class Options(Settings):
    """Where the rows are, and how they are written."""

    source: Any = Field(description="path, glob, address, or {sql: ..., connection: ...}")
    test: Any = Field(None, description="where the judging rows are, if they are given")
    format: dict[str, Any] = Field({}, description="the source kind's own settings: delimiter, header, ...")
    sample: Sample | None = None
    units: dict[str, str] = Field(
        {}, description="the unit a column comes in, where that is not the one it is declared in: it is converted"
    )
    wanted: dict[str, Wanted] = Field({}, description="what the columns named in `units` are turned into")
    folder: str = Field(".", description="where relative paths start")


def table(options: Options, context: Context) -> Table:
    """Return the rows of the source as one Arrow table, judging rows apart when they are given.

    Raises: UserError for a source that cannot be read, for fewer than FEWEST rows, and for judging rows that lack
    a column.
    """
    findings: list[Finding] = []
    opened = stream(options.source, options.format, Path(options.folder), findings)
    rows, how = _kept(options, opened, context, findings)
    test = None
    if options.test is not None:
        test = _judging_rows(options, opened, findings)
    _refuse_unknown(options.units, opened.schema.names)
    rows, test = _in_units(rows, options), None if test is None else _in_units(test, options)
    findings += _converted(options)
    rows, test, beside = _seen(rows, test, Path(options.folder), findings)
    made = _whole_table(rows, test, described(options.source), opened.text, findings)
    kind, codes = kind_of(options.source, Path(options.folder)), tuple(options.format.get("missing", ()))
    return made.model_copy(
        update={"kind": kind, "format": options.format, "missing": codes, "sample": how, "beside": beside}
    )


def world(options: Options, made: Table | None = None) -> Any:
    """Return what tells whether the source is as it was: its files' sizes and times; None where nothing does.

    Nothing does for databases and object stores, for a file that was changed a moment ago and may be once more within
    the same tick of the clock, and where rows hold pictures that lie in files of their own.
    """
    folder = Path(options.folder)
    wanted = [options.source, *([] if options.test is None else [options.test])]
    try:
        known = [as_they_are(where, folder) for where in wanted]
    except (UserError, OSError):  # the step itself says what is wrong
        return None
    if None in known or (made is not None and made.beside):
        return None
    changed = max(file[1] for files in known if files is not None for file in files.values())
    return known if time.time_ns() - changed > SETTLED_NS else None


def held(frame: Any, source: str) -> Table:
    """Return a table that somebody holds in memory (a mapping, pandas, Polars, Arrow) as this step gives it."""
    findings: list[Finding] = []
    rows, _, _ = _seen(table_of(frame, source, findings), None, Path(), findings)
    return _whole_table(rows, None, source, False, findings)


def _seen(
    rows: pa.Table, test: pa.Table | None, folder: Path, findings: list[Finding]
) -> tuple[pa.Table, pa.Table | None, bool]:
    """Return training and judging rows with the files of pictures instead of their paths, and whether there are any."""
    names, noticed = paths_of_pictures(rows, folder), list[Finding]()
    rows = pictures(rows, folder, findings, names)
    test = None if test is None else pictures(test, folder, noticed, names)
    findings.extend(finding.model_copy(update={"seen": f"judging rows: {finding.seen}"}) for finding in noticed)
    return rows, test, bool(names)


def _whole_table(rows: pa.Table, test: pa.Table | None, source: str, text: bool, findings: list[Finding]) -> Table:
    if rows.num_rows < FEWEST:
        raise UserError(source, f"fewer than {FEWEST} rows", seen=rows.num_rows, fix="bring more rows")
    digest = of_json([of_table(rows), None if test is None else of_table(test)])
    return Table(rows=rows, test=test, source=source, digest=digest, text=text, findings=tuple(findings))


def _refuse_unknown(units: Iterable[str], names: list[str]) -> None:
    """Pass when all columns whose unit is said are there. Raises: Mistakes."""
    known = set(names)
    refuse_all(
        UserError(f"data.units.{name}", f"'{name}' is not a column of the table", fix=did_you_mean(name, names))
        for name in units
        if name not in known
    )


def _in_units(rows: pa.Table, options: Options) -> pa.Table:
    """Return rows with columns in the units they are declared in. Raises: UserError for another dimension."""
    for name, given in options.units.items():
        wanted = options.wanted[name]
        column = in_unit(whole(rows.column(name)), given, wanted.unit, wanted.missing)
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _converted(options: Options) -> Iterator[Finding]:
    for name, given in options.units.items():
        seen = f"it comes in {given} and is turned into {options.wanted[name].unit}, as it is declared"
        yield note("unit-converted", name, seen, f"new rows in {given}: landmark predict --unit {name}={given}")


def _judging_rows(options: Options, train: Stream, findings: list[Finding]) -> pa.Table:
    """Return the given judging rows, with the columns of the training rows in their order, each in its own type."""
    noticed: list[Finding] = []
    folder, where = Path(options.folder), described(options.test)
    alike = kind_of(options.test, folder) == kind_of(options.source, folder)
    opened = stream(options.test, options.format if alike else {}, folder, noticed)
    if opened.text != train.text:
        kinds = {True: "text", False: "typed"}
        seen = f"training rows are {kinds[train.text]}, judging rows {kinds[opened.text]}"
        raise UserError(where, "the judging rows are of another kind", seen=seen, fix="keep both in files of one kind")
    _need(train.schema.names, opened.schema.names, where)
    wanted = set(train.schema.names)
    extra = [name for name in opened.schema.names if name not in wanted]
    if extra:
        seen = f"columns that the training rows do not have: {', '.join(extra[:10])}"
        noticed.append(note("extra-columns", where, seen, "they are left out"))
    rows = pa.Table.from_batches(opened.batches, opened.schema).select(train.schema.names)
    findings.extend(finding.model_copy(update={"seen": f"judging rows: {finding.seen}"}) for finding in noticed)
    return rows


def _need(wanted: Iterable[str], there: list[str], where: str) -> None:
    """Pass when all columns are there. Raises: UserError or Mistakes, naming each that is not."""
    known = set(there)
    gone = [
        UserError(where, f"column '{name}' of the training rows is not there", fix=did_you_mean(name, there))
        for name in wanted
        if name not in known
    ]
    if gone:
        raise gone[0] if len(gone) == 1 else Mistakes(gone)


def _kept(options: Options, opened: Stream, context: Context, findings: list[Finding]) -> tuple[pa.Table, str]:
    """Return all rows, or the sample that is asked for, in the order of the source; and how it was drawn.

    By a column that is not there it is drawn at random: `split`, where the question's names are looked up, refuses it
    with all the others.
    """
    sample = options.sample
    if sample is None:
        return pa.Table.from_batches(opened.batches, opened.schema), ""
    by, column = sample.by, sample.column
    if by != "random" and column not in opened.schema.names:
        seen = f"there is no column '{column or ''}' to sample by; the rows are drawn at random"
        findings.append(warn("sample", "data.sample.column", seen, did_you_mean(column or "", opened.schema.names)))
        by = "random"
    rows, count = _drawn(options, sample, by, opened, context.seed_for("table", "sample"))
    if rows.num_rows == count:
        return rows, ""
    how = f"{rows.num_rows} of {count} rows, " + WAYS[by].format(column)
    findings.append(note("sample", "data.sample", how, "leave data.sample out to use all rows"))
    return rows, how


def _drawn(options: Options, sample: Sample, by: str, opened: Stream, seed: int) -> sampling.Sample:
    """Return a sample; which rows are the latest share of all, only their number tells, so they are counted first."""
    where, column, size = (opened.schema, opened.batches), sample.column or "", sample.size
    if by == "random":
        return sampling.random(*where, size, seed)
    if by == "stratified":
        return sampling.stratified(*where, size, column, seed)
    if by == "group":
        return sampling.groups(*where, size, column, seed)
    if sample.rows is not None:
        return sampling.latest(*where, sample.rows, column)
    count = sum(batch.num_rows for batch in opened.batches)
    again = stream(options.source, options.format, Path(options.folder), [])
    return sampling.latest(again.schema, again.batches, max(size.of(count), 1), column)
