"""Scores of the probabilities of several labels, of which one is true."""

from __future__ import annotations

import numpy as np

from landmark.core.table import Array, Floats
from landmark.metrics.binary import losses, prior

__all__ = ["DEFAULT", "LOSS", "METRICS", "losses", "prior", "score"]

METRICS = {"accuracy": True, "log_loss": False, "macro_f1": True, "top_3_accuracy": True, "balanced_accuracy": True}
DEFAULT = "accuracy"
LOSS = "log_loss"


def score(metric: str, y: Array, prediction: Floats, weight: Floats) -> float:
    """Return one metric of prediction (n, labels) against y int64 (n,)."""
    truth, width = np.asarray(y, np.int64), prediction.shape[1]
    if metric == "log_loss":
        return float(np.average(losses(truth, prediction), weights=weight))
    if metric == "top_3_accuracy":
        return float(np.average(among_first(3, truth, prediction), weights=weight))
    said = np.argmax(prediction, axis=1)
    if metric == "accuracy":
        return float(np.average(said == truth, weights=weight))
    hit = np.bincount(truth, weights=weight * (said == truth), minlength=width + 1)
    real = np.bincount(truth, weights=weight, minlength=width + 1)
    claimed = np.bincount(said, weights=weight, minlength=width + 1)
    there = real > 0
    if metric == "balanced_accuracy":
        return float(np.mean(hit[there] / real[there]))
    return float(np.mean(2 * hit[there] / (real + claimed)[there]))


def among_first(k: int, truth: Array, prediction: Floats) -> Floats:
    """Return the chance (n,) that the true label is among the k likeliest, labels that tie in random order.

    >>> among_first(3, np.array([0, 2]), np.array([[0.25, 0.25, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4]])).tolist()
    [0.75, 1.0]
    """
    known = truth < prediction.shape[1]
    own = prediction[np.arange(len(truth)), np.where(known, truth, 0)][:, None]
    before, level = (prediction > own).sum(axis=1), (prediction == own).sum(axis=1)
    return np.where(known, np.clip((k - before) / np.maximum(level, 1), 0.0, 1.0), 0.0)
