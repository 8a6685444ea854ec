"""One solver for all linear fits: L-BFGS, preconditioned by what the Hessian is made of.

Squared error takes one step of it, a logistic fit on a table about ten, one on text about thirty, because
the preconditioner holds the second moments of all narrow columns exactly and those of tokens by their
diagonal. Text is fitted in float32: half the memory to walk through, and a quarter of the time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from landmark.artifacts.question import TaskKind
from landmark.core.table import Array, Floats

Matrix: TypeAlias = npt.NDArray[Any]
"""float32 or float64, as the design is."""

Loss: TypeAlias = Callable[[Matrix], tuple[float, Matrix]]
"""Margins (n, k) -> mean loss, and its slope for every margin (n, k)."""

TOLERANCE = {"float32": 1e-3, "float64": 1e-7}
"""Stop when a step promises less than this share of the loss.

Promises are far too small where rows lie far from the border, which is why the share on tables is so low. On text,
with more columns than rows, the last thousandth buys no better prediction of other rows, and costs most of the time.
"""

STEPS = 200
MEMORY = 8
"""Steps remembered; Source: Nocedal & Wright, Numerical Optimization (2006), ch. 7.2."""


@dataclass(frozen=True)
class Design:
    """Rows as numbers: dense columns (n, d), then sparse ones (n, s).

    The first `narrow` of all columns are few enough for all their second moments: numbers and one-hot codes.
    """

    dense: Matrix
    sparse: Any
    narrow: int

    @property
    def columns(self) -> int:
        """Return d + s."""
        return int(self.dense.shape[1] + self.sparse.shape[1])

    def times(self, weights: Matrix) -> Matrix:
        """Return the product (n, k) with weights (d + s, k)."""
        split = self.dense.shape[1]
        margin: Matrix = self.dense @ weights[:split]
        return margin + self.sparse @ weights[split:] if self.sparse.shape[1] else margin

    def transposed_times(self, slopes: Matrix) -> Matrix:
        """Return the product (d + s, k) of the transposed design with slopes (n, k)."""
        return np.concatenate([self.dense.T @ slopes, self.sparse.T @ slopes])


@dataclass(frozen=True)
class Curvature:
    """The weighted second moments of a design: eigenvalues and vectors of the narrow block, the diagonal elsewhere.

    One eigendecomposition serves every strength of the penalty and every class.
    """

    values: Matrix
    vectors: Matrix
    tail: Matrix

    def solve(self, slope: Matrix, spread: Matrix, penalty: float) -> Matrix:
        """Return the approximate Newton step (d + s + 1, k); spread (k,) is the curvature of each margin's loss."""
        cut = len(self.values)
        bent = np.maximum(self.values[:, None] * spread, 0) + penalty
        head = self.vectors @ ((self.vectors.T @ slope[:cut]) / bent)
        tail = slope[cut:-1] / (self.tail[:, None] * spread + penalty)
        return np.concatenate([head, tail, slope[-1:] / spread]).astype(slope.dtype, copy=False)


def curvature(design: Design, weight: Floats) -> Curvature:
    """Return the second moments of design; those of the narrow block about the means, which the intercept takes."""
    kind = design.dense.dtype
    w = (weight / weight.sum()).astype(kind)
    diagonal = np.concatenate([w @ design.dense**2, design.sparse.multiply(design.sparse).T @ w])
    block = _moments(design, w) if design.narrow else np.empty((0, 0))
    values, vectors = np.linalg.eigh(block)
    return Curvature(values.astype(kind), vectors.astype(kind), diagonal[design.narrow :])


def _moments(design: Design, w: Matrix) -> Floats:
    """Return the covariance (narrow, narrow) of the narrow columns."""
    dense = design.dense
    near = design.sparse[:, : design.narrow - dense.shape[1]]
    heavy = near.multiply(w[:, None]).tocsr()
    cross = heavy.T @ dense
    moments = np.block([[dense.T @ (dense * w[:, None]), cross.T], [cross, (heavy.T @ near).toarray()]])
    middle = np.concatenate([w @ dense, heavy.sum(axis=0)]).astype(np.float64)
    covariance: Floats = moments.astype(np.float64) - np.outer(middle, middle)
    return covariance


def loss_of(kind: TaskKind, y: Array, weight: Floats) -> Loss:
    """Return the proper score of a task: squared error, log loss, or the sum of one log loss for each label."""
    share = (weight / weight.sum())[:, None]
    if kind == "multiclass":
        return _softmax(y.astype(np.int64), share)
    truth = y.astype(np.float64).reshape(len(y), -1)
    return (_squared if kind == "regression" else _sigmoid)(truth, share)


def _squared(truth: Floats, share: Floats) -> Loss:
    def loss(margin: Matrix) -> tuple[float, Matrix]:
        off = margin - truth
        return float((share * off * off).sum()) / 2, share * off

    return loss


def _sigmoid(truth: Floats, share: Floats) -> Loss:
    def loss(margin: Matrix) -> tuple[float, Matrix]:
        shrunk = np.exp(-np.abs(margin))
        lost = np.maximum(margin, 0) - margin * truth + np.log1p(shrunk)
        p = np.where(margin >= 0, 1, shrunk) / (1 + shrunk)
        return float((share * lost).sum()), share * (p - truth)

    return loss


def _softmax(labels: Array, share: Floats) -> Loss:
    rows = np.arange(len(labels))

    def loss(margin: Matrix) -> tuple[float, Matrix]:
        margin = margin - margin.max(axis=1, keepdims=True)
        own = margin[rows, labels]
        p = np.exp(margin, out=margin)
        total = p.sum(axis=1)
        p /= total[:, None]
        p[rows, labels] -= 1
        p *= share
        return float((share[:, 0] * (np.log(total) - own)).sum()), p

    return loss


def solve(design: Design, loss: Loss, moments: Curvature, spread: Floats, penalty: float, start: Matrix) -> Matrix:
    """Return weights and intercepts (d + s + 1, k) of least loss plus penalty / 2 times the squared weights.

    Source: Nocedal & Wright (2006), algorithm 7.4, with `Curvature.solve` as the initial inverse Hessian.
    """
    bent, enough = spread.astype(start.dtype), TOLERANCE[start.dtype.name]

    def slope_at(weights: Matrix) -> tuple[float, Matrix]:
        value, slopes = loss(design.times(weights[:-1]) + weights[-1])
        slopes = slopes.astype(start.dtype, copy=False)
        slope = np.concatenate([design.transposed_times(slopes), slopes.sum(axis=0, keepdims=True)])
        slope[:-1] += penalty * weights[:-1]
        return value + penalty / 2 * float(np.vdot(weights[:-1], weights[:-1])), slope

    def newton(slope: Matrix) -> Matrix:
        return moments.solve(slope, bent, penalty)

    past: deque[tuple[Matrix, Matrix, float]] = deque(maxlen=MEMORY)
    weights, (value, slope) = start, slope_at(start)
    for _ in range(STEPS):
        step = direction(slope, past, newton)
        promised = float(np.vdot(slope, step))
        if promised <= enough * abs(value) + 1e-12:
            break
        found = _descend(slope_at, weights, value, step, promised)
        if found is None:
            break
        moved, bend = found[0] - weights, found[2] - slope
        agreed = float(np.vdot(moved, bend))
        if agreed > 0:
            past.append((moved, bend, agreed))
        weights, value, slope = found
    return weights


def direction(slope: Matrix, past: Any, newton: Callable[[Matrix], Matrix]) -> Matrix:
    """Return the step against slope: the two-loop recursion over the remembered (moved, bend, agreed)."""
    rest, shares = slope.copy(), []
    for moved, bend, agreed in reversed(past):
        shares.append(float(np.vdot(moved, rest)) / agreed)
        rest -= shares[-1] * bend
    step = newton(rest)
    if past:
        _, bend, agreed = past[-1]
        step *= agreed / float(np.vdot(bend, newton(bend)))
    for moved, bend, agreed in past:
        step += (shares.pop() - float(np.vdot(bend, step)) / agreed) * moved
    return step


def _descend(
    slope_at: Loss, weights: Matrix, value: float, step: Matrix, promised: float
) -> tuple[Matrix, float, Matrix] | None:
    """Return the first point along the step that keeps a part of what it promised; None when there is none."""
    length = 1.0
    for _ in range(12):
        moved = weights - (length * step).astype(weights.dtype, copy=False)
        new, slope = slope_at(moved)
        if new <= value - 1e-4 * length * promised:
            return moved, new, slope
        length /= 2
    return None
