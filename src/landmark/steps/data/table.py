"""Step `table`: everything becomes Arrow at the door."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.digest import of_json
from landmark.core.errors import Mistakes, UserError, did_you_mean
from landmark.core.findings import Finding, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import Ints, as_text, is_text, take, whole
from landmark.files.content import of_table
from landmark.files.memory import table_of
from landmark.files.pictures import paths_of_pictures, pictures
from landmark.sources import Stream, described, kind_of, stream

FEWEST = 10
"""Rows below which nothing can be learnt and judged."""


class Sample(Settings):
    """Fewer rows for a quick look; said aloud in a finding."""

    rows: int = Field(ge=FEWEST, description="how many rows to keep, as 5000 or 100k")
    by: Literal["random", "stratified"] = Field("random", description="stratified: every value keeps its share")
    column: str | None = Field(None, description="whose values keep their share; the first output if not given")

    @field_validator("rows", mode="before")
    @classmethod
    def _thousands(cls, value: Any) -> Any:
        found = re.fullmatch(r"\s*([\d.]+)\s*([km])\s*", value.lower()) if isinstance(value, str) else None
        return round(float(found[1]) * {"k": 1_000, "m": 1_000_000}[found[2]]) if found else value


class Options(Settings):
    """Where the rows are, and how they are written."""

    source: Any = Field(description="path, glob, address, or {sql: ..., connection: ...}")
    test: Any = Field(None, description="where the judging rows are, if they are given")
    format: dict[str, Any] = Field({}, description="the source kind's own settings: delimiter, header, ...")
    sample: Sample | None = None
    folder: str = Field(".", description="where relative paths start")


def table(options: Options, context: Context) -> Table:
    """Return the rows of the source as one Arrow table, judging rows apart when they are given.

    Raises: UserError for a source that cannot be read, for fewer than FEWEST rows, and for judging rows that lack
    a column.
    """
    findings: list[Finding] = []
    opened = stream(options.source, options.format, Path(options.folder), findings)
    rows = _kept(opened, options.sample, context, findings)
    test = None
    if options.test is not None:
        test = _judging_rows(options, opened, findings)
    rows, test = _seen(rows, test, Path(options.folder), findings)
    made = _whole_table(rows, test, described(options.source), opened.text, findings)
    kind, codes = kind_of(options.source, Path(options.folder)), tuple(options.format.get("missing", ()))
    return made.model_copy(update={"kind": kind, "format": options.format, "missing": codes})


def held(frame: Any, source: str) -> Table:
    """Return a table that somebody holds in memory (a mapping, pandas, Polars, Arrow) as this step gives it."""
    findings: list[Finding] = []
    rows, _ = _seen(table_of(frame, source, findings), None, Path(), findings)
    return _whole_table(rows, None, source, False, findings)


def _seen(
    rows: pa.Table, test: pa.Table | None, folder: Path, findings: list[Finding]
) -> tuple[pa.Table, pa.Table | None]:
    """Return training and judging rows with the files of pictures instead of their paths: they are content."""
    names, noticed = paths_of_pictures(rows, folder), list[Finding]()
    rows = pictures(rows, folder, findings, names)
    test = None if test is None else pictures(test, folder, noticed, names)
    findings.extend(finding.model_copy(update={"seen": f"judging rows: {finding.seen}"}) for finding in noticed)
    return rows, test


def _whole_table(rows: pa.Table, test: pa.Table | None, source: str, text: bool, findings: list[Finding]) -> Table:
    if rows.num_rows < FEWEST:
        raise UserError(source, f"fewer than {FEWEST} rows", seen=rows.num_rows, fix="bring more rows")
    digest = of_json([of_table(rows), None if test is None else of_table(test)])
    return Table(rows=rows, test=test, source=source, digest=digest, text=text, findings=tuple(findings))


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


def _kept(opened: Stream, sample: Sample | None, context: Context, findings: list[Finding]) -> pa.Table:
    """Return all rows, or the sample that is asked for, in the order of the source.

    By a column that is not there it is drawn at random: `split`, where the question's names are looked up, refuses it
    with all the others.
    """
    if sample is None:
        return pa.Table.from_batches(opened.batches, opened.schema)
    rng, by = context.generator("table", "sample"), sample.by
    if by == "stratified" and sample.column not in opened.schema.names:
        name = sample.column or ""
        seen = f"there is no column '{name}' to stratify by; the rows are drawn at random"
        findings.append(warn("sample", "data.sample.column", seen, did_you_mean(name, opened.schema.names)))
        by = "random"
    if by == "random":
        rows, count = _drawn(opened, sample.rows, rng)
    else:
        everything = pa.Table.from_batches(opened.batches, opened.schema)
        count = everything.num_rows
        rows = take(everything, _stratified(everything, sample, rng))
    if count > sample.rows:
        seen = f"{sample.rows} of {count} rows, {by}"
        findings.append(note("sample", "data.sample", seen, "leave data.sample out to use all rows"))
    return rows


def _drawn(opened: Stream, rows: int, rng: np.random.Generator) -> tuple[pa.Table, int]:
    """Return `rows` rows drawn at random and how many there were, in the memory of two samples and a batch.

    Every row draws a key; the rows with the smallest keys are kept.
    """
    pool, keys, count, highest = opened.schema.empty_table(), np.empty(0), 0, 1.0
    for batch in opened.batches:
        drawn = rng.random(batch.num_rows)
        chosen = np.flatnonzero(drawn <= highest)
        pool = pa.concat_tables([pool, pa.Table.from_batches([batch]).take(pa.array(chosen))])
        keys, count = np.concatenate([keys, drawn[chosen]]), count + batch.num_rows
        if len(keys) > 2 * rows:
            pool, keys, highest = _smallest(pool, keys, rows)
    if len(keys) > rows:
        pool, keys, highest = _smallest(pool, keys, rows)
    return pool, count


def _smallest(pool: pa.Table, keys: np.ndarray[Any, Any], rows: int) -> tuple[pa.Table, np.ndarray[Any, Any], float]:
    """Return the rows with the smallest keys, in order, with their keys and the greatest of these."""
    kept = np.sort(np.argsort(keys, kind="stable")[:rows])
    return take(pool, kept), keys[kept], float(keys[kept].max())


def _stratified(rows: pa.Table, sample: Sample, rng: np.random.Generator) -> Ints:
    """Return row numbers: evenly spaced among the rows sorted by the column, equal values in random order.

    So each value keeps its share to within a row, and a number keeps the shape of its distribution.
    """
    column = whole(rows.column(sample.column))
    kind = column.type
    sortable = is_text(kind) or pa.types.is_primitive(kind)
    codes = pc.rank(column if sortable else as_text(column), "ascending", tiebreaker="dense").to_numpy()
    order = np.lexsort((rng.random(len(codes)), codes))
    count = min(sample.rows, len(order))
    return np.sort(order[np.arange(count) * len(order) // count])
