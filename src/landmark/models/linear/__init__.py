"""Linear: ridge for numbers, logistic regression for classes, one logistic regression per label for sets.

Its strength of penalty is chosen within the rows that teach the first fold, from the strongest on, until the loss
of rows held out of them rises; the other folds take it over. Chosen on the rows that judge the first fold it was
flattered by a tenth of a standard error on samples of adult, and of 300 to 1000 rows it was a worse choice.
Weights of tokens are float32, in training as in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from landmark.artifacts.features import Batch, Feature, Role, Value
from landmark.artifacts.question import Task, TaskKind
from landmark.core.context import Context
from landmark.core.findings import Finding, note
from landmark.core.options import Options as Settings
from landmark.core.table import Array, Floats, Ints, Mask
from landmark.graph.builder import Graph
from landmark.models import Fitted, Lower, Sample
from landmark.models.linear.inputs import Lookup, Numbers, learn_codes, learn_numbers, learn_tokens
from landmark.models.linear.solver import Design, Loss, Matrix, loss_of, solve

COST = 20
LANDMARK = None
USABLE = (Role.VALUES, Role.CODES, Role.TOKENS)
STRENGTHS = (0.003, 0.03, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
INNER = 5
"""Parts of the rows that teach the first fold, of which the latest is held out to choose the strength."""
ENOUGH = 800
"""Rows that must be held out for a good choice; where a part has fewer, more parts are held out in turn."""
NARROW = 600
"""Most columns whose second moments are all worth knowing: an eigendecomposition costs their number cubed."""


class Options(Settings):
    """How strongly weights are drawn to zero."""

    C: float | None = Field(None, gt=0, description="inverse strength of the penalty; chosen when not given")


@dataclass(frozen=True)
class Linear:
    """A fitted linear model: margins are sums over features, the prediction a function of the margins.

    `dense` float64 (3 d, k) are the weights of numbers, `tables` (columns + 1, k) those of each lookup.
    """

    kind: str
    C: float
    numbers: Numbers | None
    dense: Floats
    lookups: tuple[Lookup, ...]
    tables: tuple[Any, ...]
    intercept: Floats

    @property
    def settings(self) -> dict[str, Any]:
        """Return the strength of the penalty."""
        return {"C": self.C}

    def margins(self, batch: Batch) -> Floats:
        """Return the margins float64 (n, k); k is 1 for two classes."""
        margin = np.repeat(self.intercept[None, :], batch.rows, axis=0)
        if self.numbers is not None:
            margin += self.numbers.columns(batch) @ self.dense
        for lookup, table in zip(self.lookups, self.tables, strict=True):
            margin += lookup.margin(batch, table)
        return margin

    def predict(self, batch: Batch) -> Floats:
        """Return the prediction float64 (n, width)."""
        return _link(self.kind, self.margins(batch))

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Return the same prediction in g."""
        by_name = {feature.name: feature for feature in features}
        margin = g.constant(self.intercept[None, :])
        if self.numbers is not None:
            product = g.op("MatMul", self.numbers.graph(g, by_name), g.constant(self.dense))
            margin = g.op("Add", margin, product)
        for lookup, table in zip(self.lookups, self.tables, strict=True):
            margin = g.op("Add", margin, lookup.graph(g, by_name[lookup.name], table))
        return _link_graph(g, self.kind, margin)

    def explain(self, batch: Batch) -> Floats:
        """Return weight times value of each feature (n, features, width); of two classes, each against the other."""
        told = {
            lookup.name: lookup.margin(batch, table) for lookup, table in zip(self.lookups, self.tables, strict=True)
        }
        told |= self._told_by_numbers(batch)
        nothing = np.zeros((batch.rows, len(self.intercept)))
        shares = np.stack([told.get(feature.name, nothing) for feature in batch.features], axis=1)
        return np.concatenate([-shares, shares], axis=2) if self.kind == "binary" else shares

    def _told_by_numbers(self, batch: Batch) -> dict[str, Floats]:
        """Return what each VALUES feature adds to the margins."""
        if self.numbers is None:
            return {}
        columns, total = self.numbers.columns(batch), sum(self.numbers.sizes)
        told, start = {}, 0
        for name, size in zip(self.numbers.names, self.numbers.sizes, strict=True):
            own = np.concatenate([block * total + np.arange(start, start + size) for block in range(3)])
            told[name] = columns[:, own] @ self.dense[own]
            start += size
        return told


def _link(kind: str, margin: Floats) -> Floats:
    """Return margins (n, k) as a prediction; exact for the smallest probabilities too."""
    if kind == "regression":
        return margin
    if kind == "multiclass":
        odds: Floats = np.exp(margin - margin.max(axis=1, keepdims=True))
        shares: Floats = odds / odds.sum(axis=1, keepdims=True)
        return shares
    against = np.concatenate([margin, -margin], axis=1) if kind == "binary" else -margin
    with np.errstate(over="ignore"):  # exp(1000) is infinite, and its inverse the probability 0
        p: Floats = 1 / (1 + np.exp(against))
    return p


def _link_graph(g: Graph, kind: str, margin: Value) -> Value:
    """Return the same in g. ONNX Runtime's own Sigmoid loses the digits of small probabilities."""
    if kind == "regression":
        return margin
    if kind == "multiclass":
        return g.op("Softmax", margin, axis=1)
    against = g.op("Neg", margin)
    one = g.constant(1.0)
    return g.op("Div", one, g.op("Add", one, g.op("Exp", g.concat([margin, against]) if kind == "binary" else against)))


def suits(task: Task, features: Sequence[Feature], rows: int, options: Options) -> Finding | None:
    """Say no when there is no number, code or token."""
    if any(feature.role in USABLE for feature in features):
        return None
    roles = ", ".join(sorted({feature.role for feature in features}))
    return note(
        "no-usable-feature",
        "models.linear",
        f"features are {roles or 'none'}",
        "a linear model needs numbers, codes or tokens",
    )


@dataclass(frozen=True)
class _Problem:
    """One fold ready to be solved at any strength; `y` is in units, from the middle on, where it is a number."""

    kind: TaskKind
    numbers: Numbers | None
    lookups: tuple[Lookup, ...]
    design: Design
    y: Array
    weight: Floats
    start: Matrix
    middle: float
    unit: float

    @property
    def loss(self) -> Loss:
        """Return the weighted mean proper score of its rows."""
        return loss_of(self.kind, self.y, self.weight, self.design.dense.dtype)

    def of(self, rows: Mask) -> _Problem:
        """Return the problem of some of its rows (n,), in the same columns."""
        design = Design(self.design.dense[rows], self.design.sparse[rows], self.design.narrow)
        return replace(self, design=design, y=self.y[rows], weight=self.weight[rows])

    def solve(self, C: float, start: Matrix) -> Matrix:
        """Return the intercepts and weights (columns, k) for one strength."""
        return solve(self.design, self.loss, 1 / (C * len(self.design.dense)), start)

    def fitted(self, C: float, weights: Matrix) -> Linear:
        """Return the solution as a model."""
        scaled = weights * self.unit
        dense, tables = np.zeros((0, scaled.shape[1])), []
        at = 1
        if self.numbers is not None:
            dense = np.zeros((3 * len(self.numbers.fill), scaled.shape[1]))
            dense[self.numbers.kept] = scaled[at : at + len(self.numbers.kept)]
            at += len(self.numbers.kept)
        for lookup in self.lookups:
            table = np.concatenate([np.zeros_like(scaled[:1]), scaled[at : at + lookup.columns]])
            tables.append(table.astype(np.float32 if lookup.role == Role.TOKENS else np.float64))
            at += lookup.columns
        intercept = scaled[0].astype(np.float64) + self.middle
        return Linear(self.kind, C, self.numbers, dense, self.lookups, tuple(tables), intercept)


def _prepare(train: Sample, task: Task) -> _Problem:
    """Return training rows as a design, with all that does not depend on the strength of the penalty."""
    batch = train.batch
    numbers = learn_numbers(batch)
    codes = [learn_codes(feature, batch) for feature in _sorted(batch, Role.CODES)]
    tokens = [learn_tokens(feature, batch, task.width) for feature in _sorted(batch, Role.TOKENS)]
    lookups = (*codes, *tokens)
    design = _design(batch, numbers, lookups)
    middle, unit, y = 0.0, 1.0, train.y
    if task.kind == "regression":
        y = y.astype(np.float64)
        middle = float(np.average(y, weights=train.weight))
        unit = float(np.sqrt(np.average((y - middle) ** 2, weights=train.weight))) or 1.0
        y = (y - middle) / unit
    return _Problem(task.kind, numbers, lookups, design, y, train.weight, _start(task, train, design), middle, unit)


def _sorted(batch: Batch, role: Role) -> list[Feature]:
    return sorted(batch.of(role), key=lambda feature: feature.name)


def _design(batch: Batch, numbers: Numbers | None, lookups: tuple[Lookup, ...]) -> Design:
    """Return the design: float64 on tables; float32 with text, for the sake of memory and time."""
    from scipy.sparse import csr_array, hstack

    kind = np.float32 if any(lookup.role == Role.TOKENS for lookup in lookups) else np.float64
    dense = np.ones((batch.rows, 1))
    if numbers is not None:
        dense = np.concatenate([dense, numbers.columns(batch)[:, numbers.kept]], axis=1)
    parts = [lookup.design(batch).astype(kind) for lookup in lookups]
    sparse = csr_array(hstack(parts, format="csr")) if parts else csr_array((batch.rows, 0), dtype=kind)
    coded = dense.shape[1] + sum(lookup.columns for lookup in lookups if lookup.role == Role.CODES)
    narrow = next((cut for cut in (coded, dense.shape[1]) if cut <= NARROW), 1)
    return Design(np.ascontiguousarray(dense, kind), sparse, narrow)


def _start(task: Task, train: Sample, design: Design) -> Matrix:
    """Return the prior's intercepts with no weights (columns, k)."""
    start = np.zeros((design.columns, 1 if task.kind == "binary" else task.width), design.dense.dtype)
    if task.kind == "regression":
        return start
    flags = train.y.astype(np.float64) if task.kind == "multilabel" else np.eye(task.width)[train.y]
    p = (train.weight @ flags + 0.5) / (train.weight.sum() + 1)
    start[0] = np.log(p[1] / (1 - p[1])) if task.kind == "binary" else np.log(p)
    if task.kind == "multilabel":
        start[0] -= np.log1p(-p)
    return start


def fit(train: Sample, valid: Sample, task: Task, options: Options, context: Context, like: Fitted | None) -> Linear:
    """Return one fold's model; the first fold chooses the strength of the penalty, by rows that teach it alone."""
    from threadpoolctl import threadpool_limits

    C = options.C if like is None else like.settings["C"]
    with threadpool_limits(1, "blas"):  # more threads spin, double the CPU time, and change the last bits
        problem = _prepare(train, task)
        start = problem.start
        if C is None:
            C, start = _climb(problem, train.parts(INNER, context.seed_for("linear", "parts")), context)
        return problem.fitted(C, problem.solve(C, start))


def _climb(problem: _Problem, parts: Ints, context: Context) -> tuple[float, Matrix]:
    """Return the best of ever weaker penalties, and weights near the best of all rows.

    Each fit starts at the one before, until the loss of the rows held out rises.
    """
    held = np.unique(parts)[::-1][: -(-ENOUGH * INNER // len(parts))]
    pairs = [(problem.of(parts != part), problem.of(parts == part)) for part in held]
    trials = [(teach, judge) for teach, judge in pairs if teach.weight.any() and judge.weight.any()]
    best, least, weights = (STRENGTHS[0], problem.start), np.inf, [problem.start for _ in trials]
    for step, C in enumerate(STRENGTHS):
        context.progress("linear", step / len(STRENGTHS))
        weights = [teach.solve(C, start) for (teach, _), start in zip(trials, weights, strict=True)]
        lost = sum(
            judge.loss(judge.design.times(own)).value * float(judge.weight.sum())
            for (_, judge), own in zip(trials, weights, strict=True)
        )
        if lost >= least or not trials:
            break
        best, least = (C, weights[0]), lost
    return best


def finish(
    folds: Sequence[Fitted], train: Sample, task: Task, options: Options, context: Context, lower: Lower
) -> Linear:
    """Return the model of all training rows, as strongly penalised as the folds."""
    return fit(train, train, task, options, context, folds[0])


def space(task: Task) -> dict[str, Any]:
    """Return the strengths worth trying."""
    return {"C": STRENGTHS}
