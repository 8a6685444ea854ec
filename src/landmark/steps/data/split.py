"""Step `split`: decide which rows judge, before anything is learnt from any row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import punctuation
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from landmark.artifacts.question import Output, Question
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.core import dates
from landmark.core.cells import numbers
from landmark.core.context import Context
from landmark.core.errors import UserError, did_you_mean, refuse_all
from landmark.core.findings import Finding, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import Floats, Ints, Mask, as_text, held, is_text, whole, without
from landmark.statistics.date_formats import formats
from landmark.statistics.fingerprints import NONE, Prints, chained, draws, of_values

FEWEST = 10
"""Rows without which nothing can be said."""
CLASSES = 50
"""A first output of more distinct values is not split by class unless that is asked for."""
MUCH = 0.05
"""Share of rows without a target from which somebody should look into it."""
PARTS = {
    "train": frozenset({"train", "training", "tr", "learn", "fit"}),
    "validation": frozenset({"validation", "valid", "val", "dev", "development"}),
    "test": frozenset({"test", "testing", "te", "holdout", "hold-out", "eval", "evaluation", "judge"}),
}


class Options(Settings):
    """How the judging rows are chosen."""

    by: Literal["auto", "random", "stratified", "time", "group", "hash", "column"] = "auto"
    column: str | None = Field(None, description="the time, group, key or part column")
    test: float = Field(0.2, gt=0, lt=1, description="share of rows that judge, as 0.2 or 20%")

    @field_validator("test", mode="before")
    @classmethod
    def _percent(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().endswith("%"):
            return float(value.strip()[:-1]) / 100
        return value


@dataclass(frozen=True)
class Asked:
    """The usable rows (m,) of a table, the values (m,) the rule looks at, and what was asked for."""

    table: pa.Table
    rows: Ints
    column: str
    values: pa.Array
    declared: dict[str, Any]
    share: float
    seed: int

    @property
    def judges(self) -> int:
        """Return how many rows should judge: at least one, and one is left to learn from."""
        return int(np.clip(round(len(self.rows) * self.share), 1, len(self.rows) - 1))

    def draws(self) -> Prints:
        """Return a number (m,) for each row, by which rows that judge are drawn."""
        return draws(self.table, self.rows, self.seed)

    def mask(self, places: Ints) -> Mask:
        """Return the mask (m,) of some places."""
        mask = np.zeros(len(self.rows), bool)
        mask[places] = True
        return mask


@dataclass(frozen=True)
class Parts:
    """Which of the usable rows (m,) judge, their order if it is not that of the table, and what ties them."""

    judge: Mask
    order: Ints | None = None
    ties: Ints | None = None
    findings: tuple[Finding, ...] = ()


def split(table: Table, question: Question, options: Options, context: Context) -> Split:
    """Return row numbers that teach and row numbers that judge.

    Here the question meets the table for the first time, so here all its names are looked up.
    Raises: Mistakes with every name that is no column, and whatever of the rule cannot be; UserError where an output
    has no two values, or too few rows are left.
    """
    refuse_all(_mistakes(table, question, options))
    targets = {output.name: _target(table.rows, output, question) for output in question.outputs}
    refuse_all(_alike(targets, "row"))
    known = np.logical_or.reduce([held(array) for array in targets.values()])
    rows = np.flatnonzero(known)
    if len(rows) < FEWEST:
        raise UserError(table.source, f"fewer than {FEWEST} usable rows", seen=len(rows), fix="bring more rows")
    by, column = _rule(options, question.outputs[0].name, targets)
    by = "given" if table.test is not None and by in ("random", "stratified") else by
    asked = Asked(
        table.rows,
        rows,
        column,
        (targets[column] if column in targets else whole(table.rows.column(column))).take(pa.array(rows)),
        question.columns.get(column, {}),
        options.test,
        context.seed_for("split"),
    )
    parts = RULES[by](asked)
    judge = parts.judge if table.test is None else np.zeros(len(rows), bool)
    order = np.arange(len(rows)) if parts.order is None else parts.order
    teach = order[~judge[order]]
    taught = {name: array.take(pa.array(rows[teach])) for name, array in targets.items()}
    refuse_all(_alike(taught, "training row"))
    return Split(
        by=by,
        column=options.column,
        train=rows[teach],
        test=rows[judge],
        groups=None if parts.ties is None else parts.ties[teach],
        test_groups=parts.ties[judge] if parts.ties is not None and by == "group" and judge.any() else None,
        findings=(*_unknown(known, tuple(targets)), *parts.findings),
    )


def given(asked: Asked) -> Parts:
    """Let no row judge: those that do are a table of their own."""
    return Parts(asked.mask(np.empty(0, np.int64)))


def random(asked: Asked) -> Parts:
    """Let any row judge, by what it holds: it keeps its side when rows are added, but for a few at the edge."""
    return Parts(asked.mask(np.argsort(asked.draws(), kind="stable")[: asked.judges]))


def stratified(asked: Asked) -> Parts:
    """Let every value have its share of judging rows, drawn by what they hold, and at least one row that teaches."""
    values = np.where(held(asked.values), of_values(asked.values), NONE)
    _, codes, sizes = np.unique(values, return_inverse=True, return_counts=True)
    if len(sizes) > len(asked.rows) / 2:
        raise UserError("data.split", f"the values of '{asked.column}' hardly repeat", fix="split: {by: random}")
    wanted = sizes * asked.judges / len(asked.rows)
    taken = np.minimum(np.floor(wanted).astype(np.int64), sizes - 1)
    rest = np.where(taken < sizes - 1, wanted - taken, -1.0)
    more = np.argsort(-rest, kind="stable")[: max(asked.judges - int(taken.sum()), 0)]
    taken[more] += rest[more] > 0
    order = np.lexsort((asked.draws(), codes))
    place = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return Parts(asked.mask(order[place < np.repeat(taken, sizes)]))


def time(asked: Asked) -> Parts:
    """Let the latest rows judge; rows of one moment stay together, and rows without one teach, as the earliest."""
    moments, undated = _moments(asked)
    _, ties = np.unique(np.where(undated, -np.inf, moments), return_inverse=True)
    order = np.argsort(ties, kind="stable")
    starts = np.flatnonzero(np.diff(ties[order], prepend=-1))
    edges = starts[starts > max(undated.sum() - 1, 0)]
    if not len(edges):
        raise UserError("data.split.column", f"'{asked.column}' holds one moment only", fix="split: {by: random}")
    edge = edges[np.argmin(np.abs(edges - (len(order) - asked.judges)))]
    findings = []
    if undated.any():
        row = int(asked.rows[np.argmax(undated)]) + 1
        seen = f"{undated.sum()} rows have no time; they teach, and never judge"
        findings.append(warn("undated-rows", asked.column, seen, "date them, or leave them out", row))
    return Parts(asked.mask(order[edge:]), order, np.asarray(ties, np.int64), tuple(findings))


def group(asked: Asked) -> Parts:
    """Let whole groups judge, drawn by what they are called: a group keeps its side when rows are added.

    A row without a group is a group of its own, drawn by what it holds.
    """
    groups = _codes(asked.values)
    alone = groups < 0
    groups[alone] = groups.max(initial=0) + 1 + np.arange(alone.sum())
    _, first, ties, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise UserError("data.split.column", f"'{asked.column}' holds one group only", fix="split: {by: random}")
    chosen, total = np.zeros(len(sizes), bool), 0
    seed = np.full(len(groups), asked.seed, np.uint64)
    drawn = np.where(alone, asked.draws(), chained(of_values(asked.values), seed))[first]
    for number in np.argsort(drawn, kind="stable"):
        if abs(total + sizes[number] - asked.judges) < abs(total - asked.judges):
            chosen[number], total = True, total + int(sizes[number])
    if not chosen.any():
        chosen[np.argmin(sizes)] = True
    findings = []
    if alone.any():
        row = int(asked.rows[np.argmax(alone)]) + 1
        findings.append(note("ungrouped-rows", asked.column, f"{alone.sum()} rows belong to no group", row=row))
    return Parts(chosen[ties], ties=np.asarray(ties, np.int64), findings=tuple(findings))


def by_hash(asked: Asked) -> Parts:
    """Let a row judge if the digest of its key says so: for ever, whatever rows are added. No key: it teaches."""
    coded = as_text(asked.values).dictionary_encode()
    digests = [hashlib.sha256(key.encode()).digest()[:8] for key in coded.dictionary.to_pylist()]
    below = [int.from_bytes(digest, "big") < asked.share * 2**64 for digest in digests]
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(), np.int64)
    judge = np.array([*below, False])[codes]
    if judge.all() or not judge.any():
        fix = "choose a column with more distinct values"
        raise UserError("data.split.column", f"all keys of '{asked.column}' fall on one side", fix=fix)
    alone = codes < 0
    codes[alone] = len(digests) + np.arange(alone.sum())
    return Parts(judge, ties=codes)


def by_column(asked: Asked) -> Parts:
    """Let the rows judge that say so; rows for validation teach, where there are others that judge."""
    words = {word: part for part, known in PARTS.items() for word in known}
    coded = pc.fill_null(as_text(asked.values), "").dictionary_encode()
    codes = coded.indices.to_numpy()
    parts = [words.get(word.strip().lower(), "") for word in coded.dictionary.to_pylist()]
    if "" in parts:
        row = int(np.argmax(codes == parts.index("")))
        word, place = coded[row].as_py(), f"{asked.column}, row {asked.rows[row] + 1}"
        raise UserError(place, "says neither train nor test", seen=word, fix=did_you_mean(word, words))
    judges = "test" if "test" in parts else "validation"
    judge = np.array([part == judges for part in parts])[codes]
    if judge.all() or not judge.any():
        where = f"'{asked.column}' names rows for one part only"
        raise UserError("data.split.column", where, seen=parts[0], fix="split: {by: random}")
    return Parts(judge)


RULES: dict[str, Callable[[Asked], Parts]] = {
    "given": given,
    "random": random,
    "stratified": stratified,
    "time": time,
    "group": group,
    "hash": by_hash,
    "column": by_column,
}


def _unparted(names: list[str], wanted: str) -> str:
    """Return how to part the only column of a table, whose name holds a wanted one between marks; else nothing.

    >>> _unparted(["a^b^y"], "y"), _unparted(["a", "b^y"], "y")
    ('declare data.format: {delimiter: "^"}', '')
    """
    marks = [mark for mark in names[0] if mark in punctuation and wanted in names[0].split(mark)]
    return f'declare data.format: {{delimiter: "{marks[0]}"}}' if len(names) == 1 and marks else ""


def _mistakes(table: Table, question: Question, options: Options) -> Iterator[UserError]:
    """Yield every name of the question that is no column of the table, and what is wrong with the rule."""
    by, column, names = options.by, options.column, table.rows.column_names
    known, inputs = set(names), [*names, *question.features()]
    is_data = any(finding.code == "header-is-data" for finding in table.findings)
    bare = "if the first row is data, declare data.format: {header: no, names: [...]}" if is_data else ""
    for place, name in {**question.names(), **({} if column is None else {"data.split.column": column})}.items():
        if name not in known:
            fix = _unparted(names, name) or bare or did_you_mean(name, inputs if place.startswith("inputs") else names)
            yield UserError(place, f"'{name}' is not a column of the table", fix=fix)
    if column is not None and by in ("auto", "random"):
        fix = f"split: {{by: time, group, hash, column or stratified, column: {column}}}"
        yield UserError("data.split.column", "the column is not looked at", seen=column, fix=fix)
    if column is None and by in ("time", "group", "hash", "column"):
        yield UserError("data.split", f"a split by {by} needs a column", fix=f"split: {{by: {by}, column: ...}}")
    if by == "column" and table.test is not None:
        yield UserError("data.split", "judging rows are given, and named in a column too", fix="keep one of them")


def _rule(options: Options, first: str, targets: dict[str, pa.Array]) -> tuple[str, str]:
    """Return the rule and the column it looks at: by default the first output."""
    if options.by != "auto":
        return options.by, options.column or first
    distinct = len(pc.unique(as_text(targets[first])))
    return ("stratified" if distinct <= min(CLASSES, len(targets[first]) / 2) else "random"), first


def _target(rows: pa.Table, output: Output, question: Question) -> pa.Array:
    """Return the values (n,) of an output, null where they are declared missing."""
    declared = {**question.columns.get(output.name, {}), **output.options}
    return without(whole(rows.column(output.name)), tuple(declared.get("missing", ())))


def _alike(targets: dict[str, pa.Array], which: str) -> Iterator[UserError]:
    """Yield every output that has no value, or has the same in all rows."""
    for name, array in targets.items():
        given = array.filter(pa.array(held(array)))
        text = as_text(given) if pa.types.is_nested(given.type) else given
        if len(given) == 0:
            yield UserError(f"outputs.{name}", f"'{name}' has no value in any {which}", fix="choose another output")
        elif pc.count_distinct(text).as_py() < 2:
            seen = as_text(text.slice(0, 1))[0].as_py()
            what = f"'{name}' has the same value in every {which}: there is nothing to learn"
            yield UserError(f"outputs.{name}", what, seen=seen, fix="choose another output, or bring other rows")


def _unknown(known: Mask, names: tuple[str, ...]) -> list[Finding]:
    """Return what is to be said of rows without any target."""
    missing = int((~known).sum())
    if missing == 0:
        return []
    say = warn if missing / len(known) >= MUCH else note
    seen = f"{missing} of {len(known)} rows ({missing / len(known):.1%}) have no value; they neither teach nor judge"
    return [say("target-missing", ", ".join(names), seen, "find out why it is missing", int(np.argmin(known)) + 1)]


def _codes(values: pa.Array) -> Ints:
    """Return a number for each distinct value (m,), -1 where there is none."""
    text = as_text(values) if pa.types.is_nested(values.type) else values
    codes = text.dictionary_encode().indices.fill_null(-1).to_numpy()
    return np.where(held(values), codes, -1)


def _moments(asked: Asked) -> tuple[Floats, Mask]:
    """Return values (m,) that grow with time, and the mask of rows that have none."""
    values = without(asked.values, tuple(asked.declared.get("missing", ())))
    undated = ~held(values)
    if pa.types.is_temporal(values.type):
        days = values.type.bit_width == 32
        return np.asarray(values.cast(pa.int32() if days else pa.int64()).fill_null(0), np.float64), undated
    moments, odd = _read(values, asked.declared.get("formats", ()))
    if (odd & ~undated).any():
        row = int(np.argmax(odd & ~undated))
        place = f"{asked.column}, row {asked.rows[row] + 1}"
        fix = f"declare columns.{asked.column}: {{type: date, formats: ...}}, or the text as missing"
        raise UserError(place, "cannot be read as a time", seen=as_text(values.slice(row, 1))[0].as_py(), fix=fix)
    return moments, undated


def _read(values: pa.Array, declared: Any) -> tuple[Floats, Mask]:
    """Return times (m,) by the declared formats, else as numbers, else by the formats that the values suggest."""
    known = (declared,) if isinstance(declared, str) else tuple(declared)
    if not known:
        moments, odd = numbers(values)
        if not odd.any() or not is_text(values.type):
            return moments, odd
        distinct = pc.unique(as_text(values)).drop_null()
        known = tuple(sorted(formats(distinct), key=lambda form: int(dates.parse(distinct, form)[1].sum())))
    moments, odd = np.full(len(values), np.nan), np.ones(len(values), bool)
    for form in known:
        read, unread = dates.parse(values, form)
        moments, odd = np.where(odd & ~unread, read, moments), odd & unread
    return moments, odd
