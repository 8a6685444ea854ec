"""Step `transform`: fit every feature on training rows and write the one transform, as graphs."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.features import Feature, Shape, Value
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, training_rows
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.table import Array, Columns, columns_of
from landmark.datatypes import DATATYPES, options_of
from landmark.graph.builder import INNER, Graph
from landmark.graph.compose import serialize


def transform(table: Table, split: Split, schema: Schema, context: Context) -> Transform:
    """Return the graphs from raw typed columns to features by role; no target is seen."""
    rows = training_rows(table, split)
    parts: dict[str, bytes] = {}
    features: list[Feature] = []
    for i, column in enumerate(schema.features):
        context.progress("transform", i / len(schema.features))
        parts[column.name], made = fit_part(column, columns_of(rows, column.columns))
        features += made
    return Transform(parts=parts, features=tuple(features))


def fit_part(column: Column, columns: Columns) -> tuple[bytes, list[Feature]]:
    """Return the graph of one input, fitted on columns, and the features it gives."""
    datatype, options, g = DATATYPES[column.type], options_of(column), Graph()
    state = datatype.fit(columns, options)
    empty = {name: array.slice(0, 0) for name, array in columns.items()}
    inputs = declare(g, datatype.wire(empty, options, False))
    made = datatype.graph(g, column.name, inputs, state)
    named: list[Feature] = []
    for i, feature in enumerate(made):
        value = f"{INNER}{column.name}/{i}"
        weight = feature.weight and f"{value}.weight"
        out = feature.model_copy(update={"value": value, "weight": weight, "part": column.name})
        for inner, (name, kind, shape) in zip((feature.value, feature.weight), out.tensors(), strict=False):
            g.output(name, str(inner), kind, shape)
        named.append(out)
    return serialize(g), named


def declare(g: Graph, tensors: dict[str, Array]) -> dict[str, Value]:
    """Declare the tensors that `wire` makes of no rows as inputs of g; a length of zero is a free dimension."""
    for name, array in tensors.items():
        free: Shape = tuple(f"{name}.{axis}" if size == 0 else size for axis, size in enumerate(array.shape[1:], 1))
        g.input(name, "string" if array.dtype == object else np.dtype(array.dtype).name, ("N", *free))
    return {name: name for name in tensors}
