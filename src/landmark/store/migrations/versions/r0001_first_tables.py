"""The first tables: runs, artifacts, executions with their inputs, marks and events."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

LONG = sa.Text().with_variant(sa.Text(2**24 - 1), "mysql", "mariadb")
URI, RUN, TIME, WORD = sa.String(71), sa.String(32), sa.String(32), sa.String(200)
EXACT: dict[str, Any] = {
    f"{server}_{setting}": value
    for server in ("mysql", "mariadb")
    for setting, value in {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_bin"}.items()
}


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "runs",
        sa.Column("id", RUN, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False, index=True),
        sa.Column("project", WORD, nullable=False, index=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("version", WORD, nullable=False),
        sa.Column("document", LONG, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("result", LONG),
        sa.Column("began", TIME, nullable=False),
        sa.Column("ended", TIME),
        **EXACT,
    )
    op.create_table(
        "artifacts",
        sa.Column("uri", URI, primary_key=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("at", TIME, nullable=False),
        **EXACT,
    )
    _lineage()
    _words()


def _lineage() -> None:
    op.create_table(
        "executions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", RUN, sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("step", WORD, nullable=False),
        sa.Column("key", sa.String(64)),
        sa.Column("uri", URI, sa.ForeignKey("artifacts.uri"), nullable=False, index=True),
        sa.Column("how", WORD, nullable=False),
        sa.Column("wall_s", sa.Float(53), nullable=False),
        sa.Column("cpu_s", sa.Float(53), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Index("ix_executions_key_step", "key", "step"),
        **EXACT,
    )
    op.create_table(
        "inputs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("execution", sa.Integer, sa.ForeignKey("executions.number"), nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("uri", URI, sa.ForeignKey("artifacts.uri"), nullable=False, index=True),
        sa.UniqueConstraint("execution", "name"),
        **EXACT,
    )


def _words() -> None:
    op.create_table(
        "marks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("uri", URI, sa.ForeignKey("artifacts.uri"), nullable=False, index=True),
        sa.Column("mark", WORD, nullable=False),
        sa.Column("by", WORD, nullable=False, quote=True),
        sa.Column("note", LONG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        **EXACT,
    )
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", RUN, sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("event", WORD, nullable=False),
        sa.Column("detail", LONG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        **EXACT,
    )
