"""The result of a query: `{sql: "select ...", connection: env:DB_URL}`, by any database SQLAlchemy speaks to.

The connection is a URL, `env:NAME` for a URL kept in the environment, or the path of an SQLite file. Rows come
through a cursor on the server's side where there is one. No message shows a password.

A source only reads: the session is read-only where the database knows such a thing, and nothing is ever committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.files.databases import driven, installing
from landmark.files.schemas import refuse_duplicates
from landmark.files.spool import Values, settled

TEXT = False
_ROWS = 1 << 15
_READING = {
    "sqlite": "pragma query_only = on",
    "postgresql": "set session characteristics as transaction read only",
    "mysql": "set session transaction read only",
    "mariadb": "set session transaction read only",
}
"""What makes a session read-only, by SQLAlchemy's name of the database; others are rolled back."""
_WHERE = "data.source"


class Options(Settings):
    """A database says itself of what types its columns are."""


def recognises(where: str) -> bool:
    """Return no: a query is not a path; `{sql: ...}` is known by its key."""
    return False


def batches(where: dict[str, str], options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the query's result in its order.

    Raises: UserError for a connection that is not there or refuses, and for a query the database rejects.
    """
    query, connection = _parts(where)
    url = _url(connection, folder)
    yield from settled(_chunks(query, url), findings)


def example(table: pa.Table, folder: Path) -> dict[str, str]:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    import sqlite3
    from contextlib import closing

    marks, names = ", ".join("?" * table.num_columns), ", ".join(f'"{name}"' for name in table.column_names)
    with closing(sqlite3.connect(folder / "example.db")) as database, database:
        database.execute(f"create table example ({names})")
        database.executemany(
            f"insert into example values ({marks})", [tuple(row.values()) for row in table.to_pylist()]
        )
    return {"sql": "select * from example order by rowid", "connection": "example.db"}


def _parts(where: dict[str, str]) -> tuple[str, str]:
    unknown = sorted(where.keys() - {"sql", "connection"})
    wrong = [key for key in ("sql", "connection") if not isinstance(where.get(key), str) or not where[key].strip()]
    if unknown or wrong:
        said = f"'{unknown[0]}' is not a part of a query" if unknown else f"'{wrong[0]}' is missing or no text"
        raise UserError(_WHERE, said, fix='{sql: "select ...", connection: env:DB_URL}')
    return where["sql"], where["connection"]


def _url(connection: str, folder: Path) -> Any:
    """Return the database's URL; SQLite paths start at folder and must be there."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    at = f"{_WHERE}.connection"
    if connection.startswith("env:"):
        name = connection.removeprefix("env:")
        connection = os.environ.get(name, "")
        if not connection:
            raise UserError(at, f"the environment has no variable {name}", fix=f"set {name} to the database's URL")
    try:
        url = make_url(connection) if "://" in connection else make_url("sqlite://").set(database=connection)
    except (ArgumentError, ValueError):
        raise UserError(at, "not the URL of a database", fix="as postgresql://user@host/name") from None
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:") or "uri" in url.query:
        return url
    path = folder.absolute() / str(url.database)
    if not path.is_file():
        raise UserError(at, "there is no such SQLite file", seen=url.database, fix="check the path")
    return url.set(database=str(path))


def _chunks(query: str, url: Any) -> Iterator[Values]:
    """Yield the result as columns, _ROWS rows at a time; a column without rows is there with no values."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        engine = create_engine(driven(url))
    except (NoSuchModuleError, ImportError) as reason:
        fix = installing(url, str(getattr(reason, "name", None) or url.drivername))
        raise UserError(f"{_WHERE}.connection", "no driver for this database", seen=str(reason), fix=fix) from None
    came = 0
    try:
        with engine.connect() as connection:  # which ends in a rollback
            if connection.dialect.name in _READING:
                connection.exec_driver_sql(_READING[connection.dialect.name])
                connection.commit()
            if connection.dialect.name == "sqlite":
                driver: Any = connection.connection.driver_connection
                driver.set_authorizer(_sqlite_allows)
            session = connection.execution_options(stream_results=True, no_parameters=True, yield_per=_ROWS)
            result = session.exec_driver_sql(query)
            names = list(result.keys()) if result.returns_rows else []
            if not names:
                raise UserError(f"{_WHERE}.sql", "the statement returns no rows", fix="write a select")
            refuse_duplicates(f"{_WHERE}.sql", names)
            yield {name: [] for name in names}
            for rows in result.partitions(_ROWS):
                came += len(rows)
                yield dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    except SQLAlchemyError as reason:
        said = _without_password(str(getattr(reason, "orig", None) or reason), url)
        what, fix = "the database refuses", "check the query and the rights"
        if _writes(getattr(reason, "orig", None)):
            what, fix = "the statement writes, and a source only reads", "write a select"
        elif came and getattr(reason, "connection_invalidated", False):
            what, fix = f"the database went away after {came} rows", "run it again when the database answers"
        raise UserError(f"{_WHERE}.sql", what, seen=said, fix=fix) from None
    finally:
        engine.dispose()


def _sqlite_allows(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Return that SQLite may do what is asked, but for making files, as `attach` does, and for changing settings."""
    import sqlite3

    sets = action == sqlite3.SQLITE_PRAGMA and second is not None and not _is_asked(first)
    return sqlite3.SQLITE_DENY if sets or action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _is_asked(pragma: str | None) -> bool:
    """Return whether what follows a pragma's name is what it is asked about, as in pragma_table_info('t')."""
    return pragma is not None and pragma.lower().endswith(("_info", "_xinfo", "_list"))


def _writes(reason: Any) -> bool:
    """Return whether a driver says that a read-only session was to write: SQLite's code, SQLSTATE, MySQL's number."""
    sqlite, state = getattr(reason, "sqlite_errorname", None) or "", getattr(reason, "sqlstate", None)
    number = next(iter(getattr(reason, "args", ())), None)
    return sqlite.startswith(("SQLITE_READONLY", "SQLITE_AUTH")) or state == "25006" or number == 1792


def _without_password(text: str, url: Any) -> str:
    """Return a message of a driver without the password it may repeat."""
    secret = str(url.password or "")
    for word in {secret, quote(secret, safe="")} - {""}:
        text = text.replace(word, "***")
    return text
