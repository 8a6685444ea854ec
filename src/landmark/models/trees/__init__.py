"""Gradient-boosted trees: LightGBM with settings that rarely need a change, exact in the graph.

Few rows keep the boosters of all folds, whose mean is better than one booster fitted on all rows, as long as the
folds together saw all rows alike; otherwise all rows are fitted once more, as long as the folds ran on average.
Either way the graph is one TreeEnsemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from landmark.artifacts.features import Batch, Feature, Role, Value
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.findings import Finding, note
from landmark.core.options import Options as Settings
from landmark.core.table import Floats
from landmark.graph.builder import Graph
from landmark.graph.trees import Part as Booster
from landmark.graph.trees import tree_ensemble
from landmark.models import MODELS, Fitted, Lower, Sample
from landmark.models.trees.columns import PARTS, Layout, Scores, Teaching, learn, relearn, steps_of, teaching_matrix

COST = 30
LANDMARK = None
ROLES = (Role.VALUES, Role.CODES, Role.TOKENS)
BAGGED = 8000
"""Rows below which the boosters of the folds are kept."""
LONGER = 1.1
"""Rounds on all rows, by the mean rounds of the folds, each of which saw fewer."""
CELL_S = 1e-5
"""CPU seconds for a row, a column and an output: 6 fits of 300 rounds, as measured on adult."""
PATIENT_S = 3600.0
"""CPU seconds beyond which many outputs are out of proportion."""


class Options(Settings):
    """LightGBM's settings, by the words of this house."""

    learning_rate: float = Field(0.05, gt=0, le=1)
    leaves: int = Field(31, ge=2, le=4096, description="of a tree, at most")
    leaf_rows: int = Field(20, ge=1, description="rows in a leaf, at least")
    columns: float = Field(0.8, gt=0, le=1, description="share of the columns that a tree may use")
    rows: float = Field(0.8, gt=0, le=1, description="share of the rows that a tree sees")
    smooth: float = Field(10.0, ge=0, description="rows' worth of the mean mixed into each category")
    l2: float = Field(1.0, ge=0)
    rounds: int = Field(3000, ge=1, description="trees for each output, at most")
    patience: int = Field(50, ge=1, description="rounds without a lower loss after which a fold stops")
    token_width: int = Field(32, ge=1, le=512, description="directions along which a text is seen")
    most_labels: int = Field(30, ge=2, description="labels beyond which a fit must be worth its CPU time")


@dataclass(frozen=True)
class Member:
    """One LightGBM booster: the margins it adds to, the rounds that count, and the factor of its leaves."""

    engine: Any
    target: int
    outputs: int
    rounds: int
    scale: float

    def margin(self, x: Floats) -> Floats:
        """Return what it adds (n, outputs of its own)."""
        raw = self.engine.predict(x, raw_score=True, num_iteration=self.rounds, num_threads=1)
        return np.asarray(raw, np.float64).reshape(len(x), -1) * self.scale

    def contributions(self, x: Floats) -> Floats:
        """Return what each column adds (n, columns, outputs of its own)."""
        raw = self.engine.predict(x, pred_contrib=True, num_iteration=self.rounds, num_threads=1)
        return np.asarray(raw).reshape(len(x), -1, x.shape[1] + 1)[:, :, :-1].transpose(0, 2, 1) * self.scale

    def booster(self) -> Booster:
        """Return it as the graph takes it."""
        return Booster(self.engine.model_to_string(num_iteration=self.rounds), self.target, self.scale)


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosters over the columns of a layout, taught by a number of rows.

    `below` is the model whose scores are columns too, once it is fitted.
    """

    task: Task
    layout: Layout
    members: tuple[Member, ...]
    offset: float
    taught: int
    below: Fitted | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """Return the rounds of every booster, the number of columns, and whether a model below is one of them."""
        rounds = [member.rounds for member in self.members]
        return {"rounds": rounds, "columns": self.layout.width, "stacked": self.layout.scores is not None}

    def predict(self, batch: Batch) -> Floats:
        """Return the prediction (n, width)."""
        margin = np.full((batch.rows, outputs_of(self.task)), self.offset)
        if batch.rows:
            x = self.layout.matrix(batch, self._said(batch))
            for member in self.members:
                margin[:, member.target : member.target + member.outputs] += member.margin(x)
        return linked(margin, self.task)

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Add the columns, one TreeEnsemble and the link; return (n, width)."""
        columns = self.layout.graph(g, {feature.name: feature for feature in features})
        if self.layout.scores:
            assert self.below is not None, "a fold's model lacks the model below"
            columns.append(self.layout.scores.graph(g, self.below.graph(g, features), self.task.width))
        boosters = [member.booster() for member in self.members]
        margin = tree_ensemble(g, g.concat(columns), boosters, outputs_of(self.task))
        return linked_graph(g, g.op("Add", margin, g.constant(self.offset)), self.task)

    def explain(self, batch: Batch) -> Floats:
        """Return LightGBM's SHAP values of all columns of a feature, summed; (n, features, width).

        Source: Lundberg et al., From local explanations to global understanding, Nature MI 2 (2020).
        """
        by_column = np.zeros((batch.rows, self.layout.width, outputs_of(self.task)))
        if batch.rows:
            x = self.layout.matrix(batch, self._said(batch))
            for member in self.members:
                by_column[:, :, member.target : member.target + member.outputs] += member.contributions(x)
        places = {feature.name: i for i, feature in enumerate(batch.features)}
        total = np.zeros((batch.rows, len(places), by_column.shape[2]))
        start = 0
        for part in self.layout.parts:
            total[:, places[part.feature]] += by_column[:, start : start + part.width].sum(axis=1)
            start += part.width
        if self.layout.scores:
            total += self._shared(batch, by_column[:, start:].sum(axis=1))
        return np.concatenate([-total, total], axis=2) if self.task.kind == "binary" else total

    def _said(self, batch: Batch) -> Floats | None:
        """Return the scores of the model below: its own once it is fitted, else those out of fold."""
        return self.below.predict(batch) if self.below else self.layout.told(batch)

    def _shared(self, batch: Batch, credit: Floats) -> Floats:
        """Return the credit of the model below (n, outputs) shared as that model shares it (n, features, outputs)."""
        if self.below:
            share = np.abs(self.below.explain(batch)[:, :, -credit.shape[1] :])
        else:
            texts = np.array([feature.role == Role.TOKENS for feature in batch.features], np.float64)
            share = np.tile(texts[:, None], (batch.rows, 1, credit.shape[1]))
        total = share.sum(axis=1, keepdims=True)
        part = np.divide(share, total, out=np.full(share.shape, 1 / share.shape[1]), where=total > 0)
        return np.asarray(credit[:, None] * part)


def outputs_of(task: Task) -> int:
    """Return the number of margins: one, or one for each of several labels."""
    return 1 if task.kind == "binary" else task.width


def linked(margin: Floats, task: Task) -> Floats:
    """Return margins (n, outputs) as a prediction (n, width)."""
    if task.kind == "regression":
        return margin
    if task.kind == "multiclass":
        odds = np.exp(margin - margin.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))
    both = np.hstack([-margin, margin]) if task.kind == "binary" else margin
    return np.exp(-np.logaddexp(0.0, -both))


def linked_graph(g: Graph, margin: Value, task: Task) -> Value:
    """Add the same link to g; each label of two has its own sigmoid, since 1 - p has no digits left near p = 1."""
    if task.kind == "regression":
        return margin
    if task.kind == "multiclass":
        return g.op("Softmax", margin, axis=1)
    both = g.concat([g.op("Neg", margin), margin]) if task.kind == "binary" else margin
    return g.op("Sigmoid", both)


# --- the contract -------------------------------------------------------------------------------------------------


def suits(task: Task, features: Sequence[Feature], rows: int, options: Options) -> Finding | None:
    """Return why trees are not worth their time here, if so: no usable column, or a booster for every label."""
    usable = [feature for feature in features if feature.role in ROLES]
    if not usable:
        return note(
            "no-usable-role", "trees", "no column is a number, a category or a bag", "see model linear or neural"
        )
    outputs = 1 if task.kind in ("regression", "binary") else task.width
    if outputs <= options.most_labels:
        return None
    columns = sum(columns_of(feature, options) for feature in usable)
    seconds = CELL_S * rows * columns * outputs
    only_text = all(feature.role == Role.TOKENS for feature in usable)
    if not only_text and seconds <= PATIENT_S:
        return None
    why = "of text alone, which linear reads better" if only_text else f"on {columns} columns"
    seen = f"{outputs} labels need as many boosters, {why}: about {seconds:,.0f} CPU s on {rows:,} rows"
    return note("out-of-proportion", "trees", seen, f"to fit them: models: {{trees: {{most_labels: {outputs}}}}}")


def columns_of(feature: Feature, options: Options) -> int:
    """Return about how many columns a feature becomes."""
    if feature.role == Role.TOKENS:
        return min(feature.size, options.token_width)
    return feature.size if feature.role == Role.VALUES else 1


def fit(train: Sample, valid: Sample, task: Task, options: Options, context: Context, like: Fitted | None) -> Trees:
    """Return the boosters of one fold, stopped when the loss of `valid` no longer falls.

    What does not look at the target (directions of texts, medians) is taken over from the first fold.
    """
    teaching = teaching_of(train, task, options, context)
    first = like.layout if isinstance(like, Trees) else None
    layout = relearn(first, teaching) if first else learn(teaching, stacked(train.batch, task))
    x = teaching_matrix(layout, teaching, layout.told(train.batch))
    x_valid = layout.matrix(valid.batch, layout.told(valid.batch))
    offset, unit = measure(train, task)
    truths = zip(labels(train, task, offset, unit), labels(valid, task, offset, unit), strict=True)
    members = []
    for target, (y, y_valid) in enumerate(truths):
        teach, judge = Rows(x, y, train.weight), Rows(x_valid, y_valid, valid.weight)
        engine, rounds = boost(teach, judge, layout.categories, options.rounds, task, options, context)
        members.append(Member(engine, target, outputs_of(task) if task.kind == "multiclass" else 1, rounds, unit))
    return Trees(task, layout, tuple(members), offset, len(train.y))


def finish(
    folds: Sequence[Fitted], train: Sample, task: Task, options: Options, context: Context, lower: Lower
) -> Trees:
    """Return the mean of the folds' boosters where rows are few and all were seen alike, else boosters of all rows."""
    done = [fold for fold in folds if isinstance(fold, Trees)]
    teaching = teaching_of(train, task, options, context)
    if len(train.y) < BAGGED and seen_alike(done, len(train.y)):
        return bagged(done, relearn(done[0].layout, teaching), lower)
    layout = learn(teaching, stacked(train.batch, task))
    x = teaching_matrix(layout, teaching, layout.told(train.batch))
    offset, unit = measure(train, task)
    members = []
    truths = labels(train, task, offset, unit)
    for y, alike in zip(truths, zip(*(fold.members for fold in done), strict=True), strict=True):
        most = max(1, round(LONGER * float(np.mean([member.rounds for member in alike]))))
        engine, rounds = boost(Rows(x, y, train.weight), None, layout.categories, most, task, options, context)
        members.append(replace(alike[0], engine=engine, rounds=rounds, scale=unit))
    return Trees(task, layout, tuple(members), offset, len(train.y), below_of(layout, lower))


def seen_alike(folds: Sequence[Trees], rows: int) -> bool:
    """Return whether every row taught all folds but one: under a split by time the newest rows teach none."""
    return sum(fold.taught for fold in folds) == (len(folds) - 1) * rows


def bagged(folds: Sequence[Trees], layout: Layout, lower: Lower) -> Trees:
    """Return the mean of the margins of all folds."""
    members = [replace(m, scale=m.scale / len(folds)) for fold in folds for m in fold.members]
    offset, taught = float(np.mean([fold.offset for fold in folds])), sum(fold.taught for fold in folds)
    return Trees(folds[0].task, layout, tuple(members), offset, taught, below_of(layout, lower))


def below_of(layout: Layout, lower: Lower) -> Fitted | None:
    """Return the fitted model whose scores are columns, if they are."""
    return lower.fitted[layout.scores.model] if layout.scores else None


def space(task: Task) -> dict[str, Any]:
    """Return the settings worth searching."""
    return {
        "learning_rate": (0.01, 0.2),
        "leaves": (4, 256),
        "leaf_rows": (2, 200),
        "columns": (0.3, 1.0),
        "rows": (0.5, 1.0),
        "l2": (1e-3, 100.0),
    }


# --- fitting ------------------------------------------------------------------------------------------------------


def stacked(batch: Batch, task: Task) -> Scores | None:
    """Return how the out-of-fold scores of a rung below are taken where there is text: of the dearest that reads it.

    On a small review set the scores of the linear rung raised the AUC from .892 to .921.
    """
    texts = batch.of(Role.TOKENS)
    below = [name for name in batch.scores if texts and reads(MODELS[name], texts, task, batch.rows)]
    if not below:
        return None
    own = batch.scores[below[-1]]
    return Scores(below[-1], steps_of(own[:, 1:] if task.kind == "binary" else own))


def reads(model: Any, texts: Sequence[Feature], task: Task, rows: int) -> bool:
    """Return whether a model is for text alone too, and is no landmark, which makes little of it."""
    return model.LANDMARK is None and model.suits(task, texts, rows, model.Options()) is None


@dataclass(frozen=True)
class Rows:
    """Rows as LightGBM takes them: columns (n, width), truth (n,), weight (n,)."""

    x: Floats
    y: Floats
    weight: Floats


def teaching_of(train: Sample, task: Task, options: Options, context: Context) -> Teaching:
    """Return training rows as the columns are learnt from them."""
    y = np.asarray(train.y)
    truth = np.eye(task.width)[y.astype(np.int64)] if task.kind == "multiclass" else y.astype(np.float64)
    parts = train.parts(PARTS, context.seed_for("trees", "parts"))
    rng = context.generator("trees", "directions")
    return Teaching(
        train.batch, truth.reshape(len(y), -1), train.weight, parts, options.smooth, options.token_width, rng
    )


def measure(train: Sample, task: Task) -> tuple[float, float]:
    """Return mean and spread of a number, by which LightGBM's float32 labels lose no digits; else 0 and 1."""
    if task.kind != "regression":
        return 0.0, 1.0
    y = np.asarray(train.y, np.float64)
    mean = float(np.average(y, weights=train.weight))
    return mean, float(np.average(np.square(y - mean), weights=train.weight)) ** 0.5 or 1.0


def labels(sample: Sample, task: Task, offset: float, unit: float) -> list[Floats]:
    """Return the truth (n,) of each booster: one, or one for each of the labels that may stand together."""
    y = np.asarray(sample.y, np.float64)
    return list(y.T) if task.kind == "multilabel" else [(y - offset) / unit]


def parameters(task: Task, options: Options, context: Context) -> dict[str, Any]:
    """Return LightGBM's own words for the settings."""
    objective = "binary" if task.kind == "multilabel" else task.kind
    return {
        "objective": objective,
        "num_class": task.width if objective == "multiclass" else 1,
        "learning_rate": options.learning_rate,
        "num_leaves": options.leaves,
        "min_data_in_leaf": options.leaf_rows,
        "feature_fraction": options.columns,
        "bagging_fraction": options.rows,
        "bagging_freq": 1,
        "cat_smooth": options.smooth,
        "lambda_l2": options.l2,
        "deterministic": True,
        "force_row_wise": True,
        "seed": context.seed_for("trees"),
        "num_threads": context.threads,
        "verbosity": -1,
    }


def boost(
    teach: Rows, judge: Rows | None, categories: list[int], rounds: int, task: Task, options: Options, context: Context
) -> tuple[Any, int]:
    """Return a booster and the rounds that count: those until the loss of `judge` was lowest, or all of them."""
    import lightgbm as lgb

    settings = parameters(task, options, context)
    data = lgb.Dataset(teach.x, teach.y, weight=teach.weight, categorical_feature=categories)
    if judge is None:
        return lgb.train(settings, data, rounds), rounds
    watched = lgb.Dataset(judge.x, judge.y, weight=judge.weight, reference=data)
    stop = lgb.early_stopping(options.patience, verbose=False)
    engine = lgb.train(settings, data, rounds, valid_sets=[watched], callbacks=[stop])
    return engine, max(engine.best_iteration, 1)
