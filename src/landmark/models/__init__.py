"""A model turns numbers into a prediction. One file per family, cheapest first: the ladder.

A model adapts roles, never data types. What it fitted it can also write as ONNX nodes, and both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from landmark.artifacts.features import Batch, Feature, Value
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.families import Family
from landmark.core.findings import Finding
from landmark.core.options import Options as Settings
from landmark.core.table import Array, Floats, Ints
from landmark.graph.builder import Graph
from landmark.statistics.resample import inner_parts


class Fitted(Protocol):
    """A fitted model: pure functions of what it learnt."""

    @property
    def settings(self) -> dict[str, Any]:
        """What the fit resolved, as JSON: rounds, regularisation, the column of a rule."""

    def predict(self, batch: Batch) -> Floats:
        """Return the prediction float64 (n, task.width)."""

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Add the same prediction to g, from features that stand in g; return the tensor (n, task.width)."""

    def explain(self, batch: Batch) -> Floats:
        """Return contributions float64 (n, features, width) to the prediction's margin, one per feature."""


@dataclass(frozen=True)
class Sample:
    """Rows with known truth. `y` is as `Target.encode` gives it; `weight` float64 (n,) has mean 1.

    `ties` int64 (n,) numbers what must not be parted, not inside a fit either: groups, or moments; None where each row
    stands alone. `ordered`: rows stand in the order of time.
    """

    batch: Batch
    y: Array
    weight: Floats
    ties: Ints | None = None
    ordered: bool = False

    def take(self, rows: Ints) -> Sample:
        """Return the sample of some rows."""
        ties = None if self.ties is None else self.ties[rows]
        return Sample(self.batch.take(rows), self.y[rows], self.weight[rows], ties, self.ordered)

    def parts(self, k: int, seed: int) -> Ints:
        """Return a part below k for each row (n,), for what a fit must hold out of itself."""
        return inner_parts(len(self.y), self.ties, self.ordered, k, seed)


@dataclass(frozen=True)
class Lower:
    """The rungs below, already fitted on all training rows, by name; their scores lie in `Batch.scores`."""

    fitted: dict[str, Fitted] = field(default_factory=dict)


class Model(Protocol):
    """What a module in this folder provides."""

    @property
    def Options(self) -> type[Settings]:
        """The only schema of this model's settings."""

    @property
    def COST(self) -> int:
        """Its place on the ladder; cheaper rungs are tried and preferred first."""

    @property
    def LANDMARK(self) -> str | None:
        """The landmark it stands for beside every score: it is fitted even where it may not be chosen. None: none."""

    def suits(self, task: Task, features: Sequence[Feature], rows: int, options: Any) -> Finding | None:
        """Say why this model is not for this task, or None when it is."""

    def fit(
        self, train: Sample, valid: Sample, task: Task, options: Any, context: Context, like: Fitted | None
    ) -> Fitted:
        """Fit one fold. `valid` may stop training early, nothing more; `like` is the first fold's result,
        whose settings the later folds take over."""

    def finish(
        self, folds: Sequence[Fitted], train: Sample, task: Task, options: Any, context: Context, lower: Lower
    ) -> Fitted:
        """Return the model for use, from the folds' settings and all training rows."""

    def space(self, task: Task) -> dict[str, Any]:
        """Return the settings worth searching."""


MODELS: Family[Any] = Family("landmark.models")


def ladder() -> list[str]:
    """Return the names of all rungs, cheapest first."""
    return [name for _, name in sorted((model.COST, name) for name, model in MODELS.items())]
