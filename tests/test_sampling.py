"""Samples of a stream: of the size that is asked for, the same however it is cut, and never holding it whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from tables import plain, project
from test_contract_commands import run, told

from landmark import api
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.errors import Mistakes
from landmark.statistics import sampling
from landmark.statistics.sampling import Size
from landmark.steps.data.table import Options, Sample, table

N = 6000
DRAWS: dict[str, Callable[[pa.Schema, Iterator[pa.RecordBatch]], sampling.Sample]] = {
    "random rows": lambda schema, rows: sampling.random(schema, rows, Size(rows=300), 1),
    "random share": lambda schema, rows: sampling.random(schema, rows, Size(share=0.05), 1),
    "stratified rows": lambda schema, rows: sampling.stratified(schema, rows, Size(rows=300), "kind", 1),
    "stratified share": lambda schema, rows: sampling.stratified(schema, rows, Size(share=0.05), "kind", 1),
    "stratified number": lambda schema, rows: sampling.stratified(schema, rows, Size(rows=300), "x", 1),
    "latest": lambda schema, rows: sampling.latest(schema, rows, 300, "day"),
    "groups": lambda schema, rows: sampling.groups(schema, rows, Size(rows=300), "user", 1),
    "groups share": lambda schema, rows: sampling.groups(schema, rows, Size(share=0.05), "user", 1),
}


def rows() -> pa.Table:
    rng = np.random.default_rng(0)
    kind = rng.choice(np.array(["a", "b", "rare", None], object), N, p=[0.6, 0.3, 0.01, 0.09])
    days = np.datetime64("2024-01-01", "D") + rng.integers(0, 2000, N)
    day = [f"{d.day:02}.{d.month:02}.{d.year}" for d in days.tolist()]
    user = [f"u{i}" for i in rng.integers(0, 900, N)]
    return pa.table({"i": np.arange(N), "kind": kind.tolist(), "x": rng.normal(size=N), "day": day, "user": user})


def kept(name: str, whole: pa.Table, cut: int) -> list[int]:
    sample = DRAWS[name](whole.schema, iter(whole.to_batches(cut)))
    assert sample.of == N
    numbers: list[int] = sample.rows["i"].to_pylist()
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
    return numbers


@pytest.mark.parametrize("held", [1 << 17, 64], ids=["all held", "few held"])
@pytest.mark.parametrize("name", DRAWS)
def test_samples_do_not_depend_on_how_a_stream_is_cut(name: str, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "HELD", held)
    whole = rows()
    first = kept(name, whole, N)
    assert first == kept(name, whole, 7) == kept(name, whole, 1000)
    assert len(first) == 300 if "groups" not in name else abs(len(first) - 300) < 10


@pytest.mark.parametrize("held", [1 << 17, 64])
def test_every_value_keeps_its_share(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "HELD", held)
    whole = rows()
    sample = whole.take(kept("stratified rows", whole, 500))
    for kind in ("a", "b", "rare", None):
        before, after = (part["kind"].to_pylist().count(kind) for part in (whole, sample))
        assert abs(after - before / 20) <= 1


def test_a_number_of_many_values_keeps_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "HELD", 1500)
    monkeypatch.setattr(sampling, "MOST_KINDS", 100)
    whole = rows()
    sample = whole.take(kept("stratified number", whole, 500))
    at = [0.1, 0.25, 0.5, 0.75, 0.9]
    assert np.allclose(np.quantile(sample["x"], at), np.quantile(whole["x"], at), atol=0.06)


def test_the_latest_rows_are_those_with_the_latest_dates() -> None:
    whole = rows()
    moments = np.array([np.datetime64("-".join(reversed(day.split(".")))) for day in whole["day"].to_pylist()])
    chosen = kept("latest", whole, 512)
    assert moments[chosen].min() >= np.delete(moments, chosen).max()
    typed = whole.set_column(3, "day", pa.array(moments).cast(pa.timestamp("us")))
    assert sampling.latest(typed.schema, iter(typed.to_batches(100)), 300, "day").rows["i"].to_pylist() == chosen
    without = whole.set_column(3, "day", pa.array([None] * 5900 + whole["day"].to_pylist()[5900:], pa.string()))
    late = sampling.latest(without.schema, iter(without.to_batches(100)), 150, "day").rows["i"].to_pylist()
    assert late == [*range(50), *range(5900, 6000)]  # rows without a time come last of all


def test_groups_come_whole_and_rows_without_one_alone() -> None:
    whole = rows()
    users = whole["user"].to_pylist()
    chosen = kept("groups", whole, 512)
    inside = {users[i] for i in chosen}
    assert {i for i, user in enumerate(users) if user in inside} == set(chosen)
    empty = whole.set_column(4, "user", pa.nulls(N, pa.string()))
    assert sampling.groups(empty.schema, iter(empty.to_batches()), Size(rows=300), "user", 1).rows.num_rows == 300
    one = whole.set_column(4, "user", pa.array(["u"] * N))
    assert sampling.groups(one.schema, iter(one.to_batches()), Size(rows=300), "user", 1).rows.num_rows == N


@pytest.mark.parametrize("name", DRAWS)
def test_the_whole_is_never_held(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "HELD", 1000)
    monkeypatch.setattr(sampling, "MOST_KINDS", 500)
    block = rows()

    def stream(times: int) -> Iterator[pa.RecordBatch]:
        for _ in range(times):
            yield from block.to_batches(1000)

    def peak(times: int) -> int:
        before, high = pa.total_allocated_bytes(), 0

        def watched() -> Iterator[pa.RecordBatch]:
            nonlocal high
            for batch in stream(times):
                yield batch
                high = max(high, pa.total_allocated_bytes() - before)

        tracemalloc.start()
        sample = DRAWS[name](block.schema, watched())
        assert sample.of == times * N
        own = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high + own

    peaks = [peak(10), peak(60)]
    growth = (peaks[1] - peaks[0]) / (50 * block.nbytes)
    assert growth < (0.75 if "share" in name else 0.05)  # a share of six times as many rows is six times as many


def test_sizes_of_a_sample() -> None:
    assert Sample.model_validate({"share": "10%"}).size == Size(None, 0.1)
    assert Sample.model_validate({"rows": "5k", "by": "group", "column": "user"}).size == Size(5000, None)
    assert (Size(share=0.25).of(1000), Size(rows=50).of(20), Size(rows=50).of(0)) == (250, 20, 0)
    for wrong in ({}, {"rows": 100, "share": 0.1}, {"rows": 100, "by": "time"}, {"share": 2}):
        with pytest.raises(ValidationError):
            Sample.model_validate(wrong)


def drawn(folder: Path, **sample: Any) -> Table:
    options = Options(source="t.parquet", sample=Sample.model_validate(sample), folder=str(folder))
    return table(options, Context(seed=1))


def test_every_way_is_said(tmp_path: Path) -> None:
    pq.write_table(rows(), tmp_path / "t.parquet", row_group_size=700)
    said: dict[str, dict[str, Any]] = {
        "300 of 6000 rows, random": {"rows": 300},
        "600 of 6000 rows, random": {"share": "10%"},
        "300 of 6000 rows, stratified by 'kind'": {"rows": 300, "by": "stratified", "column": "kind"},
        "600 of 6000 rows, the latest by 'day'": {"share": 0.1, "by": "time", "column": "day"},
    }
    for how, sample in said.items():
        made = drawn(tmp_path, **sample)
        assert made.sample == how
        assert [(found.code, found.where, found.seen) for found in made.findings] == [("sample", "data.sample", how)]
    assert "whole groups of 'user'" in drawn(tmp_path, rows=300, by="group", column="user").sample
    assert drawn(tmp_path, rows=N).sample == "" and drawn(tmp_path, rows=N).findings == ()


def test_a_sample_is_said_aloud_wherever_its_model_goes(tmp_path: Path) -> None:
    project(tmp_path, plain(600))
    document = tmp_path / "landmark.yaml"
    document.write_text(document.read_text().replace("data: t.csv", "data: {source: t.csv, sample: {share: 50%}}"))
    trained = api.train(document)
    how = "300 of 600 rows, random"
    assert trained.summary["sample"] == how
    assert trained.load().manifest.sample == how
    assert f"a sample: {how}" in trained.model.with_suffix(".html").read_text()
    checked = run(tmp_path, "check")
    assert f"a sample: {how}" in checked.stdout
    assert told(run(tmp_path, "check", "--json"))["sample"] == how
    assert f"a sample: {how}" in run(tmp_path, "model", "show", str(trained.model)).stdout
    shown = run(tmp_path, "config", "render").stdout
    assert "share: 0.5" in shown and "by: random" in shown


def test_the_document_refuses_a_sample_of_no_size(tmp_path: Path) -> None:
    project(tmp_path, plain(100))
    document = tmp_path / "landmark.yaml"
    text = document.read_text()
    for sample, why in (("{by: random}", "needs either rows"), ("{rows: 50, by: group}", "by group needs a column")):
        document.write_text(text.replace("data: t.csv", f"data: {{source: t.csv, sample: {sample}}}"))
        with pytest.raises(Mistakes, match=why):
            api.check(document)
