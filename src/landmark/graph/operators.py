"""The operators a model file may use, each with what it makes of the sizes of its inputs. Nothing else is run.

A list of names alone is no protection: forty concatenations of a tensor with itself ask for more memory than there
is, and dividing whole numbers by -1 ends the process. So the list is a table of rules, and before anything runs the
rules bound every tensor, for one row and for many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import helper, numpy_helper

from landmark.core.table import Array
from landmark.graph.builder import KINDS
from landmark.graph.trees import flaw
from landmark.graph.wire import Unsound

FLOAT64, INT64, BOOL, STRING = KINDS["float64"], KINDS["int64"], KINDS["bool"], KINDS["string"]
WHOLE = (INT64, KINDS["uint8"])
LENGTH = 1024
"""A free dimension other than the rows: the tokens of a long text."""
PER_ROW = 1 << 26
"""Elements of one tensor for one row: pairs of tokens of a long text, and no triples."""
ALTOGETHER = 1 << 30
"""Elements of all tensors for one row."""
FOLDED = 1 << 26
"""Elements of all tensors that depend on no input, which are computed, and kept, when a session starts."""
SMALL = 64
"""Elements of a constant whose value matters: axes, shapes, divisors."""
PATTERN = 200
"""Characters of a regular expression."""


@dataclass(frozen=True)
class Tensor:
    """What is known of a tensor: its kind and the largest its dimensions can be.

    `words` is the memory of an element in 8 bytes, which only text makes more than one; `value` that of a small
    constant; `fixed` says that it depends on no input.
    """

    kind: int
    shape: tuple[int, ...]
    words: int = 0
    value: Array | None = None
    fixed: bool = False

    @property
    def size(self) -> int:
        """The memory in 8 bytes, at most."""
        return prod(self.shape) * max(self.words, 1)


Attributes: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Sequence[Tensor], Attributes], "Tensor | tuple[Tensor, ...]"]


def broadcast(*tensors: Tensor) -> tuple[int, ...]:
    """Return the largest shape that tensors can be stretched to."""
    rank = max(len(tensor.shape) for tensor in tensors)
    padded = [(1,) * (rank - len(tensor.shape)) + tensor.shape for tensor in tensors]
    return tuple(max(dimensions) for dimensions in zip(*padded, strict=True))


def elementwise(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the kind of the first input, in the shape of all."""
    return Tensor(inputs[0].kind, broadcast(*inputs))


def comparison(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return truth values in the shape of all inputs."""
    return Tensor(BOOL, broadcast(*inputs))


def division(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Whole numbers are divided by constants above 0 only: the least one by -1 is a fault of the processor."""
    if inputs[0].kind in WHOLE and (inputs[1].value is None or np.any(inputs[1].value < 1)):
        raise Unsound("a whole number is divided by something that may be 0 or negative")
    return elementwise(inputs, attributes)


def where(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the kind of the second input."""
    return Tensor(inputs[1].kind, broadcast(*inputs))


def cast(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Numbers become numbers; text is never cast, since one bad cell would end the batch."""
    if STRING in (inputs[0].kind, attributes["to"]) or attributes["to"] not in KINDS.values():
        raise Unsound("a cast from or to something that is no number")
    return Tensor(attributes["to"], inputs[0].shape)


def concatenation(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the sum along one axis, the largest along the others."""
    shape, axis = list(broadcast(*inputs)), attributes["axis"]
    shape[axis] = sum(tensor.shape[axis] for tensor in inputs)
    return Tensor(inputs[0].kind, tuple(shape))


def unsqueeze(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the shape with dimensions of 1 put in."""
    axes, shape = _whole(inputs, 1), list(inputs[0].shape)
    rank = len(shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        shape.insert(axis, 1)
    return Tensor(inputs[0].kind, tuple(shape))


def squeeze(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the shape without some dimensions."""
    gone = {axis % len(inputs[0].shape) for axis in _whole(inputs, 1)}
    return Tensor(inputs[0].kind, tuple(size for i, size in enumerate(inputs[0].shape) if i not in gone))


def reduction(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the shape with some dimensions 1, or without them."""
    gone = {axis % len(inputs[0].shape) for axis in _whole(inputs, 1)}
    keep = attributes.get("keepdims", 1)
    shape = [1 if i in gone else size for i, size in enumerate(inputs[0].shape) if keep or i not in gone]
    return Tensor(inputs[0].kind, tuple(shape))


def largest(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the places of the largest values along one axis."""
    axis = Tensor(INT64, (1,), value=np.array([attributes.get("axis", 0)]))
    return replace(reduction([inputs[0], axis], attributes), kind=INT64)


def gather(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the table's shape with one axis replaced by the shape of the places."""
    table, places = inputs
    axis = attributes.get("axis", 0) % len(table.shape)
    return Tensor(table.kind, table.shape[:axis] + places.shape + table.shape[axis + 1 :])


def reshape(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return a constant shape, of which one dimension may follow from the others."""
    if inputs[1].value is None:
        raise Unsound("a shape is computed")
    shape = [inputs[0].shape[i] if size == 0 else int(size) for i, size in enumerate(inputs[1].value.tolist())]
    free = max(inputs[0].size // max(prod(size for size in shape if size > 0), 1), 1)
    return Tensor(inputs[0].kind, tuple(size if size > 0 else free for size in shape))


def padded(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the shape with constants put before and after."""
    pads = _whole(inputs, 1)
    if min(pads) < 0 or attributes.get("mode", b"constant") != b"constant":
        raise Unsound("padding that cuts off, or repeats")
    edges = zip(inputs[0].shape, pads[: len(pads) // 2], pads[len(pads) // 2 :], strict=True)
    return Tensor(inputs[0].kind, tuple(size + before + after for size, before, after in edges))


def ordered(inputs: Sequence[Tensor], attributes: Attributes) -> tuple[Tensor, Tensor]:
    """Return the largest values, of which there are at most all, and their places."""
    return Tensor(inputs[0].kind, inputs[0].shape), Tensor(INT64, inputs[0].shape)


def sizes(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the dimensions of a tensor."""
    return Tensor(INT64, (len(inputs[0].shape),))


def product(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the shape of a matrix product."""
    a, b = inputs
    if min(len(a.shape), len(b.shape)) < 2:
        raise Unsound("a matrix product of a vector")
    outer = broadcast(Tensor(a.kind, a.shape[:-2]), Tensor(b.kind, b.shape[:-2]))
    return Tensor(a.kind, (*outer, a.shape[-2], b.shape[-1]))


def lookup(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the kind of the values of a table of keys."""
    (values,) = [name for name in attributes if name.startswith("values_")]
    if values == "values_strings":
        return Tensor(STRING, inputs[0].shape, _words(*attributes[values], attributes["default_string"]))
    return Tensor({"values_int64s": INT64, "values_floats": KINDS["float32"]}[values], inputs[0].shape)


def joined(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return text as long as both inputs together."""
    return Tensor(STRING, broadcast(*inputs), sum(tensor.words for tensor in inputs))


def ensemble(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return a score for each target; trees that are no trees would be walked forever."""
    wrong = flaw(attributes, inputs[0].shape[1])
    if wrong:
        raise Unsound(wrong)
    return Tensor(FLOAT64, (inputs[0].shape[0], attributes["n_targets"]))


def pieces(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return text cut into pieces, of which there are as many as a long text has."""
    patterns = [attributes.get("tokenexp", b""), *attributes.get("separators", [])]
    if any(len(pattern) > PATTERN for pattern in patterns):
        raise Unsound(f"a regular expression of more than {PATTERN} characters")
    return Tensor(STRING, (*inputs[0].shape, LENGTH), inputs[0].words + _words(attributes.get("pad_value", b"")))


def matches(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return whether text is of a form."""
    if len(attributes["pattern"]) > PATTERN:
        raise Unsound(f"a regular expression of more than {PATTERN} characters")
    return Tensor(BOOL, inputs[0].shape)


def same(inputs: Sequence[Tensor], attributes: Attributes) -> Tensor:
    """Return the first input's kind, and a shape not above its own."""
    return Tensor(inputs[0].kind, inputs[0].shape)


def _words(*texts: bytes) -> int:
    """Return the memory of the longest text, in 8 bytes."""
    return 1 + max(map(len, texts)) // 8


def _whole(inputs: Sequence[Tensor], number: int) -> list[int]:
    value = inputs[number].value if number < len(inputs) else None
    if value is None:
        raise Unsound("axes or sizes are computed, or not said")
    return [int(axis) for axis in value.ravel().tolist()]


def _named(rule: Rule, names: str, domain: str = "") -> dict[tuple[str, str], Rule]:
    return {(domain, name): rule for name in names.split()}


OPERATORS: dict[tuple[str, str], Rule] = {
    # arithmetic, element by element
    **_named(elementwise, "Add Sub Mul Min Max Neg Abs Sign Exp Log Sqrt Round Floor Clip Sigmoid"),
    **_named(division, "Div Mod"),
    # truth
    **_named(comparison, "Equal Less LessOrEqual Greater GreaterOrEqual IsNaN IsInf Not And Or"),
    **_named(where, "Where"),
    # the same values in another kind or shape
    **_named(same, "Identity Slice Softmax"),
    **_named(padded, "Pad"),
    **_named(sizes, "Shape"),
    **_named(cast, "Cast"),
    **_named(concatenation, "Concat"),
    **_named(unsqueeze, "Unsqueeze"),
    **_named(squeeze, "Squeeze"),
    **_named(reshape, "Reshape"),
    # along an axis
    **_named(reduction, "ReduceSum ReduceMax ReduceMin ReduceMean"),
    **_named(largest, "ArgMax"),
    **_named(same, "CumSum"),
    **_named(ordered, "TopK"),
    # tables, products, trees
    **_named(gather, "Gather"),
    **_named(same, "ScatterElements"),
    **_named(product, "MatMul"),
    **_named(lookup, "LabelEncoder", "ai.onnx.ml"),
    **_named(ensemble, "TreeEnsemble", "ai.onnx.ml"),
    # text
    **_named(joined, "StringConcat"),
    **_named(matches, "RegexFullMatch"),
    **_named(pieces, "Tokenizer", "com.microsoft"),
}


def bound(graph: onnx.GraphProto, rows: int) -> dict[str, Tensor]:
    """Return every tensor of a graph, as large as it can be for so many rows. Raises: Unsound."""
    tensors = {tensor.name: constant(tensor) for tensor in graph.initializer}
    if len(tensors) != len(graph.initializer):
        raise Unsound("two constants of one name")
    for tensor in graph.input:
        if tensor.name in tensors:
            raise Unsound(f"'{tensor.name}' is an input twice, or a constant too")
        tensors[tensor.name] = _input(tensor, rows)
    for node in graph.node:
        results = _apply(node, tensors)
        if len(results) != len(node.output) or tensors.keys() & set(node.output):
            raise Unsound(f"{node.op_type} gives {list(node.output)[:3]}, which is there already, or too many")
        tensors.update(zip(node.output, results, strict=True))
    return tensors


def _apply(node: onnx.NodeProto, tensors: dict[str, Tensor]) -> list[Tensor]:
    """Return what a node gives. Raises: Unsound."""
    rule = OPERATORS.get((node.domain, node.op_type))
    if rule is None:
        raise Unsound(f"operator {node.domain or 'ai.onnx'}.{node.op_type} is not one that a model file may use")
    unknown = [name for name in node.input if name not in tensors]
    if unknown or not node.input:
        raise Unsound(f"{node.op_type} reads {unknown[:1] or 'nothing'}, which nothing before it gives")
    inputs = [tensors[name] for name in node.input]
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    try:
        result = rule(inputs, attributes)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise Unsound(f"{node.op_type} has inputs or attributes that do not fit: {error}") from error
    words, fixed = max(tensor.words for tensor in inputs), all(tensor.fixed for tensor in inputs)
    results = result if isinstance(result, tuple) else (result,)
    return [replace(r, words=(r.words or words) if r.kind == STRING else 1, fixed=fixed) for r in results]


def _input(tensor: onnx.ValueInfoProto, rows: int) -> Tensor:
    kind = tensor.type.tensor_type.elem_type
    sizes = [d.dim_value if d.HasField("dim_value") else LENGTH for d in tensor.type.tensor_type.shape.dim]
    if kind not in KINDS.values() or not sizes or min(sizes) < 1:
        raise Unsound(f"input '{tensor.name}' has a kind or a shape that none has")
    return Tensor(kind, (rows, *sizes[1:]), LENGTH // 8 if kind == STRING else 1)


def constant(tensor: onnx.TensorProto) -> Tensor:
    """Return a constant whose size is that of its bytes. Raises: Unsound."""
    shape, kind = tuple(tensor.dims), tensor.data_type
    if kind not in KINDS.values() or any(size < 0 for size in shape):
        raise Unsound(f"constant '{tensor.name}' has a kind or a shape that none has")
    texts = list(tensor.string_data)
    each = 0 if kind == STRING else helper.tensor_dtype_to_np_dtype(kind).itemsize
    if (len(texts), len(tensor.raw_data)) != ((prod(shape), 0) if kind == STRING else (0, prod(shape) * each)):
        raise Unsound(f"constant '{tensor.name}' does not hold as many elements as it says")
    value = numpy_helper.to_array(tensor) if kind != STRING and prod(shape) <= SMALL else None
    return Tensor(kind, shape, _words(b"", *texts), value, fixed=True)


def bounded(graph: onnx.GraphProto) -> dict[str, Tensor]:
    """Return every tensor for one row, once it is sure that memory grows as the rows do. Raises: Unsound."""
    one, many = bound(graph, 1), bound(graph, 1000)
    computed = [name for node in graph.node for name in node.output]
    for name in computed:
        if one[name].size > PER_ROW or many[name].size > 1000 * max(one[name].size, 1):
            raise Unsound(f"'{name}' would be of {many[name].shape} for 1000 rows")
    if sum(one[name].size for name in computed) > ALTOGETHER:
        raise Unsound(f"more than {ALTOGETHER:,} elements for one row")
    if sum(one[name].size for name in computed if one[name].fixed) > FOLDED:
        raise Unsound("constants that are computed, and large")
    return one
