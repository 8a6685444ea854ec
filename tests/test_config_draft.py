"""`landmark init`: a commented document that is right as it stands, and right when its comments are taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmark.config import draft, from_text, init
from landmark.config.draft import MOST_ROWS, WIDEST, guess
from landmark.core.errors import UserError
from landmark.sources import Stream, stream
from landmark.statistics.summary import profile

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def bare(text: str) -> str:
    """Return a draft with the # taken away before every setting, as its head says."""
    return re.sub(r"(?m)^( *)#(?=[^ ])", r"\1", text)


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    rows = [f"{i},{'no' if i % 3 else 'yes'},{i % 7 * 1.5},red,{i % 15 if i % 5 else ''}" for i in range(60)]
    (tmp_path / "tickets.csv").write_text("\n".join(["ticket_id,urgent,wait,colour,rank", *rows]) + "\n")
    return tmp_path


def test_a_draft_asks_the_two_line_question(tickets: Path) -> None:
    text = init("tickets.csv", "urgent", tickets)
    assert from_text(text) == from_text("data: tickets.csv\noutputs: [urgent]\n")
    assert "a guess" not in text


def test_every_setting_in_it_can_be_uncommented(tickets: Path) -> None:
    project = from_text(bare(init("tickets.csv", "urgent", tickets)))
    question = project.question()
    assert question.columns.keys() == {"ticket_id", "urgent", "wait", "colour", "rank"}
    assert question.columns["ticket_id"] == {"use": "identifier"} and question.columns["colour"] == {"use": "ignore"}
    assert question.columns["wait"]["type"] == "number" and question.columns["urgent"]["type"] == "binary"
    assert question.inputs == ("wait", "rank")
    defaults = from_text("data: tickets.csv\noutputs: [urgent]\n").options()
    assert project.options() == defaults


def test_it_says_what_was_seen(tickets: Path) -> None:
    text = init("tickets.csv", "urgent", tickets)
    assert re.search(r"#wait: \{type: number\} +# 7 different, none missing", text)
    assert re.search(r"#rank: .*# 12 different, 20.0% missing", text)
    assert "all 60 rows show" in text
    assert "#folds: 5 " in text and re.search(r"#leaves|trees: \{.*leaves: 31", text)


def test_an_output_is_guessed_and_said_to_be_a_guess(tickets: Path) -> None:
    text = init("tickets.csv", None, tickets)
    assert re.search(r"(?m)^outputs: \[rank\] +# a guess: --output names another$", text)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"a": [1, 2], "Target": [1, 2], "z": [3, 4]}, "Target"),
        ({"y": [1, 2], "label": [1, 2]}, "label"),
        ({"a": [1, 2], "b": [1, 2]}, "b"),
        ({"a": [1, 2], "constant": [1, 1]}, "a"),
        ({"a": [1, 2] * 10, "row_id": list(range(20))}, "a"),
        ({"constant": [1, 1]}, "constant"),
    ],
)
def test_the_guess_prefers_names_then_what_says_something(columns: dict[str, list[int]], expected: str) -> None:
    assert guess(profile(pa.table(columns)).columns) == expected


def test_a_column_that_is_not_there_is_a_mistake_with_the_nearest_name(tickets: Path) -> None:
    with pytest.raises(UserError, match=r"'urgnet' is not a column of tickets.csv. Fix: did you mean 'urgent'\?"):
        init("tickets.csv", "urgnet", tickets)
    with pytest.raises(UserError):
        init("nothing.csv", None, tickets)


def test_a_column_whose_name_is_too_long_for_a_key_is_left_out(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x" * 5000: [1, 2], "y": ["a", "b"]}), tmp_path / "t.parquet")
    assert from_text(bare(init("t.parquet", "y", tmp_path))).question().columns.keys() == {"y"}


def test_of_a_large_table_only_the_first_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def counted(*asked: Any) -> Stream:
        opened = stream(*asked)

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in opened.batches:
                taken.append(batch.num_rows)
                yield batch

        return opened._replace(batches=batches())

    monkeypatch.setattr(draft, "stream", counted)
    pq.write_table(
        pa.table({"a": range(30 * MOST_ROWS), "y": [0, 1, 1] * 10 * MOST_ROWS}),
        tmp_path / "t.parquet",
        row_group_size=999,
    )
    assert f"the first {MOST_ROWS:,} rows show" in init("t.parquet", "y", tmp_path)
    assert MOST_ROWS < sum(taken) < 15 * MOST_ROWS


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300), min_size=2, max_size=5, unique=True
    )
)
def test_any_column_names_can_stand_in_it(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("names")
    pq.write_table(pa.table({name: ["a", "b"] * 5 for name in names}), place / "t.parquet")
    text = init("t.parquet", names[0], place)
    assert from_text(text).question().outputs[0].name == names[0]
    assert set(from_text(bare(text)).question().columns) == set(names)


@pytest.mark.parametrize(
    ("source", "types"),
    [
        ("titanic/titanic.csv", {"age": "number", "sex": "binary", "embarked": "category", "name": "text"}),
        ("california_housing/housing.csv.gz", {"ocean_proximity": "category", "median_income": "number"}),
        ("diamonds/diamonds.csv.gz", {"cut": "category", "price": "number", "carat": "number"}),
        ("md_mlc_churn/mlc_churn.csv.gz", {"churn": "binary", "state": "category"}),
    ],
)
def test_real_tables_get_sensible_types(source: str, types: dict[str, str]) -> None:
    if not (DATA / source).exists():
        pytest.skip("the shared data sets are not here")
    text = init(source, None, DATA)
    columns = from_text(bare(text)).question().columns
    assert {name: columns[name].get("type") for name in types} == types
    notes = [each for each in text.splitlines() if not each.lstrip().startswith("# ")]
    assert all(len(each.partition(" # ")[0]) <= WIDEST or " # " not in each for each in notes)
