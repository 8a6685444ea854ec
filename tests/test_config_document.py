"""The document: what it accepts, what it gives the steps, and every mistake at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmark.config import Project, document_json, from_text, from_values, load, render, tree
from landmark.core.digest import of_json
from landmark.core.errors import Mistakes, UserError
from landmark.datatypes import DATATYPES, predictable
from landmark.models import MODELS
from landmark.pipeline import ALL

SHORT = "data: tickets.parquet\noutputs: [issue_type]\n"
FULL = """\
name: ticket-routing
data:
  source: tickets/*.csv
  test: judge.csv
  format: {header: yes, names: [a, b], delimiter: ";", strip: yes, skip: 1, missing: ["?", NA, -999]}
  split: {by: time, column: created_at, test: 20%}
  sample: {rows: 100k, by: stratified}
columns:
  subject:    {type: text}
  wait:       {type: number, unit: s}
  place:      {type: geo, columns: [lat, lon]}
  ticket_id:  {use: identifier}
  position:   {use: exposure}
  created_at: {type: date, formats: d/m/Y}
  2020:       {missing: [-1, 007]}
inputs: [subject, app, wait, place, created_at]
outputs:
  - issue_type
  - {name: refund, type: number, unit: USD, metric: mae}
landmarks: {people: {issue_type: {accuracy: 0.87}, refund: 12.5}}
objective: {output: issue_type, metric: log_loss}
models: {allow: [rule, trees], trees: {leaves: 7}}
limits: {latency_ms: 10, size_mb: 20, train_cpu_s: 300}
slices: [app, [app, country]]
readiness: {require: A3, waive: [{code: near-duplicates, by: a.name, why: "..."}]}
gate: {min_gain: 0, max_slice_loss: 0.02, sign_off: required}
store: sqlite
seed: 7
folds: 3
"""


def refused(text: str) -> list[str]:
    """Return the mistakes of a document, one line each."""
    with pytest.raises(Mistakes) as caught:
        from_text(text)
    return caught.value.line().split("\n")


def with_lines(*more: str) -> str:
    return SHORT.replace(".parquet", ".csv") + "".join(f"{text}\n" for text in more)


def test_two_lines_suffice() -> None:
    project = from_text(SHORT)
    question = project.question()
    assert (project.name, project.seed, project.folder) == ("tickets", 0, Path())
    assert [output.name for output in question.outputs] == ["issue_type"]
    assert question.inputs is None and question.columns == {} and question.outputs[0].options == {}


def test_given_holds_the_question_and_the_options_of_the_very_steps() -> None:
    given_ = from_text(FULL, Path("here")).given()
    options = {step.name: step.options for step in ALL if step.options is not None}
    assert {name: type(given_[name]) for name in options} == options
    assert given_.keys() == {"question"} | options.keys()
    assert given_["table"].source == "tickets/*.csv" and given_["table"].folder == "here"
    assert given_["table"].format["delimiter"] == ";" and given_["table"].format["header"] is True
    assert given_["table"].sample.rows == 100_000 and given_["table"].sample.column == "issue_type"
    assert given_["split"].by == "time" and given_["split"].test == pytest.approx(0.2)
    assert given_["ladder"].folds == 3 and given_["ladder"].allow == ("rule", "trees")
    assert given_["ladder"].settings["trees"]["leaves"] == 7
    assert given_["ladder"].settings.keys() == set(MODELS.names())
    assert given_["choice"].size_mb == 20 and given_["gate"].max_slice_loss == 0.02
    assert given_["readiness"].require == "A3" and given_["readiness"].waive[0].by == "a.name"


def test_the_question_holds_what_was_said_and_no_default() -> None:
    question = from_text(FULL).question()
    assert question.columns == {
        "subject": {"type": "text"},
        "wait": {"type": "number", "unit": "s"},
        "place": {"type": "geo", "columns": ["lat", "lon"]},
        "ticket_id": {"use": "identifier"},
        "position": {"use": "exposure"},
        "created_at": {"type": "date", "formats": ["d/m/Y"]},
        "2020": {"missing": ["-1", "007"]},
    }
    kind, refund = question.outputs
    assert (kind.metric, kind.people, kind.options) == ("log_loss", {"accuracy": 0.87}, {})
    assert (refund.metric, refund.people, refund.options) == ("mae", {"mae": 12.5}, {"unit": "USD", "type": "number"})
    assert question.slices == (("app",), ("app", "country"))
    assert question.inputs == ("subject", "app", "wait", "place", "created_at")


def test_an_output_is_described_in_columns_as_well_as_in_outputs() -> None:
    text = "data: a.csv\noutputs: [{name: y, type: number, metric: mae}]\n"
    text += "columns: {y: {type: number, unit: s, use: target}}"
    (output,) = from_text(text).question().outputs
    assert output.options == {"type": "number", "unit": "s"}


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("data: a.csv", "a.csv"),
        ("data: {source: a.csv}", "a.csv"),
        ("data: {sql: select 1, connection: env:DB}", {"sql": "select 1", "connection": "env:DB"}),
        ("data: {source: {sql: select 1}}", {"sql": "select 1"}),
        ("data: {sql: select 1, split: {by: hash, column: id}}", {"sql": "select 1"}),
        ("data: s3://bucket/tickets/", "s3://bucket/tickets/"),
    ],
)
def test_data_is_a_place_a_query_or_a_section(text: str, source: Any) -> None:
    assert from_text(f"{text}\noutputs: y").given()["table"].source == source


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("a/tickets.csv.gz", "tickets"),
        ("tickets/*.parquet", "tickets"),
        ("C:\\data\\My Tickets (1).csv", "My-Tickets-1"),
        ("s3://bucket/d/*.csv", "d"),
        ("*.csv", "model"),
        ("été.csv", "t"),
    ],
)
def test_a_project_is_named_after_its_data(source: str, name: str) -> None:
    assert from_values({"data": source, "outputs": ["y"]}).name == name


def test_single_names_stand_for_lists() -> None:
    project = from_text(
        "data: a.csv\noutputs: y\ninputs: a\nslices: b\nlandmarks: {people: 3}\nobjective: {metric: mae}"
    )
    question = project.question()
    assert (question.inputs, question.slices) == (("a",), (("b",),))
    assert question.outputs[0].people == {"mae": 3.0}


@pytest.mark.parametrize(
    ("outputs", "rest", "metric"),
    [
        ("y", "landmarks: {people: {y: {accuracy: 0.9}}}", "accuracy"),
        ("[y, z]", "landmarks: {people: {y: {accuracy: 0.9}}}\nobjective: {output: z, metric: mae}", "accuracy"),
        ("{name: y, metric: log_loss}", "landmarks: {people: {y: {accuracy: 0.9}}}", "log_loss"),
        ("y", "landmarks: {people: {y: {accuracy: 0.9}}}\nobjective: {metric: log_loss}", "log_loss"),
        ("y", "landmarks: {people: {y: {accuracy: 0.9, log_loss: 0.3}}}", None),
        ("y", "", None),
    ],
)
def test_the_only_score_of_people_names_the_metric_shown_first(outputs: str, rest: str, metric: str | None) -> None:
    project = from_text(f"data: a.csv\noutputs: {outputs}\n{rest}")
    assert project.question().outputs[0].metric == metric
    assert from_values(tree(project)).question().outputs[0].metric == metric


def test_numbers_stand_for_the_text_they_were_written_in() -> None:
    text = "data: a.csv\noutputs: [007, {name: 1.50}]\ninputs: 2020\nslices: [1, [2, true]]\n"
    text += "columns: {a: {missing: [-999, no]}}"
    question = from_text(text).question()
    assert [output.name for output in question.outputs] == ["007", "1.50"]
    assert question.inputs == ("2020",) and question.slices == (("1",), ("2", "true"))
    assert question.columns == {"a": {"missing": ["-999", "no"]}}


def test_an_empty_section_is_its_default() -> None:
    empty = with_lines("columns:", "limits:", "models:", "slices:", "inputs:", "name:", "seed:")
    assert from_text(empty) == from_text(with_lines())


@pytest.mark.parametrize(
    "text", [SHORT, FULL, with_lines(), "data: {sql: 'select \"a\"\n\n from b', connection: x.db}\noutputs: y"]
)
def test_the_rendered_document_makes_the_same_project(text: str) -> None:
    project = from_text(text)
    again = from_text(render(project))
    assert again == project
    assert again.given() == project.given()
    assert render(again) == render(project)


def test_the_rendered_document_shows_every_default() -> None:
    shown = tree(from_text(with_lines()))
    assert shown["models"].keys() == {"allow", *MODELS.names()}
    assert shown["models"]["trees"]["leaves"] == 31 and shown["folds"] == 5
    assert shown["data"]["format"]["delimiter"] is None and shown["data"]["split"]["by"] == "auto"
    assert shown["limits"]["latency_ms"] is None and "folder" not in shown["data"]


def test_the_documents_json_knows_no_place() -> None:
    one = from_text(FULL, Path("/one"))
    moved = FULL.replace("tickets/*.csv", "/elsewhere/tickets.csv").replace("store: sqlite", "store: mysql://host/db")
    other = from_text(moved, Path("/other"))
    assert document_json(one) == document_json(other) == json.loads(json.dumps(document_json(one)))
    assert one.question().document == of_json(document_json(one))
    assert one.question() == other.question()
    assert document_json(from_text(FULL.replace("seed: 7", "seed: 8"))) != document_json(one)


def test_with_places_the_documents_json_makes_the_project_again() -> None:
    project = from_text(FULL)
    assert from_values(document_json(project, places=True)) == project


def test_two_misspelt_sections_are_both_named_and_nothing_else() -> None:
    assert refused("dta: x.csv\noutputs: [y]\nlimts: {latency_ms: 1}\n") == [
        "landmark.yaml:1 dta: 'dta' is not understood here (seen: x.csv). Fix: did you mean 'data'?",
        "landmark.yaml:3 limts: 'limts' is not understood here (seen: {'latency_ms': 1}). Fix: did you mean 'limits'?",
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "data:\noutputs:\n", "name: x"])
def test_what_is_required_is_said_with_an_example(text: str) -> None:
    first, second = refused(text)
    assert "data: is required" in first and "data: table.csv" in first
    assert "outputs: is required" in second and "outputs: [price]" in second


@pytest.mark.parametrize(
    ("lines", "where", "words"),
    [
        ("columns: {a: {type: numbr}}", "3 columns.a.type", "did you mean 'number'?"),
        ("columns: {a: {unit: s}}", "3 columns.a.unit", "say the type too, as in {type: number, unit: s}"),
        ("columns: {a: {type: number, units: s}}", "3 columns.a.units", "did you mean 'unit'?"),
        (
            "columns:\n a:\n  type: number\n  unit: yeers",
            "6 columns.a.unit",
            "'yeers' is not a unit. Fix: did you mean 'year'?",
        ),
        ("columns: {a: number}", "3 columns.a", "must be a section"),
        ("columns: {a: {use: identifer}}", "3 columns.a.use", "did you mean 'identifier'?"),
        ("columns: {a: {physical: int64}}", "3 columns.a.physical", "found in the data, never written"),
        ("columns: {a: {type: geo}}", "3 columns.a.columns", "the 2 source columns it is made of"),
        ("columns: {a: {type: geo, columns: [x]}}", "3 columns.a.columns", "needs at least 2, has 1"),
        ("columns: {a: {type: number, columns: [x]}}", "3 columns.a.columns", "not understood here"),
        ("columns: {a: {type: date, formats: [xx]}}", "3 columns.a.formats", "'xx' is no date format"),
        ("columns: {a: {type: [b]}}", "3 columns.a.type", "one of: binary"),
        ("columns: [a]", "3 columns", "must be a section"),
        ("columns: {a: {missing: 5}}", "3 columns.a.missing", "must be a list"),
        ("models: {allow: [lienar]}", "3 models.allow[0]", "did you mean 'linear'?"),
        ("models: {tress: {leaves: 3}}", "3 models.tress", "did you mean 'trees'?"),
        ("models: {trees: {leafs: 3}}", "3 models.trees.leafs", "did you mean 'leaves'?"),
        ("models: {trees: {leaves: many}}", "3 models.trees.leaves", "must be a whole number (seen: many)"),
        ("folds: 1", "3 folds", "must be at least 2 (seen: 1)"),
        ("folds: 2.5", "3 folds", "must be a whole number"),
        ("seed: -1", "3 seed", "must be at least 0"),
        ("limits: {latency_ms: fast}", "3 limits.latency_ms", "must be a number (seen: fast)"),
        ("limits: {latency_ms: 0}", "3 limits.latency_ms", "must be greater than 0"),
        ("readiness: {require: A9}", "3 readiness.require", "not understood here"),
        ("readiness: {waive: [{code: x, by: y}]}", "3 readiness.waive[0].why", "is required"),
        ("name: my model", "3 name", "becomes a file name"),
        ("store: foo", "3 store", "neither sqlite nor an address"),
        ("slices: {a: b}", "3 slices", "must be"),
        ("split: {by: time}", "3 split", "belongs into the section data"),
        ("monitor: {window: 1d}", "3 monitor", "one of: columns, data"),
        ("prior: {keep_at_most: 40}", "3 prior", "one of: columns, data"),
        ("objective: {costs: {missed: 20}}", "3 objective.costs", "one of: metric, output"),
        ("inputs: [a, issue_type]", "3 inputs[1]", "cannot be an input"),
        ("inputs: [a, b, a]", "3 inputs[2]", "there already"),
        ("inputs: [a]\ncolumns: {a: {use: weight}}", "3 inputs[0]", "used as weight"),
        ("columns: {a: {use: target}}", "3 columns.a.use", "not among the outputs"),
        ("columns: {issue_type: {use: ignore}}", "3 columns.issue_type.use", "to be predicted"),
        ("columns: {issue_type: {type: date}}", "3 columns.issue_type.type", "of type date cannot be predicted"),
        ("columns: {a: {use: weight}, b: {use: weight}}", "3 columns.b.use", "'a' is the weight already"),
        ("columns: {a: {type: geo, columns: [x, x]}}", "3 columns.a.columns[1]", "there already"),
        ("columns: {a: {type: geo, columns: [x, issue_type]}}", "3 columns.a.columns[1]", "no feature can hold it"),
        ("objective: {output: isue_type}", "3 objective.output", "did you mean 'issue_type'?"),
        ("objective: {metric: acuracy}", "3 objective.metric", "did you mean 'accuracy'?"),
        (
            "landmarks: {people: {isue_type: {accuracy: 1}}}",
            "3 landmarks.people.isue_type",
            "did you mean 'issue_type'?",
        ),
        ("landmarks: {people: {issue_type: {acuracy: 1}}}", "3 landmarks.people.issue_type.acuracy", "did you mean"),
        ("landmarks: {people: .87}", "3 landmarks.people", "people: {issue_type: {accuracy: 0.87}}"),
        ("landmarks: {people: {issue_type: .87}}", "3 landmarks.people.issue_type", "by which metric"),
        ("landmarks: {people: good}", "3 landmarks.people", "must be a section"),
    ],
)
def test_a_mistake_has_line_path_value_and_the_next_action(lines: str, where: str, words: str) -> None:
    (mistake,) = refused(with_lines(lines))
    assert mistake.startswith(f"landmark.yaml:{where}:")
    assert words in mistake


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (
            "data: {source: a.csv, format: {delimter: x}}\noutputs: y",
            "1 data.format.delimter",
            "did you mean 'delimiter'?",
        ),
        ("data: {source: a.csv, splt: {}}\noutputs: y", "1 data.splt", "did you mean 'split'?"),
        ("data: {source: a.csv, folder: b}\noutputs: y", "1 data.folder", "never written"),
        ("data: {test: a.csv}\noutputs: y", "1 data.source", "source: table.csv"),
        ("data: {source: 3.5, test: [b]}\noutputs: y", "1 data.test", "must be a path"),
        ("data: [a.csv]\noutputs: y", "1 data", "must be a section"),
        ("data: a.csv\noutputs: []", "2 outputs", "needs at least 1, has 0"),
        ("data: a.csv\noutputs: [x, y, x]", "2 outputs[2]", "there already"),
        ("data: a.csv\noutputs: [{name: y, type: geo}]", "2 outputs[0].type", "one of: binary"),
        ("data: a.csv\noutputs: [{name: y, tpe: number}]", "2 outputs[0].tpe", "did you mean 'type'?"),
        ("data: a.csv\noutputs: [{type: number}]", "2 outputs[0].name", "the column to predict"),
        ("data: a.csv\noutputs: [{name: y, metric: acuracy}]", "2 outputs[0].metric", "did you mean 'accuracy'?"),
        ("data: a.csv\noutputs: [{name: y, use: ignore}]", "2 outputs[0].use", "one of: target"),
        ("data: a.csv\noutputs: [x, y]\nobjective: {metric: mae}", "3 objective.metric", "several outputs"),
        ("data: a.csv\noutputs: [x, y]\nlandmarks: {people: 3}", "3 landmarks.people", "several outputs"),
        (
            "data: a.csv\noutputs: [{name: y, metric: mae}]\nobjective: {output: y, metric: rmse}",
            "3 objective.metric",
            "say it once",
        ),
        (
            "data: a.csv\noutputs: [{name: y, type: number, unit: s}]\ncolumns: {y: {type: number, unit: h}}",
            "2 outputs[0].unit",
            "say it once",
        ),
    ],
)
def test_a_mistake_in_data_or_outputs(text: str, where: str, words: str) -> None:
    mistakes = refused(text)
    assert [mistake for mistake in mistakes if mistake.startswith(f"landmark.yaml:{where}:") and words in mistake]


def test_a_list_of_wrong_items_is_not_called_too_short() -> None:
    (mistake,) = refused("data: a.csv\noutputs: [{name: y, type: geo}]")
    assert "outputs[0].type" in mistake


def test_all_mistakes_are_said_at_once_in_the_order_of_the_document() -> None:
    text = (
        "data: {source: a.csv, split: {by: tim}}\noutputs: [y]\nfolds: 1\nfolds: 2\ncolums: {}\ninputs: [y]\nseed: x\n"
    )
    assert [re.sub(r":.*", "", mistake.partition(" ")[2]) for mistake in refused(text)] == [
        "folds",  # said twice
        "data.split.by",
        "folds",
        "colums",
        "seed",
        "inputs[0]",
    ]


def test_what_is_wrong_with_one_setting_hides_no_other_mistake() -> None:
    text = (
        "data: {source: a.csv, typo: 1, split: {by: group, column: y}}\n"
        "outputs: [{name: y, type: number, unit: furlog, typo: 1}]\n"
        "readiness: {block: [xx], waive: 3}\nobjective: {metric: zz}\n"
    )
    places = {re.sub(r":.*", "", mistake.partition(" ")[2]) for mistake in refused(text)}
    assert places == {
        *("data.typo", "data.split.column", "outputs[0].typo", "outputs[0].unit"),
        *("readiness.block[0]", "readiness.waive", "objective.metric"),
    }
    several = refused("data: a.csv\noutputs: [null]\nreadiness: {block: [lekage]}\n")
    assert "outputs[0]: is empty. Fix: say which columns to predict" in several[0]
    assert "'lekage'. Fix: did you mean 'leakage'?" in several[1] and len(several) == 2


def test_no_password_is_shown() -> None:
    for text in ("store: foo://me:secret@host/d", "dta: {connection: 'mysql://me:secret@host/d'}"):
        with pytest.raises(Mistakes) as caught:
            from_text(f"data: a.csv\noutputs: [y]\n{text}\n")
        said = caught.value.line() + json.dumps(caught.value.as_json())
        assert "secret" not in said and "://…@host/d" in said


def test_a_store_that_no_database_is_known_for_is_a_mistake_like_others() -> None:
    mistakes = refused("data: a.csv\noutputs: [y]\nstore: foo://bar\nobjective: {metric: zz}\n")
    assert any("landmark.yaml:3 store: this is not the address of a database" in mistake for mistake in mistakes)
    assert len(mistakes) == 2


def test_a_column_comes_in_a_unit_that_can_become_the_declared_one() -> None:
    text = "columns: {a: {type: number, unit: year, missing: ['-1']}}\n"
    project = from_text(f"data: {{source: a.csv, units: {{a: month}}}}\noutputs: [y]\n{text}")
    assert project.options()["table"].model_dump()["wanted"] == {"a": {"unit": "year", "missing": ("-1",)}}
    mistakes = refused(f"data: {{source: a.csv, units: {{a: kg, b: s, y: ms}}}}\noutputs: [y]\n{text}")
    for mistake, words in zip(
        mistakes, ("'kg' ([mass]) cannot become 'year'", "'b' has no unit", "'y' has no"), strict=True
    ):
        assert words in mistake


def test_the_values_that_were_given_stay_as_they_are() -> None:
    given = {"data": "a.csv", "outputs": [{"name": "y", "typo": 1}]}
    with pytest.raises(Mistakes):
        from_values(given)
    assert given == {"data": "a.csv", "outputs": [{"name": "y", "typo": 1}]}


def test_marks_are_shown_so_that_they_can_be_read() -> None:
    (mistake,) = refused("data: {source: a.csv, format: {thousands: '1'}}\noutputs: [y]\n")
    assert """one of: '', ' ', "'", ',', '.'""" in mistake


def test_mistakes_are_json_too() -> None:
    with pytest.raises(Mistakes) as caught:
        from_text("dta: x.csv\noutputs: [y]\nfolds: 1\n")
    shape = caught.value.as_json()
    assert shape["where"] == "landmark.yaml:1 dta" and [each["fix"] for each in shape["all"]] == [
        "did you mean 'data'?",
        "",
    ]
    assert caught.value.exit_code == 2


def test_plain_values_have_paths_without_lines() -> None:
    with pytest.raises(Mistakes, match=r"^outputs\[0\]\.type: 'geo'"):
        from_values({"data": "a.csv", "outputs": ({"name": "y", "type": "geo"},)})
    project = from_values({"data": "a.csv", "outputs": ("y",), "slices": ("a", ("b", "c"))})
    assert project.question().slices == (("a",), ("b", "c"))


@pytest.mark.parametrize("text", ["- a\n- b\n", "tickets.csv\n", "3\n"])
def test_a_document_is_a_mapping(text: str) -> None:
    with pytest.raises(UserError, match="lines of KEY: VALUE"):
        from_text(text)


def test_no_document_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="landmark init DATA") as caught:
        load(tmp_path / "landmark.yaml")
    assert caught.value.exit_code == 2


def test_a_document_is_loaded_from_its_file_or_its_folder(tmp_path: Path) -> None:
    (tmp_path / "landmark.yaml").write_bytes("\ufeffdata: été.csv\r\noutputs: [y]\r\nfolds: 3\r\n".encode())
    project = load(tmp_path)
    assert project == load(str(tmp_path / "landmark.yaml"))
    assert project.folder == tmp_path and project.document.folds == 3
    assert project.given()["table"].folder == str(tmp_path)
    (tmp_path / "landmark.yaml").write_text("data: a.csv\noutputs: [y]\nfold: 3\n")
    with pytest.raises(Mistakes, match=rf"^{re.escape(str(tmp_path / 'landmark.yaml'))}:3 fold: .*'folds'"):
        load(tmp_path)


@pytest.mark.parametrize("name", DATATYPES.names())
def test_every_data_type_is_a_word_of_the_document(name: str) -> None:
    datatype = DATATYPES[name]
    columns = {"columns": [f"c{i}" for i in range(datatype.COLUMNS)]} if datatype.COLUMNS > 1 else {}
    values: dict[str, Any] = {"data": "a.csv", "outputs": ["y"], "columns": {"x": {"type": name, **columns}}}
    assert from_values(values).question().columns == values["columns"]
    output = {"data": "a.csv", "outputs": [{"name": "y", "type": name}]}
    if predictable(datatype):
        assert from_values(output).question().outputs[0].options == {"type": name}
    else:
        with pytest.raises(Mistakes):
            from_values(output)


def test_a_project_is_frozen() -> None:
    project = from_text(SHORT)
    with pytest.raises(AttributeError):
        project.folder = Path("x")  # type: ignore[misc]  # that it cannot be written is the point
    with pytest.raises(ValueError, match="frozen"):
        project.document.seed = 3  # type: ignore[misc]  # as above


WORDS = st.sampled_from(
    [
        *(
            "data",
            "outputs",
            "columns",
            "inputs",
            "slices",
            "objective",
            "landmarks",
            "source",
            "split",
            "format",
            "sql",
        ),
        *("type", "name", "use", "unit", "missing", "metric", "people", "allow"),
        *("number", "geo", "trees", "weight", "y", "a.csv"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | WORDS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4))


@given(st.dictionaries(WORDS, VALUES, max_size=6))
def test_any_values_are_a_project_or_a_mistake(values: dict[str, Any]) -> None:
    values = {"data": "a.csv", "outputs": ["y"]} | values
    try:
        project: Project = from_values(values)
    except UserError as mistake:
        assert mistake.line()
    else:
        assert from_text(render(project)).given().keys() == project.given().keys()


@given(
    st.integers(0, len(FULL)), st.integers(0, 3), st.text(st.sampled_from(list("a1:-[]{}#, \n\t'\"&*!")), max_size=3)
)
def test_a_damaged_document_is_a_project_or_a_mistake(at: int, cut: int, put: str) -> None:
    try:
        from_text(FULL[:at] + put + FULL[at + cut :])
    except UserError as mistake:
        assert mistake.where.startswith("landmark.yaml")


def test_the_room_imports_no_training_library() -> None:
    heavy = ("sklearn", "scipy", "lightgbm", "pandas", "PIL", "pint", "sqlalchemy", "bokeh", "torch")
    code = (
        "import sys\nfrom landmark.config import from_text, render\n"
        f"render(from_text({with_lines()!r}))\nprint([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
