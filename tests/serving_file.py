"""Small model files for the tests of serving, made of the real data types and a head that adds up what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.evaluation import Interval
from landmark.artifacts.features import Feature, Role, Value
from landmark.artifacts.manifest import ColumnEntry, Golden, Manifest, OutputEntry
from landmark.core.table import Columns
from landmark.datatypes import DATATYPES, wire_all
from landmark.graph.builder import Graph
from landmark.graph.check import seal
from landmark.graph.golden import as_json
from landmark.graph.run import session

Declared = Mapping[str, tuple[str, dict[str, Any]]]
TICKETS: Declared = {
    "wait": ("number", {"unit": "s"}),
    "size": ("number", {}),
    "app": ("category", {"min_count": 1}),
}


def tickets(path: Path, outputs: Mapping[str, tuple[str, list[Any]]] | None = None) -> Path:
    """Write the model of two numbers and a category that answers `late`, yes or no."""
    rows = {
        "wait": pa.array([1.0, 20.0, None, 4.0]),
        "size": pa.array([1, 2, 3, 4]),
        "app": pa.array(["mail", "chat", "mail", None]),
    }
    return write(path, TICKETS, rows, outputs or {"late": ("binary", ["yes", "no", "no", "yes"])})


def write(path: Path, declared: Declared, rows: Columns, outputs: Mapping[str, tuple[str, list[Any]]]) -> Path:
    """Write a model file: inputs of any type, fitted on rows, and outputs with the values they were learnt from."""
    g, entries, margins = Graph(), dict[str, ColumnEntry](), list[Value]()
    for name, (kind, said) in declared.items():
        own = {column: rows[column] for column in (said.get("columns") or [name])}
        settings = {key: value for key, value in said.items() if key != "columns"}
        datatype = DATATYPES[kind]
        options = datatype.Options(physical=str(next(iter(own.values())).type), **settings)
        tensors = datatype.wire(own, options, True)
        inputs = {n: g.input(n, _kind(t), ("N", *_free(n, t))) for n, t in tensors.items()}
        made = datatype.graph(g, name, inputs, datatype.fit(own, options))
        features = [feature for feature in made if feature.role in (Role.VALUES, Role.CODES, Role.TOKENS)]
        margins += [_margin(g, feature, i) for i, feature in enumerate(features, len(margins))]
        entries[name] = ColumnEntry(
            type=kind, columns=tuple(own), options=options.model_dump(mode="json"), tensors=tuple(tensors)
        )
    total = g.concat(margins)
    answers = {name: _output(g, name, kind, values, total) for name, (kind, values) in outputs.items()}
    model = g.build()
    manifest = Manifest(
        name=path.stem,
        version="0",
        data="d",
        run="r",
        rows={"train": len(next(iter(rows.values()))), "test": 0},
        columns=entries,
        outputs=answers,
        level="A2",
        golden=_golden(model.SerializeToString(deterministic=True), entries, rows),
    )
    path.write_bytes(seal(model, manifest))
    return path


def _kind(tensor: Any) -> str:
    return "string" if tensor.dtype == object else str(tensor.dtype.name)


def _free(name: str, tensor: Any) -> tuple[str | int, ...]:
    return tuple(f"{name}.{i}" for i in range(1, tensor.ndim)) if tensor.dtype == object else tensor.shape[1:]


def _margin(g: Graph, feature: Feature, number: int) -> Value:
    """Return one number (n, 1) for each row from a feature."""
    value = feature.value
    if feature.role == Role.VALUES:
        known = g.op("Where", g.op("IsNaN", value), g.constant(-1.0), value)
        weights = np.linspace(0.5, 1.5, feature.size)[:, None] / (number + 2.0)
        limited = g.op("Clip", known, g.constant(-1e300), g.constant(1e300))
        squashed = g.op("Div", limited, g.op("Add", g.op("Abs", limited), g.constant(10.0)))
        return g.op("MatMul", squashed, g.constant(weights))
    table = np.linspace(-1.0, 1.0, feature.size)
    if feature.role == Role.CODES:
        return g.column(g.gather(table, value))
    weighed = g.op("Mul", g.gather(table, value), feature.weight or "")
    return g.op("ReduceSum", weighed, g.constant([1], "int64"), keepdims=1)


def _output(g: Graph, name: str, kind: str, values: list[Any], total: Value) -> OutputEntry:
    datatype = DATATYPES[kind]
    column = pa.array(values)
    options = datatype.Options(physical=str(column.type))
    state = datatype.learn({name: column}, options)
    task = datatype.task(state)
    margin = g.op("ReduceSum", total, g.constant([1], "int64"), keepdims=1)
    prediction = margin if task.kind == "regression" else _shares(g, margin, task.width, task.kind != "multilabel")
    for key, value in datatype.decode(g, name, prediction, state).items():
        decided = {"regression": "float64", "multilabel": "int64"}.get(task.kind, "string")
        wide = key != name or task.kind == "multilabel"
        g.output(key, value, decided if key == name else "float64", ("N", task.width) if wide else ("N",))
    return OutputEntry(
        type=kind,
        task=task.kind,
        options=options.model_dump(mode="json"),
        labels=task.labels,
        model="sum",
        metric="loss",
        test={"loss": 0.5},
        interval=Interval(value=0.5, low=0.4, high=0.6),
        landmarks={"constant": 0.7},
    )


def _shares(g: Graph, margin: Value, width: int, sum_to_one: bool) -> Value:
    """Return shares (n, width) that follow the margin, without an exponential, whose last bit knows its neighbours."""
    tilted = g.op("Mul", margin, g.constant(np.linspace(-1.0, 1.0, width)[None]))
    bent = g.op("Div", tilted, g.op("Add", g.op("Abs", tilted), g.constant(1.0)))
    shares = g.op("Div", g.op("Add", bent, g.constant(1.0)), g.constant(2.0))
    if not sum_to_one:
        return shares
    return g.op("Div", shares, g.op("ReduceSum", shares, g.constant([1], "int64"), keepdims=1))


def _golden(model: bytes, entries: Mapping[str, ColumnEntry], rows: Columns) -> Golden:
    feeds = wire_all(entries.values(), pa.table(rows), True)
    engine = session(model)
    names = [output.name for output in engine.get_outputs()]
    answers = dict(zip(names, engine.run(names, feeds), strict=True))
    return Golden(
        rows={n: as_json(t) for n, t in feeds.items()}, answers={n: as_json(np.asarray(t)) for n, t in answers.items()}
    )
