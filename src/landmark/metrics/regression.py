"""Scores of a predicted number, in the target's own unit."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.question import Task
from landmark.core.table import Array, Floats

METRICS = {"rmse": False, "mae": False, "r2": True, "median_absolute_error": False, "squared_error": False}
DEFAULT = "rmse"
LOSS = "squared_error"


def losses(y: Array, prediction: Floats) -> Floats:
    """Return the squared error of each row (n,)."""
    return np.square(np.asarray(y, np.float64) - prediction[:, 0])


def score(metric: str, y: Array, prediction: Floats, weight: Floats) -> float:
    """Return one metric of prediction (n, 1) against y float64 (n,)."""
    truth = np.asarray(y, np.float64)
    error = truth - prediction[:, 0]
    if metric == "mae":
        return float(np.average(np.abs(error), weights=weight))
    if metric == "median_absolute_error":
        return weighted_median(np.abs(error), weight)
    squared = float(np.average(np.square(error), weights=weight))
    if metric == "r2":
        spread = float(np.average(np.square(truth - np.average(truth, weights=weight)), weights=weight))
        return 1.0 - squared / spread if spread > 0 else float("nan")
    return squared**0.5 if metric == "rmse" else squared


def weighted_median(values: Floats, weight: Floats) -> float:
    """Return the smallest value with at least half of the weight at or below it."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def prior(task: Task, y: Array, rows: int, rng: np.random.Generator, weight: Floats | None = None) -> Floats:
    """Return values drawn from the training truth (rows, 1), weighted by weight (n,)."""
    shares = None if weight is None else weight / weight.sum()
    return rng.choice(np.asarray(y, np.float64), rows, p=shares)[:, None]
