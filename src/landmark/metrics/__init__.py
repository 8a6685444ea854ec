"""Scores, one file per task. A metric takes truth, prediction (n, width) and weights, in that order."""

from __future__ import annotations

from typing import Any, Protocol

from landmark.artifacts.question import Task
from landmark.core.families import Family
from landmark.core.table import Array, Floats


class Metrics(Protocol):
    """What a module named like a task kind provides."""

    @property
    def METRICS(self) -> dict[str, bool]:
        """Metric name -> whether greater is better."""

    @property
    def DEFAULT(self) -> str:
        """The metric shown first."""

    @property
    def LOSS(self) -> str:
        """The name of the proper score that chooses."""

    def losses(self, y: Array, prediction: Floats) -> Floats:
        """Return the proper score of each row (n,); lower is better."""

    def score(self, metric: str, y: Array, prediction: Floats, weight: Floats) -> float:
        """Return one metric; NaN where it is not defined on these rows (one class only)."""

    def prior(self, task: Task, y: Array, rows: int, rng: Any, weight: Floats | None = None) -> Floats:
        """Return a random draw from the training prior, by weight if given, as a prediction (rows, width)."""


METRICS: Family[Any] = Family("landmark.metrics")


def metrics_of(task: Task) -> Any:
    """Return the metrics of a task."""
    return METRICS[task.kind]
