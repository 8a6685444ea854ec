"""Laws of targets: what a data type keeps when it can be predicted.

They take a module and raw rows, like the laws in `landmark.laws.datatypes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from landmark.artifacts.question import Task
from landmark.core.table import Array, Floats, Mask
from landmark.graph.builder import Graph
from landmark.graph.run import Feeds, chunks, session
from landmark.laws.datatypes import EXAMPLE_ROWS, Fit, Law, Row, as_columns, fitted, rows_with_a_value, same

DECISIONS = {"regression": "float64", "binary": "string", "multiclass": "string", "multilabel": "int64"}
"""Task -> the kind of tensor that the decision is."""


class Known(NamedTuple):
    """A target learnt from its type's own example, and the truth of those rows."""

    fit: Fit
    state: Any
    task: Task
    truth: Array


def known(module: Any) -> Known:
    """Return the target of a data type, learnt from the type's example."""
    fit = fitted(module)
    state = module.learn(fit.columns, fit.options)
    return Known(fit, state, module.task(state), module.encode(fit.columns, fit.options, state))


def perfect(target: Known) -> Floats:
    """Return the prediction (n, width) of one who knows; rows without truth get the first label, or 0."""
    if target.task.kind == "regression":
        return np.nan_to_num(target.truth.astype(np.float64))[:, None]
    numbers = np.maximum(target.truth.astype(np.int64), 0)
    return numbers.astype(np.float64) if target.task.kind == "multilabel" else np.eye(target.task.width)[numbers]


def has_truth(target: Known, truth: Array) -> Mask:
    """Return which rows (n,) of truth are known."""
    if target.task.kind == "regression":
        return np.asarray(~np.isnan(truth.astype(np.float64)))
    return np.asarray(truth.reshape(len(truth), -1)[:, 0] != -1)


def decided(target: Known, prediction: Floats, module: Any, size: int = 1000) -> Feeds:
    """Return the tensors that a prediction is decided into, `size` rows at a time."""
    g, width = Graph(), target.task.width
    out = module.decode(g, "y", g.input("prediction", "float64", ("N", width)), target.state)
    for name, value in out.items():
        kind, flat = (
            (DECISIONS[target.task.kind], target.task.kind != "multilabel") if name == "y" else ("float64", False)
        )
        g.output(name, value, kind, ("N",) if flat else ("N", width))
    engine = session(g.build())
    parts = [engine.run(list(out), chunk) for chunk in chunks({"prediction": prediction}, size)]
    return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(out)}


def states_its_task(module: Any, rows: Sequence[Row]) -> None:
    """The state of a target is JSON, and the same in any order of rows; labels are distinct."""
    fit, state, task, _ = known(module)
    assert type(state).model_validate_json(state.model_dump_json()) == state
    assert module.learn({name: array[::-1] for name, array in fit.columns.items()}, fit.options) == state
    assert task.kind in DECISIONS and len(set(task.labels)) == len(task.labels)
    assert (task.kind == "regression") == (not task.labels)


def encodes_truth(module: Any, rows: Sequence[Row]) -> None:
    """Truth has the kind and the shape of its task, is missing where the row is, and survives strange rows."""
    target = known(module)
    fit, state, task, truth = target
    strange = module.encode(as_columns(rows, tuple(fit.columns), fit.columns), fit.options, state)
    for array, count in ((truth, EXAMPLE_ROWS), (strange, len(rows))):
        assert array.shape == ((count, task.width) if task.kind == "multilabel" else (count,))
        if task.kind == "regression":
            assert array.dtype == np.float64 and not np.isinf(array).any()
        else:
            most = 1 if task.kind == "multilabel" else len(task.labels)
            assert array.dtype == np.int64 and array.min() >= -1 and array.max() <= most
    np.testing.assert_array_equal(has_truth(target, truth), rows_with_a_value(fit.columns))
    if task.kind in ("binary", "multiclass"):
        assert set(truth[truth != -1].tolist()) == set(range(len(task.labels)))


def answers_in_the_words_of_the_source(module: Any, rows: Sequence[Row]) -> None:
    """A perfect prediction, decided and presented, is the column again, of the same Arrow type."""
    target = known(module)
    fit, state, task, truth = target
    tensors = decided(target, perfect(target), module)
    assert list(tensors) == (["y"] if task.kind == "regression" else ["y", "y.p"])
    shown = module.present("y", tensors, fit.options, task.labels)
    assert list(shown) == ["y", *(f"y.p.{label}" for label in task.labels)]
    again = module.encode({"y": shown["y"]}, fit.options, state)
    there = has_truth(target, truth)
    np.testing.assert_array_equal(again[there], truth[there])
    assert shown["y"].type == next(iter(fit.columns.values())).type


def decides_every_row_alone(module: Any, rows: Sequence[Row]) -> None:
    """A decision depends on its own row only, to the bit, and there is one for every prediction."""
    target = known(module)
    blurred = 0.7 * perfect(target) + 0.3 / target.task.width
    whole = decided(target, blurred, module)
    for size in (1, 7):
        same(decided(target, blurred, module, size), whole, f"{size} rows at a time")


TARGET_LAWS: tuple[Law, ...] = (
    states_its_task,
    encodes_truth,
    answers_in_the_words_of_the_source,
    decides_every_row_alone,
)
