"""Linear: the optimum that scikit-learn finds, of inputs that survive anything."""

from __future__ import annotations

import csv
import gzip
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri

from landmark.artifacts.features import MISSING, UNSEEN, Batch, Feature, Role
from landmark.artifacts.question import Task, TaskKind
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.table import Array, Floats, Ints
from landmark.datatypes import text
from landmark.graph.batch import batch_of, predict
from landmark.graph.builder import Graph
from landmark.graph.compose import head, scorer
from landmark.graph.run import session
from landmark.laws.datatypes import build
from landmark.laws.models import Case, agree, batch_from, make
from landmark.models import Lower, Sample, linear
from landmark.models.linear import inputs, solver

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def sample(y: Array, weight: Floats | None = None, **columns: Array) -> Sample:
    """Return rows of VALUES (float columns) and CODES (int columns)."""
    features = []
    for name, column in columns.items():
        if column.dtype == np.float64:
            features.append(Feature(name=name, role=Role.VALUES, value=name, size=column.shape[1], columns=(name,)))
        else:
            size = int(column.max()) + 1
            features.append(Feature(name=name, role=Role.CODES, value=name, size=size, columns=(name,)))
    batch = Batch(tuple(features), dict(columns), len(y))
    return Sample(batch, y, np.ones(len(y)) if weight is None else weight)


def fitted(train: Sample, task: Task, valid: Sample | None = None, **options: Any) -> linear.Linear:
    return linear.fit(train, valid or train, task, linear.Options(**options), Context(), None)


BINARY = Task(kind="binary", labels=("no", "yes"))
REGRESSION = Task(kind="regression")


# --- the solver -------------------------------------------------------------------------------------------------


def problem(kind: TaskKind, n: int = 400, p: int = 12, k: int = 4) -> tuple[Floats, Array, Floats, int]:
    """Return correlated columns (n, p), truth, weights, and the number of margins."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, p)) @ rng.normal(size=(p, p))
    margin = x @ rng.normal(size=(p, k)) / 3 + rng.normal(size=(n, k))
    weight = rng.uniform(0.2, 2.0, n)
    weight /= weight.mean()
    truth: dict[TaskKind, tuple[Array, int]] = {
        "regression": (margin[:, 0], 1),
        "binary": ((margin[:, 0] > 0).astype(np.int64), 1),
        "multiclass": (margin.argmax(axis=1), k),
        "multilabel": ((margin > 0).astype(np.int64), k),
    }
    return x, truth[kind][0], weight, truth[kind][1]


def peer(kind: TaskKind, x: Floats, y: Array, weight: Floats, C: float) -> Floats:
    """Return what scikit-learn finds: intercept and weights (p + 1, k)."""
    from sklearn.linear_model import LogisticRegression, Ridge

    def one(model: Any, y: Array) -> Floats:
        model.fit(x, y, sample_weight=weight)
        return np.vstack([model.intercept_, np.atleast_2d(model.coef_).T])

    def logistic() -> Any:
        return LogisticRegression(C=C, tol=1e-8, max_iter=5000)

    if kind == "multilabel":
        return np.hstack([one(logistic(), y[:, j]) for j in range(y.shape[1])])
    return one(Ridge(alpha=1 / C) if kind == "regression" else logistic(), y)


@pytest.mark.parametrize("narrow", [13, 6, 1])
@pytest.mark.parametrize("kind", ["regression", "binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("sparse", [True, False])
def test_the_optimum_is_that_of_scikit_learn(
    kind: TaskKind, narrow: int, sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scipy.sparse import csr_array

    monkeypatch.setitem(solver.TOLERANCE, "float64", 1e-12)
    x, y, weight, k = problem(kind)
    split = 4 if sparse else 12
    dense = np.hstack([np.ones((len(x), 1)), x[:, :split]])
    design = solver.Design(dense, csr_array(x[:, split:]), narrow)
    loss = solver.loss_of(kind, y, weight, np.float64)
    for C in (0.01, 1.0):
        got, want = solver.solve(design, loss, 1 / (C * len(x)), np.zeros((13, k))), peer(kind, x, y, weight, C)
        if kind == "multiclass":  # what all intercepts have in common changes no prediction
            got[0] -= got[0].mean()
            want[0] -= want[0].mean()
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-4)
        ours, theirs = (
            loss(design.times(found)).value + (found[1:] ** 2).sum() / (2 * C * len(x)) for found in (got, want)
        )
        assert ours <= theirs + 1e-9


class Counted:
    """A loss that counts how often it is asked."""

    def __init__(self, loss: solver.Loss) -> None:
        self.loss, self.asked = loss, 0

    def __call__(self, margin: Floats) -> solver.Seen:
        self.asked += 1
        return self.loss(margin)


def test_tokens_that_go_together_take_few_steps() -> None:
    """The diagonal leaves out how tokens go together; the last step's scale makes up for it."""
    from scipy.sparse import csr_array

    rng = np.random.default_rng(0)
    topic = rng.integers(0, 10, 1500)
    says = rng.dirichlet(np.full(400, 0.05), 10)
    held = np.array([rng.multinomial(40, says[i] / 2 + 0.5 / 400) for i in topic])
    tokens = np.hstack([held] * 3) / np.linalg.norm(held, axis=1)[:, None]
    design = solver.Design(np.ones((1500, 1), np.float32), csr_array(tokens.astype(np.float32)), 1)
    loss = Counted(solver.loss_of("multiclass", topic, np.ones(1500), np.float32))
    solver.solve(design, loss, 1 / (30 * 1500), np.zeros((design.columns, 10), np.float32))
    assert loss.asked < 60


# --- numbers ----------------------------------------------------------------------------------------------------


def numbers_of(x: Floats) -> tuple[inputs.Numbers, Floats]:
    batch = sample(np.zeros(len(x)), x=x).batch
    numbers = inputs.learn_numbers(batch)
    assert numbers is not None
    return numbers, numbers.columns(batch)


def test_a_normal_score_is_normal_whatever_the_scale() -> None:
    ranks = (np.random.default_rng(0).permutation(5001) + 0.5) / 5001
    x = np.exp(5 * ndtri(ranks))[:, None]
    _, columns = numbers_of(x)
    middle = np.abs(ndtri(ranks)) < 2
    np.testing.assert_allclose(columns[middle, 1], ndtri(ranks)[middle], atol=0.02)


def test_ties_share_the_middle_of_their_ranks() -> None:
    x = np.repeat([0.0, 1.0, 5.0], [50, 30, 20])[:, None]
    _, columns = numbers_of(x)
    np.testing.assert_allclose(np.unique(columns[:, 1]), ndtri([0.25, 0.65, 0.9]))


def test_what_says_nothing_is_left_out() -> None:
    x = np.array([[1.0, 7.0, np.nan, 0.0], [2.0, 7.0, np.nan, 1.0], [4.0, 7.0, 1.0, 0.0], [9.0, 7.0, 2.0, 1.0]])
    numbers, _ = numbers_of(x)
    assert numbers.kept.tolist() == [0, 2, 3, 4, 10], "z-scores that vary, one normal score, one missing flag"


@cache
def parity() -> tuple[linear.Linear, Case]:
    case = make("binary of values only", "binary", (Role.VALUES,))
    return linear.finish(
        [fitted(case.sample(slice(0, 200)), case.task)],
        case.sample(slice(0, 240)),
        case.task,
        linear.Options(),
        Context(),
        Lower(),
    ), case


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (5, 6), elements=st.floats(allow_subnormal=True)))
def test_the_graph_agrees_on_any_numbers(x: Floats) -> None:
    model, case = parity()
    agree(model, case, {"number": x[:, :4], "place": x[:, 4:]}, 5)
    assert np.isfinite(model.predict(batch_from(case.features, {"number": x[:, :4], "place": x[:, 4:]}))).all()


def test_beyond_the_known_range_nothing_grows() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 1))
    model = fitted(sample(3 * x[:, 0], x=x), REGRESSION, C=100.0)
    far = np.array([[1e3], [1e300], [np.inf]])
    got = model.predict(sample(np.zeros(3), x=far).batch)
    assert np.ptp(got) == 0 and got[0, 0] < 3 * 10 * np.abs(x).max()


def test_missing_is_a_fact_of_its_own() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    x[rng.random(300) < 0.3, 0] = np.nan
    y = np.isnan(x[:, 0]).astype(np.int64)
    model = fitted(sample(y, x=x), BINARY)
    assert ((model.predict(sample(y, x=x).batch)[:, 1] > 0.5) == y).all()


# --- codes and tokens -------------------------------------------------------------------------------------------


def test_rare_codes_teach_what_to_think_of_unseen_ones() -> None:
    kinds = np.concatenate([np.full(50, 2), np.full(50, 3), np.arange(4, 44)])
    y = np.concatenate([np.zeros(50), np.zeros(50), np.full(40, 10.0)])
    model = fitted(sample(y, kind=kinds), REGRESSION, C=100.0)
    asked = sample(np.zeros(5), kind=np.array([UNSEEN, 20, 43, 2, MISSING])).batch
    got = model.predict(Batch(model_features(kinds), asked.arrays, 5))[:, 0]
    assert got[0] == got[1] == got[2] > 9 and got[3] < 1
    assert got[4] == pytest.approx(y.mean(), abs=4), "a code that training rows never held has no weight"


def model_features(kinds: Ints) -> tuple[Feature, ...]:
    return sample(np.zeros(len(kinds)), kind=kinds).batch.features


def test_an_unseen_code_with_rows_of_its_own_has_a_weight() -> None:
    kinds = np.repeat([UNSEEN, 2, 3], 40)
    y = np.repeat([5.0, 0.0, 0.0], 40)
    got = fitted(sample(y, kind=kinds), REGRESSION, C=100.0).predict(sample(y, kind=kinds).batch)[:, 0]
    np.testing.assert_allclose(got, y, atol=0.2)


def test_tables_of_tokens_are_single_precision_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make("binary of tokens only", "binary", (Role.TOKENS,))
    everything = case.sample(slice(0, 240))
    assert fitted(everything, case.task).tables[0].dtype == np.float32
    monkeypatch.setattr(inputs, "TABLE_CELLS", 20)
    held = (everything.batch.arrays["words"] != 0).sum(axis=0)
    model = fitted(everything, case.task)
    assert model.tables[0].shape == (11, 1)
    kept = np.flatnonzero(model.lookups[0].rows)
    assert held[kept].min() >= np.delete(held, [MISSING, *kept]).max()
    agree(model, case, case.tensors, 1000)


def test_tokens_that_training_rows_never_hold_change_nothing() -> None:
    case = make("binary of tokens only", "binary", (Role.TOKENS,))
    empty = case.tensors | {"words.weight": np.zeros_like(case.tensors["words.weight"])}
    model = fitted(Sample(batch_from(case.features, empty), case.y, np.ones(240)), case.task)
    agree(model, case, case.tensors, 7)
    assert np.ptp(model.predict(batch_from(case.features, case.tensors)), axis=0).max() == 0


# --- fit --------------------------------------------------------------------------------------------------------


def test_noise_is_held_tighter_than_signal() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 30))
    signal, noise = (x[:, 0] * 5 + x[:, 1] * 3, rng.normal(size=200))
    chosen = []
    for margin in (signal, noise):
        y = (margin > 0).astype(np.int64)
        chosen.append(fitted(sample(y[:150], x=x[:150]), BINARY, sample(y[150:], x=x[150:])).C)
    assert chosen[0] > chosen[1] == linear.STRENGTHS[0]


def test_rows_that_judge_choose_nothing() -> None:
    case = make("binary", "binary", (Role.VALUES, Role.CODES, Role.TOKENS))
    train, valid = case.sample(slice(0, 180)), case.sample(slice(180, 240))
    one, other = (fitted(train, case.task, replace(valid, y=y)) for y in (valid.y, 1 - valid.y))
    np.testing.assert_array_equal(one.predict(valid.batch), other.predict(valid.batch))


def test_the_strength_is_chosen_for_groups_still_to_come() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(60), 10)
    x = rng.normal(size=(60, 40))[group]  # 40 facts of each group, by which a line can tell the groups apart
    rows = sample(rng.integers(0, 2, 60)[group], x=x)
    alone, tied = (fitted(replace(rows, ties=ties), BINARY).C for ties in (None, group))
    assert tied == linear.STRENGTHS[0] and alone > 100 * tied


def test_the_strength_is_taken_from_the_options_or_the_first_fold() -> None:
    case = make("binary", "binary", (Role.VALUES, Role.CODES))
    rows = case.sample(slice(0, 200))
    first = fitted(rows, case.task, C=0.5)
    assert first.settings == {"C": 0.5}
    assert linear.fit(rows, rows, case.task, linear.Options(), Context(), first).C == 0.5
    assert linear.finish([first], rows, case.task, linear.Options(), Context(), Lower()).C == 0.5


def test_a_label_that_only_valid_rows_have_does_no_harm() -> None:
    case = make("multiclass", "multiclass", (Role.VALUES,))
    train, valid = case.sample(slice(0, 180)), case.sample(slice(180, 240))
    unknown = Sample(valid.batch, np.where(valid.y == 0, 3, valid.y), valid.weight)
    assert fitted(train, case.task, unknown).predict(valid.batch).shape == (60, 3)


def test_contributions_sum_to_the_margin() -> None:
    for kind in ("regression", "binary", "multiclass"):
        case = make(kind, kind, (Role.VALUES, Role.CODES, Role.TOKENS, Role.PIXELS))
        batch = case.sample(slice(0, 240)).batch
        model = fitted(case.sample(slice(0, 240)), case.task)
        shares = model.explain(batch)
        margins = model.margins(batch)
        np.testing.assert_allclose(shares.sum(axis=1)[:, -1] + model.intercept[-1], margins[:, -1], rtol=1e-9)
        assert not shares[:, [feature.role == Role.PIXELS for feature in case.features]].any()


def test_small_probabilities_keep_their_digits() -> None:
    case = make("binary of values only", "binary", (Role.VALUES,))
    model = fitted(case.sample(slice(0, 240)), case.task)
    steep = linear.Linear("binary", 1.0, model.numbers, model.dense * 1000, (), (), model.intercept - 50)
    p = steep.predict(batch_from(case.features, case.tensors))
    assert 0 < p[p > 0].min() < 1e-100
    g = Graph()
    g.declare(case.features)
    g.output("p", steep.graph(g, case.features), "float64", ("N", 2))
    np.testing.assert_allclose(session(g.build()).run(None, case.tensors)[0], p, rtol=1e-9, atol=0)


def test_a_model_without_usable_features_is_refused() -> None:
    case = make("binary of pixels only", "binary", (Role.PIXELS,))
    said = linear.suits(case.task, case.features, 240, linear.Options())
    assert said is not None and "pixels" in said.seen


# --- text, as a whole -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (DATA / "banking77").exists(), reason="shared data is not there")
def test_banking77(monkeypatch: pytest.MonkeyPatch) -> None:
    """77 kinds of short questions: accuracy .905 after few steps, in a small file that says what the model says."""
    losses: list[Counted] = []

    def counted(*given: Any) -> Counted:
        losses.append(Counted(solver.loss_of(*given)))
        return losses[-1]

    monkeypatch.setattr(linear, "loss_of", counted)
    (train, y), (test, truth) = (_questions(part) for part in ("train", "test"))
    labels = tuple(sorted(set(y)))
    transform, feeds = _transform(train)
    task = Task(kind="multiclass", labels=labels)
    batch = batch_of(transform, feeds(train))
    rows = Sample(batch, np.array([labels.index(label) for label in y]), np.ones(len(y)))
    model = fitted(rows, task, C=30.0)
    assert losses[0].asked < 52, "the curvature is taken anew while the fit moves"
    g = Graph()
    g.declare(transform.features)
    content = scorer(transform, head(model.graph(g, transform.features), g, task.width), task.width)
    assert len(content) < 10e6
    got = predict(content, transform.features, feeds(test))
    assert np.mean([labels[i] for i in got.argmax(axis=1)] == np.array(truth)) >= 0.905
    np.testing.assert_allclose(got, model.predict(batch_of(transform, feeds(test))), rtol=1e-9)
    assert math.isclose(got.sum(), len(test), rel_tol=1e-12)


def _questions(part: str) -> tuple[list[str], list[str]]:
    with gzip.open(DATA / "banking77" / f"{part}.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["category"] for row in rows]


def _transform(texts: list[str]) -> tuple[Transform, Any]:
    """Return the transform of one column of text, and what feeds it."""
    columns, options = {"text": pa.array(texts)}, text.Options()
    model, made = build(text, options, text.fit(columns, options), columns)
    features = tuple(feature.model_copy(update={"part": "text"}) for feature in made)
    return Transform(parts={"text": model}, features=features), lambda given: text.wire(
        {"text": pa.array(given)}, options, True
    )
