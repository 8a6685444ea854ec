"""Every store keeps the laws of stores: SQLite beside the project, and in the servers this machine has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import Server
from sqlalchemy import create_engine, text

from landmark import api
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


def test_a_store_whose_making_was_killed_is_made_anew(mariadb: Server, tmp_path: Path) -> None:
    for left in (1, 3, len(METADATA.sorted_tables)):
        address = mariadb.database()
        engine = create_engine(mariadb.driven(address))
        METADATA.create_all(engine, METADATA.sorted_tables[:left])
        engine.dispose()
        store = open_store(tmp_path, address)
        assert store.find(Run) == [] and store.begin("p", {}, "1")
        with store.engine.connect() as connection:
            found = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(found, METADATA) == []
        assert len(open_store(tmp_path, address).find(Run)) == 1  # a finished one is left alone


def test_tables_of_others_are_not_taken_for_a_store(mariadb: Server, tmp_path: Path) -> None:
    for made in (["create table runs (a int)"], [*_own("runs"), "insert into runs (id) values ('r')"]):
        address = mariadb.database()
        mariadb.execute(*made, address=address)
        with pytest.raises(UserError, match=r"tables of our names, and they are no store \(seen: \['runs'\]\)"):
            open_store(tmp_path, address)
        mariadb.execute("select * from runs", address=address)


def _own(name: str) -> list[str]:
    columns = ", ".join(f"`{column.name}` varchar(200)" for column in METADATA.tables[name].columns)
    return [f"create table {name} ({columns})"]


def test_projects_that_share_a_database_list_their_own(
    mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = mariadb.database()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        text = f"name: {name}\ndata: t.csv\noutputs: [y]\nstore: {address}\n"
        (tmp_path / name / "landmark.yaml").write_text(text)
        open_store(tmp_path / name, address).begin(name, {}, "1")
    document = tmp_path / "one" / "landmark.yaml"
    assert len(api.runs(document)) == 1 and api.models(document) == []
    assert [run["project"] for run in api.runs(document, everyone=True)] == ["two", "one"]
    open_store(tmp_path / "one", "sqlite").begin("another", {}, "1")
    monkeypatch.chdir(tmp_path / "one")
    document.unlink()
    assert len(api.runs()) == 1  # a store of its own holds nobody else's
