"""The durable archive: every answer is on disk before it is sent, every label that comes later is kept beside it.

One SQLite file in WAL mode with `synchronous=FULL`: a commit returns after the log has reached the disk. One
thread writes; it takes all that is pending into one transaction, so that many callers share the price of one
flush and a lone caller never waits for a timer. What cannot be queued is refused at once.

The standard library's `sqlite3` is used as it is, because pragmas and transactions are the whole point here;
the metadata of runs lives in the store.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from landmark.core.errors import UserError
from landmark.serving.records import FORMAT, TABLES, Conflict, Entry, Labelled, Receipt, labels_of, now
from landmark.serving.truths import outputs_of

PENDING = 64 << 20
"""Bytes that may wait for the disk; beyond them a caller is told to come back."""
WAIT_S = 5.0
"""How long a writer waits for another process that holds the file."""
LABELS = 1_000
"""Rows of labels in one transaction: short enough for a server that waits."""


class Full(Exception):
    """More is pending than may be: come back later."""


class Failed(Exception):
    """The disk did not take it; nothing of it was kept."""


Outcome: TypeAlias = Receipt | Conflict | UserError | Failed
Done: TypeAlias = Callable[[Outcome], None]
"""Called by the writer's thread with a receipt when the entry is on disk, or with why it is not. Must not raise."""


class Archive:
    """The writing end: `put` returns at once, and what became of the entry is told later.

    Raises: UserError when the file cannot be opened, or is no archive.
    """

    def __init__(self, path: Path, pending: int = PENDING) -> None:
        self.path, self.limit = path, pending
        self.failure: Exception | None = None
        self._file = connect(path)
        self._wake = threading.Condition()
        self._entries: list[tuple[Entry, Done]] = []
        self._size = 0
        self._closing = False
        self._writer = threading.Thread(target=self._run, name="archive", daemon=True)
        self._writer.start()

    def put(self, entry: Entry, done: Done) -> None:
        """Queue an entry. Raises: Full when too much is pending; a lone entry of any size is taken."""
        size = entry.size
        with self._wake:
            if self._closing:
                raise Full("the archive is closing")
            if self._entries and self._size + size > self.limit:
                raise Full(f"{self._size} bytes wait for the disk")
            self._entries.append((entry, done))
            self._size += size
            self._wake.notify()

    def close(self) -> None:
        """Write what is pending, then close the file."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._writer.join()
        self._file.close()

    def _run(self) -> None:
        while group := self._next():
            outcomes = self._keep([entry for entry, _ in group])
            for (_, done), outcome in zip(group, outcomes, strict=True):
                done(outcome)

    def _next(self) -> list[tuple[Entry, Done]]:
        """Return all that is pending, waiting for something; nothing when closed and empty."""
        with self._wake:
            while not self._entries and not self._closing:
                self._wake.wait()
            group, self._entries, self._size = self._entries, [], 0
            return group

    def _keep(self, group: Sequence[Entry]) -> list[Outcome]:
        """Return what became of each entry; one transaction for all, or each its own when that fails."""
        try:
            outcomes = _transact(self._file, group)
        except Exception as error:  # the server's border: whatever happens here, the writer must live on
            if len(group) > 1:
                return [outcome for entry in group for outcome in self._keep([entry])]
            self.failure = error if isinstance(error, (sqlite3.Error, OSError)) else self.failure
            failed = Failed(f"{type(error).__name__}: {error}")
            failed.__cause__ = error
            return [failed]
        self.failure = None
        return outcomes


def _transact(file: sqlite3.Connection, group: Sequence[Entry]) -> list[Outcome]:
    """Write entries in one durable transaction; return what became of each. On any exception nothing is kept."""
    file.execute("begin immediate")
    try:
        outcomes = [_attempt(entry, file) for entry in group]
        file.execute("commit")
    except BaseException:
        if file.in_transaction:
            file.execute("rollback")
        raise
    return outcomes


def _attempt(entry: Entry, file: sqlite3.Connection) -> Outcome:
    """Write one entry; a conflict, or a mistake, is its own and stops no neighbour."""
    try:
        return entry.write(file)
    except (Conflict, UserError) as refused:
        return refused


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that writes durably. Raises: UserError when path cannot be opened or is no archive."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise UserError(f"archive {path}", "cannot be opened", seen=error, fix="name a file one may write") from error
    try:
        _prepare(file, path)
    except sqlite3.Error as error:
        file.close()
        raise UserError(f"archive {path}", "is no archive", seen=error, fix="name another file") from error
    except UserError:
        file.close()
        raise
    return file


def _prepare(file: sqlite3.Connection, path: Path) -> None:
    """Ask for durability, and make the tables of a new file."""
    if file.execute("pragma journal_mode=wal").fetchone() != ("wal",):
        raise UserError(f"archive {path}", "this disk cannot hold a write-ahead log", fix="use a local disk")
    file.execute("pragma synchronous=full")
    if _version(file) == 0:
        file.execute("begin immediate")  # two servers may start at once: the second finds the tables made
        if _version(file) == 0:
            for statement in filter(str.strip, TABLES.split(";")):
                file.execute(statement)
            file.execute(f"pragma user_version={FORMAT}")
        file.execute("commit")
    if _version(file) != FORMAT:
        raise UserError(f"archive {path}", "is no archive of this version", fix="name another file")


def _version(file: sqlite3.Connection) -> int:
    """Return the format of the file: 0 when it is new, -1 when its tables are someone else's."""
    (version,) = file.execute("pragma user_version").fetchone()
    (tables,) = file.execute("select count(*) from sqlite_master").fetchone()
    return -1 if version == 0 and tables else int(version)


def existing(path: Path) -> Path:
    """Return path when there is a file. Raises: UserError."""
    if not path.is_file():
        raise UserError(f"archive {path}", "does not exist", fix="name the file that `landmark serve` writes")
    return path


def feedback(path: Path, rows: Iterable[Mapping[str, Any]], caller: str = "") -> Receipt:
    """Keep labels in the archive at path, LABELS rows at a time; a server may be writing it meanwhile.

    What was kept before a mistake, or before a kill, stays: giving the same rows again only repeats them.
    Raises: UserError when there is no archive, or a row is no label, or none that its answer could have.
    """
    total, rest, first = Receipt(), iter(rows), 1
    with closing(connect(existing(path))) as file:
        while part := list(islice(rest, LABELS)):
            (outcome,) = _transact(file, [Labelled(labels_of(part, first), now(), caller)])
            if isinstance(outcome, UserError):
                raise outcome
            assert isinstance(outcome, Receipt), "labels never conflict"
            total, first = total + outcome, first + len(part)
    return total


def outputs(path: Path, requests: Iterable[str]) -> set[str]:
    """Return the outputs of the models that answered requests; none where no request is known."""
    models, found = set[str](), set[str]()
    with closing(connect(existing(path))) as file:
        for request in requests:
            head = "select r.model, a.output from requests r join answers a on a.request = r.id where r.id = ? limit 1"
            for model, answer in file.execute(head, (request,)):
                found |= set() if model in models else outputs_of(json.loads(answer))
                models.add(model)
    return found


def query(path: Path, request: str) -> list[dict[str, Any]]:
    """Return the answered rows of one request, as `export` gives them; none when the id is unknown."""
    return list(_rows(path, "where a.request = ? order by a.row", request))


def newest(path: Path, last: int) -> list[dict[str, Any]]:
    """Return the last rows that were answered, as `export` gives them, newest first."""
    return list(_rows(path, "order by a.rowid desc limit ?", last))


def export(path: Path) -> Iterator[dict[str, Any]]:
    """Yield answered rows in the order they were kept, each with what is known of it by now.

    Keys: request_id, row, at (epoch microseconds), model (digest), name, caller, units, input, output,
    labels (the latest of each output), history (every label with its time and caller).
    """
    return _rows(path, "order by a.rowid")


def _rows(path: Path, which: str, *values: Any) -> Iterator[dict[str, Any]]:
    """Yield answered rows, each with its labels. Raises: UserError when there is no archive."""
    keys = ("request_id", "row", "at", "model", "name", "caller", "units", "input", "output")
    with closing(connect(existing(path))) as file:
        for *kept, told in file.execute(f"{ANSWERS} {which}", values):
            row = dict(zip(keys, kept, strict=True))
            row |= {key: json.loads(row[key]) for key in ("units", "input", "output")}
            labels = sorted(json.loads(told))  # by their number: the order in which they came
            history = [dict(zip(("output", "label", "at", "caller"), label[1:], strict=True)) for label in labels]
            yield {**row, "labels": {one["output"]: one["label"] for one in history}, "history": history}


ANSWERS = """
select a.request, a.row, r.at, r.model, r.name, r.caller, r.units, a.input, a.output,
    (select json_group_array(json_array(f.id, f.output, json(f.label), f.at, f.caller))
     from feedback f where f.request = a.request and f.row = a.row)
from answers a join requests r on r.id = a.request
"""
