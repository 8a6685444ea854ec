"""The whole corridor through the Python verbs: what it writes, what it refuses, and what it must not learn."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import people, plain, project, write_csv

import landmark
from landmark.artifacts.candidates import Candidates
from landmark.artifacts.features import Role
from landmark.artifacts.question import Output, Question
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.errors import NotReady, UserError
from landmark.files.whole import whole_file
from landmark.graph.check import open_model
from landmark.graph.run import session
from landmark.steps.data.profile import profile
from landmark.steps.data.schema import schema
from landmark.steps.data.split import Options as SplitOptions
from landmark.steps.data.split import split
from landmark.steps.data.table import held
from landmark.steps.training.ladder import Options as LadderOptions
from landmark.steps.training.ladder import ladder
from landmark.steps.training.transform import transform

OUTPUTS = ["bought", "spent", "tags"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three outputs of a mixed table, in one model file."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield landmark.train(people(), outputs=OUTPUTS)


def test_several_outputs_give_one_file(trained: Any) -> None:
    assert set(trained.summary["outputs"]) == set(OUTPUTS)
    tasks = {name: output["task"] for name, output in trained.summary["outputs"].items()}
    assert tasks == {"bought": "binary", "spent": "regression", "tags": "multilabel"}
    for output in trained.summary["outputs"].values():
        assert output["chosen"] != "constant"
        assert [c["model"] for c in output["candidates"]][:2] == ["constant", "rule"]
    opened = open_model(trained.model)
    assert {o.name for o in opened.model.graph.output} == {"bought", "bought.p", "spent", "tags", "tags.p"}


def test_every_kind_of_table_gets_its_own_kind_back(trained: Any) -> None:
    model, rows = trained.load(), people(50, seed=9).drop_columns(OUTPUTS)
    arrow = model.predict(rows)
    assert isinstance(arrow, pa.Table) and arrow.column_names[0] == "bought"
    frame = model.predict(rows.to_pandas())
    assert isinstance(frame, pd.DataFrame) and frame["bought"].tolist() == arrow["bought"].to_pylist()
    polar = model.predict(pl.DataFrame(pl.from_arrow(rows)))
    assert isinstance(polar, pl.DataFrame) and polar["spent"].to_list() == arrow["spent"].to_pylist()
    one = model.predict(rows.to_pylist()[0])
    assert one["bought"] == arrow["bought"][0].as_py() and one["tags"] == arrow["tags"][0].as_py()


def test_what_serves_is_what_was_trained(trained: Any) -> None:
    """The file agrees with the training path within 1e-9 at every batch size, on strange rows too."""
    rows = people(1000, seed=3).drop_columns(OUTPUTS)
    strange = pa.table(
        {
            "age": [None, float("inf"), -1e300, 40.0],
            "city": ["atlantis", None, "", "\u0130stanbul"],
            "day": pa.array([None, 0, -(10**15), 4 * 10**15], pa.timestamp("us")),
            "text": [None, "", "\U0001f600 refund", "x" * 3000],
        }
    ).cast(rows.schema)
    rows = pa.concat_tables([rows, strange])
    model = trained.load()
    whole = model.predict(rows)
    for size in (1, 7, 1000):
        parts = [model.predict(rows.slice(i, size)) for i in range(0, rows.num_rows if size > 1 else 50, size)]
        together = pa.concat_tables(parts)
        for name in ("spent", "bought.p.yes", "tags.p.a"):
            want = np.asarray(whole[name])[: together.num_rows]
            np.testing.assert_allclose(np.asarray(together[name]), want, rtol=1e-9, atol=1e-12)


def test_the_report_is_one_page_that_loads_nothing(trained: Any) -> None:
    page = Path(trained.summary["report"]).read_text(encoding="utf-8")
    loaded: list[str | None] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            loaded.extend(value for name, value in attrs if name in ("src", "href", "data", "srcset"))

    Tags().feed(page)
    assert loaded == [] and "@import" not in page
    for word in ("bought", "spent", "tags", "constant", "readiness", "attestation"):
        assert word in page


def test_results_show_themselves_in_a_notebook(trained: Any) -> None:
    assert "<table>" in trained._repr_html_() and "bought" in trained._repr_html_()
    assert "<table" in trained.load()._repr_html_()
    assert "readiness" in landmark.check(people(), outputs=["bought"])._repr_html_()


def walked(rows: pa.Table, judging: pa.Table) -> tuple[Split, Schema, Transform, Candidates]:
    """Walk the steps by hand, with judging rows given."""
    table = Table.model_validate(held(rows, "rows").model_copy(update={"test": judging}))
    question = Question(name="q", outputs=(Output(name="bought"),))
    parts = split(table, question, SplitOptions(), Context())
    known = profile(table, parts, Context())
    contract = schema(table, parts, known, question)
    shaped = transform(table, parts, contract, Context())
    return parts, contract, shaped, ladder(table, parts, contract, shaped, LadderOptions(), Context())


def test_rows_that_judge_cannot_change_anything_fitted() -> None:
    rows, calm = people(200).drop_columns(["spent", "tags"]), people(60, seed=1).drop_columns(["spent", "tags"])
    wild = calm.to_pandas()
    wild["age"], wild["city"] = wild["age"] * 1e6 + 7, "only in the judging rows"
    wild["text"], wild["day"] = "only \u4e2d\u6587 here", pd.Timestamp("1931-01-01")
    one, other = (walked(rows, judging) for judging in (calm, pa.Table.from_pandas(wild, rows.schema)))
    assert one[1].columns == other[1].columns
    assert one[2] == other[2]
    heads = [[c.head for c in made[3].outputs["bought"].candidates] for made in (one, other)]
    assert heads[0] == heads[1] and len(heads[0]) >= 3


RULES: dict[str, dict[str, Any]] = {
    "random": {},
    "stratified": {"column": "bought"},
    "time": {"column": "day"},
    "group": {"column": "household"},
    "hash": {"column": "household"},
    "column": {"column": "part"},
}


@pytest.mark.parametrize("by", RULES)
def test_rows_outside_training_cannot_change_anything_fitted_whatever_the_split(by: str) -> None:
    rng = np.random.default_rng(1)
    table = people(240).drop_columns(["text"])
    table = table.append_column("household", pa.array([f"h{n}" for n in rng.integers(0, 60, 240)]))
    table = table.append_column("part", pa.array(np.where(rng.random(240) < 0.8, "train", "test").tolist()))
    table = table.append_column("importance", pa.array(rng.random(240) + 0.5))
    options = SplitOptions.model_validate({"by": by, **RULES[by]})
    outputs = tuple(Output(name=name) for name in OUTPUTS)
    columns = {"household": {"use": "ignore"}, "part": {"use": "ignore"}, "importance": {"use": "weight"}}
    question = Question(name="q", outputs=outputs, columns=columns)

    def fitted(rows: pa.Table, parts: Split) -> tuple[Any, Transform, list[bytes]]:
        own = held(rows, "rows")
        contract = schema(own, parts, profile(own, parts, Context()), question)
        shaped = transform(own, parts, contract, Context())
        climbed = ladder(own, parts, contract, shaped, LadderOptions(folds=3, allow=("linear",)), Context())
        heads = [rung.head for name in OUTPUTS for rung in climbed.outputs[name].candidates]
        return contract.columns, shaped, heads

    parts = split(held(table, "rows"), question, options, Context())
    judging = np.isin(np.arange(240), parts.test)
    assert 0 < judging.sum() < 240
    frame = table.to_pandas()
    frame.loc[judging, "age"] = 1e9
    frame.loc[judging, "city"] = "only among the judging rows"
    frame.loc[judging, "spent"] = -1e6
    frame.loc[judging, "importance"] = 1e6
    other = pa.Table.from_pandas(frame, table.schema, preserve_index=False)
    assert fitted(table, parts) == fitted(other, parts)
    if by not in ("random", "stratified"):  # which draw by all that a row holds: another row, another draw
        again = split(held(other, "rows"), question, options, Context())
        assert (parts.train == again.train).all() and (parts.test == again.test).all()


def test_missing_and_unseen_are_told_apart_by_the_transform() -> None:
    _, _, shaped, _ = walked(people(200).drop_columns(["spent", "tags"]), people(60, 1).drop_columns(["spent", "tags"]))
    (city,) = [f for f in shaped.features if f.part == "city" and f.role == Role.CODES]
    engine = session(shaped.parts["city"])
    (name,) = [tensor.name for tensor in engine.get_inputs()]
    from landmark.datatypes import DATATYPES

    wire = DATATYPES["category"].wire
    cells = pa.array([None, "atlantis", "rome"])
    fed = wire({"city": cells}, DATATYPES["category"].Options(physical="string"), False)
    assert engine.run([city.value], {name: fed["city"]})[0].tolist()[:2] == [0, 1]


def test_the_gate_refuses_a_worse_successor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    attested = "readiness: {waive: [{code: attestation, by: Ada Lovelace, why: it is ours}]}\n"
    good = landmark.train(project(tmp_path, plain(800), more=attested))
    from landmark.api import mark, model_json

    assert model_json(good.model)["level"] == "A2"
    mark(good.model, "signed", "Ada Lovelace", "good enough")
    assert model_json(good.model)["level"] == "A1"
    project(tmp_path, plain(800), more="models: {allow: [constant]}\ninputs: [city]\n")
    worse = landmark.train(tmp_path / "landmark.yaml")
    assert not worse.summary["gate"]["passed"]
    assert [f["code"] for f in worse.summary["gate"]["findings"]] == ["worse-than-previous"]
    assert worse.summary["outputs"]["bought"]["landmarks"]["previous"] > 0.6
    assert worse.model.exists() and model_json(worse.model)["gate"]["passed"] is False
    with pytest.raises(UserError, match="the gate refused"):
        mark(worse.model, "signed", "Ada Lovelace", "")


def test_a_signature_does_not_answer_for_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from landmark.api import mark, model_json, models

    good = landmark.train(project(tmp_path, plain(800)))
    mark(good.model, "signed", "Ada Lovelace", "good enough")
    assert model_json(good.model)["level"] == models()[0]["level"] == "A2"
    with pytest.raises(NotReady, match="A1 is required"):
        landmark.train(project(tmp_path, plain(800), more="readiness: {require: A1}\n"))


def test_a_run_whose_files_cannot_be_written_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from landmark.api import models, runs

    monkeypatch.setattr("landmark.api.training.page_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        landmark.train(project(tmp_path, plain(200)))
    assert [run["status"] for run in runs()] == ["failed"] and models() == []


def test_answers_never_replace_rows_of_their_own_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from landmark.api import predict_file

    model = landmark.train(project(tmp_path, plain(200))).model
    (tmp_path / "g").mkdir()
    for name in ("g/1.csv", "g/2.csv"):
        (tmp_path / name).write_bytes((tmp_path / "t.csv").read_bytes())
    for data, out in (("g/*.csv", "g/1.csv"), ("g/*.csv", "g/new.csv"), ("g", "g/new.csv"), ("t.csv", "./t.csv")):
        with pytest.raises(UserError, match="would replace"):
            predict_file(model, data, Path(out))
    assert predict_file(model, "g/*.csv", Path("g/new.parquet"))[0] == 400


def test_a_required_level_stops_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = plain(100)
    twice = pa.concat_tables([table, table, table])
    document = project(tmp_path, twice, more="readiness: {require: A3}\n")
    with pytest.raises(NotReady, match="A3 is required"):
        landmark.train(document)
    assert not (tmp_path / "models").exists()
    checked = landmark.check(document)
    assert checked.exit_code == 3 and checked.summary["level"] in ("B2", "B3") and checked.summary["findings"]


def test_the_same_data_give_the_same_bytes_wherever_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        contents.append(landmark.train(project(folder, people().drop_columns(["tags"]))).model.read_bytes())
    assert contents[0] == contents[1]


def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = project(tmp_path, plain())
    first, second = landmark.train(document), landmark.train(document)
    assert "ladder" in first.result.made and second.result.made == ["table"]
    assert first.model == second.model
    changed = landmark.train(project(tmp_path, plain(), more="gate: {min_gain: 0.01}\n"))
    assert "ladder" not in changed.result.made and "gate" in changed.result.made


def test_a_model_on_disk_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "m.onnx"
    with whole_file(target) as file:
        file.write(b"old")

    def breaks(self: Path, other: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", breaks)
    with pytest.raises(UserError, match="full"), whole_file(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"old" and [p.name for p in target.parent.iterdir()] == ["m.onnx"]


def test_on_shuffled_labels_the_constant_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = []
    for seed in range(3):
        table = plain(400)
        shuffled = np.random.default_rng(seed).permutation(table["bought"].to_pylist())
        document = project(tmp_path, table.set_column(3, "bought", pa.array(shuffled.tolist())))
        chosen.append(landmark.train(document).summary["outputs"]["bought"]["chosen"])
    assert chosen == ["constant"] * 3


def test_people_and_slices_stand_beside_the_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    more = "slices: [city]\nlandmarks: {people: {bought: {roc_auc: 0.999}}}\n"
    output = landmark.train(project(tmp_path, plain(600), more=more)).summary["outputs"]["bought"]
    assert output["landmarks"]["people"] == 0.999
    assert {part["where"] for part in output["slices"]} == {
        "city = rome",
        "city = oslo",
        "city = lima",
        "city = (missing)",
    }
    assert sum(part["rows"] for part in output["slices"]) == output["rows"]
    assert all(part["interval"][0] <= part["value"] <= part["interval"][1] for part in output["slices"])


def test_a_model_is_judged_on_each_group_of_a_protected_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from landmark.api import mark

    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    group, x, z = np.where(rng.random(1200) < 0.3, "b", "a"), rng.normal(size=1200), rng.normal(size=1200)
    bought = np.where(np.where(group == "a", x, z) > 0, "yes", "no")
    table = pa.table({"g": group, "x": x, "z": z, "bought": bought})
    document = project(tmp_path, table, more="columns: {g: {use: protected}}\n")
    first = landmark.train(document)
    slices = first.summary["outputs"]["bought"]["slices"]
    assert [part["where"] for part in slices] == ["g = a", "g = b"]
    assert sum(part["rows"] for part in slices) == 240 and all(len(part["interval"]) == 2 for part in slices)
    assert open_model(first.model).manifest.outputs["bought"].slices[1]["where"] == "g = b"
    assert "g = b (" in Path(first.summary["report"]).read_text()
    mark(first.model, "signed", "Ada Lovelace", "")
    project(tmp_path, table, more="columns: {g: {use: protected}, z: {use: ignore}}\n")
    second = landmark.train(document).summary["gate"]
    assert "bought where g = b" in [f["where"] for f in second["findings"] if f["code"] == "worse-on-slice"]
    assert not second["passed"]
    pq.write_table(table, tmp_path / "later.parquet")
    later = landmark.evaluate(first.model, "later.parquet")["outputs"]["bought"]["slices"]
    assert [part["where"] for part in later] == ["g = a", "g = b"]


def test_a_given_test_file_judges_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(plain(300), tmp_path / "train.csv")
    write_csv(plain(120, seed=5), tmp_path / "test.csv")
    (tmp_path / "landmark.yaml").write_text("data: {source: train.csv, test: test.csv}\noutputs: [bought]\n")
    trained = landmark.train()
    assert trained.summary["outputs"]["bought"]["rows"] == 120
    assert trained.result.get("split", Split).by == "given"


def test_an_exposure_is_learnt_in_training_and_fixed_in_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = plain(400)
    place = np.random.default_rng(0).integers(1, 4, 400)
    table = table.add_column(0, "position", pa.array(place)).set_column(
        4, "bought", pa.array(np.where(place == 1, "yes", "no"))
    )
    trained = landmark.train(project(tmp_path, table, more="columns: {position: {use: exposure}}\n"))
    model, row = trained.load(), {"noise": 0.1, "age": 40.0, "city": "rome"}
    (said,) = [f for f in trained.summary["findings"] if f["code"] == "exposure-as-recorded"]
    assert (said["level"], said["where"]) == ("note", "position") and "'2.0'" in said["seen"]
    assert "position" not in model.needs and model.columns["position"].fixed == {"position": "2.0"}
    assert model.predict(row)["bought"] == "no"
    assert model.predict({**row, "position": 1}) == model.predict(row)
    assert model.predict(pa.table({k: [v, v] for k, v in row.items()}))["bought"].to_pylist() == ["no", "no"]


def test_a_check_before_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back from the store is in the order it was kept in, so the bytes are those of a fresh run."""
    contents = []
    for checked in (False, True):
        folder = tmp_path / str(checked)
        folder.mkdir()
        monkeypatch.chdir(folder)
        document = project(folder, plain(200))
        if checked:
            landmark.check(document)
        contents.append(landmark.train(document).model.read_bytes())
    assert contents[0] == contents[1]


def test_only_what_is_allowed_is_chosen_and_landmarks_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    output = landmark.train(project(tmp_path, plain(400), more="models: {allow: [constant]}\n")).summary["outputs"][
        "bought"
    ]
    assert output["chosen"] == "constant" and output["landmarks"]["best_column"] is not None


def test_a_level_that_only_a_model_can_reach_is_required_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = plain(400)
    noise = pa.array(np.random.default_rng(5).permutation(table["bought"].to_pylist()).tolist())
    document = project(tmp_path, table.set_column(3, "bought", noise), more="readiness: {require: A2}\n")
    with pytest.raises(NotReady, match=r"landmark\.yaml:3 readiness: .* A2 is required"):
        landmark.train(document)


def test_declared_types_that_do_not_fit_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = landmark.check(project(tmp_path, plain(200), more="columns: {city: {type: number}}\n")).summary["findings"]
    (finding,) = [f for f in found if f["code"] == "unreadable-values"]
    assert finding["where"] == "city" and finding["row"] >= 1 and "declared number" in finding["seen"]


def test_a_slice_that_is_no_column_is_refused_before_anything_is_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="did you mean 'city'"):
        landmark.check(project(tmp_path, plain(200), more="slices: [citty]\n"))
