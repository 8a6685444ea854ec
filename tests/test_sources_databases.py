"""Queries of servers: the values of their own types, a cursor on their side, and what they say to a mistake."""

from __future__ import annotations

import gc
import sys
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from databases import Server
from sqlalchemy import make_url
from test_sources_typed import read

from landmark.core.errors import UserError
from landmark.sources import sql


@pytest.fixture
def shop(server: Server) -> str:
    """Return the address of a database with a table of orders, its driver said."""
    address = server.driven(server.database())
    server.execute(
        "create table orders (id int, name varchar(20), price numeric(8, 2), share double precision, paid boolean,"
        " at timestamp null, day date)",
        "insert into orders values (1, 'a', 1.50, 0.25, true, '2024-02-29 10:30:00', '2024-02-29')",
        "insert into orders values (2, '100 % \xfc', 20.00, null, false, null, null)",
        *(f"insert into orders (id, name) values ({i}, ':id')" for i in range(3, 41)),
        address=address,
    )
    return address


def test_a_server_is_read_in_its_own_types(shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "_ROWS", 15)
    monkeypatch.setenv("LANDMARK_TEST_DB", shop)
    query = "select * from orders where name like '%' and ':id' = ':id' order by id"
    table, findings = read({"sql": query, "connection": "env:LANDMARK_TEST_DB"}, tmp_path)
    assert table.num_rows == 40 and findings == []
    first, second, third = table.slice(0, 3).to_pylist()
    day, at = date(2024, 2, 29), datetime(2024, 2, 29, 10, 30)
    assert first == {"id": 1, "name": "a", "price": 1.5, "share": 0.25, "paid": True, "at": at, "day": day}
    assert second["name"] == "100 % \xfc" and second["at"] is None and third["name"] == ":id"
    assert table.schema.field("price").type == pa.float64() and pa.types.is_timestamp(table.schema.field("at").type)


def test_what_a_server_refuses_is_said_without_a_password(server: Server, shop: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the database refuses .*nosuch"):
        read({"sql": "select * from nosuch", "connection": shop}, tmp_path)
    nowhere = server.driven(server.address.format("nowhere").replace("@", ":hunter2@"))
    with pytest.raises(UserError, match="the database refuses") as told:
        read({"sql": "select 1", "connection": nowhere}, tmp_path)
    assert "hunter2" not in told.value.line()


@pytest.mark.parametrize(
    "statement",
    [
        "drop table orders",
        "delete from orders",
        "insert into orders (id) values (99)",
        "delete from orders where id > 30 returning id",
        "select 1; commit; delete from orders",
        "update orders set paid = false",
    ],
)
def test_a_statement_that_writes_changes_nothing_on_a_server(shop: str, tmp_path: Path, statement: str) -> None:
    with pytest.raises(UserError, match=r"Fix: (write a select|check the query)"):
        read({"sql": statement, "connection": shop}, tmp_path)
    query = "select count(*) as n, max(id) as last from orders where paid or id > 2"
    table, _ = read({"sql": query, "connection": shop}, tmp_path)
    assert table.to_pylist() == [{"n": 39, "last": 40}]


def test_a_function_that_writes_is_told_that_a_source_only_reads(server: Server, shop: str, tmp_path: Path) -> None:
    if server.driver.startswith("postgresql"):
        body = "returns int language sql as 'delete from orders returning id'"
    else:
        body = "returns int modifies sql data begin delete from orders; return 1; end"
    server.execute(f"create function emptied() {body}", address=shop)
    with pytest.raises(UserError, match=r"the statement writes, and a source only reads .* Fix: write a select"):
        read({"sql": "select emptied() as n", "connection": shop}, tmp_path)
    table, _ = read({"sql": "select count(*) as n from orders", "connection": shop}, tmp_path)
    assert table["n"].to_pylist() == [40]


def test_a_plain_address_needs_no_driver_said(server: Server, shop: str, tmp_path: Path) -> None:
    plain = shop.replace(server.driver, server.address.partition(":")[0], 1)
    assert plain != shop
    table, _ = read({"sql": "select id from orders order by id", "connection": plain}, tmp_path)
    assert table["id"].to_pylist() == list(range(1, 41))


def test_a_driver_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, address, package in (("pymysql", "mysql", "PyMySQL"), ("psycopg", "postgresql", r"psycopg\[binary\]")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(UserError, match=f"no driver for this database .* Fix: pip install '{package}'"):
            read({"sql": "select 1", "connection": f"{address}://me@localhost/shop"}, tmp_path)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # drivers close what is gone
def test_a_server_that_goes_away_midway_is_said(
    server: Server, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_ROWS", 10)
    wide = "cross join (select 1 as n from orders) b cross join (select 1 as n from orders) c"  # 64,000 rows
    query = f"select a.id, repeat('x', 500) as long_text from orders a {wide}"
    killed = {
        "postgresql": "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid()",
        "mariadb": "begin not atomic declare c int; select max(id) into c from information_schema.processlist"
        " where db = database() and id <> connection_id(); execute immediate concat('kill ', c); end",
    }[server.address.partition(":")[0]]
    chunks = sql._chunks(query, make_url(shop))
    assert (len(next(chunks)["id"]), len(next(chunks)["id"])) == (0, 10)
    server.execute(killed, address=shop)
    with pytest.raises(UserError, match=r"the database went away after \d+ rows .* Fix: run it again"):
        list(chunks)
    del chunks
    gc.collect()
