"""What a step finds wrong is said with the line of the document that says it, and only where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tables import people, plain, project

import landmark
from landmark.config import from_text, from_values, located
from landmark.core.errors import Mistakes, NotReady, UserError

TEXT = """\
data:
  source: data.csv
  split: {by: time, column: day}
outputs:
  - bought
  - {name: spent, type: number, unit: USD}
  - {name: spent.net, metric: mae}
columns:
  city: {type: category}
  bought:
    missing: ["?"]
  place: {type: geo, columns: [lat, lon]}
  a.b: {use: ignore}
slices: [city, [city, day]]
landmarks: {people: {bought: {accuracy: 0.9}}}
objective: {output: bought, metric: f1}
readiness:
  waive:
    - {code: leakage, by: me, why: so}
"""


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("data.split.column", "3 data.split.column"),
        ("data.format.delimiter", "1 data.format.delimiter"),
        ("outputs[1]", "6 outputs[1]"),
        ("outputs.spent", "6 outputs[1]"),
        ("outputs.spent.net.metric", "7 outputs[2].metric"),
        ("outputs.bought.metric", "16 objective.metric"),
        ("outputs.spent.metric", "6 outputs[1].metric"),
        ("outputs.bought.missing", "11 columns.bought.missing"),
        ("columns.spent.unit", "6 outputs[1].unit"),
        ("columns.spent", "6 outputs[1]"),
        ("columns.bought", "10 columns.bought"),
        ("columns.place.columns[1]", "12 columns.place.columns[1]"),
        ("columns.city.max_values", "9 columns.city.max_values"),
        ("columns.a.b.use", "13 columns.a.b.use"),
        ("slices[1][1]", "14 slices[1][1]"),
        ("landmarks.people.bought.accuracy", "15 landmarks.people.bought.accuracy"),
        ("readiness", "17 readiness"),
        ("readiness.waive[0].code", "19 readiness.waive[0].code"),
    ],
)
def test_a_path_of_the_document_gets_file_and_line(said: str, where: str) -> None:
    asked = from_text(TEXT, file="l.yaml")
    mistake = located(asked, UserError(said, "is wrong", seen=3, fix="mend it"))
    assert mistake.as_json() == {"where": f"l.yaml:{where}", "what": "is wrong", "seen": 3, "fix": "mend it"}


@pytest.mark.parametrize(
    "said",
    [
        *("other.csv", "outputs.csv", "columns.csv", "city", "city, row 3", "day", "inputs", "models.trees", "store"),
        *("bought", "outputs.boughts", "columns.cit", "a.b", "table in memory", "--output", ""),
    ],
)
def test_what_the_document_does_not_say_keeps_its_place(said: str) -> None:
    asked = from_text(TEXT, file="l.yaml")
    assert located(asked, UserError(said, "is wrong")).where == said


def test_values_have_no_line() -> None:
    asked = from_values({"data": "data.csv", "outputs": ["y"]})
    assert located(asked, UserError("outputs[0]", "is wrong")).where == "outputs[0]"


def test_a_mistake_stays_of_its_kind_and_every_one_of_several_is_moved() -> None:
    asked = from_text(TEXT, file="l.yaml")
    assert located(asked, NotReady("readiness", "too low")).exit_code == 3
    several = located(asked, Mistakes([UserError("outputs[0]", "one"), UserError("x", "two")]))
    assert several.line() == "l.yaml:5 outputs[0]: one.\nx: two."
    assert [told["where"] for told in several.as_json()["all"]] == ["l.yaml:5 outputs[0]", "x"]


def refused(call: Any, *arguments: Any, **sections: Any) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        call(*arguments, **sections)
    return [mistake.where for mistake in caught.value.mistakes]


@pytest.mark.parametrize("verb", [landmark.check, landmark.train])
def test_names_and_metrics_that_the_data_refuse_have_lines(
    verb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = "inputs: [noise, agee]\nslices: [citty]\ncolumns:\n  cty: {type: category}\n"
    assert refused(verb, project(tmp_path, plain(60), "[bought, boght]", more)) == [
        f"{tmp_path}/landmark.yaml:{where}" for where in ("2 outputs[1]", "6 columns.cty", "3 inputs[1]", "4 slices[0]")
    ]
    more = "objective: {output: bought, metric: rmse}\nlandmarks: {people: {age: {f1: 0.5}}}\n"
    assert refused(verb, project(tmp_path, plain(60), "[bought, age]", more)) == [
        f"{tmp_path}/landmark.yaml:{where}" for where in ("3 objective.metric", "4 landmarks.people.age.f1")
    ]


def test_a_sample_by_a_column_that_is_not_there_is_refused_with_the_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = project(tmp_path, plain(60), "[boght]")
    sampled = "data:\n  source: t.csv\n  sample: {rows: 20, by: stratified}\n"
    document.write_text(document.read_text().replace("data: t.csv\n", sampled))
    assert refused(landmark.check, document) == [f"{document}:4 outputs[0]"]
    document.write_text(document.read_text().replace("stratified", "stratified, column: citty"))
    assert refused(landmark.check, document) == [f"{document}:4 outputs[0]", f"{document}:3 data.sample.column"]


def test_a_file_that_is_not_there_is_named_with_the_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = project(tmp_path, plain(60), "[bought]")
    document.write_text(document.read_text().replace("data: t.csv", "data: tt.csv"))
    with pytest.raises(UserError, match="there is no such file") as caught:
        landmark.check(document)
    assert caught.value.where == f"{document}:1 data.source, tt.csv"


def test_a_table_in_memory_has_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = people(60).drop_columns(["tags"])
    assert refused(landmark.check, rows, outputs=["bougth", "spend"]) == ["outputs[0]", "outputs[1]"]
    same = rows.append_column("same", pa.array(["a"] * 60))
    assert refused(landmark.check, same, outputs=["same"]) == ["outputs.same"]


def test_a_level_that_is_not_reached_names_the_line_that_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = plain(60)
    document = project(tmp_path, pa.concat_tables([table] * 3), more="readiness: {require: A3}\n")
    with pytest.raises(NotReady) as caught:
        landmark.train(document)
    assert caught.value.where == f"{document}:3 readiness"
