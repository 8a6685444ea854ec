"""Where tables come from: bytes become Arrow batches at this door. One file per kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
from pydantic import ValidationError

from landmark.core.errors import Mistakes, UserError, did_you_mean
from landmark.core.families import Family
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.files.places import as_they_are, places, shown
from landmark.files.text import cleaned


class Source(Protocol):
    """What a module in this folder provides."""

    @property
    def Options(self) -> type[Settings]:
        """How such a source is written, where that is not plain: delimiter, header, ..."""

    @property
    def TEXT(self) -> bool:
        """Whether cells arrive as text, so that types are learnt later, from training rows."""

    def recognises(self, where: str) -> bool:
        """Return whether `where` (a path, pattern, address or query) is of this kind, by its look alone."""

    def batches(self, where: Any, options: Any, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, in bounded memory, all of one schema; relative paths start at folder.

        What is noticed on the way is added to findings, at the latest when the last batch has been taken. Rows
        are counted from 1, the header aside.

        Raises: UserError naming the place, and the row where there is one.
        """

    def example(self, table: pa.Table, folder: Path) -> Any:
        """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""


class Stream(NamedTuple):
    """A source that has been opened: whether its cells are text, its columns, and its rows, to be taken once."""

    text: bool
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


SOURCES: Family[Any] = Family("landmark.sources")

_KNOWN = ".csv .tsv .txt (also .gz .zst .bz2), .parquet, .jsonl .ndjson, .arrow .feather, {sql: ..., connection: ...}"


def stream(where: Any, format: dict[str, Any], folder: Path, findings: list[Finding], coded: bool = False) -> Stream:
    """Open a source: what training and prediction read rows through.

    Text in the batches is valid UTF-8 without NUL; what had to be replaced is said in findings, which are
    complete when the last batch has been taken. `coded`: columns of few texts may come as Arrow dictionaries, from
    sources that keep them so (those with `coded_batches`, which otherwise promises what `batches` does).

    Raises: UserError, here or while batches are taken, naming the place and what to do.
    """
    kind = kind_of(where, folder)
    source = SOURCES[kind]
    options = settings(kind, format)
    read = getattr(source, "coded_batches", source.batches) if coded else source.batches
    rows = cleaned(read(where, options, folder, findings), findings)
    batches = _reading(_whole(rows, where, folder), described(where))
    first = next(batches, None)
    if first is None:
        raise UserError(described(where), "there are no rows", fix="name a source with rows")
    return Stream(source.TEXT, first.schema, chain([first], batches))


def kind_of(where: Any, folder: Path = Path()) -> str:
    """Return the name of the source kind that recognises `where`: by its ending, or by the files it stands for.

    Raises: UserError when none does, or when a folder holds files of several kinds.
    """
    if isinstance(where, dict) and "sql" in where:
        return "sql"
    if not isinstance(where, str) or not where.strip():
        raise UserError("data.source", "no reader for this kind of source", seen=where, fix=f"use one of {_KNOWN}")
    kind = _by_look(where)
    if kind is not None:
        return kind
    kinds = {_by_look(place.path): place.name for place in places(where, folder)}
    if len(kinds) > 1:
        raise UserError(
            shown(where), "files of several kinds", seen=", ".join(kinds.values()), fix="name a pattern, as *.csv"
        )
    kind = next(iter(kinds))
    if kind is None:
        raise UserError(
            "data.source", "no reader for this kind of source", seen=shown(where), fix=f"use one of {_KNOWN}"
        )
    return kind


def settings(kind: str, format: dict[str, Any]) -> Settings:
    """Return what the document says of a source's format as the Options of its kind.

    Raises: Mistakes with every setting that is unknown or wrong.
    """
    kinds: type[Settings] = SOURCES[kind].Options
    try:
        return kinds.model_validate(format)
    except ValidationError as wrong:
        raise Mistakes(_mistake(kind, kinds, dict(error)) for error in wrong.errors()) from None


def described(where: Any) -> str:
    """Return a source as one line for people, without passwords.

    >>> described({"sql": "select 1", "connection": "mysql://me:secret@host/db"})
    'select 1 (mysql://***@host/db)'
    """
    if isinstance(where, dict):
        return f"{where.get('sql', '')} ({shown(str(where.get('connection', '')))})"
    return shown(str(where))


def _by_look(where: str) -> str | None:
    return next((name for name, source in SOURCES.items() if source.recognises(where)), None)


def _mistake(kind: str, kinds: type[Settings], error: dict[str, Any]) -> UserError:
    """Return one complaint of the schema as a mistake with its nearest known word."""
    path = ".".join(("data.format", *map(str, error["loc"])))
    if error["type"] == "extra_forbidden":
        known = did_you_mean(str(error["loc"][-1]), kinds.model_fields) or f"a {kind} source has no settings"
        return UserError(path, f"'{error['loc'][-1]}' is no setting of a {kind} source", fix=known)
    return UserError(path, str(error["msg"]).removeprefix("Value error, "), seen=error["input"])


def _whole(batches: Iterator[pa.RecordBatch], where: Any, folder: Path) -> Iterator[pa.RecordBatch]:
    """Yield batches. Raises: UserError where a file has meanwhile lost what had not been read of it yet."""
    before = as_they_are(where, folder) or {}
    yield from batches
    for file in filter(Path.exists, map(Path, before)):  # what is gone was open, and read to its end
        size, now = before[file.as_posix()][0], file.stat().st_size
        if now < size:
            seen = f"{file.name}: {size} bytes, then {now}"
            fix = "wait until it is written, then run again"
            raise UserError(described(where), "a file became smaller while it was read", seen=seen, fix=fix)


def _reading(batches: Iterator[pa.RecordBatch], where: str) -> Iterator[pa.RecordBatch]:
    """Yield batches; what the file system or a decoder complains of becomes a mistake that names the source."""
    try:
        yield from batches
    except (OSError, EOFError, pa.ArrowException) as reason:
        seen = shown(str(reason).partition("\n")[0])
        raise UserError(where, "cannot be read to the end", seen=seen, fix="is it whole, and may it be read?") from None
