"""Step `readiness`: the level the data has reached, decided by evidence.

Every finding worse than a note holds the table at a level: its check says at which. The table is at the lowest
of these, and at most at A3, for what lies above needs a model.

Source: N. Lawrence, Data Readiness Levels (2017).
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from landmark.artifacts.contract import Validations
from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import FAILED, LEVELS, Readiness, ReadinessLevel, Waiver, is_waived, key_of
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.checks import CHECKS, LOOK, Evidence
from landmark.contract.codes import CODES
from landmark.core.context import Context
from landmark.core.errors import NotReady, UserError, did_you_mean, refuse_all
from landmark.core.findings import Finding, Level, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import has
from landmark.datatypes import unread

BEFORE_TRAINING: ReadinessLevel = "A3"
"""The highest level that can be told without a model."""
ELSEWHERE: dict[str, ReadinessLevel] = {
    **dict.fromkeys(("ragged-rows", "header-is-data", "nameless-columns", "unknown-delimiter", "repeated-key"), "C1"),
    **dict.fromkeys(("blanks-around-cells", "missing-code", "uncertain-type", "unreadable-values"), "B4"),
    **dict.fromkeys(("empty-column", "identifier-column"), "B3"),
    **dict.fromkeys(("undated-rows", "ungrouped-rows", *CODES), "B2"),
    **dict.fromkeys(("too-many-columns", "identifier-only"), "A4"),
    "picture-missing": "B4",
}
"""Where findings of earlier steps hold the table, if no check of that name says so."""
LATER = frozenset({"no-signal", "not-better-than-constant"})
"""Findings of the evaluation, for which somebody may answer before it is made."""
AT_THE_DOOR: ReadinessLevel = "C1"
"""Where any other finding of a source holds it: it was read, and not quite as it was meant."""


class Options(Settings):
    """The level without which training stops, and the findings somebody answers for."""

    require: ReadinessLevel | None = Field(None, description="the level without which training stops")
    waive: tuple[Waiver, ...] = Field((), description="findings that a named person takes responsibility for")
    block: tuple[str, ...] = Field((), description="codes of findings that stop training")
    stop: bool = Field(True, description="whether training stops at all below that level, or only says so")


def readiness(
    table: Table,
    split: Split,
    profile: Profile,
    schema: Schema,
    validation: Validations,
    question: Question,
    options: Options,
    context: Context,
) -> Readiness:
    """Return the level and everything that was found.

    Raises: NotReady below the required level, or at a finding that blocks; Mistakes with all that `block` and `waive`
    name and nothing is called.
    """
    refuse_all(UserError(f"readiness.{said}", what, fix=fix) for said, _, what, fix in unknown_codes(options))
    rows = training_rows(table, split), judging_rows(table, split)
    evidence = Evidence(question, split, profile, schema, *rows)
    said = {(finding.code, finding.where) for finding in (*table.findings, *validation.findings)}
    faults: dict[str, str] = {}
    noticed = [*unreadable(evidence), *checked(evidence, context, faults)]
    new = [finding for finding in noticed if (finding.code, finding.where) not in said]
    found = (*table.findings, *split.findings, *schema.findings, *validation.findings, *new)
    findings = [f.model_copy(update={"level": Level.BLOCK}) if f.code in options.block else f for f in found]
    findings += unused(options.waive, findings, question)
    reached = Readiness(
        level=level_of(f for f in findings if not is_waived(f, options.waive)),
        findings=tuple(findings),
        waivers=options.waive,
        holds={key_of(finding): holds_at(finding) for finding in findings if finding.level != Level.NOTE},
        faults=faults,
    )
    refused = refusal(reached, options) if options.stop else None
    if refused is not None:
        raise refused
    return reached


class UnknownCode(NamedTuple):
    """A code that no finding has: where the options say it, as text and part by part, what is wrong, and a fix."""

    said: str
    place: tuple[str | int, ...]
    what: str
    fix: str


def unknown_codes(options: Options) -> Iterator[UnknownCode]:
    """Yield each code to block or to waive that no finding has."""
    known = known_codes()
    block = [(f"block[{n}]", ("block", n), code, known) for n, code in enumerate(options.block)]
    waive = [(f"waive[{n}].code", ("waive", n, "code"), w.code, known | LATER) for n, w in enumerate(options.waive)]
    for said, place, code, codes in (*block, *waive):
        if code not in codes:
            yield UnknownCode(said, place, f"no finding is called '{code}'", did_you_mean(code, codes))


def unused(waivers: Iterable[Waiver], found: Iterable[Finding], question: Question) -> Iterator[Finding]:
    """Yield a note on each waiver that waives nothing: the data were mended, or its place is misspelt.

    What the evaluation may find, it may find at any output.
    """
    places = {code: {output.name for output in question.outputs} for code in LATER}
    for finding in found:
        places.setdefault(finding.code, set()).add(finding.where)
    for n, waiver in enumerate(waivers):
        there = places.get(waiver.code, set())
        if not there or waiver.where not in (None, *there):
            missed = waiver.code if waiver.where is None else f"{waiver.code} at '{waiver.where}'"
            todo = did_you_mean(waiver.where or "", there) or "take it out"
            yield note("waiver-unused", f"readiness.waive[{n}]", f"it waives nothing: no {missed} was found", todo)


def unreadable(evidence: Evidence) -> Iterator[Finding]:
    """Yield columns with values that do not read as what they are: service would refuse what training left out.

    Of training rows where the type is declared, for an inferred one is what they read as; of judging rows where
    the training rows read. A bounded number of rows is read as strictly as service will.
    """
    todo = "mend them, or declare another type or columns.{}.missing"
    look, parts = evidence.look(), evidence.test.num_rows
    judged = np.linspace(0, parts - 1, min(LOOK, parts)).astype(np.int64)
    train, test = evidence.train.take(look), evidence.test.take(judged)
    for column in [*evidence.schema.features, *evidence.schema.targets]:
        taught = first_unread(column, train)
        if taught is not None and column.why == "declared":
            row = None if taught.row is None else int(evidence.split.train[look[taught.row]]) + 1
            seen = f"declared {column.type}, but {taught.seen}"
            yield warn("unreadable-values", column.name, seen, todo.format(column.name), row)
        told = first_unread(column, test) if taught is None else None
        if told is not None:
            row = None if told.row is None else evidence.judging_number(int(judged[told.row]))
            seen = f"judging rows: {told.seen}"
            yield warn("unreadable-values", column.name, seen, "find out what changed at the source", row)


class Unread(NamedTuple):
    """What is wrong with the first value that does not read, and its place among the rows, where it is one row."""

    seen: str
    row: int | None


def first_unread(column: Column, rows: pa.Table) -> Unread | None:
    """Return the first value of a column that does not read as its type; None where all do, or it is not there."""
    if not all(has(rows, name) for name in column.columns):
        return None
    mistake = unread(column, rows)
    if mistake is None:
        return None
    _, _, number = mistake.where.rpartition(", row ")
    seen = f"{mistake.what} (seen: {mistake.seen}); such values count as missing"
    return Unread(seen, int(number) - 1 if number.isdigit() else None)


def checked(evidence: Evidence, context: Context, faults: dict[str, str]) -> Iterator[Finding]:
    """Yield what every check finds, in the order of their names.

    A check that fails stops no other: it is a fault of ours, said as a finding, and its traceback goes to `faults`.
    """
    names = CHECKS.names()
    for i, name in enumerate(names):
        context.progress(f"readiness: {name}", i / len(names))
        try:
            yield from CHECKS[name].check(evidence)
        except Exception as fault:  # a check may come from anyone, and all others still have something to say
            faults[name] = traceback.format_exc()
            seen = f"a fault of ours: it stopped with {type(fault).__name__}: {fault}"
            yield warn(FAILED, name, seen, "what it looks for is not known; please report it")


def level_of(findings: Iterable[Finding]) -> ReadinessLevel:
    """Return the highest level that no finding worse than a note holds the table below."""
    held = [LEVELS.index(holds_at(finding)) for finding in findings if finding.level != Level.NOTE]
    return LEVELS[min([*held, LEVELS.index(BEFORE_TRAINING)])]


def holds_at(finding: Finding) -> ReadinessLevel:
    """Return the level a table stays at while this finding stands."""
    name = key_of(finding).replace("-", "_")
    if name in CHECKS:
        level: ReadinessLevel = CHECKS[name].HOLDS_AT
        return level
    return ELSEWHERE.get(finding.code, AT_THE_DOOR)


def known_codes() -> set[str]:
    """Return the codes of all findings that may be raised to a block."""
    return {name.replace("_", "-") for name in CHECKS} | set(ELSEWHERE) | {FAILED}


def refusal(reached: Readiness, options: Options) -> NotReady | None:
    """Return why training must not go on, and what to do, or None.

    Levels above A3 are told after the evaluation; before training only what can be told is required.
    """
    standing = [f for f in reached.findings if f.level != Level.NOTE and not is_waived(f, options.waive)]
    blocks = [f for f in standing if f.level == Level.BLOCK]
    if blocks:
        codes = ", ".join(sorted({f.code for f in blocks}))
        return NotReady("readiness", f"stopped by {codes}", seen=blocks[0].seen, fix=todo(blocks))
    wanted = min(LEVELS.index(options.require or "C4"), LEVELS.index(BEFORE_TRAINING))
    if LEVELS.index(reached.level) >= wanted:
        return None
    below = [f for f in standing if LEVELS.index(holds_at(f)) < wanted]
    what = f"the data is at level {reached.level}, and {options.require} is required"
    return NotReady("readiness", what, fix=todo(below))


def todo(findings: list[Finding]) -> str:
    """Return the next action of each finding, those of the lowest level first."""
    ordered = sorted(findings, key=lambda finding: LEVELS.index(holds_at(finding)))
    return "; ".join(f"{f.where}: {f.next or f.seen} ({f.code})" for f in ordered)
