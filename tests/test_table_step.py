"""Step `table`: the digest names the content, judging rows fit the training rows, a sample is drawn and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from landmark.artifacts.table import Table
from landmark.core.cells import numbers
from landmark.core.context import Context
from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Finding, Level
from landmark.datatypes import DATATYPES
from landmark.files.content import of_table
from landmark.files.pictures import pictures
from landmark.statistics.summary import column
from landmark.steps.data.schema import infer
from landmark.steps.data.table import Options, Sample, Wanted, held, table

ROWS = pa.table(
    {
        "n": pa.array([*range(19), None]),
        "s": pa.array([f"t{i % 3}" for i in range(19)] + [None]),
        "tags": pa.array([["a"], []] * 9 + [None, ["b", None]]),
    }
)


def given_table(folder: Path, test: Any = None, sample: Sample | None = None, source: str = "t.parquet") -> Table:
    options = Options(source=source, test=test, sample=sample, folder=str(folder))
    return table(options, Context(seed=1))


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    digests = []
    packings: list[dict[str, Any]] = [{}, {"row_group_size": 3}, {"compression": "zstd", "use_dictionary": False}]
    for i, packing in enumerate(packings):
        pq.write_table(ROWS, tmp_path / f"{i}.parquet", **packing)
        digests.append(given_table(tmp_path, source=f"{i}.parquet").digest)
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as file, pa.ipc.new_stream(file, ROWS.schema) as writer:
        writer.write_table(ROWS, max_chunksize=2)
    digests += [given_table(tmp_path, source="t.arrow").digest, held(ROWS, "memory").digest]
    assert len(set(digests)) == 1


values = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=4, max_size=4).map(lambda v: pa.array(v, pa.int64())),
    st.lists(st.one_of(st.none(), st.text(max_size=2)), min_size=4, max_size=4).map(lambda v: pa.array(v, pa.string())),
    st.lists(st.one_of(st.none(), st.lists(st.sampled_from(["a", "b", None]), max_size=2)), min_size=4, max_size=4).map(
        lambda v: pa.array(v, pa.list_(pa.string()))
    ),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=4, max_size=4).map(lambda v: pa.array(v, pa.bool_())),
    st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=4, max_size=4).map(lambda v: pa.array(v, pa.date32())),
)


@settings(max_examples=200, deadline=None)
@given(values, values, st.integers(0, 4))
def test_digests_agree_where_contents_do_and_nowhere_else(a: pa.Array, b: pa.Array, cut: int) -> None:
    pieces = pa.chunked_array([a.slice(0, cut), a.slice(cut)])
    assert of_table(pa.table({"x": a})) == of_table(pa.table({"x": pieces}))
    assert of_table(pa.table({"x": pa.concat_arrays([a, a]).slice(4)})) == of_table(pa.table({"x": a}))
    same = a.type == b.type and a.to_pylist() == b.to_pylist()
    assert (of_table(pa.table({"x": a})) == of_table(pa.table({"x": b}))) is same
    assert of_table(pa.table({"x": a})) != of_table(pa.table({"y": a}))


def test_what_lies_under_a_null_does_not_count() -> None:
    hidden = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(np.array([1, 99]).tobytes())])
    assert of_table(pa.table({"x": hidden})) == of_table(pa.table({"x": pa.array([1, None])}))


def test_judging_rows_take_the_order_of_the_training_rows(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "t.parquet")
    pq.write_table(ROWS.select(["tags", "s", "n"]).append_column("new", pa.nulls(20)), tmp_path / "test.parquet")
    result = given_table(tmp_path, test="test.parquet")
    assert result.test is not None and result.test.equals(result.rows)
    (found,) = result.findings
    assert found.code == "extra-columns" and "new" in found.seen
    assert result.digest != given_table(tmp_path).digest


def test_judging_rows_without_a_column(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "t.parquet")
    pq.write_table(ROWS.drop_columns(["s"]), tmp_path / "test.parquet")
    with pytest.raises(UserError, match=r"test\.parquet: column 's' of the training rows is not there"):
        given_table(tmp_path, test="test.parquet")
    pq.write_table(ROWS.drop_columns(["s", "n"]), tmp_path / "test.parquet")
    with pytest.raises(Mistakes, match="column 'n'"):
        given_table(tmp_path, test="test.parquet")


def test_judging_rows_of_another_kind(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "t.parquet")
    (tmp_path / "test.csv").write_text("n,s,tags\n1,x,a\n")
    with pytest.raises(UserError, match="of another kind"):
        given_table(tmp_path, test="test.csv")


def test_oddities_of_judging_rows_are_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "1,x\n" * 12)
    (tmp_path / "test.csv").write_bytes(b"a,b\n1,\xff\n")
    (found,) = given_table(tmp_path, test="test.csv", source="t.csv").findings
    assert found.code == "invalid-text" and found.seen.startswith("judging rows: ")


def test_fewer_than_ten_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "1,x\n" * 9)
    with pytest.raises(UserError, match=r"t\.csv: fewer than 10 rows \(seen: 9\)"):
        given_table(tmp_path, source="t.csv")


def _many(tmp_path: Path) -> pa.Table:
    rng = np.random.default_rng(0)
    kind = np.where(rng.random(20_000) < 0.02, "rare", np.where(rng.random(20_000) < 0.5, "a", "b"))
    rows = pa.table({"i": np.arange(20_000), "kind": kind, "x": rng.normal(size=20_000)})
    pq.write_table(rows, tmp_path / "t.parquet", row_group_size=777)
    return rows


def test_a_random_sample_keeps_the_order_and_is_said(tmp_path: Path) -> None:
    _many(tmp_path)
    result = given_table(tmp_path, sample=Sample(rows=500))
    kept = result.rows["i"].to_numpy()
    assert len(kept) == 500 and np.all(np.diff(kept) > 0)
    assert np.histogram(kept, 4, (0, 20_000))[0].min() > 90  # 125 expected, standard deviation 10
    assert [(found.code, found.seen) for found in result.findings] == [("sample", "500 of 20000 rows, random")]
    assert given_table(tmp_path, sample=Sample(rows=500)).digest == result.digest
    other = table(Options(source="t.parquet", sample=Sample(rows=500), folder=str(tmp_path)), Context(seed=2))
    assert other.digest != result.digest


@pytest.mark.parametrize("column", ["kind", "x"])
def test_a_stratified_sample_keeps_shares(tmp_path: Path, column: str) -> None:
    rows = _many(tmp_path)
    sample = given_table(tmp_path, sample=Sample(rows=1000, by="stratified", column=column)).rows
    assert sample.num_rows == 1000 and np.all(np.diff(sample["i"].to_numpy()) > 0)
    if column == "kind":
        whole = dict(zip(*np.unique(rows["kind"].to_numpy(False), return_counts=True), strict=True))
        kept = dict(zip(*np.unique(sample["kind"].to_numpy(False), return_counts=True), strict=True))
        assert all(abs(kept[kind] - whole[kind] / 20) <= 1 for kind in whole)
    else:
        at = [0.1, 0.5, 0.9]
        assert np.allclose(np.quantile(sample["x"], at), np.quantile(rows["x"], at), atol=0.01)


def test_a_sample_by_a_column_that_is_not_there_is_drawn_at_random_and_said(tmp_path: Path) -> None:
    _many(tmp_path)
    result = given_table(tmp_path, sample=Sample(rows=100, by="stratified", column="kinds"))
    assert result.rows.num_rows == 100
    said, drawn = result.findings
    assert (said.code, said.where, said.level) == ("sample", "data.sample.column", Level.WARN)
    assert "'kinds'" in said.seen and "did you mean 'kind'?" in said.next
    assert drawn.seen == "100 of 20000 rows, random"


def test_a_sample_larger_than_the_table_is_the_table(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "t.parquet")
    result = given_table(tmp_path, sample=Sample(rows=100))
    assert result.rows.num_rows == 20 and result.findings == ()


def test_thousands() -> None:
    assert Sample.model_validate({"rows": "100k"}).rows == 100_000
    assert Sample.model_validate({"rows": "1.5M"}).rows == 1_500_000
    with pytest.raises(ValidationError):
        Sample.model_validate({"rows": "many"})


def _frames() -> dict[str, Any]:
    import pandas as pd
    import polars as pl

    columns = {"a": [1, 2, None] * 4, "b": ["x", None, "z"] * 4, "l": [["u"], [], None] * 4}
    return {
        "mapping": columns,
        "rows": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
        "polars": pl.DataFrame(columns),
        "arrow": pa.table(columns),
        "batch": pa.record_batch(columns),
        "pandas": pd.DataFrame(columns).astype({"a": "Int64"}),
    }


@pytest.mark.parametrize("kind", ["mapping", "rows", "polars", "arrow", "batch", "pandas"])
def test_tables_in_memory(kind: str) -> None:
    result = held(_frames()[kind], "memory")
    assert result.rows.equals(pa.table(_frames()["mapping"])) and not result.text
    assert result.digest == held(_frames()["arrow"], "elsewhere").digest


def test_columns_of_several_kinds_in_memory_become_text() -> None:
    import pandas as pd

    result = held(pd.DataFrame({"a": ["x", 3, np.nan] * 4, "c": pd.Categorical(["u", "v", "u"] * 4)}), "memory")
    assert result.rows.to_pydict() == {"a": ["x", "3", None] * 4, "c": ["u", "v", "u"] * 4}
    assert [found.code for found in result.findings] == ["mixed-types"]


@pytest.mark.parametrize("frame", [5, "t.csv", None, [1, 2], pa.array([1]), {"a": [1], "b": [1, 2]}])
def test_no_table(frame: Any) -> None:
    with pytest.raises(UserError):
        held(frame, "memory")


def _photos(folder: Path, count: int = 12) -> list[str]:
    """Write small pictures below a folder and return their paths from it."""
    (folder / "photos").mkdir()
    content = DATATYPES["image"].example(np.random.default_rng(0), 3 * count, ["x"])["x"].drop_null().to_pylist()
    paths = [f"photos/{i}.png" for i in range(count)]
    for path, piece in zip(paths, content, strict=False):
        (folder / path).write_bytes(piece)
    return paths


def test_pictures_are_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = _photos(tmp_path)
    (tmp_path / "t.csv").write_text("y,photo\n" + "".join(f"{i % 2},{path}\n" for i, path in enumerate(paths)))
    (tmp_path / "test.csv").write_text("y,photo\n1,photos/0.png\n0,photos/none.png\n")
    monkeypatch.chdir("/")
    read = given_table(tmp_path, test="test.csv", source="t.csv")
    assert read.rows["photo"].to_pylist() == [(tmp_path / path).read_bytes() for path in paths]
    assert read.test is not None and read.test["photo"].to_pylist() == [(tmp_path / paths[0]).read_bytes(), None]
    (found,) = read.findings
    assert (found.code, found.where, found.row) == ("picture-missing", "photo", 2) and "judging" in found.seen
    profiled = column("photo", read.rows["photo"].combine_chunks())
    assert profiled.physical == "binary" and infer(profiled)[0] == "image"
    (tmp_path / paths[3]).write_bytes(b"overwritten")
    assert given_table(tmp_path, test="test.csv", source="t.csv").digest != read.digest


def test_missing_pictures_are_said_and_those_outside_the_folder_are_not_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    paths = _photos(inside)
    (tmp_path / "secret.png").write_bytes(b"secret")
    findings: list[Finding] = []
    texts = [*paths, None, "", "../secret.png", str(tmp_path / "secret.png"), "x" * 5000 + ".png", "a\0.png"]
    read = pictures(pa.table({"p": texts}), inside, findings)["p"].to_pylist()
    assert all(read[:12]) and read[12:] == [None] * 6
    assert [(found.code, found.row) for found in findings] == [("picture-missing", 15)]
    assert "4 paths" in findings[0].seen
    names = pa.table({"p": [f"{i}.png" for i in range(20)], "q": ["a"] * 20})
    assert pictures(names, inside, findings) is names


def test_a_file_that_is_too_large_for_a_picture_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, findings = _photos(tmp_path), list[Finding]()
    (tmp_path / paths[4]).write_bytes(b"x" * 100_000)
    monkeypatch.setattr("landmark.files.pictures.MOST_BYTES", 10_000)
    assert pictures(pa.table({"p": paths}), tmp_path, findings)["p"][4].as_py() is None
    assert findings[0].row == 5


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_column_that_comes_in_another_unit_is_converted_and_said(tmp_path: Path, ending: str) -> None:
    ages = pa.array([18.0, -999.0, None] + [24.0] * 17)
    rows = pa.table({"age": ages, "y": pa.array(range(20))})
    for name in ("t", "test"):
        write = pq.write_table if ending == "parquet" else pacsv.write_csv
        write(rows, tmp_path / f"{name}.{ending}")
    options = Options(
        source=f"t.{ending}",
        test=f"test.{ending}",
        units={"age": "month"},
        wanted={"age": Wanted(unit="year", missing=("-999",))},
        folder=str(tmp_path),
    )
    made = table(options, Context())
    for part in (made.rows, made.test):
        assert part is not None
        read, _ = numbers(part.column("age"))
        np.testing.assert_array_equal(read[:4], [1.5, -999.0, np.nan, 2.0])
    assert [(f.code, f.where) for f in made.findings] == [("unit-converted", "age")]
    with pytest.raises(Mistakes, match=r"data\.units\.agee: .*did you mean 'age'"):
        table(options.model_copy(update={"units": {"agee": "month"}}), Context())
