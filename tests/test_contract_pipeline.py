"""A contract beside the document: checks, trainings, predictions and evaluations hold their rows against it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import walk
from tables import plain, project, write_csv
from test_contract_commands import run, spoilt, told

from landmark import api
from landmark.artifacts.contract import Breach, Contract, Validation, Validations
from landmark.artifacts.readiness import LEVELS
from landmark.core.errors import UserError
from landmark.core.findings import Level, block
from landmark.steps.data.validation import validation
from landmark.store.sql import open_store
from landmark.store.store import Execution, Run

WAIVERS = "readiness: {waive: [{code: too-small, by: Ada, why: so}, {code: new-value, by: Ada, why: so}]}\n"


def standing(folder: Path, rows: int = 400) -> Path:
    """Make a project with the contract of its training rows, and return its document."""
    project(folder, plain(rows))
    api.schema(document=folder / "landmark.yaml", out=folder / "schema.yaml")
    return folder / "landmark.yaml"


def found(summary: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [finding for finding in summary["findings"] if finding["code"] == code]


def test_a_run_says_which_version_it_was_held_against(tmp_path: Path) -> None:
    document = standing(tmp_path)
    told = api.check(document)
    assert told.exit_code == 0 and told.summary["level"] == "A3"
    store = open_store(tmp_path)
    (first,) = store.find(Run, kind="contract")
    version = (first.result or {})["artifacts"]["contract"]
    assert told.summary["contract"] == {"version": version, "kept": True, "kept_by_judging_rows": True}
    (held,) = store.find(Execution, step="validation", run=told.summary["run"])
    assert "contract" in {edge.name for edge in store.parents(held.uri, held.run)}
    store.close()


def test_without_a_contract_nothing_is_held_against_one(tmp_path: Path) -> None:
    project(tmp_path, plain(400))
    told = api.check(tmp_path / "landmark.yaml")
    assert told.summary["contract"] is None
    store = open_store(tmp_path)
    assert [done.how for done in store.find(Execution, step="validation")] == ["given"]
    assert store.find(Execution, step="contract") == []
    store.close()


def test_a_table_in_memory_is_not_held_against_what_lies_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.yaml").write_text("columns: {nowhere: {type: text}}\n")
    assert api.check(plain(200), outputs=["bought"]).summary["contract"] is None


def test_what_is_not_kept_stops_and_is_waived_or_accepted(tmp_path: Path) -> None:
    document = standing(tmp_path)
    write_csv(spoilt(plain(400)), tmp_path / "t.csv")
    done = run(tmp_path, "check", "--json")
    assert done.returncode == 3
    low = found(told(done), "too-small")
    assert [(f["where"], f["level"]) for f in low] == [("age", "block")]
    assert low[0]["row"] in (5, 6, 7) and told(done)["contract"]["kept"] is False
    assert LEVELS.index(told(done)["level"]) <= LEVELS.index("B2")  # what else is wrong may hold it lower
    talk = run(tmp_path, "check")
    assert "contract not kept" in talk.stdout and "landmark data accept too-small age" in " ".join(talk.stdout.split())
    assert run(tmp_path, "train").returncode == 3
    page = tmp_path / "check.html"
    assert run(tmp_path, "report", told(done)["run"], "-o", str(page)).returncode == 0
    assert 'contract <b class="bad">not kept</b>' in page.read_text()
    text = document.read_text()
    document.write_text(text + WAIVERS)
    assert api.check(document).exit_code == 0
    document.write_text(text)
    for code, column in (("too-small", "age"), ("new-value", "city")):
        taken = run(tmp_path, "data", "accept", code, column, "--by", "Ada")
        assert taken.returncode == 0, taken.stderr
    after = api.check(document)
    assert after.exit_code == 0 and after.summary["contract"]["kept"]


def test_judging_rows_are_told_of_and_stop_nothing(tmp_path: Path) -> None:
    write_csv(spoilt(plain(200, seed=8)), tmp_path / "test.csv")
    document = standing(tmp_path)
    text = document.read_text()
    document.write_text(text.replace("data: t.csv", "data: {source: t.csv, test: test.csv}"))
    assert document.read_text() != text
    told = api.check(document)
    (low,) = found(told.summary, "too-small")
    assert (low["level"], low["row"]) == ("note", 5) and low["seen"].startswith("judging rows: 3 of 186 values")
    assert told.exit_code == 0
    assert told.summary["contract"]["kept"] and not told.summary["contract"]["kept_by_judging_rows"]


def test_what_training_rows_say_is_not_said_again_of_judging_rows() -> None:
    def held(*places: str) -> Validation:
        breaches = tuple(Breach(finding=block("too-small", place, "low"), count=1, of=9) for place in places)
        return Validation(rows=9, environment="training", breaches=breaches)

    both = Validations(train=held("a"), test=held("a", "b"))
    assert [(f.where, f.level) for f in both.findings] == [("a", Level.BLOCK), ("b", Level.NOTE)]
    assert Validations().findings == ()


def test_the_number_of_rows_is_asked_of_the_whole_table(tmp_path: Path) -> None:
    document = standing(tmp_path)
    schema = tmp_path / "schema.yaml"
    schema.write_text("rows: {least: 400, most: 400}\n" + schema.read_text())
    assert api.check(document).summary["contract"]["kept"]
    schema.write_text(schema.read_text().replace("least: 400, most: 400", "least: 401"))
    (few,) = found(api.check(document).summary, "too-few-rows")
    assert few["seen"] == "400 rows, at least 401 expected"


def test_a_contract_with_mistakes_stops_a_check_with_all_of_them(tmp_path: Path) -> None:
    document = standing(tmp_path)
    (tmp_path / "schema.yaml").write_text("columns:\n  age: {type: nmber}\n  city: {tpe: text}\n")
    done = run(tmp_path, "check")
    assert done.returncode == 2 and "schema.yaml:2" in done.stderr and "schema.yaml:3" in done.stderr
    (tmp_path / "schema.yaml").write_text("environments: [night]\ncolumns: {age: {type: number}}\n")
    with pytest.raises(UserError, match="'training' is none of the contract's"):
        api.check(document)
    assert run(tmp_path, "data", "schema", "--force").returncode == 0  # a broken one is replaced


def test_a_run_is_reproduced_from_the_contract_it_was_held_against(tmp_path: Path) -> None:
    document = standing(tmp_path, 200)
    trained = api.train(document)
    assert trained.summary["contract"]["kept"]
    assert 'contract <b class="good">kept</b>' in trained.model.with_suffix(".html").read_text()
    assert "validation" in api.train(document).result.uris
    assert "validation" not in api.train(document).result.made  # held once, and taken from the store
    (tmp_path / "schema.yaml").write_text("columns: {age: {type: number, most: 1}}\n")
    assert api.reproduce(trained.run, document=document)["identical"]
    data = tmp_path / "new.csv"
    write_csv(plain(50, seed=8), data)
    (tmp_path / "schema.yaml").write_text(
        "columns:\n  age: {type: number, most: 1}\n  noise: {type: number}\n  city: {type: category}\n"
        "  bought: {type: binary, only: training}\n"
    )
    rows, said = api.predict_file(trained.model, str(data), tmp_path / "out.csv")
    high = {finding.code: finding for finding in said}
    assert rows == 50 and high["too-large"].level == Level.WARN and "--environment serving" in high["too-large"].next
    assert high["column-unexpected"].where == "bought"
    judged = api.evaluate(trained.model, str(data))
    assert {f["code"] for f in judged["findings"]} == {"too-large"}
    assert api.evaluate(trained.load(), str(data)) == judged
    other = tmp_path / "other.yaml"
    other.write_text((tmp_path / "schema.yaml").read_text().replace("most: 1", "most: 900"))
    assert [f["code"] for f in api.evaluate(trained.model, str(data), schema=other)["findings"]] == []
    model, out = str(trained.model), str(tmp_path / "out.csv")
    for more, codes in (((), {"too-large"}), (("--schema", "other.yaml"), set[str]())):
        answered = told(run(tmp_path, "predict", model, "new.csv", "-o", out, "--json", *more))
        assert {f["code"] for f in answered["findings"]} - {"column-unexpected"} == codes
        asked = told(run(tmp_path, "evaluate", model, "new.csv", "--json", *more))
        assert {f["code"] for f in asked["findings"]} == codes
    with pytest.raises(UserError, match="no contract here"):
        api.predict_file(trained.model, str(data), tmp_path / "out.csv", schema=tmp_path / "none.yaml")


def test_columns_in_another_unit_are_not_held_against_the_contract() -> None:
    from landmark.api.holding import watched

    contract = Contract.model_validate({"columns": {"age": {"type": "number", "most": 1}}})
    batches = pa.table({"age": [5.0] * 10}).to_batches()
    for apart, codes in (((), ["too-large"]), (("age",), [])):
        said: list[Any] = []
        assert list(watched(batches, contract, "serving", False, said, apart)) == batches
        assert [finding.code for finding in said] == codes
    assert list(watched(batches, contract, "nowhere", False, said := [], ())) == batches and said == []


def test_json_of_a_check_is_one_document(tmp_path: Path) -> None:
    standing(tmp_path)
    done = run(tmp_path, "check", "--json")
    assert json.loads(done.stdout)["contract"]["version"].startswith("sha256:")


def test_rows_are_counted_as_in_the_table_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    x = [f"{v:.3f}" for v in rng.normal(size=200)]
    x[150:170] = ["999"] * 20
    made = walk({"y": ["a", "b"] * 100, "x": x})
    terms = {"y": {"type": "category"}, "x": {"type": "number", "most": 10}}
    held = validation(made.table, made.split, Contract.model_validate({"columns": terms}))
    assert held.train is not None and held.test is not None
    rows = []
    for side in (held.train, held.test):
        (breach,) = side.breaches
        assert breach.finding.row == breach.rows[0]
        rows.append(breach.rows)
    assert set(rows[0]) < set(made.split.train + 1) and set(rows[1]) < set(made.split.test + 1)
    assert {row for side in rows for row in side} <= set(range(151, 171))


def test_a_row_in_every_period_is_not_asked_of_rows_drawn_from_all(tmp_path: Path) -> None:
    days = pa.array([date(2024, 1, 1) + timedelta(days=i) for i in range(120)])
    table = pa.table({"day": days, "x": pa.array([i % 7 for i in range(120)]), "y": pa.array(["a", "b"] * 60)})
    document = project(tmp_path, table, "[y]")
    day, others = "day: {type: date, every: {span: day}}", "x: {type: number}\n  y: {type: category}"
    (tmp_path / "schema.yaml").write_text(f"columns:\n  {day}\n  {others}\n")
    for split in ("random", "time, column: day"):
        document.write_text(f"data: {{source: t.csv, split: {{by: {split}}}}}\noutputs: [y]\n")
        assert found(api.check(document).summary, "span-empty") == []
    gone = table.filter(pa.array([i not in (50, 51) for i in range(120)]))
    write_csv(gone, tmp_path / "t.csv")
    assert [f["where"] for f in found(api.check(document).summary, "span-empty")] == ["day"]
