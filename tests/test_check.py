"""A model file is opened whole and unchanged, or refused with a reason before anything of it runs."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from landmark.artifacts.evaluation import Interval
from landmark.artifacts.manifest import ColumnEntry, Golden, Manifest, OutputEntry
from landmark.core.digest import of_bytes
from landmark.core.errors import RefusedFile
from landmark.graph import check
from landmark.graph.builder import Graph
from landmark.graph.check import TRAILER, digest_of, open_model, seal
from landmark.graph.golden import as_json
from landmark.graph.run import session
from landmark.graph.wire import MOST_FIELDS

ROWS = {"x": np.array([1.0, np.nan, np.inf, -2.5]), "word": np.array(["a", "b", "", "é"], dtype=object)}


def small() -> Graph:
    """Return a graph of a number and a text: a score and a label."""
    g = Graph()
    x, word = g.input("x", "float64", ("N",)), g.input("word", "string", ("N",))
    code = g.lookup(word, ["a", "b"], [0, 1], 2)
    score = g.op("Add", g.op("Div", x, g.constant(3.0)), g.gather([1.0, 2.0, 3.0], code))
    g.output("y", g.lookup(code, [0, 1], ["yes", "no"], "perhaps"), "string", ("N",))
    g.output("y.p", g.column(score), "float64", ("N", 1))
    return g


def manifest_of(model: onnx.ModelProto, rows: dict[str, Any], **changes: Any) -> Manifest:
    """Return the manifest of a graph that really runs, with golden rows."""
    engine = session(model)
    names = [output.name for output in model.graph.output]
    answers = dict(zip(names, engine.run(names, rows), strict=True))
    golden = Golden(rows={n: as_json(t) for n, t in rows.items()}, answers={n: as_json(t) for n, t in answers.items()})
    return manifest(tuple(rows), golden, **changes)


def manifest(inputs: tuple[str, ...], golden: Golden, **changes: Any) -> Manifest:
    """Return a manifest of one output."""
    interval = Interval(value=0.5, low=0.4, high=0.6)
    output = OutputEntry(
        type="binary", task="binary", options={}, model="rule", metric="auc", test={"auc": 0.5}, interval=interval
    )
    columns = {name: ColumnEntry(type="number", columns=(name,), options={}, tensors=(name,)) for name in inputs}
    told = Manifest(
        name="m",
        version="0",
        data="d",
        run="r",
        rows={"train": 1, "test": 1},
        columns=columns,
        outputs={"y": output},
        level="A2",
        golden=golden,
    )
    return told.model_copy(update=changes)


@pytest.fixture(scope="module")
def content() -> bytes:
    model = small().build()
    return seal(model, manifest_of(model, ROWS))


def sealed(body: bytes) -> bytes:
    """Return bytes sealed by somebody who means harm."""
    return body + check._trailer(of_bytes(body))


def refused(content: bytes, words: str) -> None:
    """Assert that a file is refused, for a reason, in no time."""
    start = time.perf_counter()
    with pytest.raises(RefusedFile, match=words) as caught:
        open_model(content)
    assert time.perf_counter() - start < 2
    assert caught.value.where == "the model file" and caught.value.fix and caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


# --- what is opened -----------------------------------------------------------------------------------------------


def test_a_whole_file_is_opened(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    opened = open_model(tmp_path / "m.onnx")
    label, score = opened.session.run(None, {"x": np.array([6.0]), "word": np.array(["b"], dtype=object)})
    assert (label.tolist(), score.tolist()) == (["no"], [[4.0]])
    assert list(opened.manifest.columns) == ["x", "word"]
    assert [output.name for output in opened.model.graph.output] == ["y", "y.p"]


def test_the_digest_is_that_of_what_stands_before_it(content: bytes, tmp_path: Path) -> None:
    assert TRAILER == 85
    assert open_model(content).manifest.digest == digest_of(content) == content[-64:].decode()
    (tmp_path / "m.onnx").write_bytes(content)
    done = subprocess.run(
        f"head -c -85 '{tmp_path}/m.onnx' | sha256sum", shell=True, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == content[-64:].decode()


def test_the_whole_is_an_onnx_model_with_two_metadata(content: bytes) -> None:
    model = onnx.ModelProto.FromString(content)
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert list(told) == ["landmark", "landmark.digest"]
    assert json.loads(told["landmark"])["digest"] == ""
    onnx.checker.check_model(model)


def test_sealing_is_deterministic(content: bytes) -> None:
    model = small().build()
    assert seal(model, manifest_of(model, ROWS, digest="0" * 64)) == content


# --- damage -------------------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_flipped_byte_is_noticed(content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    flipped = bytearray(content)
    flipped[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RefusedFile, match="digest"):
        open_model(bytes(flipped))


@pytest.mark.parametrize("part", [0, 0.001, 0.02, 0.3, 0.99])
def test_a_part_of_a_file_is_refused(content: bytes, part: float) -> None:
    refused(content[: int(part * len(content))], "does not end with a digest")


def test_more_than_a_file_is_refused(content: bytes) -> None:
    refused(content + b"\0", "does not end with a digest")


def test_junk_is_refused() -> None:
    junk = np.random.default_rng(0).bytes(4096)
    refused(junk, "does not end with a digest")
    refused(sealed(junk), "refused")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_and_sealed_file_is_opened_or_refused(content: bytes, data: st.DataObject) -> None:
    body = bytearray(content[:-TRAILER])
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        open_model(sealed(bytes(body)))
    except RefusedFile as refusal:
        assert refusal.what


def test_no_file_and_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedFile, match=r"^none\.onnx: cannot be read"):
        open_model(tmp_path / "none.onnx")
    (tmp_path / "big.onnx").write_bytes(b"\0" * 100)
    monkeypatch.setattr(check, "MOST_BYTES", 99)
    with pytest.raises(RefusedFile, match=r"^big\.onnx: larger than"):
        open_model(tmp_path / "big.onnx")


# --- hostile files ------------------------------------------------------------------------------------------------


def hostile(change: Callable[[onnx.ModelProto], Any]) -> bytes:
    """Return a file changed by somebody who can seal it."""
    model = small().build()
    told = manifest_of(model, ROWS)
    change(model)
    return seal(model, told)


def with_nodes(*nodes: onnx.NodeProto, constants: dict[str, Any] | None = None) -> bytes:
    """Return a file in which nodes were put before all others."""

    def change(model: onnx.ModelProto) -> None:
        others = list(model.graph.node)
        del model.graph.node[:]
        model.graph.node.extend([*nodes, *others])
        for name, value in (constants or {}).items():
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))

    return hostile(change)


def node(op_type: str, inputs: str, output: str = "out", domain: str = "", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op_type, inputs.split(), output.split(), domain=domain, **attributes)


def loop() -> onnx.NodeProto:
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"])],
        "b",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, [])],
        [value("c2", TensorProto.BOOL, [])],
    )
    return helper.make_node("Loop", ["", "t"], ["out"], body=body)


def doubling(op_type: str, value: str, times: int, **attributes: Any) -> list[onnx.NodeProto]:
    names = [value, *(f"d{i}" for i in range(times))]
    return [node(op_type, f"{a} {a}", b, **attributes) for a, b in pairwise(names)]


def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="secret.bin")


def too_long(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(onnx.TensorProto(name="w", data_type=11, dims=[10**6, 10**6], raw_data=b"\0" * 8))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a loop": (lambda: with_nodes(loop(), constants={"t": np.array(True)}), "its attribute has a field 6"),
    "a function": (lambda: hostile(lambda m: m.functions.add(name="f")), "its model has a field 25"),
    "training": (lambda: hostile(lambda m: m.training_info.add()), "its model has a field 20"),
    "a sparse tensor": (lambda: hostile(lambda m: m.graph.sparse_initializer.add()), "its graph has a field 15"),
    "external data": (lambda: hostile(external), "its tensor has a field 1[34]"),
    "a typed array": (
        lambda: hostile(lambda m: m.graph.initializer.append(helper.make_tensor("w", 11, [2], [1.0, 2.0]))),
        "its tensor has a field 10",
    ),
    "text that is none": (lambda: with_nodes(node("Add", "x x")).replace(b"landmark", b"\xffandmark", 1), "digest"),
    "an operator unknown": (lambda: with_nodes(node("Evil", "x", domain="x.y")), "operator x.y.Evil"),
    "an operator of size": (
        lambda: with_nodes(node("ConstantOfShape", "s"), constants={"s": np.array([10**6, 10**6])}),
        "operator ai.onnx.ConstantOfShape",
    ),
    "a constant too long": (lambda: hostile(too_long), "does not hold as many elements"),
    "rows times rows": (
        lambda: with_nodes(
            node("Unsqueeze", "x one", "column"), node("Add", "column x"), constants={"one": np.array([1])}
        ),
        "for 1000 rows",
    ),
    "constants doubled": (
        lambda: with_nodes(*doubling("Concat", "c", 40, axis=0), constants={"c": np.ones(1000)}),
        "1000 rows",
    ),
    "constants that fold": (
        lambda: with_nodes(*doubling("Concat", "c", 16, axis=0), constants={"c": np.ones(1000)}),
        "constants that are computed",
    ),
    "text doubled": (lambda: with_nodes(*doubling("StringConcat", "word", 40)), "1000 rows"),
    "division by -1": (
        lambda: with_nodes(
            node("Cast", "x", "whole", to=TensorProto.INT64), node("Div", "whole c"), constants={"c": np.array([-1])}
        ),
        "may be 0 or negative",
    ),
    "division by what comes": (
        lambda: with_nodes(node("Cast", "x", "whole", to=TensorProto.INT64), node("Mod", "whole whole")),
        "may be 0 or negative",
    ),
    "text as numbers": (lambda: with_nodes(node("Cast", "word", to=TensorProto.DOUBLE)), "a cast"),
    "a shape that is computed": (
        lambda: with_nodes(node("Cast", "x", "whole", to=TensorProto.INT64), node("Reshape", "x whole")),
        "a shape is computed",
    ),
    "a long expression": (
        lambda: with_nodes(node("RegexFullMatch", "word", pattern="(a*)*" * 100)),
        "regular expression of more than",
    ),
    "an attribute left out": (lambda: with_nodes(node("Concat", "x x")), "do not fit"),
    "a name from nowhere": (lambda: with_nodes(node("Neg", "nowhere")), "nothing before it gives"),
    "a name given twice": (lambda: with_nodes(node("Neg", "x", "word")), "there already"),
    "another opset": (lambda: hostile(lambda m: setattr(m.opset_import[0], "version", 20)), "not IR 10 with"),
    "another IR": (lambda: hostile(lambda m: setattr(m, "ir_version", 11)), "IR 11"),
    "an input too many": (
        lambda: hostile(lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 11, ["N"]))),
        "its inputs are not those of its manifest: z",
    ),
    "an output too many": (
        lambda: hostile(lambda m: m.graph.output.append(helper.make_tensor_value_info("z", 11, ["N"]))),
        "its outputs are not those of its manifest: z",
    ),
    "an output that nothing gives": (
        lambda: hostile(lambda m: m.graph.node.pop()),
        "ONNX Runtime cannot run it",
    ),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = HOSTILE[name]
    content = make()
    if name != "an output that nothing gives":
        monkeypatch.setattr(check, "session", _never)
    refused(content, words)


def _never(*given: Any) -> None:
    raise AssertionError("nothing is executed before every static check has passed")


def test_twenty_megabytes_of_nothing_make_no_gigabytes() -> None:
    flood = onnx.GraphProto(name="g").SerializeToString() + b"\x0a\x00" * (MOST_FIELDS)
    body = onnx.ModelProto(ir_version=10).SerializeToString()
    size = len(flood)
    length = bytes(
        [(size >> 7 * i) & 0x7F | (0x80 if size >> 7 * (i + 1) else 0) for i in range((size.bit_length() + 6) // 7)]
    )
    refused(sealed(body + b"\x3a" + length + flood), "more parts than any")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "it is of format 2"),
        ({"golden": Golden(rows={}, answers={})}, "golden rows have other tensors"),
        ({"columns": {}}, "inputs are not those"),
        ({"outputs": {}}, "outputs are not those"),
        ({"level": "Z9"}, "not in the format"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(change: dict[str, Any], words: str) -> None:
    model = small().build()
    refused(seal(model, manifest_of(model, ROWS).model_copy(update=change)), words)


def golden_of(**changes: dict[str, Any]) -> Manifest:
    model = small().build()
    told = manifest_of(model, ROWS)
    rows = {name: changes.get(name, tensor) for name, tensor in told.golden.rows.items()}
    answers = {name: changes.get(name, tensor) for name, tensor in told.golden.answers.items()}
    return told.model_copy(update={"golden": Golden(rows=rows, answers=answers)})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": as_json(np.array([1.0, np.nan, np.inf, -2.6]))}, "golden row 4 has another 'y.p'"),
        ({"x": as_json(np.array([1.0, 0.0, np.inf, -2.5]))}, "golden row 2 has another 'y.p'"),
        ({"word": as_json(np.array(["b", "b", "", "é"], dtype=object))}, "golden row 1 has another 'y"),
        ({"x": as_json(np.array([1.0]))}, "golden rows, not 1 to"),
        ({"word": as_json(np.array(["a", "b", "", "é" * 1001], dtype=object))}, "more than 1000 characters"),
        ({"x": {"kind": "U1000000000", "shape": [1], "values": ["a"]}}, "of kind U1000000000"),
        ({"x": {"kind": "float64", "shape": [3], "values": [1.0]}}, "cannot be read"),
        ({"x": {"kind": "uint8", "shape": [1], "values": [10**30]}}, "cannot be read"),
        ({"x": {}}, "cannot be read"),
    ],
)
def test_golden_rows_must_be_answered_as_they_were(changes: dict[str, Any], words: str) -> None:
    refused(seal(small().build(), golden_of(**changes)), words)


def test_an_answer_within_the_last_bits_is_the_same() -> None:
    model = small().build()
    told = manifest_of(model, ROWS)
    near = dict(told.golden.answers["y.p"])
    near["values"] = [v * (1 + 1e-12) if isinstance(v, float) else v for v in near["values"]]
    open_model(seal(model, golden_of(**{"y.p": near})))
    near["values"] = [v * (1 + 1e-6) if isinstance(v, float) else v for v in near["values"]]
    refused(seal(model, golden_of(**{"y.p": near})), "golden row 1")
