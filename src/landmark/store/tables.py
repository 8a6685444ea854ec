"""The tables of the SQL store, as the newest migration leaves them.

Column names are the fields of the records in `store.py`. Times are ISO 8601 text and details JSON text: the same in
SQLite, PostgreSQL and MySQL, with nothing rounded, reordered or refused (a NaN, say) by one of them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

LONG = Text().with_variant(Text(2**24 - 1), "mysql", "mariadb")  # where plain TEXT ends at 64 KiB
URI, RUN, TIME, WORD = String(71), String(32), String(32), String(200)
EXACT: dict[str, Any] = {
    f"{server}_{setting}": value
    for server in ("mysql", "mariadb")
    for setting, value in {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_bin"}.items()
}
"""Every character, and no two texts taken for the same, where a server may have learnt otherwise."""

METADATA = MetaData()

RUNS = Table(
    "runs",
    METADATA,
    Column("id", RUN, primary_key=True),
    Column("number", Integer, nullable=False, index=True),
    Column("project", WORD, nullable=False, index=True),
    Column("kind", WORD, nullable=False),
    Column("version", WORD, nullable=False),
    Column("document", LONG, nullable=False),
    Column("status", WORD, nullable=False),
    Column("result", LONG),
    Column("began", TIME, nullable=False),
    Column("ended", TIME),
    **EXACT,
)

ARTIFACTS = Table(
    "artifacts",
    METADATA,
    Column("uri", URI, primary_key=True),
    Column("kind", WORD, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("at", TIME, nullable=False),
    **EXACT,
)

EXECUTIONS = Table(
    "executions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", RUN, ForeignKey("runs.id"), nullable=False, index=True),
    Column("step", WORD, nullable=False),
    Column("key", String(64)),
    Column("uri", URI, ForeignKey("artifacts.uri"), nullable=False, index=True),
    Column("how", WORD, nullable=False),
    Column("wall_s", Float(53), nullable=False),
    Column("cpu_s", Float(53), nullable=False),
    Column("at", TIME, nullable=False),
    Index("ix_executions_key_step", "key", "step"),
    **EXACT,
)

INPUTS = Table(
    "inputs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("execution", Integer, ForeignKey("executions.number"), nullable=False),
    Column("name", WORD, nullable=False),
    Column("uri", URI, ForeignKey("artifacts.uri"), nullable=False, index=True),
    UniqueConstraint("execution", "name"),
    **EXACT,
)

MARKS = Table(
    "marks",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("uri", URI, ForeignKey("artifacts.uri"), nullable=False, index=True),
    Column("mark", WORD, nullable=False),
    Column("by", WORD, nullable=False, quote=True),
    Column("note", LONG, nullable=False),
    Column("at", TIME, nullable=False),
    **EXACT,
)

EVENTS = Table(
    "events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", RUN, ForeignKey("runs.id"), nullable=False, index=True),
    Column("event", WORD, nullable=False),
    Column("detail", LONG, nullable=False),
    Column("at", TIME, nullable=False),
    **EXACT,
)
