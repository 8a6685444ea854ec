"""The predictor: any kind of table in, the same kind out, the same answer by every way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving_file import tickets, write

from landmark.api import model_json
from landmark.core.errors import Mistakes, RefusedFile, UserError
from landmark.core.seeds import generator
from landmark.datatypes import DATATYPES
from landmark.graph.check import open_model, seal
from landmark.graph.run import CHUNK
from landmark.serving import predictor as room
from landmark.serving.frames import receive, values_of
from landmark.serving.predictor import Predictor, chunk_rows, load

ROWS: list[dict[str, Any]] = [
    {"wait": 1.5, "size": 3, "app": "mail", "note": object()},
    {"wait": None, "size": 4, "app": None, "note": 1},
    {"wait": float("nan"), "size": None, "app": "never seen", "note": "x"},
]
COLUMNS: dict[str, list[Any]] = {name: [row[name] for row in ROWS] for name in ("wait", "size", "app")}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return load(tickets(tmp_path_factory.mktemp("model") / "tickets.onnx"))


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Return a model with an input of every data type there is."""
    declared: dict[str, tuple[str, dict[str, Any]]] = {}
    rows: dict[str, Any] = {}
    for name, datatype in DATATYPES.items():
        columns = [f"{name}{i}" for i in range(datatype.COLUMNS)]
        rows |= datatype.example(generator(0, name), 50, columns)
        declared[name] = (name, {"columns": columns})
    path = tmp_path_factory.mktemp("every") / "every.onnx"
    return load(write(path, declared, rows, {"y": ("binary", ["no", "yes"] * 25)}))


@pytest.fixture(scope="module")
def answers(model: Predictor) -> list[dict[str, Any]]:
    return [model.predict({name: row[name] for name in COLUMNS}) for row in ROWS]


def test_one_row_is_answered_with_one_row(model: Predictor) -> None:
    answer = model.predict({"wait": 3, "size": 2.5, "app": "mail"})
    assert list(answer) == ["late", "late.p.no", "late.p.yes"]
    assert answer["late"] in ("no", "yes")
    assert answer["late.p.no"] + answer["late.p.yes"] == pytest.approx(1)
    assert model.predict({"wait": 500, "size": 2.5, "app": "mail"}) != answer


def test_every_kind_of_table_comes_back_as_its_own_kind(model: Predictor, answers: list[dict[str, Any]]) -> None:
    table = pa.table(COLUMNS)
    lists = model.predict(COLUMNS)
    assert lists == {name: [answer[name] for answer in answers] for name in answers[0]}
    assert model.predict(ROWS) == answers
    assert model.predict(tuple(ROWS)) == answers
    assert model.predict(table).equals(pa.table(lists))
    (batch,) = table.to_batches()
    assert model.predict(batch).equals(pa.record_batch(lists))
    assert model.predict(pl.DataFrame(COLUMNS)).equals(pl.DataFrame(lists))
    assert model.predict({name: np.array(values, object) for name, values in COLUMNS.items()}) == lists


def test_pandas_keeps_its_index_and_extra_columns_are_not_touched(model: Predictor) -> None:
    frame = pd.DataFrame(ROWS, index=["c", "a", "b"])
    frame["app"] = frame["app"].astype("category")
    result = model.predict(frame)
    assert list(result.index) == ["c", "a", "b"]
    assert result["late"].tolist() == [answer["late"] for answer in model.predict(ROWS)]


def test_any_frame_with_an_arrow_stream_is_read(model: Predictor, answers: list[dict[str, Any]]) -> None:
    class Foreign:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)

    class Interchanged:
        def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:
            table = pa.table({name: pa.array(values, from_pandas=True) for name, values in COLUMNS.items()})
            return table.__dataframe__(nan_as_null, allow_copy)

    assert model.predict(Foreign()).to_pylist() == answers
    assert model.predict(Interchanged()).to_pylist() == answers


@pytest.mark.parametrize(
    "thing",
    ["rows.csv", 3, None, pa.array([1]), pl.Series([1]), [1, 2]],
    ids=["text", "number", "None", "array", "series", "list of numbers"],
)
def test_what_is_no_table_is_refused(model: Predictor, thing: Any) -> None:
    with pytest.raises(UserError, match=r"table|mapping"):
        model.predict(thing)


@pytest.mark.parametrize("frame", [[], pa.table({name: pa.array([], pa.float64()) for name in COLUMNS})], ids=type)
def test_no_rows_have_no_answers(model: Predictor, frame: Any) -> None:
    assert len(model.predict(frame)) == 0


def test_answers_to_no_rows_have_the_columns_of_answers(model: Predictor) -> None:
    nothing = model.predict(pa.table({name: pa.array([], pa.float64()) for name in COLUMNS}))
    assert nothing.schema == model.predict(pa.table(COLUMNS)).schema


def test_a_missing_column_is_named_with_the_nearest_one(model: Predictor) -> None:
    row = {"wait": 1, "sizes": 2, "app": "mail"}
    for frame in (row, pa.table({name: [value] for name, value in row.items()}), pd.DataFrame([row])):
        with pytest.raises(UserError, match=r"size: this column is missing\. Fix: did you mean 'sizes'"):
            model.predict(frame)
    with pytest.raises(UserError, match="size, row 1: this column is missing"):
        model.predict([row])
    with pytest.raises(UserError, match="app, row 2: this column is missing"):
        model.predict([ROWS[0], {"wait": 1, "size": 2}])
    with pytest.raises(Mistakes) as caught:
        model.predict({"wait": 1})
    assert [mistake.where for mistake in caught.value.mistakes] == ["size", "app"]


def test_a_column_that_stands_twice_is_refused(model: Predictor) -> None:
    twice = pa.table([[1], [2], ["a"], [3]], names=["wait", "size", "app", "wait"])
    with pytest.raises(UserError, match="wait: this column appears twice"):
        model.predict(twice)


def test_columns_of_different_length_are_refused(model: Predictor) -> None:
    with pytest.raises(UserError, match="differ in length"):
        model.predict({"wait": [1, 2], "size": [1], "app": ["a", "b"]})


def test_a_value_of_the_wrong_type_is_named_with_column_row_and_value(model: Predictor) -> None:
    wrong = [{"wait": 1, "size": 2, "app": "a"}, {"wait": "soon", "size": 2, "app": "a"}]
    for frame in (wrong, pd.DataFrame(wrong), pa.table({"wait": ["1", "soon"], "size": [2, 2], "app": ["a", "a"]})):
        with pytest.raises(UserError) as caught:
            model.predict(frame)
        assert (caught.value.where, caught.value.seen) == ("wait, row 2", "soon")
    with pytest.raises(UserError, match=r"wait, row 1: .*soon"):
        model.predict(wrong[1])
    with pytest.raises(UserError, match=r"size, row 1: .*a.*1"):
        model.predict({"wait": 1, "size": {"a": 1}, "app": "a"})


def test_values_of_several_kinds_are_read_one_by_one(model: Predictor) -> None:
    rows = [{"wait": wait, "size": 1, "app": app} for wait, app in [(1, 2), ("1.5", "mail"), (2**70, None), (0.5, 7.0)]]
    assert isinstance(values_of([row["wait"] for row in rows]), list)
    assert model.predict(rows) == [model.predict(row) for row in rows]
    with pytest.raises(UserError, match=r"wait, row 3: .*soon"):
        model.predict([rows[0], rows[1], {**rows[0], "wait": "soon"}])


def test_text_that_is_no_text_does_not_break_a_row(model: Predictor) -> None:
    assert model.predict({"wait": 1, "size": 1, "app": "\ud800"}) == model.predict({"wait": 1, "size": 1, "app": "?"})


def test_numbers_given_as_text_mean_the_same(model: Predictor) -> None:
    assert model.predict({"wait": "3", "size": " 2.5", "app": "mail"}) == model.predict(
        {"wait": 3, "size": 2.5, "app": "mail"}
    )


def test_units_are_converted(model: Predictor) -> None:
    seconds = model.predict(COLUMNS)
    thousands = {**COLUMNS, "wait": [1500.0, None, None]}
    assert model.predict(thousands) != seconds
    assert model.predict(thousands, units={"wait": "ms"}) == seconds
    assert model.predict(COLUMNS, units={"wait": "s"}) == seconds
    assert model.predict({**ROWS[0], "wait": 0.025}, units={"wait": "min"}) == model.predict(ROWS[0])


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"wait": "kg"}, r"units\.wait: .*kg"),
        ({"wait": "9**9**9"}, r"units\.wait: "),
        ({"size": "s"}, r"units\.size: the model knows no unit"),
        ({"weit": "s"}, r"units\.weit: no such column .*did you mean 'wait'"),
    ],
)
def test_units_that_do_not_fit_are_refused(model: Predictor, units: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        model.predict(ROWS[0], units=units)


def test_batches_are_taken_one_at_a_time(model: Predictor) -> None:
    taken: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for i in range(3):
            taken.append(i)
            yield pa.record_batch({name: pa.array(values) for name, values in COLUMNS.items()})

    results = model.predict_batches(batches())
    first = next(results)
    assert taken == [0]
    assert first.to_pylist() == model.predict(ROWS)
    assert sum(batch.num_rows for batch in results) == 6


def test_no_batch_still_gives_the_columns(model: Predictor) -> None:
    (nothing,) = model.predict_batches([])
    assert nothing.num_rows == 0
    assert nothing.schema == model.predict(pa.table(COLUMNS)).schema


def test_a_mistake_in_a_later_batch_is_counted_over_all_rows(model: Predictor) -> None:
    def batch(waits: list[str]) -> pa.RecordBatch:
        return pa.record_batch({"wait": waits, "size": waits, "app": waits})

    with pytest.raises(UserError) as caught:
        list(model.predict_batches([batch(["1", "2"]), batch(["3"]), batch(["4", "late"])]))
    assert (caught.value.where, caught.value.seen) == ("wait, row 5", "late")


def test_a_large_table_is_answered_in_windows(model: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"wait": i, "size": i % 7, "app": "mail" if i % 2 else i} for i in range(50)]
    whole = model.predict(rows)
    monkeypatch.setattr(room, "WINDOW", 8)
    assert model.predict(rows) == whole
    with pytest.raises(UserError, match="wait, row 50"):
        model.predict([*rows[:49], {**rows[49], "wait": "soon"}])


def test_long_texts_and_large_sets_go_in_small_chunks() -> None:
    def feeds(text: str, items: int = 1) -> dict[str, Any]:
        return {"a": np.array(["x", text], object), "b": np.array([1.0, 2.0]), "c": np.full((2, items), "y", object)}

    assert chunk_rows(feeds("x")) == CHUNK
    assert chunk_rows(feeds("x" * 1024)) == 64
    assert chunk_rows(feeds("x", items=512)) == 128
    assert chunk_rows(feeds("x" * 100_000)) == 1
    assert chunk_rows({"b": np.array([1.0])}) == CHUNK


@pytest.mark.parametrize("name", DATATYPES.names())
def test_a_row_is_answered_alike_alone_and_in_company(every_type: Predictor, name: str) -> None:
    """Every data type's own examples and strange values: one by one, and as a table."""
    plain = _rows(every_type, 20)
    for strange in DATATYPES[name].STRANGE:
        values = strange if DATATYPES[name].COLUMNS > 1 else (strange,)
        rows = [*plain[:2], {**plain[2], **{f"{name}{i}": value for i, value in enumerate(values)}}]
        _agree(every_type, rows)
    _agree(every_type, plain)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_rows_of_anything_are_answered_alike_alone_and_in_company(every_type: Predictor, data: st.DataObject) -> None:
    values = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.dates(), st.datetimes()
    )
    rows = _rows(every_type, 3)
    column = data.draw(st.sampled_from(every_type.needs))
    for row in rows:
        row[column] = data.draw(values)
    _agree(every_type, rows)


def test_columns_that_share_a_type_keep_their_own_contract(tmp_path: Path) -> None:
    """The short way of a row reads columns of one contract together, and only those."""
    declared: dict[str, tuple[str, dict[str, Any]]] = {
        "a": ("number", {}),
        "b": ("number", {"missing": ("-999",)}),
        "c": ("date", {}),
        "d": ("date", {}),
    }
    numbers, days = pa.array([1.0, 2.0]), pa.array(["2024-01-02", "2024-03-04"])
    rows = {"a": numbers, "b": numbers, "c": days, "d": days}
    model = load(write(tmp_path / "m.onnx", declared, rows, {"y": ("binary", ["no", "yes"])}))
    row = {"a": -999, "b": -999, "c": date(2024, 2, 3), "d": "2024-02-03"}
    assert model.predict(row) == model.predict([row, row])[0] == model.predict({**row, "b": None})
    assert model.predict(row) != model.predict({**row, "a": None})
    with pytest.raises(UserError, match="d, row 1: not a date"):  # beside a date, Arrow would read 0 as one
        model.predict({**row, "d": 0})


def test_serving_needs_no_training_library(tmp_path: Path) -> None:
    """A process in which none of them can be imported loads a model and answers."""
    path = tickets(tmp_path / "tickets.onnx")
    script = """
import json, sys
class Gone:
    @staticmethod
    def find_spec(name, path=None, target=None):
        gone = ("sklearn", "lightgbm", "pandas", "polars", "scipy", "torch", "bokeh", "rich", "sqlalchemy", "pint")
        if name.partition(".")[0] in gone:
            raise ImportError(name)
sys.meta_path.insert(0, Gone)
import landmark
from landmark.serving.predictor import load
import landmark.serving.app, landmark.serving.archive, landmark.serving.tables
answers = load(sys.argv[1]).predict([{"wait": 3, "size": None, "app": "mail"}, {"wait": "1", "size": 2, "app": 5}])
print(json.dumps([answer["late"] for answer in answers]))
"""
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= {"yes", "no"}


def test_outputs_of_every_task_are_answered(tmp_path: Path) -> None:
    outputs: dict[str, tuple[str, list[Any]]] = {
        "hours": ("number", [1.0, 2.0, 3.0, 4.0]),
        "team": ("category", [7, 8, 9, 7]),
        "tags": ("set", [["a", "b"], ["a"], ["b"], ["b", "a"]]),
    }
    model = load(tickets(tmp_path / "m.onnx", outputs))
    answer = model.predict({"wait": 1, "size": 2, "app": "mail"})
    assert isinstance(answer["hours"], float)
    assert answer["team"] in (7, 8, 9)
    assert set(answer["tags"]) <= {"a", "b"}
    assert {"team.p.7", "team.p.8", "team.p.9", "tags.p.a", "tags.p.b"} <= answer.keys()


def test_a_model_shows_itself(model: Predictor) -> None:
    assert set(model.columns) == {"wait", "size", "app"}
    assert set(model.outputs) == {"late"}
    assert "late" in repr(model)
    html = model._repr_html_()
    assert "<td>wait</td><td>number</td><td>wait</td><td>s</td>" in html
    assert "0.5 (0.4 to 0.6)" in html


def test_only_what_is_asked_for_is_received() -> None:
    received = receive({"a": 1, "b": object()}, ["a"])
    assert list(received.columns) == ["a"]


def _rows(model: Predictor, n: int) -> list[dict[str, Any]]:
    rows: dict[str, list[Any]] = {}
    for name, datatype in DATATYPES.items():
        made = datatype.example(generator(1, name), n, [f"{name}{i}" for i in range(datatype.COLUMNS)])
        rows |= {column: array.to_pylist() for column, array in made.items()}
    assert set(rows) == set(model.needs)
    return [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]


def _agree(model: Predictor, rows: list[dict[str, Any]]) -> None:
    """Hold that rows have the same answers alone and together; where one is refused alone, all are together."""
    alone = [_answer(model, row) for row in rows]
    together = _answer(model, rows)
    if isinstance(together, str):
        assert together in alone or "lists and single values" in together
        return
    for one, other in zip(alone, together, strict=True):
        assert isinstance(one, dict), one
        assert one.pop("y") == other.pop("y")
        assert one == pytest.approx(other, rel=1e-12)


def _answer(model: Predictor, frame: Any) -> Any:
    """Return the answer, or the column and value for which it is refused."""
    try:
        return model.predict(frame)
    except UserError as error:
        return f"{error.where.partition(', row')[0]}: {error.what}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "../../os"}, "'../../os' is none of the datatypes"),
        ({"options": {"unit": 3}}, "valid string"),
    ],
)
def test_a_file_that_says_what_is_not_known_is_neither_used_nor_shown(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    path = tickets(tmp_path / "tickets.onnx")
    opened = open_model(path)
    wait = opened.manifest.columns["wait"].model_copy(update=change)
    manifest = opened.manifest.model_copy(update={"columns": opened.manifest.columns | {"wait": wait}})
    del opened.model.metadata_props[:]
    path.write_bytes(seal(opened.model, manifest))
    for reader in (load, model_json):
        with pytest.raises(RefusedFile) as refused:
            reader(path)
        assert refused.value.where == "tickets.onnx" and words in str(refused.value.seen) and refused.value.fix
