"""The contract of a table: infer it, hold a table against it, take in a proposed edit under a person's name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa

from landmark import __version__
from landmark.api.holding import opened_table
from landmark.api.home import DOCUMENT, Home, home, home_beside
from landmark.api.training import carry_out
from landmark.artifacts.contract import Breach, ColumnTerms, Contract, Validation, Validations, Word
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, training_rows
from landmark.artifacts.table import Table
from landmark.config import Project
from landmark.config import load as load_document
from landmark.config.contract import FILE, content_of, read, render
from landmark.config.splice import spliced
from landmark.contract.agreement import mistakes
from landmark.contract.edits import applied, plain
from landmark.contract.inference import Given, Inferred, infer
from landmark.contract.terms import fitting, guessed
from landmark.contract.validation import validate as held_against
from landmark.core.context import Progress, silent
from landmark.core.errors import NotReady, UserError, did_you_mean
from landmark.core.findings import Finding, note
from landmark.core.options import Use
from landmark.core.table import whole
from landmark.files.whole import whole_file
from landmark.reports.shapes import ORDER
from landmark.sources import Stream
from landmark.statistics.identifiers import why_identifier
from landmark.statistics.summary import profile
from landmark.steps.data.schema import infer as infer_type
from landmark.store.sql import open_store
from landmark.store.store import URI, Execution, Run

HERE = Path()
MOST_ROWS, MOST_BYTES = 1_000_000, 1 << 28
"""Rows, or bytes, from whose look a contract is inferred; the rest of a larger table then widens it."""
SETTINGS = ("missing", "formats", "delimiter", "unit", "kind")
"""What a data type's options have in common with a column's terms."""


@dataclass(frozen=True)
class Suggested:
    """A contract as it was inferred: `text` is the document, `summary` what `data schema --json` prints."""

    contract: Contract
    text: str = field(repr=False)
    summary: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Validated:
    """What holding a table against a contract has shown; `summary` is what `data validate --json` prints."""

    summary: dict[str, Any]
    exit_code: int
    validation: Validation = field(repr=False)


def schema(
    data: Any = None,
    document: str | Path | None = None,
    format: dict[str, Any] | None = None,
    out: Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Suggested:
    """Infer the contract of a table, with the reason of every line, and write it to `out` where that is given.

    Without `data`, of the training rows of a document, with what it says of types, units and outputs; with `data`
    and no document, of that table alone. Raises: UserError where `out` is there already and force is not given.
    """
    if out is not None and out.exists() and not force:
        raise UserError(str(out), "is there already", fix="--force replaces it, -o FILE writes another, -o - prints it")
    asked = data is None or document is not None
    inferred = _of_document(_project(data, document), progress) if asked else _of_table(data, format)
    text = render(inferred.contract, inferred.reasons)
    summary: dict[str, Any] = {"schema": None if out is None else str(out), "columns": len(inferred.contract.columns)}
    summary |= {"rules": len(inferred.contract.rules), "contract": plain(inferred.contract)}
    if out is not None:
        at = home(document or DOCUMENT) if asked else home_beside(out)
        with whole_file(out) as file:
            file.write(text.encode())
        summary["run"] = _begun(at, out, inferred.contract)
    return Suggested(inferred.contract, text, summary)


def validate(
    data: Any,
    schema: str | Path = FILE,
    environment: str = "training",
    format: dict[str, Any] | None = None,
    document: str | Path | None = None,
) -> Validated:
    """Hold a table (a path, or a frame in memory) against a contract; what was found is kept for `accept`.

    The table is read once, in bounded memory. Raises: UserError for a table that cannot be read, Mistakes with all
    that is wrong with the contract.
    """
    place = Path(schema)
    contract, noticed = read(content_of(place), str(place)), list[Finding]()
    opened, where = opened_table(data, format, noticed)
    now = time.time_ns() // 1000
    validation = held_against(contract, opened.batches, environment, text=opened.text, now=now)
    run = _kept(place, document, contract, validation, where, noticed)
    breaches = [Breach(finding=finding, count=0, of=0) for finding in dict.fromkeys(noticed)]
    found = sorted([*validation.breaches, *breaches], key=lambda breach: ORDER[breach.finding.level])
    summary = {
        **{"data": where, "schema": str(place), "environment": environment, "rows": validation.rows},
        "kept": validation.kept,
        "findings": [breach_json(breach) for breach in found],
        "run": run,
    }
    return Validated(summary, 0 if validation.kept else NotReady.exit_code, validation)


def accept(
    code: str, column: str, by: str, note: str = "", schema: str | Path = FILE, document: str | Path | None = None
) -> dict[str, Any]:
    """Take the edit that the last validation proposes for a finding into the contract, under a person's name.

    Comments stay where they are. Raises: UserError where nothing of that code and column was found, or where the
    edit does not fit the contract as it is now.
    """
    if not by.strip():
        raise UserError("--by", "a signature needs a name", fix="--by 'Ada Lovelace'")
    place = Path(schema)
    text = content_of(place).decode("utf-8-sig")
    contract = read(text, str(place))
    at = home_beside(place, document)
    store, found, breaches = at.store, *_last(at, _place(place, at.folder))
    edit = _breach(breaches, code, column).edit
    assert edit is not None, "only breaches with an edit are offered"
    changed = applied(contract, edit)
    wrong = next(mistakes(changed), None)
    if wrong is not None or changed == contract:
        what = "the edit is in the contract already" if wrong is None else f"the edit no longer fits: {wrong.what}"
        raise UserError(str(place), what, fix="landmark data validate, and accept what it then finds")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    made = spliced(
        text, edit.changes, f"accepted by {by.strip()}, {day}" + (f": {note.strip()}" if note.strip() else "")
    )
    whole = read(made, str(place)) == changed
    with whole_file(place) as file:
        file.write((made if whole else render(changed)).encode())
    own = store.begin(at.name, {"schema": _place(place, at.folder)}, __version__, "accept")
    before = store.keep(own, "before", None, contract, {})
    uri = store.keep(own, "contract", code, changed, {"contract": before, "validation": found})
    store.mark(uri, "accepted", by.strip(), note.strip())
    told = edit.model_dump(mode="json", exclude_defaults=True)
    store.note(own, "accepted", {**told, "by": by.strip(), "note": note.strip()})
    store.end(own, "done", {"artifacts": {"contract": uri}})
    return {"schema": str(place), **told, "by": by.strip(), "note": note.strip(), "comments": whole, "run": own}


def breach_json(breach: Breach) -> dict[str, Any]:
    """Return one finding as `data validate --json` prints it."""
    told = {"count": breach.count, "of": breach.of, "rows": list(breach.rows)}
    edit = None if breach.edit is None else breach.edit.model_dump(mode="json", exclude_defaults=True)
    return {**breach.finding.as_json(), **told, "edit": edit}


def _project(data: Any, document: str | Path | None) -> Project:
    """Return the project of a document, with its rows from elsewhere where `data` is given."""
    project = load_document(document or DOCUMENT)
    if data is None:
        return project
    source = str(Path(data).absolute()) if isinstance(data, str) and Path(data).exists() else data
    section = project.document.data.model_copy(update={"source": source, "test": None})
    return Project(project.document.model_copy(update={"data": section}), project.folder)


def _of_document(project: Project, progress: Progress) -> Inferred:
    """Return the contract of a document's training rows, under the types that it resolves to."""
    store = open_store(project.folder, project.document.store)
    result = carry_out(project, {}, _lenient(project), store, progress, "schema")
    table, split = result.get("table", Table), result.get("split", Split)
    rows = training_rows(table, split)
    columns = result.get("schema", Schema).columns.values()
    given = {source: _given(rows, source, column, table.text) for column in columns for source in column.columns}
    return infer(rows, given, text=table.text)


def _lenient(project: Project) -> dict[str, Any]:
    """Return the options of the steps; readiness does not stop what is only looked at."""
    options: dict[str, Any] = project.options()
    return options | {"readiness": options["readiness"].model_copy(update={"require": None, "stop": False})}


def _given(rows: pa.Table, source: str, column: Column, text: bool) -> Given:
    return given_of(rows.column(source), source, column.type, column.options, column.use, column.why, text)


def given_of(values: Any, name: str, type: str, options: Mapping[str, Any], use: Use, why: str, text: bool) -> Given:
    """Return what is known of a column from its data type; a type that the contract has no word for is guessed."""
    stored = None if text else str(whole(values).type)
    known = type in get_args(Word)
    terms = ColumnTerms.model_validate({"type": type, "stored": stored}) if known else guessed(name, values, text)
    told = {word: options[word] for word in SETTINGS if options.get(word)}
    terms = fitting(ColumnTerms.model_validate({**terms.model_dump(), **told}), terms.type)
    return Given(terms, use, why or "by its values")


def _of_table(data: Any, format: dict[str, Any] | None) -> Inferred:
    """Return the contract of a table alone; rows beyond the first ones widen what those suggested."""
    opened, _ = opened_table(data, format, [])
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in opened.batches:
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > MOST_ROWS or size > MOST_BYTES:
            break
    whole_table = rows <= MOST_ROWS and next(opened.batches, None) is None
    table = pa.Table.from_batches(batches, opened.schema).slice(0, MOST_ROWS)
    given = {}
    for name, seen in profile(table).columns.items():
        key = why_identifier(seen)
        kind, like = infer_type(seen)
        use: Use = "feature" if key is None else "identifier"
        given[name] = given_of(table.column(name), name, kind, like.options, use, key or like.why, opened.text)
    inferred = infer(table, given, text=opened.text)
    return inferred if whole_table else _widened(inferred, opened_table(data, format, [])[0])


def _widened(inferred: Inferred, opened: Stream) -> Inferred:
    """Return a contract that the rows of the whole table keep."""
    contract, reasons = inferred.contract, dict(inferred.reasons)
    for breach in held_against(contract, opened.batches, text=opened.text).breaches:
        if breach.edit is not None:
            contract = applied(contract, breach.edit)
            for change in breach.edit.changes:
                reasons[change.place[:3]] = f"beyond the first rows: {breach.finding.seen}"
    return Inferred(contract, reasons)


def _place(place: Path, folder: Path) -> str:
    return os.path.relpath(place.absolute(), folder.absolute())


def _kept(
    place: Path,
    document: str | Path | None,
    contract: Contract,
    validation: Validation,
    where: str,
    noticed: list[Finding],
) -> str | None:
    """Keep a validation, and return its run; where there is no place for a store, that is noticed and nothing kept."""
    try:
        at = home_beside(place, document)
    except UserError as error:
        noticed.append(note("not-kept", "store", error.what, error.fix or "landmark data accept will not find it"))
        return None
    asked_for = {"schema": _place(place, at.folder), "data": where, "environment": validation.environment}
    store = at.store
    run = store.begin(at.name, asked_for, __version__, "validate")
    uris = {"contract": store.keep(run, "contract", None, contract, {})}
    uris["validation"] = store.keep(run, "validation", None, validation, {"contract": uris["contract"]})
    store.end(run, "done", {"artifacts": uris, "kept": validation.kept})
    return run


def _begun(at: Home, place: Path, contract: Contract) -> str:
    """Keep the first version of a contract, and return its run."""
    run = at.store.begin(at.name, {"schema": _place(place, at.folder)}, __version__, "contract")
    uri = at.store.keep(run, "contract", None, contract, {})
    at.store.end(run, "done", {"artifacts": {"contract": uri}})
    return run


def _last(at: Home, place: str) -> tuple[URI, tuple[Breach, ...]]:
    """Return what was found when rows were last held against the contract at a place, and where that is kept.

    Checks and trainings hold theirs against the contract beside the document; those without one held none.
    """
    for done in at.store.find(Execution, step="validation", **at.own()):
        (run,) = at.store.find(Run, id=done.run)
        if run.kind == "validate" and run.document.get("schema") == place:
            return done.uri, at.store.recall(Validation, done.uri).breaches
        if run.kind in ("check", "train") and place == FILE and done.how != "given":
            return done.uri, at.store.recall(Validations, done.uri).breaches
    raise UserError(place, "nothing was held against this contract yet", fix="landmark data validate TABLE")


def _breach(found: Iterable[Breach], code: str, column: str) -> Breach:
    """Return the breach of a code and a column. Raises: UserError naming what there is to accept."""
    offered = [breach for breach in found if breach.edit is not None]
    for breach in offered:
        if (breach.finding.code, breach.finding.where) == (code, column):
            return breach
    at = f"{code} {column}"
    known = [f"{breach.finding.code} {breach.finding.where}" for breach in offered]
    fix = did_you_mean(at, known) if known else "there is nothing to accept"
    raise UserError("accept", f"the last validation found no {code} at '{column}'", fix=fix)
