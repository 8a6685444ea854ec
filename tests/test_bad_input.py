"""Input that nobody wants: what is wrong is said with the place and the way out, in bounded memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import people, plain, project, write_csv

from landmark import api
from landmark.core.errors import UserError
from landmark.sources import stream
from landmark.statistics import summary
from landmark.steps.data import table as table_step
from landmark.store.sql import open_store
from landmark.store.store import Execution

LANDMARK = Path(sys.executable).parent / "landmark"
OLD = 10_000_000_000


def read(folder: Path, where: str) -> pa.Table:
    opened = stream(where, {}, folder, [])
    return pa.Table.from_batches(opened.batches, opened.schema)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LANDMARK, "check"], cwd=folder, capture_output=True, text=True)


# --- files that are not alike ------------------------------------------------------------------------------------


def pair(folder: Path, ending: str, *tables: pa.Table) -> Path:
    """Write tables as files of one folder."""
    (folder / "parts").mkdir()
    for i, table in enumerate(tables):
        place = folder / "parts" / f"{i}.{ending}"
        if ending == "csv":
            write_csv(table, place)
        else:
            pq.write_table(table, place)
    return folder


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_whose_columns_differ_in_order_are_one_table(tmp_path: Path, ending: str) -> None:
    table = plain(20)
    pair(tmp_path, ending, table, table.select(table.column_names[::-1]))
    whole = read(tmp_path, "parts")
    assert whole.column_names == table.column_names and whole.num_rows == 40
    assert whole.slice(20).equals(whole.slice(0, 20))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_whose_columns_differ_in_presence_are_refused_with_the_file(tmp_path: Path, ending: str) -> None:
    table = plain(20)
    pair(tmp_path, ending, table, table.drop_columns(["age"]))
    with pytest.raises(UserError, match=rf"1\.{ending}: column 'age' is not there, though it is in parts/0\.{ending}"):
        read(tmp_path, "parts")
    (tmp_path / "landmark.yaml").write_text("data: parts\noutputs: [bought]\n")
    done = check(tmp_path)
    assert done.returncode == 2 and f"1.{ending}" in done.stderr and "Traceback" not in done.stderr


def test_files_whose_columns_differ_in_type_are_widened_or_refused(tmp_path: Path) -> None:
    pair(tmp_path, "parquet", pa.table({"a": [1, 2]}), pa.table({"a": [0.5, None]}))
    assert read(tmp_path, "parts")["a"].to_pylist() == [1.0, 2.0, 0.5, None]
    pq.write_table(pa.table({"a": ["x"]}), tmp_path / "parts" / "2.parquet")
    with pytest.raises(UserError, match=r"2\.parquet: column 'a' is string, but double in parts/0\.parquet.* Fix: "):
        read(tmp_path, "parts")


def test_empty_row_groups_are_no_rows(tmp_path: Path) -> None:
    table = plain(30)
    with pq.ParquetWriter(tmp_path / "t.parquet", table.schema) as writer:
        for part in (table.slice(0, 0), table.slice(0, 10), table.slice(0, 0), table.slice(10), table.slice(0, 0)):
            writer.write_table(part)
    assert read(tmp_path, "t.parquet").equals(table)


# --- files that change -------------------------------------------------------------------------------------------


def test_a_file_that_becomes_smaller_while_it_is_read_is_said(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    write_csv(plain(400_000), place)
    opened = stream("t.csv", {}, tmp_path, [])
    next(opened.batches)
    os.truncate(place, 1 + place.read_bytes().index(b"\n", 1000))
    with pytest.raises(UserError, match=r"t\.csv: (a file became smaller while it was read|cannot be read).* Fix: "):
        list(opened.batches)


def test_a_parquet_file_that_becomes_smaller_is_said(tmp_path: Path) -> None:
    place = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": np.random.default_rng(0).normal(size=600_000)}), place, row_group_size=60_000)
    opened = stream("t.parquet", {}, tmp_path, [])
    next(opened.batches)
    os.truncate(place, place.stat().st_size // 2)
    with pytest.raises(UserError, match=r"t\.parquet: (a file became smaller|cannot be read).* Fix: "):
        list(opened.batches)


def test_a_file_that_grows_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    write_csv(plain(50), place)
    opened = stream("t.csv", {}, tmp_path, [])
    with place.open("a") as file:
        file.write("0.1,40,rome,yes\n")
    assert sum(batch.num_rows for batch in opened.batches) >= 50


# --- strange values ----------------------------------------------------------------------------------------------


def test_nested_lists_and_records_are_columns_like_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = people(200).append_column("deep", pa.array([[[1, 2], []], None, [[None]]] * 66 + [[], [[3]]]))
    table = table.append_column("record", pa.array([{"a": int(i), "b": ["x"]} for i in rng.integers(0, 5, 200)]))
    pq.write_table(table, tmp_path / "t.parquet")
    (tmp_path / "landmark.yaml").write_text("data: t.parquet\noutputs: [bought]\n")
    told = api.check(tmp_path / "landmark.yaml")
    assert not [found for found in told.summary["findings"] if found["code"] == "check-failed"]
    assert {"deep", "record"} <= told.summary["columns"].keys()
    api.schema(str(tmp_path / "t.parquet"), out=tmp_path / "schema.yaml")
    assert api.validate(str(tmp_path / "t.parquet"), tmp_path / "schema.yaml").exit_code == 0


def test_memory_is_bounded_by_the_bytes_of_rows_not_by_their_number(tmp_path: Path) -> None:
    """Distinct texts of 10 KB, three times as many of them: the peak hardly grows."""
    (tmp_path / "schema.yaml").write_text("columns: {text: {type: text, length: {most: 20000}}}\n")
    peaks = []
    for count in (30_000, 90_000):
        place = tmp_path / f"{count}.parquet"
        with pq.ParquetWriter(place, pa.schema({"text": pa.string()}), use_dictionary=False) as writer:
            for start in range(0, count, 2000):
                texts = [f"{i:09}" * 1112 for i in range(start, start + 2000)]
                writer.write_table(pa.table({"text": texts}))
        code = (
            "import resource, sys\nfrom landmark import api\n"
            f"api.validate({str(place)!r}, {str(tmp_path / 'schema.yaml')!r})\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
        place.unlink()
    assert peaks[1] < peaks[0] + 300_000  # kB, of 600,000 more that were read


# --- runs that were killed ---------------------------------------------------------------------------------------


def killed_at(what: str) -> Any:
    def progress(said: str, done: float) -> None:
        if said == what:
            raise KeyboardInterrupt

    return progress


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A project whose training was stopped after its table had been looked at."""
    project(tmp_path, plain(200))
    os.utime(tmp_path / "t.csv", ns=(OLD, OLD))
    with pytest.raises(KeyboardInterrupt):
        api.train(tmp_path / "landmark.yaml", progress=killed_at("transform"))
    return tmp_path


def test_a_resumed_run_does_not_read_again_what_it_has_summarised(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: Any, **__: Any) -> Iterator[Any]:
        raise AssertionError("this was read already")

    monkeypatch.setattr(table_step, "stream", nothing)
    monkeypatch.setattr(summary, "profile", nothing)
    trained = api.train(stopped / "landmark.yaml")
    assert trained.result.made[0] == "transform"
    store = open_store(stopped)
    assert [done.how for done in store.find(Execution, step="table")] == ["recalled", "made"]
    store.close()


def test_a_source_that_has_changed_is_read_again(stopped: Path) -> None:
    write_csv(plain(200, seed=5), stopped / "t.csv")
    os.utime(stopped / "t.csv", ns=(OLD, OLD))
    assert api.train(stopped / "landmark.yaml").result.made[0] == "table"


def test_a_source_changed_a_moment_ago_is_read_again(tmp_path: Path) -> None:
    project(tmp_path, plain(200))
    for _ in range(2):
        assert api.check(tmp_path / "landmark.yaml").exit_code == 0
    store = open_store(tmp_path)
    assert [done.how for done in store.find(Execution, step="table")] == ["made", "made"]
    store.close()


def test_nothing_tells_of_databases_and_pictures_beside(tmp_path: Path) -> None:
    project(tmp_path, plain(20))
    os.utime(tmp_path / "t.csv", ns=(OLD, OLD))
    options = table_step.Options(source="t.csv", folder=str(tmp_path))
    known = table_step.world(options)
    assert known is not None and known == table_step.world(options)
    assert table_step.world(table_step.Options(source={"sql": "select 1", "connection": "x.db"})) is None
    assert table_step.world(table_step.Options(source="nowhere.csv", folder=str(tmp_path))) is None
    table = table_step.held(plain(20), "memory")
    assert table_step.world(options, table) == known
    assert table_step.world(options, table.model_copy(update={"beside": True})) is None


@pytest.mark.parametrize(
    ("query", "outputs", "says"),
    [
        ("select * from nix", "[y]", r"landmark.yaml:1 data.source.sql: the database refuses .*no such table"),
        ("select * from t", "[yy]", r"landmark.yaml:2 outputs\[0\]: 'yy' is not a column"),
        ("select * from t where x < 0", "[y]", "fewer than 10 rows"),
        *((writing, "[y]", "a source only reads") for writing in ("delete from t", "vacuum into 'copy.db'")),
        *((writing, "[y]", "a source only reads") for writing in ("attach 'other.db' as o", "pragma journal_mode=wal")),
    ],
)
def test_a_query_that_fails_is_said_at_its_line_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, outputs: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("d.db")) as database, database:
        database.execute("create table t (x, y)")
        database.executemany("insert into t values (?, ?)", [(i, i % 2) for i in range(40)])
    before = Path("d.db").read_bytes()
    Path("landmark.yaml").write_text(f'data: {{sql: "{query}", connection: d.db}}\noutputs: {outputs}\n')
    with pytest.raises(UserError, match=says):
        api.check()
    assert Path("d.db").read_bytes() == before and not {*Path().glob("*.db")} - {Path("d.db")}


def test_a_file_without_a_header_is_told_how_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for top in ("1,yes,1\n", "1,yes,2\n"):
        Path("t.csv").write_text(top + "2,no,3\n" * 30)
        Path("landmark.yaml").write_text("data: t.csv\noutputs: [y]\n")
        with pytest.raises(UserError) as caught:
            api.check()
        assert "declare data.format: {header: no, names: [...]}" in caught.value.line()
