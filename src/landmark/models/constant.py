"""The training mean, said of every row: the landmark below which no model has learnt anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from landmark.artifacts.features import Batch, Feature, Role, Value
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.core.table import Floats
from landmark.graph.builder import Graph
from landmark.models import Fitted, Lower, Sample

COST = 0
LANDMARK = "constant"
PSEUDO = 0.01
"""Rows added to each label: the log loss of a label not seen stays finite, and no share changes visibly."""


class Options(Settings):
    """A constant has nothing to set."""


@dataclass(frozen=True)
class Constant:
    """One prediction (width,) for all rows."""

    mean: tuple[float, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """Return the prediction."""
        return {"mean": list(self.mean)}

    def predict(self, batch: Batch) -> Floats:
        """Return the mean of every row (n, width)."""
        return np.tile(np.array(self.mean), (batch.rows, 1))

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Add the mean to as many zeros as there are rows; return (n, width)."""
        return g.op("Add", zeros(g, features[0]), g.constant([self.mean]))

    def explain(self, batch: Batch) -> Floats:
        """Return zeros (n, features, width): no feature was looked at."""
        return np.zeros((batch.rows, len(batch.features), len(self.mean)))


def zeros(g: Graph, feature: Feature) -> Value:
    """Return float64 (n, 1) zeros, one for each row of a feature; nothing is below itself, not even NaN."""
    tails = {Role.VALUES: 1, Role.CODES: 0, Role.TOKENS: 1, Role.SERIES: 2, Role.PIXELS: 3}[feature.role]
    axes = list(range(1, tails + 1))
    value = feature.value
    if axes:  # one cell of each row is enough
        ends = [g.constant(edge, "int64") for edge in ([0] * tails, [1] * tails, axes)]
        value = g.op("Slice", value, *ends)
    number = g.cast(value, "float64")
    zero = g.cast(g.op("Less", number, number), "float64")
    # bags may be of no length, for which a sum is zero and a slice is nothing
    return g.column(g.op("ReduceSum", zero, g.constant(axes, "int64"), keepdims=0) if axes else zero)


def suits(task: Task, features: Sequence[Feature], rows: int, options: Options) -> Finding | None:
    """Return None: there is always a mean."""
    return None


def fit(train: Sample, valid: Sample, task: Task, options: Options, context: Context, like: Fitted | None) -> Constant:
    """Return the weighted mean of a number, or the weighted share of each label."""
    y, weight = np.asarray(train.y, np.float64), train.weight
    if task.kind == "regression":
        return Constant((float(np.average(y, weights=weight)),))
    if task.kind == "multilabel":
        shares = ((weight[:, None] * y).sum(axis=0) + PSEUDO) / (weight.sum() + 2 * PSEUDO)
    else:
        counts = np.bincount(y.astype(np.int64), weights=weight, minlength=task.width) + PSEUDO
        shares = counts / counts.sum()
    return Constant(tuple(shares.tolist()))


def finish(
    folds: Sequence[Fitted], train: Sample, task: Task, options: Options, context: Context, lower: Lower
) -> Constant:
    """Return the mean of all training rows."""
    return fit(train, train, task, options, context, None)


def space(task: Task) -> dict[str, Any]:
    """Return nothing to search."""
    return {}
