"""Puts the parts together: raw typed columns -> features -> a prediction, in one graph."""

from __future__ import annotations

import onnx

from landmark.artifacts.features import Value
from landmark.artifacts.transform import Transform
from landmark.graph.builder import INNER, Graph

PREDICTION = f"{INNER}prediction"
"""The one output of a head, and of a graph that scores with it."""


def parse(content: bytes) -> onnx.ModelProto:
    """Return the model that this process wrote itself; a file from outside goes through `graph.check`."""
    model = onnx.ModelProto()
    model.ParseFromString(content)
    return model


def serialize(g: Graph) -> bytes:
    """Return the finished graph as bytes, the same for the same graph."""
    content: bytes = g.build().SerializeToString(deterministic=True)
    return content


def head(fitted_graph: Value, g: Graph, width: int) -> bytes:
    """Return g, whose inputs are features, finished with the prediction (N, width) as its one output."""
    g.output(PREDICTION, fitted_graph, "float64", ("N", width))
    return serialize(g)


def corridor(transform: Transform) -> tuple[Graph, dict[str, Value]]:
    """Return a graph with all wire tensors as inputs and the features inside, and where each tensor is."""
    g, tensors = Graph(), dict[str, Value]()
    for i, (name, part) in enumerate(transform.parts.items()):
        model = parse(part)
        for tensor in model.graph.input:
            g.inputs[tensor.name] = tensor
        inside = g.inline(model, {tensor.name: tensor.name for tensor in model.graph.input}, f"c{i}")
        tensors |= inside
        assert inside, f"{name} gives no feature"
    return g, tensors


def attach(g: Graph, tensors: dict[str, Value], head: bytes, prefix: str) -> Value:
    """Add a head to the corridor; return its prediction."""
    model = parse(head)
    return g.inline(model, {tensor.name: tensors[tensor.name] for tensor in model.graph.input}, prefix)[PREDICTION]


def scorer(transform: Transform, head: bytes, width: int) -> bytes:
    """Return the graph from wire tensors to the prediction of one head."""
    g, tensors = corridor(transform)
    g.output(PREDICTION, attach(g, tensors, head, "h"), "float64", ("N", width))
    return serialize(g)
