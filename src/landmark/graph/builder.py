"""A small builder of ONNX graphs: named constants once, pinned opsets, the same bytes for the same calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from landmark.artifacts.features import Feature, Shape, Value

OPSETS = (("", 21), ("ai.onnx.ml", 5), ("com.microsoft", 1))
IR_VERSION = 10
INNER = "//"
"""How the names of all tensors begin that are neither input nor output; no column may be named so."""
KINDS = {
    "float64": TensorProto.DOUBLE,
    "float32": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "bool": TensorProto.BOOL,
    "string": TensorProto.STRING,
}


@dataclass
class Graph:
    """Nodes in the order they were asked for; every method returns the name of the tensor it makes."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)
    inputs: dict[str, onnx.ValueInfoProto] = field(default_factory=dict)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    names: int = 0

    def fresh(self, hint: str) -> Value:
        """Return a tensor name not used before."""
        self.names += 1
        return f"{INNER}{hint}_{self.names}"

    def input(self, name: str, kind: str, shape: Shape) -> Value:
        """Declare an input; kind is a key of KINDS, a text in shape is a free dimension."""
        self.inputs[name] = helper.make_tensor_value_info(name, KINDS[kind], list(shape))
        return name

    def declare(self, features: Iterable[Feature]) -> None:
        """Declare the tensors of features as inputs."""
        for feature in features:
            for name, kind, shape in feature.tensors():
                self.input(name, kind, shape)

    def output(self, name: str, value: Value, kind: str, shape: Shape) -> None:
        """Give value to the outside under a name."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, KINDS[kind], list(shape)))

    def constant(self, value: Any, kind: str = "float64") -> Value:
        """Return a constant tensor; equal constants are stored once."""
        array = np.asarray(value, dtype=object if kind == "string" else kind)
        content = repr(array.tolist()).encode() if kind == "string" else array.tobytes()
        name = f"{INNER}k_{kind}_{hashlib.sha256(content + repr(array.shape).encode()).hexdigest()[:16]}"
        if name not in self.constants:
            self.constants[name] = _tensor(array, name, kind)
        return name

    def op(self, op_type: str, *inputs: Value, domain: str = "", **attributes: Any) -> Value:
        """Append a node of one output and return it."""
        return self.ops(op_type, *inputs, count=1, domain=domain, **attributes)[0]

    def ops(self, op_type: str, *inputs: Value, count: int, domain: str = "", **attributes: Any) -> list[Value]:
        """Append a node of several outputs and return them."""
        outputs = [self.fresh(op_type) for _ in range(count)]
        self.nodes.append(helper.make_node(op_type, list(inputs), outputs, domain=domain, **attributes))
        return outputs

    def lookup(self, value: Value, keys: Any, results: Any, default: Any) -> Value:
        """Return a table look-up of value, element by element: text or int64 -> int64 or float64 or text."""
        key_kind = "strings" if isinstance(next(iter(keys), 0), str) else "int64s"
        kind = "string" if isinstance(default, str) else "float" if isinstance(default, float) else "int64"
        if kind == "float":  # the attribute lists are float32: float64 results go through a Gather
            codes = self.lookup(value, keys, list(range(1, len(results) + 1)), 0)
            return self.gather([default, *results], codes)
        attributes = {f"keys_{key_kind}": list(keys), f"values_{kind}s": list(results), f"default_{kind}": default}
        return self.op("LabelEncoder", value, domain="ai.onnx.ml", **attributes)

    def gather(self, table: Any, codes: Value, kind: str = "float64") -> Value:
        """Return rows of a constant table by int64 codes."""
        return self.op("Gather", self.constant(table, kind), codes, axis=0)

    def column(self, value: Value) -> Value:
        """Return (n,) as (n, 1)."""
        return self.op("Unsqueeze", value, self.constant([1], "int64"))

    def cast(self, value: Value, kind: str) -> Value:
        """Return value as another kind of number. Text is never cast: it would fail on one bad cell."""
        return self.op("Cast", value, to=KINDS[kind])

    def concat(self, values: list[Value], axis: int = 1) -> Value:
        """Return values side by side."""
        return values[0] if len(values) == 1 else self.op("Concat", *values, axis=axis)

    def floor_divide(self, value: Value, by: int) -> Value:
        """Return int64 value // by rounded down; ONNX's own Div truncates."""
        divisor = self.constant(by, "int64")
        return self.op("Div", self.op("Sub", value, self.op("Mod", value, divisor)), divisor)

    def inline(self, model: onnx.ModelProto, inputs: dict[str, Value], prefix: str) -> dict[str, Value]:
        """Copy the nodes of model into this graph, fed by inputs; return its outputs by their own names.

        Constants are shared by their content; every other tensor is an inner one that begins with the prefix, which
        is another for each part, so that nothing collides.
        """
        assert {(o.domain, o.version) for o in model.opset_import} == set(OPSETS), "parts are of one opset"
        assert inputs.keys() >= {tensor.name for tensor in model.graph.input}, "every input is fed"
        inside = dict(inputs)
        for tensor in model.graph.initializer:
            assert self.constants.setdefault(tensor.name, tensor) == tensor, "constants are named by their content"
            inside[tensor.name] = tensor.name
        for node in model.graph.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            for i, name in enumerate(node.input):
                copy.input[i] = inside[name] if name else ""
            for i, name in enumerate(node.output):
                inside[name] = f"{INNER}{prefix}{name}"
                copy.output[i] = inside[name]
            self.nodes.append(copy)
        return {output.name: inside[output.name] for output in model.graph.output}

    def build(self, metadata: dict[str, str] | None = None) -> onnx.ModelProto:
        """Return the finished model: pinned opsets and IR, sorted metadata, no clock and no path.

        What no output needs is left out, so that a model of one column carries no other column's vocabulary.
        """
        nodes, constants = self._needed()
        graph = helper.make_graph(nodes, "landmark", list(self.inputs.values()), self.outputs, initializer=constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid(*opset) for opset in OPSETS],
            ir_version=IR_VERSION,
            producer_name="landmark",
        )
        helper.set_model_props(model, dict(sorted((metadata or {}).items())))
        return model

    def _needed(self) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        """Return the nodes and constants that some output depends on, in their order."""
        wanted = {output.name for output in self.outputs}
        nodes = []
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                nodes.append(node)
                wanted.update(node.input)
        return nodes[::-1], [tensor for name, tensor in self.constants.items() if name in wanted]


def _tensor(array: np.ndarray[Any, Any], name: str, kind: str) -> onnx.TensorProto:
    if kind != "string":
        return numpy_helper.from_array(array, name)
    texts: Any = [str(text).encode() for text in array.ravel()]
    return helper.make_tensor(name, TensorProto.STRING, array.shape, texts)
