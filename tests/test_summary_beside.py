"""Two tables held against each other: how far columns lie apart, in the terminal, as JSON, and on a page."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing, redirect_stdout
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import landmark
from landmark.cli import main, plain
from landmark.reports.charts import MARK
from landmark.reports.shapes import columns_json
from landmark.reports.summary_words import remarks
from landmark.reports.terminal import number
from landmark.statistics.profile_distances import distance
from landmark.statistics.summary import column, profile

RNG = np.random.default_rng(11)
ROWS = 4000
PLANTED = {
    "numbers": (RNG.normal(0, 1, ROWS), RNG.normal(0.5, 1, ROWS), 0.197),
    "whole numbers": (RNG.integers(0, 10, ROWS), RNG.integers(1, 11, ROWS), 0.1),
    "constants": (np.full(ROWS, 5.0), np.full(ROWS, 6.0), 1.0),
    "mostly zero": (RNG.lognormal(0, 2, ROWS) * (RNG.random(ROWS) < 0.3), RNG.lognormal(0, 2, ROWS), 0.7),
    "labels": (RNG.choice(["a", "b"], ROWS), RNG.choice(["a", "b"], ROWS, p=[0.8, 0.2]), 0.3),
    "flags": (RNG.random(ROWS) < 0.2, RNG.random(ROWS) < 0.6, 0.4),
    "dates": (
        np.datetime64("2020-01-01", "s") + RNG.integers(0, 900, ROWS) * np.timedelta64(86400, "s"),
        np.datetime64("2020-04-10", "s") + RNG.integers(0, 900, ROWS) * np.timedelta64(86400, "s"),
        0.111,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_moved_lies_as_far_apart_as_it_was_moved(name: str) -> None:
    one, other, moved = PLANTED[name]
    found = distance(column("x", pa.array(one)), column("x", pa.array(other)))
    assert found is not None and found.apart == pytest.approx(moved, abs=0.03) and found.apart > found.by_chance


def drawn(rng: np.random.Generator, kind: str, rows: int) -> np.ndarray:
    if kind == "normal":
        return rng.normal(size=rows)
    if kind == "zeros":
        return np.where(rng.random(rows) < 0.6, 0.0, rng.standard_cauchy(rows))
    return rng.choice(list("abcdefgh"), rows) if kind == "labels" else rng.zipf(1.4, rows).astype("U20")


@given(st.integers(0, 10**6), st.sampled_from(["normal", "zeros", "labels", "many"]), st.integers(100, 3000))
@settings(max_examples=60, deadline=None)
def test_two_draws_of_one_kind_lie_no_further_apart_than_by_chance(seed: int, kind: str, rows: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = (drawn(rng, kind, rows) for _ in range(2))
    found = distance(column("x", pa.array(one)), column("x", pa.array(other)))
    assert found is not None and found.apart <= 1.3 * found.by_chance  # once in 1000 draws it is above by a little


@given(st.lists(st.sampled_from(["a", "b", "7", "8.5", None]), max_size=30), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_column_lies_nowhere_but_at_itself(cells: list[str | None], rng: np.random.Generator) -> None:
    known = column("x", pa.array(cells, pa.string()))
    found = distance(known, known)
    assert (found is None) == (known.values == 0) and (found is None or found.apart == 0)


def test_a_column_is_not_held_against_one_of_another_kind() -> None:
    assert distance(column("x", pa.array([1.5] * 30)), column("x", pa.array([b"x"] * 30))) is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name, middle, cities in (("a", 0, [0.5, 0.3, 0.2]), ("b", 1, [0.2, 0.3, 0.5])):
        columns = {
            "amount": RNG.normal(middle, 1, 1000),
            "same": RNG.normal(0, 1, 1000),
            "city": RNG.choice(["Berlin", "Paris", "<Rome>"], 1000, p=cities),
            "weight": RNG.random(1000),
            f"only_{name}": np.arange(1000) ** 2,
        }
        pq.write_table(pa.table(columns), f"{name}.parquet")
    return tmp_path


def printed(*arguments: str) -> tuple[int, str]:
    """Return the exit code of a command, and what it prints."""
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.raises(SystemExit) as left:
        main([*arguments])
    return int(left.value.code or 0), shown.getvalue()


def run(*arguments: str) -> tuple[int, str]:
    return printed("data", "summary", *arguments)


def said(*arguments: str) -> str:
    code, text = run(*arguments)
    assert code == 0, text
    return text


def test_another_table_stands_below_and_in_the_json(folder: Path) -> None:
    told = json.loads(said("a.parquet", "--beside", "b.parquet", "--json"))
    distances = told["beside"]["distances"]
    assert distances["amount"]["apart"] > 0.3 and distances["same"]["apart"] < distances["same"]["by_chance"]
    assert told["beside"]["columns"]["city"]["top"][0][0] == "<Rome>" and "only_a" not in distances
    shown = said("a.parquet", "--beside", "b.parquet")
    assert "below, b.parquet: 1,000 rows" in shown and "is not there" in shown and "(below only)" in shown
    assert shown.count("Berlin") == 2
    alone = json.loads(said("a.parquet", "--json"))
    assert alone["beside"] is None and {**told, "beside": None} == alone


def test_slices_stand_beside_those_of_the_same_value(folder: Path) -> None:
    told = json.loads(said("a.parquet", "--beside", "b.parquet", "--slice", "city", "--json"))
    paris = told["beside"]["slices"]["Paris"]
    assert paris["distances"]["amount"]["apart"] > 0.3 and paris["rows"] < told["slices"]["Paris"]["rows"] + 100
    assert said("a.parquet", "--slice", "city", "--beside", "b.parquet").count("below, b.parquet") == 4


def test_slices_are_on_the_page_too(folder: Path) -> None:
    shown = {}
    for other in ((), ("--beside", "b.parquet")):
        said("a.parquet", "--slice", "city", *other, "--report", "page.html")
        page = Path("page.html").read_text()
        shown[len(other)] = page.split("<h2>Slices")[1].split("</table>")[0]
        told = json.loads(said("a.parquet", "--slice", "city", *other, "--json"))
        for seen in (told, *([told["beside"]] if other else [])):
            for part in seen["slices"].values():
                assert f"{part['rows']:,} rows" in shown[len(other)]
                assert f">{number(part['columns']['amount']['mean'])}<" in shown[len(other)]
    assert "&lt;Rome&gt;" in shown[0] and MARK not in shown[0] and MARK in shown[2]
    said("a.parquet", "--report", "page.html")
    assert "<h2>Slices" not in Path("page.html").read_text()


def test_a_table_may_be_a_query_or_in_memory(folder: Path) -> None:
    rows = pq.read_table("a.parquet", columns=["amount", "city"])
    with closing(sqlite3.connect("db.sqlite")) as database:
        database.execute("create table t (amount real, city text)")
        database.executemany("insert into t values (?, ?)", list(zip(*rows.to_pydict().values(), strict=True)))
        database.commit()
    query = '{sql: "select * from t", connection: db.sqlite}'
    told = json.loads(said(query, "--beside", query, "--report", "page.html", "--json"))
    assert told["data"] == told["beside"]["data"] == "select * from t (db.sqlite)"
    held = json.loads(json.dumps(plain(landmark.summary(rows, beside=Path("a.parquet")))))
    assert held["data"] == "table in memory" and held["columns"]["amount"] == told["columns"]["amount"]
    assert printed("data", "schema", query)[0] == 0
    code, text = printed("data", "validate", query, "--json")
    assert code == 0 and json.loads(text)["rows"] == 1000
    assert run("{sql: 1", "--json")[0] == 2
    code, text = run("{source: a.parquet}", "--json")
    assert code == 2 and "is no query" in text
    Path("{odd}.csv").write_text("a,b\n1,2\n3,4\n")
    assert json.loads(said("{odd}.csv", "--json"))["rows"] == 2


def test_rows_may_be_weighed(folder: Path) -> None:
    told = json.loads(said("a.parquet", "--weight", "weight", "--json"))
    table = pq.read_table("a.parquet")
    x, w = (table[name].to_numpy() for name in ("amount", "weight"))
    assert told["columns"]["amount"]["weighted"]["mean"] == pytest.approx(float((x * w).sum() / w.sum()))
    shown = said("a.parquet", "--weight", "weight", "--report", "page.html")
    assert "weighed by weight; 0 rows have no weight" in shown and "not weighed: what is missing" in shown
    page = Path("page.html").read_text()
    assert "not weighed: what is missing" in page


def test_the_page_tells_means_by_weight(folder: Path) -> None:
    pq.write_table(pa.table({"x": [1.5] * 30 + [7.5] * 30, "w": [9.0] * 30 + [1.0] * 30}), "w.parquet")
    for weight, mean in ((("--weight", "w"), "mean 2.1"), ((), "mean 4.5")):
        said("w.parquet", *weight, "--report", "page.html")
        assert mean in Path("page.html").read_text().split("<h3>x</h3>")[1].split("</small>")[0]


def test_the_page_stands_alone_and_shows_both_with_what_is_furthest_apart_first(folder: Path) -> None:
    said("a.parquet", "--beside", "b.parquet", "--report", "page.html")
    page = Path("page.html").read_text()
    assert "src=" not in page.split("<style>")[1].split("<script")[0] and "<link" not in page
    order = [page.index(f"<h3>{name}</h3>") for name in ("amount", "city", "same")]
    assert order == sorted(order)
    assert "% apart" in page and "only in b.parquet: only_b" in page
    assert page.count("#D55E00") >= 3 and "<Rome>" not in page.split("<main>")[1].split("<script")[0]


def test_a_column_that_is_not_there_is_named(folder: Path) -> None:
    code, text = run("a.parquet", "--slice", "citty", "--json")
    assert code == 2 and "did you mean 'city'" in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pa.array([1.0, float("nan"), float("inf"), 2.0]), {"1 NaN", "1 infinite"}),
        (pa.array(["1", "2", "x", "3"]), {"reads otherwise: 'x'"}),
        (pa.array(["AB-12", "CD-34", "EF-56"]), {"AA-99 (100 %)", "ascending"}),
        (pa.array(["das ist nicht meine Katze und auch nicht die deine"] * 3), {"perhaps German"}),
        (pa.array(["привет", "мир"]), {"Cyrillic", "descending"}),
        (pa.array(["caf\u00c3\u00a9", "tea"]), {"mojibake in row 1", "ascending"}),
        (pa.array([["p", "q"], ["p"]]), {"3 items: p (2), q (1)"}),
        (
            pa.array([0, 10, 20, 60]).cast(pa.timestamp("s")),
            {"one every 10 s", "none for 40 s after 1970-01-01 00:00:20"},
        ),
        (pa.array([b"GIF89a\3\0\2\0"] * 2), {"gif (2 of 2)", "3 x 2 to 3 x 2 pixels"}),
        (pa.array([0, 1, 2, 3]), {"counts the rows"}),
        (pa.array(["", "a", "b"]), {"1 empty"}),
    ],
)
def test_what_is_seen_is_said(values: pa.Array, words: set[str]) -> None:
    seen = profile(pa.table({"x": values}))
    assert words <= set(remarks(columns_json(seen, {"x": "text"})["x"]))


def test_a_profile_takes_a_few_kilobytes_a_column() -> None:
    rows = 30_000
    seen = profile(
        pa.table(
            {
                "real": RNG.normal(size=rows),
                "text": [f"{a} and {b} are here" for a, b in RNG.integers(0, 1000, (rows, 2))],
                "long": ["x" * 2000 + str(k) for k in RNG.integers(0, 5000, rows)],
                "when": pa.array(RNG.integers(0, 10**15, rows), pa.timestamp("us")),
                "tags": [["a", "b", "c"][:k] for k in RNG.integers(0, 4, rows)],
            }
        )
    )
    sizes = {name: len(column.model_dump_json()) for name, column in seen.columns.items()}
    assert max(sizes.values()) < 5000, sizes
