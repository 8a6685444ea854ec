"""What the archive keeps: questions with their answers, and labels that come later. Each writes itself."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from landmark.core.errors import UserError

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


class Conflict(Exception):
    """A request id that was already used for another question."""


@dataclass
class Receipt:
    """What became of labels: new ones, corrections of earlier ones, repetitions, and those of no known answer."""

    kept: int = 0
    corrected: int = 0
    repeated: int = 0
    unknown: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: Receipt) -> Receipt:
        """Return both together."""
        return Receipt(
            self.kept + other.kept,
            self.corrected + other.corrected,
            self.repeated + other.repeated,
            self.unknown + other.unknown,
        )


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
    """What turned out to be true of one output of one answered row; `label` is JSON text."""

    request: str
    row: int
    output: str
    label: str


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
        """Keep every label of a known answer. Nothing is overwritten: the latest label counts."""
        receipt = Receipt()
        for label in self.labels:
            self._one(label, file, receipt)
        return receipt

    def _one(self, label: Label, file: sqlite3.Connection, receipt: Receipt) -> None:
        where = (label.request, label.row)
        answer = file.execute("select output from answers where request = ? and row = ?", where).fetchone()
        if answer is None or label.output not in outputs_of(json.loads(answer[0])):
            receipt.unknown.append({"request_id": label.request, "row": label.row, "output": label.output})
            return
        latest = file.execute(
            "select label from feedback where request = ? and row = ? and output = ? order by id desc limit 1",
            (*where, label.output),
        ).fetchone()
        if latest == (label.label,):
            receipt.repeated += 1
            return
        receipt.kept += latest is None
        receipt.corrected += latest is not None
        file.execute(
            "insert into feedback (request, row, output, label, at, caller) values (?, ?, ?, ?, ?, ?)",
            (*where, label.output, label.label, self.at, self.caller),
        )


def outputs_of(answer: Mapping[str, Any]) -> set[str]:
    """Return the outputs of an answer; what else is in it is the probability of a label of one of them.

    >>> sorted(outputs_of({"y": "a", "y.p.a": 0.7, "y.p.b": 0.3, "z": 1.5}))
    ['y', 'z']
    """
    return {name for name in answer if not any(name.startswith(f"{other}.p.") for other in answer)}


Entry: TypeAlias = Answered | Labelled


def now() -> int:
    """Return the time as epoch microseconds."""
    return time.time_ns() // 1000


def as_json(value: Any) -> str:
    """Return value as JSON text: NaN and infinities become null, dates ISO text, what JSON lacks its `str`."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def labels_of(rows: Iterable[Mapping[str, Any]], first: int = 1) -> list[Label]:
    """Return labels given as rows of `request_id`, `row` (0 when absent) and either one key for each output, or
    the keys `output` and `label`.

    A label that is None or NaN is not known yet and passed over.
    Raises: UserError naming the row, counted from `first`, that has no request id or label, or a strange number.
    """
    return [label for number, row in enumerate(rows, first) for label in _labels_of(row, f"feedback, row {number}")]


def _labels_of(row: Mapping[str, Any], where: str) -> list[Label]:
    request, index = row.get("request_id"), _row_number(row.get("row"))
    if not isinstance(request, str) or not request:
        raise UserError(where, "has no request_id", seen=request, fix="give the request_id of the answer")
    if index is None:
        raise UserError(where, "'row' is no row number", seen=row["row"], fix="count the rows of a request from 0")
    values = {name: value for name, value in row.items() if name not in ADDRESS}
    if values.keys() == {"output", "label"}:
        values = {str(values["output"]): values["label"]}
    if not values:
        raise UserError(where, "has no label", fix="add the true value under the name of the output")
    texts = {name: as_json(value) for name, value in values.items()}
    return [Label(request, index, name, text) for name, text in texts.items() if text != "null"]


def _row_number(value: Any) -> int | None:
    """Return a row number given as a number, as text, or not at all (0); None when it is none."""
    if value is None:
        return 0
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
