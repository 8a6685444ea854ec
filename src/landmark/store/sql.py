"""The store in a relational database: SQLite beside the project unless an address says otherwise.

One code for every database SQLAlchemy knows. Artifacts lie as files beside the project; the database names them.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from weakref import finalize

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from landmark.artifacts.artifact import Artifact, Kind
from landmark.core.errors import UserError
from landmark.files.databases import driven, installing
from landmark.store import files
from landmark.store.migrations import HEAD, upgrade
from landmark.store.store import URI, Edge, Event, Execution, Json, Kept, Mark, Record, Run, Spent
from landmark.store.tables import ARTIFACTS, EVENTS, EXECUTIONS, INPUTS, MARKS, METADATA, RUNS

Result = TypeVar("Result")

TABLES: dict[type, Table] = {Run: RUNS, Execution: EXECUTIONS, Kept: ARTIFACTS, Mark: MARKS, Event: EVENTS}
JSON_FIELDS = {"document", "result", "detail"}
HOME, FILE = ".landmark", "store.sqlite"
BUSY_S = 30
"""How long one waits for another process that writes before one gives up."""

PAUSES_S = (0.02, 0.1, 0.3, 1.0)
"""After another writer came first at the same row, try again so much later."""


def has_store(folder: Path) -> bool:
    """Return whether the store of a project lies in its folder, as one does unless an address says otherwise."""
    return (folder / HOME / FILE).is_file()


def open_store(folder: Path, address: str = "sqlite") -> SqlStore:
    """Return the store of the project in folder; its tables are made, or brought up to date, where needed.

    `address` is `sqlite` for a file in the folder, or a database URL; a relative path in it starts at the folder.
    Raises: UserError when it cannot be opened.
    """
    home = folder / HOME
    try:
        (home / "artifacts").mkdir(parents=True, exist_ok=True)
        files.tidy(home / "artifacts")
    except OSError as error:
        raise UserError("store", f"{home} cannot be written", seen=error.strerror, fix="make it writable") from error
    engine = _engine(folder, address)
    try:
        _bring_up_to_date(engine)
    except DBAPIError as error:
        shown = engine.url.render_as_string(hide_password=True)
        fix = "check that the database answers and may be written"
        raise UserError("store", f"{shown} cannot be opened", seen=str(error.orig).strip(), fix=fix) from error
    except LookupError as error:
        fix = "install the version of Landmark that wrote it, or a newer one"
        raise UserError("store", "its tables are newer than this Landmark", seen=error.args[0], fix=fix) from error
    return SqlStore(engine, home / "artifacts")


class SqlStore:
    """A Store in tables. Nothing is held between two verbs but connections, given back when the store is let go."""

    def __init__(self, engine: Engine, artifacts: Path) -> None:
        self.engine = engine
        self.artifacts = artifacts
        self._reader = engine.execution_options(only_reads=True)
        finalize(self, engine.dispose)

    def begin(self, project: str, document: Json, version: str, kind: str = "train") -> str:
        """Open a run: its id is its number in the store and four digits that no other run shares."""

        def work(connection: Connection) -> str:
            number = 1 + (connection.scalar(select(func.max(RUNS.c.number))) or 0)
            run = f"{number:05}-{secrets.token_hex(2)}"
            asked = {"project": project, "kind": kind, "version": version, "document": json.dumps(document)}
            connection.execute(insert(RUNS).values(id=run, number=number, **asked, status="running", began=_now()))
            return run

        return self._write(work)

    def keep(
        self,
        run: str,
        step: str,
        key: str | None,
        artifact: Artifact | URI,
        parents: Mapping[str, URI],
        spent: Spent = Spent(),  # noqa: B008 - frozen, so one instance serves every call
    ) -> URI:
        """Write the file first and the rows after: a kill between the two leaves a whole file nobody names."""
        made = isinstance(artifact, Artifact)
        uri, size = files.put(self.artifacts, artifact) if isinstance(artifact, Artifact) else (artifact, 0)
        how = "given" if key is None else "made" if made else "recalled"
        told = {"run": run, "step": step, "key": key, "uri": uri, "how": how, "at": _now()}

        def work(connection: Connection) -> None:
            if made and not _is_known(connection, uri):
                row = {"uri": uri, "kind": type(artifact).__name__, "size_bytes": size, "at": told["at"]}
                connection.execute(insert(ARTIFACTS).values(**row))
            done = connection.execute(insert(EXECUTIONS).values(**told, wall_s=spent.wall_s, cpu_s=spent.cpu_s))
            (number,) = done.inserted_primary_key or (None,)
            if parents:
                rows = [{"execution": number, "name": name, "uri": parent} for name, parent in parents.items()]
                connection.execute(insert(INPUTS), rows)

        self._write(work)
        return uri

    def recall(self, kind: type[Kind], uri: URI) -> Kind:
        """Return a kept artifact, its content verified against its name."""
        return files.get(self.artifacts, kind, uri)

    def parents(self, uri: URI, run: str | None = None) -> list[Edge]:
        """Return the edges that end at the artifact."""
        return self._edges(EXECUTIONS.c.uri == uri, run)

    def children(self, uri: URI, run: str | None = None) -> list[Edge]:
        """Return the edges that start at the artifact."""
        return self._edges(INPUTS.c.uri == uri, run)

    def latest(self, step: str, key: str) -> URI | None:
        """Return what the step gave last under this key; a file that was deleted was never made."""
        done = (EXECUTIONS.c.key == key) & (EXECUTIONS.c.step == step)
        query = select(EXECUTIONS.c.uri).where(done).order_by(EXECUTIONS.c.number.desc())
        uris: Iterator[URI] = (row.uri for row in self._read(query))
        return next((uri for uri in uris if files.path_of(self.artifacts, uri).is_file()), None)

    def mark(self, uri: URI, mark: str, by: str, note: str = "") -> None:
        """Write down what somebody said of an artifact."""

        def work(connection: Connection) -> None:
            if not _is_known(connection, uri):
                raise UserError("store", "this artifact was never kept here", seen=uri, fix="see landmark model list")
            connection.execute(insert(MARKS).values(uri=uri, mark=mark, by=by, note=note, at=_now()))

        self._write(work)

    def find(self, record: type[Record], *, limit: int | None = None, **where: Any) -> list[Record]:
        """Return the records whose fields have these values, newest first."""
        table = TABLES[record]
        names = [field.name for field in fields(record)]  # type: ignore[arg-type]  # TABLES holds dataclasses only
        query = select(*(table.c[name] for name in names)).where(*(_is(table, *item) for item in where.items()))
        newest = table.c.number if "number" in table.c else table.c.at
        return [_record(record, row) for row in self._read(query.order_by(newest.desc()).limit(limit))]

    def note(self, run: str, event: str, detail: Json) -> None:
        """Write down that something happened in a run."""
        row = {"run": run, "event": event, "detail": json.dumps(detail), "at": _now()}
        self._write(lambda connection: connection.execute(insert(EVENTS).values(**row)))

    def end(self, run: str, status: str, result: Json | None = None) -> None:
        """Say how a run ended."""
        said = {"status": status, "ended": _now()} | ({} if result is None else {"result": json.dumps(result)})
        changed = self._write(lambda c: c.execute(update(RUNS).where(RUNS.c.id == run).values(**said)).rowcount)
        assert changed, f"no run {run}"

    def close(self) -> None:
        """Give the connections back. A later verb opens new ones."""
        self.engine.dispose()

    def _edges(self, which: ColumnElement[bool], run: str | None) -> list[Edge]:
        query = (
            select(
                EXECUTIONS.c.uri.label("child"),
                INPUTS.c.uri.label("parent"),
                INPUTS.c.name,
                EXECUTIONS.c.step,
                EXECUTIONS.c.run,
            )
            .join_from(INPUTS, EXECUTIONS, INPUTS.c.execution == EXECUTIONS.c.number)
            .where(which, *([] if run is None else [EXECUTIONS.c.run == run]))
            .order_by(INPUTS.c.number)
        )
        return list(dict.fromkeys(_record(Edge, row) for row in self._read(query)))

    def _read(self, query: Any) -> list[Row[Any]]:
        with self._reader.connect() as connection:
            return list(connection.execute(query))

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        """Return what work does in one transaction, begun again when another writer got in between."""
        return _again(lambda: _in_one(self.engine, work), OperationalError, IntegrityError)


def _is(table: Table, name: str, value: Any) -> ColumnElement[bool]:
    """Return the condition `name = value` on the rows of table, where name may be a fact of their run."""
    if table is RUNS and name == "id":
        return RUNS.c.id.startswith(value, autoescape=True)
    if name in table.c:
        return table.c[name].is_(None) if value is None else table.c[name] == value
    if "run" in table.c and name == "project":
        return table.c.run.in_(select(RUNS.c.id).where(RUNS.c.project == value))
    assert "uri" in table.c and name in ("run", "step", "project"), f"{table.name} have no {name}"
    return table.c.uri.in_(select(EXECUTIONS.c.uri).where(_is(EXECUTIONS, name, value)))


def _record(kind: type[Record], row: Row[Any]) -> Record:
    values = row._asdict()
    for name in JSON_FIELDS & values.keys():
        values[name] = None if values[name] is None else json.loads(values[name])
    return kind(**values)


def _is_known(connection: Connection, uri: URI) -> bool:
    return connection.scalar(select(ARTIFACTS.c.uri).where(ARTIFACTS.c.uri == uri)) is not None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def address_of(address: str) -> URL:
    """Return the URL of a database that is not the one beside the project. Raises: UserError when it is none."""
    try:
        url = make_url(address)
        driven(url).get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError) as error:
        fix = "use sqlite, sqlite:///file, postgresql://user@host/name or mysql://user@host/name"
        seen = address.partition("://")[0]  # what follows may hold a password
        raise UserError("store", "this is not the address of a database", seen=seen, fix=fix) from error
    return url


def _engine(folder: Path, address: str) -> Engine:
    """Return the engine of an address. Raises: UserError when it is none, or its driver is not installed."""
    url = URL.create("sqlite", database=f"{HOME}/{FILE}") if address == "sqlite" else address_of(address)
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(driven(url), pool_pre_ping=True)
        place = None if url.database is None else str(folder / url.database)
        engine = create_engine(url.set(database=place), connect_args={"timeout": BUSY_S})
    except ModuleNotFoundError as error:
        fix = installing(url, str(error.name))
        raise UserError("store", "the driver of this database is not installed", seen=error.name, fix=fix) from error
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself, see _begin_sqlite
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: one taken after a read is refused, not waited for, when another writer came."""
    reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _bring_up_to_date(engine: Engine) -> None:
    """Migrate where needed. Of two processes that open a new store at once, one may find it being made: again."""
    if _again(lambda: _revision(engine), OperationalError) != HEAD:
        with _alone(engine):
            _again(lambda: _in_one(engine, upgrade), DBAPIError)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time change the tables where that takes no transaction, and half of it would be seen.

    What one that was killed has left half made goes first.
    """
    if engine.dialect.name not in ("mysql", "mariadb"):
        yield
        return
    with engine.connect() as connection:
        connection.execute(text("select get_lock('landmark', :wait_s)"), {"wait_s": BUSY_S})
        try:
            if _revision(engine) is None:
                _in_one(engine, _clear)
            yield
        finally:
            connection.execute(text("select release_lock('landmark')"))


def _clear(connection: Connection) -> None:
    """Take away the tables of a store that was never finished.

    Raises: UserError where some of them are not ours, or hold rows.
    """
    known = inspect(connection)
    there = set(known.get_table_names())
    made = [table for table in METADATA.sorted_tables if table.name in there]
    names = {table.name: {column["name"] for column in known.get_columns(table.name)} for table in made}
    used = [
        table.name
        for table in made
        if names[table.name] != set(table.c.keys()) or connection.execute(select(table).limit(1)).first() is not None
    ]
    if used:
        fix = "name another database, or take them out of it"
        raise UserError("store", "the database has tables of our names, and they are no store", seen=used, fix=fix)
    METADATA.drop_all(connection, made)


def _revision(engine: Engine) -> str | None:
    with engine.execution_options(only_reads=True).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("select version_num from alembic_version"))
        return found


def _in_one(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _again(work: Callable[[], Result], *errors: type[DBAPIError]) -> Result:
    """Return what work returns, tried again after each of PAUSES_S when it raises one of the errors."""
    for pause in PAUSES_S:
        try:
            return work()
        except errors:
            time.sleep(pause)
    return work()
