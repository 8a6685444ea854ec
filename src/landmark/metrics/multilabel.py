"""Scores of the probabilities of labels of which any number may be true."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.question import Task
from landmark.core.table import Array, Floats

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
    order = np.argsort(-prediction, axis=0, kind="stable")
    hit = np.take_along_axis(truth * weight[:, None], order, axis=0)
    seen = np.cumsum(weight[order], axis=0)
    reached = np.cumsum(hit, axis=0)
    total = reached[-1] if len(reached) else np.zeros(prediction.shape[1])
    precision = np.divide(reached, seen, out=np.zeros_like(reached), where=seen > 0)
    parts = (precision * hit).sum(axis=0)
    return np.asarray(np.divide(parts, total, out=np.full(len(total), np.nan), where=total > 0))


def prior(task: Task, y: Array, rows: int, rng: np.random.Generator) -> Floats:
    """Return the flags of training rows drawn at random (rows, labels)."""
    flags = np.asarray(y, np.float64)
    return flags[rng.integers(0, len(flags), rows)]
