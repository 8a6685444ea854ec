"""Laws of models: what every rung of the ladder keeps, whoever wrote it.

A law takes a module of the family and a case, and asserts. The author of a model in another package runs them
as `tests/test_laws_models.py` does: `for law in LAWS: for case in cases_for(module): law(module, case)`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from landmark.artifacts.features import FIRST, UNSEEN, Batch, Feature, Role
from landmark.artifacts.question import Task, TaskKind
from landmark.core.context import Context
from landmark.core.findings import Finding
from landmark.core.options import Options
from landmark.core.table import Array, Floats, Ints
from landmark.graph.bags import csr
from landmark.graph.builder import Graph
from landmark.graph.run import Feeds, run, session
from landmark.models import Fitted, Lower, Sample

KINDS: tuple[TaskKind, ...] = ("regression", "binary", "multiclass", "multilabel")
FLAGS = ("a", "b", "c")
EXACT = 1e-9
"""The relative difference allowed between a model and its graph."""

HUGE = (np.nan, np.inf, -np.inf, 1e300, -1e300, 1.7976931348623157e308, 5e-324, -0.0, 0.0, 1e10)
"""Values that every VALUES feature must survive; no training row looks like most of them."""


@dataclass(frozen=True)
class Case:
    """A learning problem: `tensors` are its rows as a graph takes them, `strange` rows unlike any of them.

    `ties` and `ordered` are as in `Sample`.
    """

    name: str
    task: Task
    features: tuple[Feature, ...]
    tensors: Feeds
    y: Array
    strange: Feeds
    ties: Ints | None = None
    ordered: bool = False

    def sample(self, rows: slice | Array) -> Sample:
        """Return some rows with their truth, each of weight 1."""
        batch = batch_from(self.features, {name: tensor[rows] for name, tensor in self.tensors.items()})
        ties = None if self.ties is None else self.ties[rows]
        return Sample(batch, self.y[rows], np.ones(batch.rows), ties, self.ordered)


Law: TypeAlias = Callable[[Any, Case], None]


def batch_from(features: tuple[Feature, ...], tensors: Feeds) -> Batch:
    """Return the tensors of a graph as the batch a model is fitted on."""
    arrays: dict[str, Any] = {}
    for feature in features:
        tensor = arrays[feature.name] = tensors[feature.value]
        if feature.weight is not None:
            weights = np.asarray(tensors[feature.weight], np.float64)
            arrays[feature.name] = csr(np.asarray(tensor, np.int64), weights, feature.size)
    return Batch(features, arrays, len(tensor))


# --- cases ------------------------------------------------------------------------------------------------------


def cases() -> Iterator[Case]:
    """Yield the problems on which every law is tried."""
    all_roles = tuple(Role(role) for role in ("values", "codes", "tokens", "pixels"))
    for kind in KINDS:
        yield make(kind, kind, all_roles)
    for role in all_roles:
        yield make(f"binary of {role} only", "binary", (role,))
    yield make("regression of values only", "regression", (Role.VALUES,))
    yield make("few rows", "multiclass", all_roles, n=12)
    for ordered in (False, True):
        for size in (8, 200):  # in the second case all rows that teach are one group, or of one moment
            case = make(f"ties of {size} rows{', in time order' * ordered}", "binary", all_roles)
            yield replace(case, ties=np.arange(240) // size, ordered=ordered)
    for kind in KINDS:
        yield make(f"{kind}, one value in all rows", kind, all_roles, n=60, twist=_one_value)
    yield make("a class without rows", "multiclass", all_roles, twist=lambda y: np.where(y == 1, 0, y))
    yield make(
        "a label on every row",
        "multilabel",
        all_roles,
        twist=lambda y: np.column_stack([y[:, :2], np.ones_like(y[:, 0])]),
    )


def make(
    name: str, kind: TaskKind, roles: tuple[Role, ...], n: int = 240, twist: Callable[[Array], Array] | None = None
) -> Case:
    """Return a problem of n rows in which every role tells something of the target."""
    rng = np.random.default_rng(7)
    features, tensors, margin = [], dict[str, Array](), rng.normal(0, 0.5, (n, 3))
    strange: Feeds = {}
    for role in roles:
        feature, parts, tells, odd = _MAKERS[role](rng, n)
        features += feature
        tensors |= parts
        strange |= odd
        margin = margin + tells
    truth: dict[TaskKind, tuple[Task, Array]] = {
        "regression": (Task(kind="regression"), 1000.0 + 50.0 * margin[:, 0]),
        "binary": (Task(kind="binary", labels=("no", "yes")), (margin[:, 0] > 0).astype(np.int64)),
        "multiclass": (Task(kind="multiclass", labels=FLAGS), margin.argmax(axis=1)),
        "multilabel": (Task(kind="multilabel", labels=FLAGS), (margin > 0).astype(np.int64)),
    }
    task, y = truth[kind]
    for tensor in (*tensors.values(), *strange.values()):
        tensor.setflags(write=False)  # a model that writes into its batch is stopped at once
    return Case(name, task, tuple(features), tensors, y if twist is None else twist(y), strange)


def _one_value(y: Array) -> Array:
    """Return truth in which every row is like the first one."""
    return np.repeat(y[:1], len(y), axis=0)


Made: TypeAlias = tuple[list[Feature], Feeds, Floats, Feeds]


def _values(rng: np.random.Generator, n: int) -> Made:
    """Three columns with missing and infinite values, one that is always missing, and a plane."""
    x = np.column_stack([rng.normal(size=n), rng.lognormal(0, 2, n), rng.integers(0, 3, n), np.full(n, np.nan)])
    place = rng.uniform(-90, 90, (n, 2))
    tells = np.column_stack([x[:, 0], np.log(x[:, 1]) / 2, place[:, 0] / 60])
    x[rng.random((n, 4)) < 0.05] = np.nan
    x[3, 1], x[4, 1] = np.inf, -np.inf
    features = [_feature("number", Role.VALUES, 4), _feature("place", Role.VALUES, 2, turn=True)]
    odd = np.repeat(np.array(HUGE)[:, None], 4, axis=1)
    return features, {"number": x, "place": place}, tells, {"number": odd, "place": np.roll(odd[:, :2], 1, axis=0)}


def _codes(rng: np.random.Generator, n: int) -> Made:
    """A code with missing and unseen values, and rare ones; and one with more codes than trees take natively."""
    few, many = rng.integers(0, 7, n), rng.zipf(1.3, n).clip(0, 197) + FIRST
    tells = rng.normal(size=(7, 3))[few] + rng.normal(size=(200, 3))[many] / 2
    features = [_feature("kind", Role.CODES, 7), _feature("town", Role.CODES, 200)]
    odd = np.arange(len(HUGE)) % 3
    return features, {"kind": few, "town": many}, tells, {"kind": odd, "town": np.where(odd == 2, 199, odd)}


def _tokens(rng: np.random.Generator, n: int) -> Made:
    """Bags of ten tokens of 50, some of them padding or unseen; the odd rows hold nothing, or much."""
    codes = rng.integers(0, 50, (n, 10))
    weights = np.where(codes == 0, 0.0, rng.random((n, 10)))
    says = rng.normal(size=(50, 3)) * (np.arange(50) > UNSEEN)[:, None]
    tells = (says[codes] * weights[:, :, None]).sum(axis=1)
    odd = np.zeros((len(HUGE), 10), np.int64)
    odd[1], odd[2], odd[3:, 0] = UNSEEN, 49, 2
    heavy = np.where(odd == 0, 0.0, np.arange(1.0, len(HUGE) + 1)[:, None])
    feature = _feature("words", Role.TOKENS, 50, weight="words.weight")
    return [feature], {"words": codes, "words.weight": weights}, tells, {"words": odd, "words.weight": heavy}


def _pixels(rng: np.random.Generator, n: int) -> Made:
    """Small pictures that tell nothing."""
    photo = rng.integers(0, 256, (n, 4, 4, 3)).astype(np.uint8)
    feature = _feature("photo", Role.PIXELS, 3, shape=(4, 4, 3))
    return [feature], {"photo": photo}, np.zeros((n, 3)), {"photo": photo[: len(HUGE)]}


_MAKERS: dict[Role, Callable[[np.random.Generator, int], Made]] = {
    Role.VALUES: _values,
    Role.CODES: _codes,
    Role.TOKENS: _tokens,
    Role.PIXELS: _pixels,
}


def _feature(name: str, role: Role, size: int, **more: Any) -> Feature:
    return Feature(name=name, role=role, value=name, size=size, columns=(name,), **more)


# --- fits -------------------------------------------------------------------------------------------------------


def cases_for(module: Any) -> list[Case]:
    """Return the cases that a model says it suits, with its default settings."""
    return [case for case in cases() if suits(module, case) is None]


def suits(module: Any, case: Case) -> Finding | None:
    """Return what the model says of the case."""
    said: Finding | None = module.suits(case.task, case.features, len(case.y), module.Options())
    return said


def fit(module: Any, case: Case, like: Fitted | None = None, seed: int = 0) -> Fitted:
    """Return the model fitted on the first three quarters of the rows."""
    train, valid = np.arange(len(case.y) * 3 // 4), np.arange(len(case.y) * 3 // 4, len(case.y))
    context = Context(seed=seed)
    fitted: Fitted = module.fit(case.sample(train), case.sample(valid), case.task, module.Options(), context, like)
    return fitted


@cache
def _fitted(module: Any, name: str) -> Fitted:
    """Return one fit of a case, made once for all laws."""
    return fit(module, _case(name))


@cache
def _finished(module: Any, name: str) -> Fitted:
    """Return the model for use, from one fold."""
    case = _case(name)
    everything = case.sample(np.arange(len(case.y)))
    folds = [_fitted(module, name)]
    finished: Fitted = module.finish(folds, everything, case.task, module.Options(), Context(), Lower())
    return finished


@cache
def _case(name: str) -> Case:
    return next(case for case in cases() if case.name == name)


def graph_of(fitted: Fitted, case: Case, features: tuple[Feature, ...] | None = None) -> Graph:
    """Return the graph of a fitted model, fed by its features."""
    g = Graph()
    g.declare(case.features)
    g.output("prediction", fitted.graph(g, features or case.features), "float64", ("N", case.task.width))
    return g


def agree(fitted: Fitted, case: Case, tensors: Feeds, size: int) -> None:
    """Assert that a model and its graph say the same of tensors, fed `size` rows at a time."""
    graph = graph_of(fitted, case)
    own = {name: tensors[name] for name in graph.inputs}
    (got,) = run(session(graph.build()), own, ["prediction"], size)
    want = fitted.predict(batch_from(case.features, tensors))
    np.testing.assert_allclose(got, want, rtol=EXACT, atol=1e-13, err_msg=f"graph, {size} rows at a time")


# --- laws -------------------------------------------------------------------------------------------------------


def provides_what_is_promised(module: Any, case: Case) -> None:
    """Options have defaults, COST is a whole number, LANDMARK one that no step makes, a search has real settings."""
    assert issubclass(module.Options, Options)
    assert isinstance(module.COST, int)
    assert module.LANDMARK is None or module.LANDMARK.isidentifier()
    assert module.LANDMARK not in ("random", "previous", "people")
    assert set(module.space(case.task)) <= set(module.Options.model_fields)


def predicts_a_proper_prediction(module: Any, case: Case) -> None:
    """Float64 (n, width) without NaN, even of strange rows; probabilities lie in [0, 1] and sum to 1."""
    for fitted in (_fitted(module, case.name), _finished(module, case.name)):
        for tensors in (case.tensors, case.strange):
            batch = batch_from(case.features, tensors)
            prediction = fitted.predict(batch)
            assert prediction.shape == (batch.rows, case.task.width) and prediction.dtype == np.float64
            assert np.isfinite(prediction).all()
            if case.task.kind != "regression":
                assert (prediction >= 0).all() and (prediction <= 1).all()
            if case.task.kind in ("binary", "multiclass"):
                np.testing.assert_allclose(prediction.sum(axis=1), 1.0, rtol=1e-12)


def writes_itself_as_a_graph(module: Any, case: Case) -> None:
    """The graph says the same as the model of known and strange rows, one, seven and all at a time."""
    finished = _finished(module, case.name)
    for size in (1, 7, 1000):
        few = {name: tensor[:40] for name, tensor in case.tensors.items()}
        agree(finished, case, few if size == 1 else case.tensors, size)
        agree(finished, case, case.strange, size)


def judges_every_row_alone(module: Any, case: Case) -> None:
    """What is said of a row does not depend on the rows beside it, nor on what was said before."""
    fitted = _fitted(module, case.name)
    batch = batch_from(case.features, case.tensors)
    whole = fitted.predict(batch)
    np.testing.assert_array_equal(fitted.predict(batch), whole)
    for rows in (np.array([5]), np.arange(0, batch.rows, 7)[::-1]):
        np.testing.assert_allclose(fitted.predict(batch.take(rows)), whole[rows], rtol=1e-11, atol=1e-14)


def finds_features_by_name(module: Any, case: Case) -> None:
    """The order in which features stand beside each other does not matter."""
    finished = _finished(module, case.name)
    batch = batch_from(case.features, case.tensors)
    turned = Batch(batch.features[::-1], batch.arrays, batch.rows)
    np.testing.assert_allclose(finished.predict(turned), finished.predict(batch), rtol=1e-12, atol=1e-14)
    graph = graph_of(finished, case, case.features[::-1])
    (got,) = run(session(graph.build()), {name: case.tensors[name] for name in graph.inputs}, ["prediction"])
    np.testing.assert_allclose(got, finished.predict(batch), rtol=EXACT, atol=1e-13)


def is_deterministic(module: Any, case: Case) -> None:
    """The same rows and the same seed give the same model, to the byte."""
    first, second = (graph_of(fit(module, case), case).build().SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def says_what_it_resolved(module: Any, case: Case) -> None:
    """Settings are JSON, and a later fold can be fitted like the first."""
    first = _fitted(module, case.name)
    json.dumps(first.settings, allow_nan=False)
    later = fit(module, case, like=first)
    assert set(later.settings) == set(first.settings)
    assert later.predict(batch_from(case.features, case.strange)).shape[1] == case.task.width


def explains_every_row(module: Any, case: Case) -> None:
    """Contributions are finite, float64 (n, features, width), in the order of the batch's features."""
    fitted = _fitted(module, case.name)
    batch = batch_from(case.features, case.tensors)
    contributions = fitted.explain(batch)
    assert contributions.shape == (batch.rows, len(case.features), case.task.width)
    assert np.isfinite(contributions).all()
    turned = fitted.explain(Batch(batch.features[::-1], batch.arrays, batch.rows))
    np.testing.assert_allclose(turned[:, ::-1], contributions, rtol=1e-9, atol=1e-12)


def is_not_worse_than_the_prior(module: Any, case: Case) -> None:
    """On the rows it was fitted on a model loses no more than their mean does."""
    train = case.sample(np.arange(len(case.y) * 3 // 4))
    mean = _truth(case.task, train.y).mean(axis=0)
    prior = np.repeat(mean[None, :], train.batch.rows, axis=0)
    lost = _loss(case.task, train.y, _fitted(module, case.name).predict(train.batch))
    assert lost <= 1.05 * _loss(case.task, train.y, prior) + 1e-3


def heeds_weights(module: Any, case: Case) -> None:
    """Rows of next to no weight teach next to nothing: told two stories, it believes the heavy one."""
    if "one value" in case.name or len(case.y) < 100:
        return
    rows = np.arange(len(case.y))
    sample = case.sample(rows)
    heavy = rows % 2 == 0
    y = np.where(np.broadcast_to(heavy, case.y.T.shape).T, case.y.min(), case.y.max())
    weight = np.where(heavy, 2.0, 1e-9) / np.where(heavy, 2.0, 1e-9).mean()
    told = replace(sample, y=y.astype(case.y.dtype), weight=weight)
    fitted = module.fit(told, told, case.task, module.Options(), Context(), None)
    expected = _truth(case.task, told.y[:1])[0]
    far = np.abs(fitted.predict(sample.batch) - expected).mean()
    assert far <= 0.2 * max(np.abs(np.ptp(_truth(case.task, told.y), axis=0)).max(), 1e-9)


def _truth(task: Task, y: Array) -> Floats:
    """Return truth as a perfect prediction (n, width)."""
    if task.kind == "regression":
        return y.astype(np.float64)[:, None]
    return y.astype(np.float64) if task.kind == "multilabel" else np.eye(task.width)[y]


def _loss(task: Task, y: Array, prediction: Floats) -> float:
    """Return the mean proper score: squared error, or log loss of every label."""
    truth = _truth(task, y)
    if task.kind == "regression":
        return float(((truth - prediction) ** 2).mean())
    p = np.clip(prediction, 1e-15, 1 - 1e-15)
    return float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean())


LAWS: tuple[Law, ...] = (
    provides_what_is_promised,
    predicts_a_proper_prediction,
    writes_itself_as_a_graph,
    judges_every_row_alone,
    finds_features_by_name,
    is_deterministic,
    says_what_it_resolved,
    explains_every_row,
    is_not_worse_than_the_prior,
    heeds_weights,
)
