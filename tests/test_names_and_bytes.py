"""What a model file holds: names that cannot collide, one value for an exposure, and the same bytes everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tables import people, plain

import landmark
from landmark.artifacts.candidates import Candidates
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.transform import Transform
from landmark.core.errors import UserError
from landmark.core.seeds import generator
from landmark.datatypes import DATATYPES, options_of
from landmark.graph.batch import batch_of
from landmark.graph.builder import INNER
from landmark.graph.check import open_model
from landmark.graph.compose import attach, corridor, serialize
from landmark.graph.run import Feeds, rows_of, run, session
from landmark.laws.datatypes import as_columns, strange_rows
from landmark.models import MODELS, Fitted
from landmark.serving.border import border_of
from landmark.steps import usual
from landmark.steps.release.model_file import answer

RUNGS = ("constant", "rule", "linear", "trees")
WIDTHS = {"bought": "bought.p", "spent": "spent", "tags": "tags.p"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- names --------------------------------------------------------------------------------------------------------


def test_columns_may_have_the_names_that_inner_tensors_used_to_have() -> None:
    table = plain(200)
    names = ("prediction", "Squeeze_1", "c0_Squeeze_1", "h_Add_1", "age/0", "k_float64", "N")
    for i, name in enumerate(names):
        table = table.append_column(name, pa.array(np.random.default_rng(i).normal(size=200)))
    trained = landmark.train(table, outputs=["bought"], models={"allow": ["linear"]})
    graph = open_model(trained.model).model.graph
    public = {tensor.name for tensor in (*graph.input, *graph.output)}
    assert set(names) | {"age", "bought", "bought.p"} <= public
    inner = {name for node in graph.node for name in node.output} | {tensor.name for tensor in graph.initializer}
    assert all(name.startswith(INNER) for name in inner - public)
    assert trained.load().predict(table.slice(0, 3)).num_rows == 3


@pytest.mark.parametrize(
    ("name", "outputs"),
    [("bought.p", ["bought"]), (f"{INNER}k", ["bought"]), ("bought.p", ["bought", "bought.p"])],
    ids=["probabilities", "inner", "two outputs"],
)
def test_tensors_of_one_name_are_refused(name: str, outputs: list[str]) -> None:
    table = plain(200).append_column(name, pa.array(np.random.default_rng(0).normal(size=200)))
    with pytest.raises(UserError, match=r"has the name of|kept for inner tensors"):
        landmark.train(table, outputs=outputs)


def test_what_else_a_column_brings_is_refused_as_a_column_of_its_own() -> None:
    names = pa.array([f"{i}.png" for i in range(200)])
    table = plain(200).append_column("photo", names)
    table = table.append_column("photo.present", pa.array(np.random.default_rng(0).normal(size=200)))
    with pytest.raises(UserError, match=r"tensor 'photo\.present' has the name of a tensor of 'photo'"):
        landmark.train(table, outputs=["bought"], columns={"photo": {"type": "image"}})


# --- exposures ----------------------------------------------------------------------------------------------------

DAYS = [datetime(2020, 5, 24), datetime(2020, 5, 24), datetime(2021, 1, 1)]


@pytest.mark.parametrize(
    ("kind", "values", "options", "expected"),
    [
        ("number", pa.array([1, 2, 9, 10]), {}, "2.0"),
        ("number", pa.array(["1.5", "?", None, "inf"]), {"missing": ["?"]}, "1.5"),
        ("number", pa.array([None, None], pa.float64()), {}, None),
        ("date", pa.array(DAYS, pa.timestamp("us")), {}, "2020-05-24 00:00:00"),
        ("date", pa.array(["24.05.2020", "24.05.2020", "01.01.2021"]), {"formats": ["d.m.Y"]}, "24.05.2020"),
        ("category", pa.array(["2", "02", "02", "1", None, ""]), {"physical": "string"}, "02"),
        ("category", pa.array([2, 2, 1]), {"physical": "int64"}, "2"),
        ("category", pa.array(["?", "?", "a"]), {"missing": ["?"], "physical": "string"}, "a"),
        ("category", pa.array(["x" * 300]), {"physical": "string"}, "x" * 300),
        ("category", pa.array([None], pa.string()), {"physical": "string"}, None),
    ],
)
def test_the_value_of_an_exposure_is_read_as_the_training_rows_were(
    kind: str, values: pa.Array, options: dict[str, Any], expected: str | None
) -> None:
    column = Column(name="x", type=kind, columns=("x",), use="exposure", options=options)
    assert usual(column, {"x": values}) == {"x": expected}
    wire = DATATYPES[kind].wire
    served = wire({"x": pa.array([expected], pa.string())}, options_of(column), True)["x"]
    known = wire({"x": values}, options_of(column), False)["x"]
    assert served[0] in known or (expected is None and np.array_equal(served, known[:1], equal_nan=True))


def test_exposures_of_every_kind_are_served() -> None:
    table = plain(200)
    rng = np.random.default_rng(0)
    days = pa.array([DAYS[i] for i in rng.integers(0, 3, 200)], pa.timestamp("us"))
    table = table.append_column("day", days)
    table = table.append_column("code", pa.array(rng.choice(["01", "2", "10"], 200)))
    table = table.append_column("gone", pa.nulls(200, pa.float64()))
    columns = {
        "day": {"type": "date", "use": "exposure"},
        "code": {"type": "category", "use": "exposure"},
        "gone": {"type": "number", "use": "exposure"},
    }
    trained = landmark.train(table, outputs=["bought"], columns=columns, models={"allow": ["linear"]})
    manifest = open_model(trained.model).manifest
    fixed = border_of(manifest).fixed
    assert fixed["day"].tolist() == [1_590_278_400_000_000] and fixed["code"][0] in ("01", "2", "10")
    assert np.isnan(fixed["gone"]).all() and manifest.columns["gone"].fixed == {"gone": None}
    row = {"noise": 0.1, "age": 40.0, "city": "rome"}
    assert trained.load().predict(row)["bought"] in ("yes", "no")


# --- bytes --------------------------------------------------------------------------------------------------------

SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import pyarrow as pa
from tables import people, plain
import landmark
from landmark.artifacts.candidates import Candidates
rungs = {"allow": ["linear", "trees"], "trees": {"rounds": 20}}
trained = landmark.train(people(300), outputs=["bought", "spent"], models=rungs)
fine = pa.array(np.random.default_rng(1).normal(size=15_000))  # BLAS shares sums of more than 10,000 among threads
table = plain(15_000).append_column("fine", fine)
many = landmark.train(table, outputs=["bought"], models={"allow": ["linear"]})
for made in (trained, many):
    print(hashlib.sha256(open(made.model, "rb").read()).hexdigest())
    for output in made.result.get("ladder", Candidates).outputs.values():
        for rung in output.candidates:
            print(rung.model, hashlib.sha256(rung.head).hexdigest())
"""


def test_the_same_bytes_come_out_of_every_surrounding(tmp_path: Path) -> None:
    surroundings = (
        {"OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        {"OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )
    running = []
    for i, surrounding in enumerate(surroundings):
        folder = tmp_path / str(i)
        folder.mkdir()
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)]
        environment = os.environ | surrounding
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, cwd=folder, env=environment, **pipes))
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    one, two = (out.splitlines() for out, _ in said)
    assert {"linear", "trees"} <= {line.split()[0] for line in one[1:]}
    assert one == two


# --- parity -------------------------------------------------------------------------------------------------------


def finishing(module: Any, name: str, done: list[tuple[str, Fitted]]) -> Callable[..., Fitted]:
    """Return the module's `finish`, which also keeps what it returns."""
    finish = module.finish

    def kept(*given: Any) -> Fitted:
        fitted: Fitted = finish(*given)
        done.append((name, fitted))
        return fitted

    return kept


def awkward(schema: Schema, rows: pa.Table) -> Feeds:
    """Return tensors of rows, of each type's own examples (never seen) and of its STRANGE values."""
    tensors: dict[str, list[Any]] = {}
    for column in schema.features:
        module, options, names = DATATYPES[column.type], options_of(column), column.columns
        raw = [module.example(generator(1, column.name), 40, names), {n: rows[n].combine_chunks() for n in names}]
        raw += [as_columns([row], names) for row in strange_rows(module)]
        for columns in raw:
            for name, tensor in module.wire(columns, options, False).items():
                tensors.setdefault(name, []).append(tensor)
    joined = {name: np.concatenate(parts) for name, parts in tensors.items()}
    longest = max(len(tensor) for tensor in joined.values())
    return {name: np.resize(tensor, longest) for name, tensor in joined.items()}


def test_every_rung_of_the_file_says_what_was_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, Fitted]] = []
    for name in RUNGS:
        monkeypatch.setattr(MODELS[name], "finish", finishing(MODELS[name], name, done))
    settings = {"allow": list(RUNGS), "trees": {"rounds": 60}}
    trained = landmark.train(people(300), outputs=list(WIDTHS), models=settings)
    schema, shaped = trained.result.get("schema", Schema), trained.result.get("transform", Transform)
    outputs = trained.result.get("ladder", Candidates).outputs
    feeds = awkward(schema, people(40, seed=7))
    assert rows_of(feeds) > 100
    batch = batch_of(shaped, feeds)
    left = iter(done)
    for target in schema.targets:
        tried = outputs[target.name]
        assert [candidate.model for candidate in tried.candidates] == list(RUNGS)
        for candidate in tried.candidates:
            name, fitted = next(left)
            assert name == candidate.model
            graph, tensors = corridor(shaped)
            answer(graph, target, attach(graph, tensors, candidate.head, "h0"), tried)
            engine = session(serialize(graph))
            own = {tensor.name: feeds[tensor.name] for tensor in engine.get_inputs()}
            want = fitted.predict(batch)
            assert np.isfinite(want).all()
            for size in (1, 7, 1000):
                (got,) = run(engine, own, [WIDTHS[target.name]], size)
                np.testing.assert_allclose(got.reshape(want.shape), want, 1e-9, 1e-13, err_msg=f"{name}, {size} rows")
    assert next(left, None) is None
