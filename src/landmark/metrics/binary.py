"""Scores of a probability of the second of two labels."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.question import Task
from landmark.core.table import Array, Floats

METRICS = {
    "roc_auc": True,
    "accuracy": True,
    "log_loss": False,
    "brier": False,
    "average_precision": True,
    "f1": True,
    "precision": True,
    "recall": True,
}
DEFAULT = "roc_auc"
LOSS = "log_loss"
LEAST = 1e-7
"""No probability counts as less: one certain mistake must not outweigh ten thousand rows."""


def losses(y: Array, prediction: Floats) -> Floats:
    """Return the log loss of each row (n,), in nats; a label never seen in training had probability LEAST."""
    known = np.asarray(y) < prediction.shape[1]
    label = np.where(known, y, 0).astype(np.int64)
    chance = np.where(known, prediction[np.arange(len(label)), label], LEAST)
    return np.asarray(-np.log(np.clip(chance, LEAST, 1.0)))


def score(metric: str, y: Array, prediction: Floats, weight: Floats) -> float:
    """Return one metric of prediction (n, 2) against y int64 (n,)."""
    if metric == "log_loss":
        return float(np.average(losses(y, prediction), weights=weight))
    positive, chance = np.asarray(y) == 1, prediction[:, 1]
    if metric == "roc_auc":
        return roc_auc(positive, chance, weight)
    if metric == "average_precision":
        return average_precision(positive, chance, weight)
    if metric == "brier":
        return float(np.average(np.square(chance - positive), weights=weight))
    if metric == "accuracy":
        return float(np.average(np.argmax(prediction, axis=1) == y, weights=weight))
    return precision_recall(metric, positive, prediction[:, 1] > prediction[:, 0], weight)


def precision_recall(metric: str, truth: Array, said: Array, weight: Floats) -> float:
    """Return precision, recall or f1 of one label; NaN where nothing is true or nothing was said."""
    hit = float(weight @ (truth & said))
    real, claimed = float(weight @ truth), float(weight @ said)
    below = {"precision": claimed, "recall": real, "f1": (claimed + real) / 2}[metric]
    return hit / below if below > 0 else float("nan")


def roc_auc(positive: Array, chance: Floats, weight: Floats) -> float:
    """Return the weighted chance that a positive row ranks above a negative one, ties counting half."""
    order = np.argsort(chance, kind="stable")
    value, up, down = chance[order], weight[order] * positive[order], weight[order] * ~positive[order].astype(bool)
    last = np.flatnonzero(np.r_[value[1:] != value[:-1], True])
    ups, downs = np.cumsum(up)[last], np.cumsum(down)[last]
    if len(ups) == 0 or ups[-1] == 0 or downs[-1] == 0:
        return float("nan")
    return float(np.trapezoid(np.r_[0.0, ups], np.r_[0.0, downs]) * -1 / (ups[-1] * downs[-1]) + 1.0)


def average_precision(positive: Array, chance: Floats, weight: Floats) -> float:
    """Return the mean precision over the recall steps, from the highest chance down."""
    order = np.argsort(-chance, kind="stable")
    value, hit = chance[order], np.cumsum(weight[order] * positive[order])
    last = np.flatnonzero(np.r_[value[1:] != value[:-1], True])
    if len(hit) == 0 or hit[-1] == 0:
        return float("nan")
    seen = np.cumsum(weight[order])[last]
    precision = np.divide(hit[last], seen, out=np.zeros(len(last)), where=seen > 0)
    return float(precision @ np.diff(np.r_[0.0, hit[last]]) / hit[-1])


def prior(task: Task, y: Array, rows: int, rng: np.random.Generator, weight: Floats | None = None) -> Floats:
    """Return certain answers drawn by the label shares of the training rows (rows, 2), weighted by weight (n,)."""
    drawn = rng.choice(np.asarray(y, np.int64), rows, p=None if weight is None else weight / weight.sum())
    return np.asarray(np.eye(task.width)[np.clip(drawn, 0, task.width - 1)])
