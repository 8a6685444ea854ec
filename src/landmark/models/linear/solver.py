"""One solver for all linear fits: L-BFGS, started from the Hessian as far as that is cheap to know.

Squared error takes one step of it, a logistic fit on a table about ten, one on text a few dozen: the initial
inverse Hessian holds the second moments of all narrow columns, exactly for two classes, and those of tokens by
their diagonal; it is taken anew while the fit moves. Text is fitted in float32: half the memory to walk through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from landmark.artifacts.question import TaskKind
from landmark.core.table import Array, Floats

Matrix: TypeAlias = npt.NDArray[Any]
"""float32 or float64, as the design is."""

TOLERANCE = {"float32": 1e-3, "float64": 1e-6}
"""Stop when a step promises less than this share of the loss.

On text, with more columns than rows, the last thousandth buys no better prediction of other rows, and costs most of
the time.
"""

STEPS = 200
MEMORY = 8
"""Steps remembered; Source: Nocedal & Wright, Numerical Optimization (2006), ch. 7.2."""

REFRESH = 10
"""Steps after which the curvature is taken anew."""


class Seen(NamedTuple):
    """A loss at some margins (n, k): its weighted mean, and for each margin its slope and its curvature."""

    value: float
    slopes: Matrix
    bends: Matrix


Loss: TypeAlias = Callable[[Matrix], Seen]


@dataclass(frozen=True)
class Design:
    """Rows as numbers: dense columns (n, d), the first of them 1 for the intercept, then sparse ones (n, s).

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
        if self.sparse.shape[1]:
            margin += self.sparse @ weights[split:]
        return margin

    def transposed_times(self, slopes: Matrix) -> Matrix:
        """Return the product (d + s, k) of the transposed design with slopes (n, k)."""
        return np.concatenate([self.dense.T @ slopes, self.sparse.T @ slopes])


@dataclass(frozen=True)
class Curvature:
    """The Hessian without penalty, near enough: a narrow block, the same for all k but for its size, and a diagonal.

    The block's eigenvalues (b,) and vectors (b, b), its size `spread` (k,), the rest of the diagonal (d + s - b, k).
    """

    values: Matrix
    vectors: Matrix
    spread: Matrix
    diagonal: Matrix

    def solve(self, slope: Matrix, penalty: float) -> Matrix:
        """Return the Newton step (d + s, k)."""
        cut = len(self.values)
        head = self.vectors @ ((self.vectors.T @ slope[:cut]) / (self.values[:, None] * self.spread + penalty))
        return np.concatenate([head, slope[cut:] / (self.diagonal + penalty)])


def curvature(design: Design, bends: Matrix) -> Curvature:
    """Return the curvature of a loss at margins where each margin's own is bends (n, k)."""
    kind, cut, dense = design.dense.dtype, design.narrow, design.dense
    spread = bends.sum(axis=0)
    mean = bends.sum(axis=1) / spread.sum()
    near = design.sparse[:, : max(cut - dense.shape[1], 0)]
    heavy = near.multiply(mean[:, None]).tocsr()
    dense = dense[:, :cut]
    cross = heavy.T @ dense
    moments = np.block([[dense.T @ (dense * mean[:, None]), cross.T], [cross, (heavy.T @ near).toarray()]])
    values, vectors = np.linalg.eigh(moments.astype(np.float64))
    squares = design.sparse[:, near.shape[1] :].power(2)
    diagonal = np.concatenate([(design.dense[:, cut:] ** 2).T @ bends, squares.T @ bends])
    return Curvature(values.clip(0).astype(kind), vectors.astype(kind), spread.astype(kind), diagonal.astype(kind))


def loss_of(kind: TaskKind, y: Array, weight: Floats, dtype: Any) -> Loss:
    """Return the proper score of a task: squared error, log loss, or the sum of one log loss for each label."""
    share = (weight / weight.sum()).astype(dtype)[:, None]
    if kind == "multiclass":
        return _softmax(y.astype(np.int64), share)
    truth = y.astype(dtype).reshape(len(y), -1)
    return (_squared if kind == "regression" else _sigmoid)(truth, share)


def _squared(truth: Matrix, share: Matrix) -> Loss:
    def loss(margin: Matrix) -> Seen:
        off = margin - truth
        return Seen(float((share * off * off).sum(dtype=np.float64)) / 2, share * off, share)

    return loss


def _sigmoid(truth: Matrix, share: Matrix) -> Loss:
    def loss(margin: Matrix) -> Seen:
        shrunk = np.exp(-np.abs(margin))
        lost = np.maximum(margin, 0) - margin * truth + np.log1p(shrunk)
        p = np.where(margin >= 0, 1, shrunk) / (1 + shrunk)
        return Seen(
            float((share * lost).sum(dtype=np.float64)), share * (p - truth), share * shrunk / (1 + shrunk) ** 2
        )

    return loss


def _softmax(labels: Array, share: Matrix) -> Loss:
    rows = np.arange(len(labels))

    def loss(margin: Matrix) -> Seen:
        margin -= margin.max(axis=1, keepdims=True)
        own = margin[rows, labels]
        p = np.exp(margin, out=margin)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        slopes, bends = p * share, p * (1 - p) * share
        slopes[rows, labels] -= share[:, 0]
        lost = share[:, 0] * (np.log(total[:, 0]) - own)
        return Seen(float(lost.sum(dtype=np.float64)), slopes, bends)

    return loss


class Point(NamedTuple):
    """Where a fit stands: weights (d + s, k), the penalised loss there, its slope, and what the loss is made of."""

    weights: Matrix
    value: float
    slope: Matrix
    bends: Matrix


def solve(design: Design, loss: Loss, penalty: float, start: Matrix) -> Matrix:
    """Return the weights (d + s, k) of least loss plus penalty / 2 times their squares, intercepts left out.

    Source: Nocedal & Wright (2006), algorithm 7.5, with `Curvature.solve` for the initial inverse Hessian.
    """

    def at(weights: Matrix) -> Point:
        value, slopes, bends = loss(design.times(weights))
        slope = design.transposed_times(slopes)
        slope[1:] += penalty * weights[1:]
        return Point(weights, value + penalty / 2 * float(np.vdot(weights[1:], weights[1:])), slope, bends)

    past: deque[tuple[Matrix, Matrix, float]] = deque(maxlen=MEMORY)
    here, age, enough = at(start), 0, TOLERANCE[start.dtype.name]
    hessian = curvature(design, here.bends)
    for _ in range(STEPS):
        step = _direction(here.slope, past, partial(hessian.solve, penalty=penalty))
        promised = float(np.vdot(here.slope, step))
        there = _descend(at, here, step, promised) if promised > enough * here.value + 1e-12 else None
        if there is None and age == 0:
            break
        if there is not None:
            moved, bend = there.weights - here.weights, there.slope - here.slope
            if (agreed := float(np.vdot(moved, bend))) > 0:
                past.append((moved, bend, agreed))
            here, age = there, age + 1
        if there is None or age == REFRESH:
            hessian, age = curvature(design, here.bends), 0
    return here.weights


def _direction(slope: Matrix, past: Any, newton: Callable[[Matrix], Matrix]) -> Matrix:
    """Return the step against slope: the two-loop recursion over the remembered (moved, bend, agreed)."""
    rest, shares = slope.copy(), []
    for moved, bend, agreed in reversed(past):
        shares.append(float(np.vdot(moved, rest)) / agreed)
        rest -= shares[-1] * bend
    step = newton(rest)
    if past:  # the diagonal leaves out how columns go together; the last step tells how much that is on the whole
        _, bend, agreed = past[-1]
        step *= agreed / float(np.vdot(bend, newton(bend)))
    for moved, bend, agreed in past:
        step += (shares.pop() - float(np.vdot(bend, step)) / agreed) * moved
    return step


def _descend(at: Callable[[Matrix], Point], here: Point, step: Matrix, promised: float) -> Point | None:
    """Return the first point along the step that keeps a part of what it promised; None when there is none."""
    length = 1.0
    for _ in range(12):
        there = at(here.weights - length * step)
        if there.value <= here.value - 1e-4 * length * promised:
            return there
        length /= 2
    return None
