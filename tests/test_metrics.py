"""Metrics agree with scikit-learn's, weights included, and say NaN where they are not defined."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from landmark.artifacts.question import Task
from landmark.metrics import METRICS, binary, metrics_of, multiclass, multilabel, regression

RNG = np.random.default_rng(0)
N = 400
WEIGHT = RNG.random(N) + 0.1
BINARY = RNG.integers(0, 2, N)
CHANCE = np.round(np.clip(RNG.normal(0.4, 0.25, N) + 0.2 * BINARY, 0, 1), 2)
TWO = np.c_[1 - CHANCE, CHANCE]
CLASSES = RNG.integers(0, 5, N)
SHARES = RNG.dirichlet(np.ones(5), N)
FLAGS = RNG.integers(0, 2, (N, 4))
CHANCES = RNG.random((N, 4))
NUMBERS = RNG.normal(100, 20, N)
GUESSES = NUMBERS + RNG.normal(0, 5, N)
W = {"sample_weight": WEIGHT}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (binary.score("roc_auc", BINARY, TWO, WEIGHT), reference.roc_auc_score(BINARY, CHANCE, **W)),
        (
            binary.score("average_precision", BINARY, TWO, WEIGHT),
            reference.average_precision_score(BINARY, CHANCE, **W),
        ),
        (binary.score("accuracy", BINARY, TWO, WEIGHT), reference.accuracy_score(BINARY, CHANCE > 0.5, **W)),
        (binary.score("brier", BINARY, TWO, WEIGHT), reference.brier_score_loss(BINARY, CHANCE, **W)),
        (binary.score("f1", BINARY, TWO, WEIGHT), reference.f1_score(BINARY, CHANCE > 0.5, **W)),
        (binary.score("precision", BINARY, TWO, WEIGHT), reference.precision_score(BINARY, CHANCE > 0.5, **W)),
        (binary.score("recall", BINARY, TWO, WEIGHT), reference.recall_score(BINARY, CHANCE > 0.5, **W)),
        (multiclass.score("log_loss", CLASSES, SHARES, WEIGHT), reference.log_loss(CLASSES, SHARES, **W)),
        (
            multiclass.score("macro_f1", CLASSES, SHARES, WEIGHT),
            reference.f1_score(CLASSES, SHARES.argmax(1), average="macro", **W),
        ),
        (
            multiclass.score("balanced_accuracy", CLASSES, SHARES, WEIGHT),
            reference.balanced_accuracy_score(CLASSES, SHARES.argmax(1), **W),
        ),
        (
            multiclass.score("top_3_accuracy", CLASSES, SHARES, WEIGHT),
            reference.top_k_accuracy_score(CLASSES, SHARES, k=3, **W),
        ),
        (
            multilabel.score("mean_average_precision", FLAGS, CHANCES, WEIGHT),
            reference.average_precision_score(FLAGS, CHANCES, **W),
        ),
        (
            multilabel.score("micro_f1", FLAGS, CHANCES, WEIGHT),
            reference.f1_score(FLAGS, CHANCES >= 0.5, average="micro", **W),
        ),
        (
            multilabel.score("macro_f1", FLAGS, CHANCES, WEIGHT),
            reference.f1_score(FLAGS, CHANCES >= 0.5, average="macro", **W),
        ),
        (multilabel.score("hamming", FLAGS, CHANCES, WEIGHT), reference.hamming_loss(FLAGS, CHANCES >= 0.5, **W)),
        (
            regression.score("rmse", NUMBERS, GUESSES[:, None], WEIGHT),
            reference.root_mean_squared_error(NUMBERS, GUESSES, **W),
        ),
        (
            regression.score("mae", NUMBERS, GUESSES[:, None], WEIGHT),
            reference.mean_absolute_error(NUMBERS, GUESSES, **W),
        ),
        (regression.score("r2", NUMBERS, GUESSES[:, None], WEIGHT), reference.r2_score(NUMBERS, GUESSES, **W)),
    ],
)
def test_agrees_with_scikit_learn(ours: float, theirs: float) -> None:
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_not_defined_is_nan_not_a_guess() -> None:
    ones = np.ones(3)
    assert math.isnan(binary.score("roc_auc", np.ones(3, np.int64), np.full((3, 2), 0.5), ones))
    assert math.isnan(regression.score("r2", ones, ones[:, None], ones))
    assert math.isnan(
        multilabel.score("mean_average_precision", np.zeros((3, 2), np.int64), np.full((3, 2), 0.5), ones)
    )


def test_a_label_never_seen_counts_as_wrong() -> None:
    y, shares = np.array([0, 2]), np.array([[1.0, 0.0], [1.0, 0.0]])
    assert multiclass.score("accuracy", y, shares, np.ones(2)) == 0.5
    assert multiclass.losses(y, shares)[1] == pytest.approx(-math.log(binary.LEAST))


@pytest.mark.parametrize("kind", METRICS.names())
def test_every_task_has_a_default_and_a_proper_score(kind: Any) -> None:
    labels = () if kind == "regression" else ("a", "b", "c")[: 2 if kind == "binary" else 3]
    task = Task(kind=kind, labels=labels)
    chosen = metrics_of(task)
    assert chosen.DEFAULT in chosen.METRICS and chosen.LOSS in chosen.METRICS
    y: Any = {"regression": NUMBERS, "binary": BINARY, "multiclass": CLASSES % 3, "multilabel": FLAGS[:, :3]}[kind]
    drawn = chosen.prior(task, y, 50, np.random.default_rng(1))
    assert drawn.shape == (50, task.width) and np.isfinite(drawn).all()
    losses = chosen.losses(y[:50], drawn)
    assert losses.shape == (50,)
    assert float(losses.mean()) == pytest.approx(chosen.score(chosen.LOSS, y[:50], drawn, np.ones(50)))
