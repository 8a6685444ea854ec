"""Every store keeps the laws of stores: SQLite beside the project, and in the servers this machine has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import Server
from sqlalchemy import text

from landmark.core.errors import UserError
from landmark.laws.stores import LAWS, Law, a_signature_is_remembered
from landmark.store import sql
from landmark.store.sql import open_store
from landmark.store.store import Run
from landmark.store.tables import METADATA


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_sqlite(law: Law, tmp_path: Path) -> None:
    law(open_store, tmp_path)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_servers(law: Law, server: Server, tmp_path: Path) -> None:
    law(partial(open_store, address=server.database()), tmp_path)


def test_the_migrations_lead_to_the_tables_of_the_code(server: Server, tmp_path: Path) -> None:
    store = open_store(tmp_path, server.database())
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), METADATA) == []


def test_a_password_is_not_told(server: Server, tmp_path: Path) -> None:
    address = server.address.format("nowhere").replace("@", ":secret@")
    with pytest.raises(UserError, match="cannot be opened") as told:
        open_store(tmp_path, address)
    assert "nowhere" in str(told.value) and "secret" not in str(told.value)


def test_where_half_a_change_would_be_seen_one_waits_for_the_other(
    mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "PAUSES_S", ())  # nothing is tried twice
    address = mariadb.database()
    with ThreadPoolExecutor(3) as pool:
        stores = list(pool.map(lambda _: open_store(tmp_path, address), range(3)))
    assert [store.find(Run) for store in stores] == [[]] * 3
    with stores[0].engine.connect() as connection:
        assert connection.scalar(text("select is_free_lock('landmark')")) == 1


def test_the_address_of_mysql_leads_to_mariadb_as_well(mariadb: Server, tmp_path: Path) -> None:
    address = mariadb.database().replace("mariadb", "mysql", 1)
    a_signature_is_remembered(partial(open_store, address=address), tmp_path)
