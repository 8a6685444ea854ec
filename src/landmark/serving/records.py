"""What the archive keeps: questions with their answers, and labels that come later. Each writes itself."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any, TypeAlias

import msgspec

from landmark.core.errors import UserError
from landmark.serving.truths import fits, is_new, kind_of, outputs_of

FORMAT = 1
TABLES = """
create table requests (
    id text primary key, at integer not null, model text not null, name text not null,
    caller text not null, units text not null);
create table answers (
    request text not null, row integer not null, input text not null, output text not null,
    primary key (request, row));
create table feedback (
    id integer primary key, request text not null, row integer not null, output text not null,
    label text not null, at integer not null, caller text not null);
create index feedback_of on feedback (request, row, output, id);
"""
"""`at` is epoch microseconds; `units`, `input`, `output` and `label` are JSON texts."""

ADDRESS = ("request_id", "row")
"""How a label says which answer it belongs to; no output may have such a name."""


Answer: TypeAlias = dict[str, Any]
"""One row's outputs and their probabilities by name."""


class Conflict(Exception):
    """A request id that was already used for another question."""


@dataclass
class Receipt:
    """What became of labels: new ones, corrections of earlier ones, repetitions, those that were null, those of no
    known answer, and among the first two those that are no class the model knows.
    """

    kept: int = 0
    corrected: int = 0
    repeated: int = 0
    missing: int = 0
    unknown: list[dict[str, Any]] = field(default_factory=list)
    new_labels: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: Receipt) -> Receipt:
        """Return both together."""
        return Receipt(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Answered:
    """One request with its answers, row by row as JSON texts."""

    request: str
    at: int
    model: str
    name: str
    caller: str
    units: str
    inputs: Sequence[str]
    outputs: Sequence[str]

    @property
    def size(self) -> int:
        """Return about how many bytes it holds."""
        return sum(map(len, self.inputs)) + sum(map(len, self.outputs))

    def write(self, file: sqlite3.Connection) -> Receipt:
        """Keep it. The same question again under the same id (a caller that lost the answer) changes nothing.

        Raises: Conflict when the id stands for another question.
        """
        head = (self.request, self.at, self.model, self.name, self.caller, self.units)
        if file.execute("insert or ignore into requests values (?, ?, ?, ?, ?, ?)", head).rowcount:
            rows = zip(range(len(self.inputs)), self.inputs, self.outputs, strict=True)
            file.executemany("insert into answers values (?, ?, ?, ?)", [(self.request, *row) for row in rows])
            return Receipt(kept=len(self.inputs))
        if not self._repeats(file):
            raise Conflict(self.request)
        return Receipt(repeated=len(self.inputs))

    def _repeats(self, file: sqlite3.Connection) -> bool:
        """Return whether the archive holds this question and this answer under this id."""
        head = file.execute("select model, name, units from requests where id = ?", (self.request,)).fetchone()
        rows = file.execute("select input, output from answers where request = ? order by row", (self.request,))
        same = head == (self.model, self.name, self.units)
        return bool(same and rows.fetchall() == list(zip(self.inputs, self.outputs, strict=True)))


@dataclass(frozen=True)
class Label:
    """What turned out to be true of one output of one answered row, None where the request has one; `label` is JSON
    text, and `where` says which of those that arrived together it is.
    """

    request: str
    row: int | None
    output: str
    label: str
    where: str = "feedback"


@dataclass(frozen=True)
class Labelled:
    """Labels that arrived together."""

    labels: Sequence[Label]
    at: int
    caller: str

    @property
    def size(self) -> int:
        """Return about how many bytes it holds."""
        return sum(len(label.label) + len(label.request) for label in self.labels)

    def write(self, file: sqlite3.Connection) -> Receipt:
        """Keep every label of a known answer. Nothing is overwritten: the latest label counts.

        Raises: UserError for a label that cannot be true of its answer, or could be of several; then none is kept.
        """
        receipt = Receipt()
        told = [label for label in self.labels if label.label != "null"]
        receipt.missing = len(self.labels) - len(told)
        for label, answer in [_placed(label, file) for label in told]:
            self._one(label, answer, file, receipt)
        return receipt

    def _one(self, label: Label, answer: Answer | None, file: sqlite3.Connection, receipt: Receipt) -> None:
        told = {"request_id": label.request, "row": label.row, "output": label.output}
        if answer is None:
            receipt.unknown.append(told)
            return
        where = (label.request, label.row, label.output)
        latest = file.execute(
            "select label from feedback where request = ? and row = ? and output = ? order by id desc limit 1", where
        ).fetchone()
        if latest == (label.label,):
            receipt.repeated += 1
            return
        receipt.kept += latest is None
        receipt.corrected += latest is not None
        if is_new(answer, label.output, value := json.loads(label.label)):
            receipt.new_labels.append(told | {"label": value})
        file.execute(
            "insert into feedback (request, row, output, label, at, caller) values (?, ?, ?, ?, ?, ?)",
            (*where, label.label, self.at, self.caller),
        )


def _placed(label: Label, file: sqlite3.Connection) -> tuple[Label, Answer | None]:
    """Return a label with its row, and the answer it is true of, if there is one. Raises: UserError."""
    if label.row is None:
        (rows,) = file.execute("select count(*) from answers where request = ?", (label.request,)).fetchone()
        if rows > 1:
            what = f"request '{label.request}' has {rows} rows, and no row is said"
            raise UserError(label.where, what, fix=f"give 'row', 0 to {rows - 1}, with each label")
        label = replace(label, row=0)
    where = (label.request, label.row)
    found = file.execute("select output from answers where request = ? and row = ?", where).fetchone()
    answer: Answer = json.loads(found[0]) if found else {}
    if label.output not in outputs_of(answer):
        return label, None
    kind, value = kind_of(answer, label.output), json.loads(label.label)
    if not fits(kind, value):
        what = f"request '{label.request}', row {label.row}: output '{label.output}' is {kind}, which this label is not"
        raise UserError(label.where, what, seen=value, fix=f"give {kind}, or null where it is not known")
    return label, answer


Entry: TypeAlias = Answered | Labelled


def now() -> int:
    """Return the time as epoch microseconds."""
    return time.time_ns() // 1000


def as_json(value: Any) -> str:
    """Return value as JSON text: NaN and infinities become null, dates ISO text, what JSON lacks its `str`."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def labels_of(rows: Iterable[Mapping[str, Any]], first: int = 1) -> list[Label]:
    """Return labels given as rows of `request_id`, `row` (where the request has several) and either one key for each
    output, or the keys `output` and `label`.

    A label that is None or NaN, because it is not known yet, is the text null.
    Raises: UserError naming the row, counted from `first`, that has no request id or label, or a strange number.
    """
    return [label for number, row in enumerate(rows, first) for label in _labels_of(row, f"feedback, row {number}")]


def _labels_of(row: Mapping[str, Any], where: str) -> list[Label]:
    request, given = row.get("request_id"), row.get("row")
    index = None if given is None else _row_number(given)
    if not isinstance(request, str) or not request:
        raise UserError(where, "has no request_id", seen=request, fix="give the request_id of the answer")
    if index is None and given is not None:
        raise UserError(where, "'row' is no row number", seen=given, fix="count the rows of a request from 0")
    values = {name: value for name, value in row.items() if name not in ADDRESS}
    if values.keys() == {"output", "label"}:
        values = {str(values["output"]): values["label"]}
    if not values:
        raise UserError(where, "has no label", fix="add the true value under the name of the output")
    return [Label(request, index, name, as_json(value), where) for name, value in values.items()]


def _row_number(value: Any) -> int | None:
    """Return a row number given as a number or as text; None when it is none."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
