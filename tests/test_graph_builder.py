"""Graphs are built of parts that share constants and nothing else."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from landmark.graph.builder import Graph
from landmark.graph.operators import bounded
from landmark.graph.run import session


def third(add: float) -> onnx.ModelProto:
    """Return a graph that adds something to a third of what it is given."""
    g = Graph()
    x = g.input("x", "float64", ("N",))
    g.output("y", g.op("Add", g.op("Div", x, g.constant(3.0)), g.constant(add)), "float64", ("N",))
    return g.build()


def answer(g: Graph, x: list[float]) -> list[list[float]]:
    return [array.tolist() for array in session(g.build()).run(None, {"x": np.array(x)})]


def test_parts_are_inlined_one_after_the_other() -> None:
    g = Graph()
    x = g.input("x", "float64", ("N",))
    first = g.inline(third(1.0), {"x": x}, "a_")["y"]
    second = g.inline(third(2.0), {"x": first}, "b_")["y"]
    g.output("first", first, "float64", ("N",))
    g.output("second", second, "float64", ("N",))
    assert answer(g, [3.0, np.inf]) == [[2.0, np.inf], [2.0 / 3 + 2, np.inf]]
    assert bounded(g.build().graph)["second"].size == 1


def test_parts_share_constants_by_their_content() -> None:
    g = Graph()
    x = g.input("x", "float64", ("N",))
    for i, add in enumerate((1.0, 2.0, 1.0)):
        g.output(f"y{i}", g.inline(third(add), {"x": x}, f"p{i}_")["y"], "float64", ("N",))
    assert len(g.build().graph.initializer) == 3  # 3, 1 and 2
    assert answer(g, [0.0]) == [[1.0], [2.0], [1.0]]


def test_names_of_the_outside_and_of_the_inside_do_not_collide() -> None:
    g = Graph()
    x = g.input("x", "float64", ("N",))
    own = g.op("Div", x, g.constant(2.0))  # the part has a tensor of this name too
    assert own in {name for node in third(1.0).graph.node for name in node.output}
    g.output("own", own, "float64", ("N",))
    g.output("part", g.inline(third(1.0), {"x": own}, "p_")["y"], "float64", ("N",))
    assert answer(g, [6.0]) == [[3.0], [2.0]]


def test_a_part_is_left_as_it_was() -> None:
    model = third(1.0)
    before = model.SerializeToString(deterministic=True)
    g = Graph()
    g.inline(model, {"x": g.input("x", "float64", ("N",))}, "p_")
    assert model.SerializeToString(deterministic=True) == before


def test_parts_that_do_not_fit_are_no_parts() -> None:
    g = Graph()
    x = g.input("x", "float64", ("N",))
    with pytest.raises(AssertionError, match="every input is fed"):
        g.inline(third(1.0), {"z": x}, "p_")
    other = third(1.0)
    other.opset_import[0].version = 20
    with pytest.raises(AssertionError, match="one opset"):
        g.inline(other, {"x": x}, "p_")
    forged = third(1.0)
    g.inline(third(1.0), {"x": x}, "p_")
    forged.graph.initializer[0].raw_data = np.array(4.0).tobytes()
    with pytest.raises(AssertionError, match="named by their content"):
        g.inline(forged, {"x": x}, "q_")


def test_the_same_calls_give_the_same_bytes_and_nothing_superfluous() -> None:
    assert third(1.0).SerializeToString(deterministic=True) == third(1.0).SerializeToString(deterministic=True)
    g = Graph()
    x = g.input("x", "float64", ("N",))
    g.op("Add", x, g.constant(np.arange(1000.0)))
    g.output("y", x, "float64", ("N",))
    built = g.build().graph
    assert [node.op_type for node in built.node] == ["Identity"] and not built.initializer


@pytest.mark.parametrize("value", [np.nan, -0.0, np.inf, 5e-324])
def test_constants_keep_every_bit(value: float) -> None:
    g = Graph()
    g.input("x", "float64", ("N",))
    name = g.constant(value)
    assert g.constants[name].raw_data == np.float64(value).tobytes()
    assert (g.constant(0.0) == name) is False
