"""Parquet, Arrow, JSON Lines and queries: typed columns, one schema, errors that name the place."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.files import spool
from landmark.files.places import places
from landmark.sources import SOURCES, described, jsonlines, kind_of, parquet, sql, stream

TABLE = pa.table(
    {
        "n": [1, 2, None],
        "x": [0.5, None, float("nan")],
        "s": ["a", "b\0", None],
        "c": pa.array(["u", "v", "u"]).dictionary_encode(),
        "tags": [["a", "b"], [], None],
        "t": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
        "none": pa.nulls(3),
    }
)


def read(where: Any, folder: Path, **format: Any) -> tuple[pa.Table, list[Finding]]:
    findings: list[Finding] = []
    opened = stream(where, format, folder, findings)
    assert not opened.text
    return pa.Table.from_batches(opened.batches, opened.schema), findings


def _parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path)


def _feather(table: pa.Table, path: Path) -> None:
    pa.feather.write_feather(table, str(path))


def _stream(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


WRITERS: list[tuple[str, Callable[[pa.Table, Path], None]]] = [
    ("parquet", _parquet),
    ("feather", _feather),
    ("arrow", _stream),
]


@pytest.mark.parametrize(("ending", "write"), WRITERS)
def test_columns_keep_their_types_however_they_were_packed(
    tmp_path: Path, ending: str, write: Callable[[pa.Table, Path], None]
) -> None:
    write(TABLE, tmp_path / f"t.{ending}")
    table, findings = read(f"t.{ending}", tmp_path)
    kinds = [pa.int64(), pa.float64(), pa.string(), pa.string(), pa.list_(pa.string()), pa.timestamp("us", "UTC")]
    assert [plainly(kind) for kind in table.schema.types] == [*map(str, kinds), "string"]
    assert table["s"].to_pylist() == ["a", "b\ufffd", None] and table["tags"].to_pylist() == [["a", "b"], [], None]
    assert [(found.code, found.where, found.row) for found in findings] == [("invalid-text", "s", 2)]


def plainly(kind: pa.DataType) -> str:
    return str(kind).replace("element: ", "item: ")


@pytest.mark.parametrize(("ending", "write"), WRITERS)
def test_files_of_a_folder_share_one_schema(
    tmp_path: Path, ending: str, write: Callable[[pa.Table, Path], None]
) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    write(pa.table({"a": pa.array([1], pa.int32()), "b": ["x"]}), folder / f"1.{ending}")
    write(pa.table({"b": pa.array(["y"], pa.large_string()), "a": [2.5]}), folder / f"2.{ending}")
    (folder / "_SUCCESS").touch()
    for where in (
        "parts",
        "parts/",
        f"parts/*.{ending}",
        f"**/?.{ending}",
        folder.as_uri(),
        f"{folder.as_uri()}/*.{ending}",
    ):
        assert read(where, tmp_path)[0].to_pydict() == {"a": [1.0, 2.5], "b": ["x", "y"]}

    write(pa.table({"a": ["x"], "b": ["y"]}), folder / f"3.{ending}")
    with pytest.raises(UserError, match=rf"3\.{ending}: column 'a' is string, but double in .*1\.{ending}"):
        read("parts", tmp_path)
    write(pa.table({"a": [1], "B": ["y"]}), folder / f"3.{ending}")
    with pytest.raises(UserError, match=rf"3\.{ending}: column 'b' is not there"):
        read("parts", tmp_path)
    write(pa.table({"a": [1], "b": ["y"], "c": [1]}), folder / f"3.{ending}")
    with pytest.raises(UserError, match=rf"3\.{ending}: column 'c' is not in"):
        read("parts", tmp_path)


def test_row_numbers_that_pandas_wrote_are_no_column(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2, 3]})
    frame[frame.a > 1].to_parquet(tmp_path / "t.parquet")
    assert read("t.parquet", tmp_path)[0].to_pydict() == {"a": [2, 3]}


@pytest.mark.parametrize("ending", ["parquet", "arrow", "feather"])
@pytest.mark.parametrize("content", [b"", b"xx", b"PAR1" + b"\0" * 40, b"ARROW1" + b"\0" * 40])
def test_damaged_files_are_refused_by_name(tmp_path: Path, ending: str, content: bytes) -> None:
    (tmp_path / f"t.{ending}").write_bytes(content)
    with pytest.raises(UserError, match=rf"t\.{ending}: cannot be read"):
        read(f"t.{ending}", tmp_path)


@pytest.mark.parametrize(("ending", "write"), WRITERS[1:])
def test_two_columns_of_one_name(tmp_path: Path, ending: str, write: Callable[[pa.Table, Path], None]) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    _stream(table, tmp_path / "t.arrow")
    with pytest.raises(UserError, match="columns 1 and 2 have the same name"):
        read("t.arrow", tmp_path)


def _lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda b: pa.compress(b, "zstd", asbytes=True)])
def test_json_lines(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = (
        _lines({"a": 1, "t": ["x", "y"]}, {"a": 2.5, "b": "é", "t": []}) + b"\n" + _lines({"n": True, "o": {"k": [1]}})
    )
    (tmp_path / "t.jsonl").write_bytes(pack(content))
    table, findings = read("t.jsonl", tmp_path)
    wanted = {
        "a": [1.0, 2.5, None],
        "t": [["x", "y"], [], None],
        "b": [None, "é", None],
        "n": [None, None, True],
        "o": [None, None, '{"k": [1]}'],
    }
    assert table.to_pydict() == wanted and findings == []


@pytest.mark.parametrize(
    ("line", "says"),
    [(b'{"a":', "line 3"), (b"[1]", "not a JSON object"), (b'{"a": 1} x', "line 3"), (b"[" * 100_000, "line 3")],
)
def test_a_line_that_is_no_object(tmp_path: Path, line: bytes, says: str) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"a": 1}\n\n' + line + b"\n")
    with pytest.raises(UserError, match=says):
        read("t.jsonl", tmp_path)


def test_no_lines(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b"\n")
    with pytest.raises(UserError, match="no rows"):
        read("t.jsonl", tmp_path)


def test_a_key_that_a_row_repeats_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": 1, "b": 2}\n{"a": 3, "b": 4, "a": 5}\n{"a": 1, "a": 1, "b": 1}\n')
    table, findings = read("t.jsonl", tmp_path)
    assert table["a"].to_pylist() == [1, 5, 1]
    (found,) = findings
    assert (found.code, found.where, found.row) == ("repeated-key", "a", 2) and "the last value counts" in found.seen


def test_values_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"a": "\xff", "b": "\\u0000", "c": "\\ud800"}\n')
    table, findings = read("t.jsonl", tmp_path)
    assert table.to_pylist()[0]["a"] == "\ufffd" and table.to_pylist()[0]["b"] == "\ufffd"
    assert [(found.code, found.where) for found in findings] == [
        ("invalid-text", "a"),
        ("invalid-text", "b"),
        ("invalid-text", "c"),
    ]


def test_types_are_known_when_all_rows_were_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A null for many rows and then a text, whole numbers and then a decimal, numbers and then a word."""
    monkeypatch.setattr(jsonlines, "_ROWS", 10)
    monkeypatch.setattr(spool, "_IN_MEMORY", 100)
    rows = [
        {"a": None if i < 25 else "late", "b": i if i < 35 else i + 0.5, "c": i if i != 33 else "x"} for i in range(40)
    ]
    (tmp_path / "t.jsonl").write_bytes(_lines(*rows))
    table, findings = read("t.jsonl", tmp_path)
    assert table.schema.types == [pa.string(), pa.float64(), pa.string()] and table.num_rows == 40
    assert table["b"].to_pylist()[-1] == 39.5 and table["c"].to_pylist()[32:35] == ["32", "x", "34"]
    assert [(found.code, found.where, found.row) for found in findings] == [("mixed-types", "c", 34)]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id int, name text, price real, whole int)")
        rows = [(i, f"n{i}", None if i < 70 else 1.5, i if i < 80 else i + 0.5) for i in range(100)]
        connection.executemany("insert into orders values (?, ?, ?, ?)", rows)
    connection.close()
    return tmp_path


@pytest.mark.parametrize("connection", ["shop.db", "sqlite:///shop.db", "env:LANDMARK_TEST_DB"])
def test_queries(database: Path, connection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "_ROWS", 30)
    monkeypatch.setenv("LANDMARK_TEST_DB", f"sqlite:///{database}/shop.db")
    where = {"sql": "select * from orders where name like 'n%' and ':id' = ':id' order by id", "connection": connection}
    table, findings = read(where, database)
    assert table.schema.types == [pa.int64(), pa.string(), pa.float64(), pa.float64()]
    assert table.num_rows == 100 and table["whole"][99].as_py() == 99.5 and findings == []


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"sql": "select * from nowhere", "connection": "shop.db"}, "no such table: nowhere"),
        ({"sql": "select 1 as a, 2 as a", "connection": "shop.db"}, "columns 1 and 2 have the same name"),
        ({"sql": "create table z (a)", "connection": "shop.db"}, "the statement writes, and a source only reads"),
        ({"sql": "savepoint here", "connection": "shop.db"}, "returns no rows"),
        ({"sql": "select 1", "connection": "other.db"}, "no such SQLite file"),
        ({"sql": "select 1", "connection": "env:LANDMARK_NOT_SET"}, "no variable LANDMARK_NOT_SET"),
        ({"sql": "select 1"}, "'connection' is missing"),
        ({"sql": "select 1", "connection": "shop.db", "query": "x"}, "'query' is not a part"),
        ({"sql": "select 1", "connection": "nosuch://me:hunter2@host/db"}, "no driver"),
        ({"sql": "select 1", "connection": "x://me:hunter2@host:notaport/db"}, "not the URL"),
    ],
)
def test_queries_that_cannot_be_run(database: Path, where: dict[str, str], says: str) -> None:
    with pytest.raises(UserError, match=says) as raised:
        read(where, database)
    assert "hunter2" not in raised.value.line() and "hunter2" not in described(where)


@pytest.mark.parametrize(
    "statement",
    [
        "drop table orders",
        "delete from orders",
        "delete from orders returning *",
        "insert into orders (name) values ('z') returning name",
    ],
)
def test_a_statement_that_writes_changes_nothing(database: Path, statement: str) -> None:
    before = (database / "shop.db").read_bytes()
    with pytest.raises(UserError, match=r"the statement writes, and a source only reads .* Fix: write a select"):
        read({"sql": statement, "connection": "shop.db"}, database)
    assert (database / "shop.db").read_bytes() == before


def test_a_driver_that_repeats_the_password() -> None:
    from sqlalchemy.engine import make_url

    url = make_url("postgresql://me:p%40ss@host/db")
    assert sql._without_password("bad dsn me:p%40ss and p@ss", url) == "bad dsn me:*** and ***"


def test_places(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "deep/c.csv", "x[1].csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a\n1\n")
    assert [place.name for place in places("[ab].csv", tmp_path)] == ["a.csv", "b.csv"]
    assert [place.name for place in places("**/?.csv", tmp_path)] == ["a.csv", "b.csv", "deep/c.csv"]
    for where, says in (("c.csv", "did you mean"), ("*.tsv", "no such file"), ("https://u:p@x/y.csv", "web addresses")):
        with pytest.raises(UserError, match=says) as raised:
            places(where, tmp_path)
        assert "u:p" not in str(raised.value)


def test_kinds(tmp_path: Path) -> None:
    for name in ("mixed/a.csv", "mixed/b.parquet", "plain/a.csv.gz", "odd/a.xyz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    looks = {
        "t.csv": "csv",
        "d/*.tsv.gz": "csv",
        "s3://b/k.PARQUET": "parquet",
        "t.ndjson.zst": "jsonlines",
        "t.feather": "arrow",
    }
    assert {where: kind_of(where) for where in looks} == looks
    assert kind_of("plain", tmp_path) == "csv" and kind_of({"sql": "select 1"}) == "sql"
    for where, says in (
        ("mixed", "several kinds"),
        ("odd", "no reader"),
        (7, "no reader"),
        ({"csv": "x"}, "no reader"),
    ):
        with pytest.raises(UserError, match=says):
            kind_of(where, tmp_path)


def test_a_typed_source_has_no_settings(tmp_path: Path) -> None:
    _parquet(TABLE, tmp_path / "t.parquet")
    with pytest.raises(UserError, match=r"data\.format\.delimiter: 'delimiter' is no setting of a parquet source"):
        read("t.parquet", tmp_path, delimiter=";")


def test_every_source_keeps_the_protocol() -> None:
    assert {"arrow", "csv", "jsonlines", "parquet", "sql"} <= set(SOURCES)
    for _, source in SOURCES.items():
        assert isinstance(source.TEXT, bool) and source.Options() == source.Options.model_validate({})
        assert source.recognises("no such kind") is False


def test_wide_rows_of_parquet_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BYTES", 1 << 16)
    monkeypatch.setattr(parquet, "_FEWEST", 2)
    rng = np.random.default_rng(0)
    _parquet(pa.table({"a": [rng.bytes(1000) for _ in range(500)], "b": ["x"] * 500}), tmp_path / "t.parquet")
    for coded in (False, True):
        batches = [*stream("t.parquet", {}, tmp_path, [], coded).batches]
        assert max(batch.num_rows for batch in batches) < 70 and sum(batch.num_rows for batch in batches) == 500
        assert pa.types.is_dictionary(batches[0].schema.field("b").type) == coded
