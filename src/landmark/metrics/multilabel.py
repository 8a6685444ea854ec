"""Scores of the probabilities of labels of which any number may be true."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.question import Task
from landmark.core.table import Array, Floats
from landmark.metrics.binary import average_precision

METRICS = {
    "mean_average_precision": True,
    "log_loss": False,
    "micro_f1": True,
    "macro_f1": True,
    "hamming": False,
    "subset_accuracy": True,
}
DEFAULT = "mean_average_precision"
LOSS = "log_loss"
LEAST = 1e-7
"""No probability counts as less."""


def losses(y: Array, prediction: Floats) -> Floats:
    """Return each row's mean log loss over the labels (n,), in nats."""
    chance = np.where(np.asarray(y) == 1, prediction, 1.0 - prediction)
    return np.asarray(-np.log(np.clip(chance, LEAST, 1.0)).mean(axis=1))


def score(metric: str, y: Array, prediction: Floats, weight: Floats) -> float:
    """Return one metric of prediction (n, labels) against flags y int64 (n, labels)."""
    truth, said = np.asarray(y) == 1, prediction >= 0.5
    if metric == "log_loss":
        return float(np.average(losses(y, prediction), weights=weight))
    if metric == "hamming":
        return float(np.average((truth != said).mean(axis=1), weights=weight))
    if metric == "subset_accuracy":
        return float(np.average((truth == said).all(axis=1), weights=weight))
    if metric == "mean_average_precision":
        each = average_precisions(truth, prediction, weight)
        return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")
    hit, below = weight @ (truth & said), weight @ truth.astype(float) + weight @ said.astype(float)
    if metric == "micro_f1":
        return float(2 * hit.sum() / below.sum()) if below.sum() > 0 else float("nan")
    there = below > 0
    return float(np.mean(2 * hit[there] / below[there])) if there.any() else float("nan")


def average_precisions(truth: Array, prediction: Floats, weight: Floats) -> Floats:
    """Return the average precision of every label (labels,); NaN for a label that is never true."""
    pairs = zip(truth.T, prediction.T, strict=True)
    return np.array([average_precision(flags, chance, weight) for flags, chance in pairs])


def prior(task: Task, y: Array, rows: int, rng: np.random.Generator, weight: Floats | None = None) -> Floats:
    """Return the flags of training rows drawn at random (rows, labels), weighted by weight (n,)."""
    flags = np.asarray(y, np.float64)
    return flags[rng.choice(len(flags), rows, p=None if weight is None else weight / weight.sum())]
