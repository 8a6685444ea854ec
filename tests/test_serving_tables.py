"""Answers as files: Parquet, CSV, JSON Lines; all of it or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landmark.core.errors import UserError
from landmark.serving.tables import write

COLUMNS = {
    "code": pa.array(["007", None, 'a "b", c\nd']),
    "good": pa.array([True, False, None]),
    "tags": pa.array([["a", "b"], [], None]),
    "numbers": pa.array([[1, 2], None, [3]]),
    "y.p.é": pa.array([0.1, 1 / 3, float("nan")]),
}


def batches(times: int = 2) -> Iterator[pa.RecordBatch]:
    for _ in range(times):
        yield pa.record_batch(COLUMNS)


def test_parquet_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    assert write(path, batches()) == 6
    table = pq.read_table(path)
    assert table.schema == pa.record_batch(COLUMNS).schema
    assert table.column("tags").to_pylist() == [["a", "b"], [], None] * 2


def test_csv_shows_labels_by_their_text_and_lists_in_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "out.CSV"
    assert write(path, batches(1)) == 3
    head, first, *_ = path.read_text(encoding="utf-8").split("\n")
    assert head == '"code","good","tags","numbers","y.p.é"'
    assert first == '"007","True","a|b","1|2",0.1'
    assert ',"False","",,0.3333333333333333' in path.read_text(encoding="utf-8")


def test_json_lines_hold_a_row_each(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    assert write(path, batches()) == 6
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {"code": "007", "good": True, "tags": ["a", "b"], "numbers": [1, 2], "y.p.é": 0.1}
    assert rows[5]["y.p.é"] is None


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_no_rows_still_make_a_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    assert write(path, [pa.record_batch(COLUMNS).slice(0, 0)]) == 0
    assert path.exists()
    if ending == "csv":
        assert path.read_text(encoding="utf-8").startswith('"code"')


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_what_ends_badly_leaves_nothing_behind(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out.{ending}"
    path.write_text("what was here before")

    def broken() -> Iterator[pa.RecordBatch]:
        yield from batches()
        raise UserError("wait, row 7", "not a number")

    with pytest.raises(UserError, match="wait, row 7"):
        write(path, broken())
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "what was here before"


def test_a_file_is_replaced_at_once_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def watching() -> Iterator[pa.RecordBatch]:
        for batch in batches():
            assert path.read_text() == "old"
            yield batch

    with path.open() as reading:
        write(path, watching())
        assert reading.read() == "old"  # who had begun to read goes on with what was there
    assert path.read_text() != "old"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "nowhere" / "out.csv", tmp_path / "folder.csv"):
        with pytest.raises(UserError, match="output: cannot be written"):
            write(path, batches())
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.csv"]


def test_an_unknown_ending_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    def untouched() -> Iterator[pa.RecordBatch]:
        raise AssertionError
        yield

    with pytest.raises(UserError, match=r"no writer.*\.csv"):
        write(tmp_path / "out.cvs", untouched())
