"""Trees: columns are the same in training and in the graph, no row is encoded by its own target, folds are shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from landmark.artifacts.features import FIRST, Batch, Feature, Role, Value
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.table import Array, Floats
from landmark.graph.bags import csr
from landmark.graph.builder import Graph
from landmark.graph.run import Feeds, run, session
from landmark.models import Fitted, Lower, Sample, trees
from landmark.models.trees import columns
from landmark.models.trees.columns import Encoded, Native, Plain, Projected, Teaching
from landmark.statistics.resample import expanding

BINARY = Task(kind="binary", labels=("no", "yes"))
NUMBER = Task(kind="regression")
QUICK = trees.Options(rounds=40, patience=10)


def feature(name: str, role: Role, size: int, **more: Any) -> Feature:
    return Feature(name=name, role=role, value=name, size=size, columns=(name,), **more)


def sample(y: Array, *told: tuple[Feature, Any], scores: dict[str, Floats] | None = None) -> Sample:
    batch = Batch(tuple(f for f, _ in told), {f.name: a for f, a in told}, len(y), scores or {})
    return Sample(batch, y, np.ones(len(y)))


def folds(whole: Sample, task: Task, options: trees.Options = QUICK, number: int = 3) -> list[trees.Trees]:
    fold = np.arange(len(whole.y)) % number
    fitted: list[trees.Trees] = []
    for i in range(number):
        like = fitted[0] if fitted else None
        teach, judge = whole.take(np.flatnonzero(fold != i)), whole.take(np.flatnonzero(fold == i))
        fitted.append(trees.fit(teach, judge, task, options, Context(), like))
    return fitted


def agree(fitted: Fitted, features: Sequence[Feature], tensors: Feeds, batch: Batch, width: int) -> None:
    g = Graph()
    g.declare(features)
    g.output("p", fitted.graph(g, features), "float64", ("N", width))
    engine = session(g.build())
    for size in (1, 7, 1000):
        np.testing.assert_allclose(run(engine, tensors, ["p"], size)[0], fitted.predict(batch), rtol=1e-9, atol=1e-13)


def teaching(whole: Sample, truth: Floats, **more: Any) -> Teaching:
    parts = np.arange(len(truth)) % 5
    return Teaching(whole.batch, truth, whole.weight, parts, 10.0, 32, np.random.default_rng(0), **more)


# --- columns ------------------------------------------------------------------------------------------------------


def test_no_row_is_encoded_by_its_own_target() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(FIRST, 100, 500)
    y = rng.normal(size=500)
    whole = sample(y, (feature("town", Role.CODES, 100), codes))
    layout = columns.learn(teaching(whole, y[:, None]), None)
    before = columns.teaching_matrix(layout, teaching(whole, y[:, None]), None)
    changed = y.copy()
    changed[7] += 1000.0
    after = columns.teaching_matrix(layout, teaching(whole, changed[:, None]), None)
    own = np.arange(500) % 5 == 7 % 5
    np.testing.assert_array_equal(before[own], after[own])  # itself, and whoever shares its part
    others = ~own & (codes == codes[7])
    assert others.any() and (np.abs(before[others, 0] - after[others, 0]) > 1).all()


def test_rows_of_a_group_do_not_encode_each_other() -> None:
    """A code that names the group tells all of its other rows, and nothing of a group that is still to come."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(200), 10)
    y = rng.integers(0, 2, 200)[group]
    shop, x = feature("shop", Role.CODES, 200 + FIRST), feature("x", Role.VALUES, 1)
    told = (shop, group + FIRST), (x, (y + rng.normal(size=len(y)))[:, None])
    teach, judge = np.flatnonzero(group < 150), np.flatnonzero(group >= 150)
    lost = {}
    for tied in (True, False):
        whole = replace(sample(y, *told), ties=group if tied else None)
        grown = trees.fit(whole.take(teach), whole.take(judge), BINARY, QUICK, Context(), None)
        lost[tied] = -np.log(grown.predict(whole.batch.take(judge))[np.arange(len(judge)), y[judge]]).mean()
    assert lost[True] < 0.62 < 0.67 < lost[False]


def test_a_large_vocabulary_is_encoded_and_a_small_one_is_not() -> None:
    rng = np.random.default_rng(0)
    few, many = rng.integers(0, 65, 300), rng.integers(0, 66, 300)
    whole = sample(few, (feature("few", Role.CODES, 65), few), (feature("many", Role.CODES, 66), many))
    one, two = columns.learn(teaching(whole, rng.normal(size=(300, 1))), None).parts
    assert isinstance(one, Native) and isinstance(two, Encoded)
    assert two.table.shape == (66, 2)
    np.testing.assert_allclose(two.table[:, 1], np.bincount(many, minlength=66) / 300)
    assert np.isnan(one.columns(whole.batch)[few == 0]).all()


def test_a_code_never_seen_is_the_mean() -> None:
    codes = np.full(200, FIRST)
    y = np.r_[np.zeros(100), np.ones(100)]
    whole = sample(y, (feature("town", Role.CODES, 100), codes))
    (told,) = columns.learn(teaching(whole, y[:, None]), None).parts
    assert isinstance(told, Encoded)
    np.testing.assert_allclose(told.table[50], [0.5, 0.0])


def test_of_many_labels_the_most_frequent_are_encoded() -> None:
    y = np.repeat(np.arange(20), np.arange(20) + 1)
    whole = sample(y, (feature("town", Role.CODES, 100), np.full(len(y), FIRST)))
    (told,) = columns.learn(teaching(whole, np.eye(20)[y]), None).parts
    assert isinstance(told, Encoded) and told.labels == tuple(range(19, 11, -1))


def test_planes_are_turned_exactly() -> None:
    rng = np.random.default_rng(0)
    place = rng.uniform(-180, 180, (500, 2))
    whole = sample(place[:, 0], (feature("place", Role.VALUES, 2, turn=True), place))
    (told,) = columns.learn(teaching(whole, place[:, :1]), None).parts
    assert isinstance(told, Plain) and told.width == 6
    turned = told.columns(whole.batch)
    np.testing.assert_allclose(np.hypot(turned[:, 2], turned[:, 4]), np.hypot(*place.T), rtol=1e-12)
    g = Graph()
    g.declare(whole.batch.features)
    g.output("x", told.graph(g, whole.batch.features[0]), "float64", ("N", 6))
    for size in (1, 7, 1000):
        np.testing.assert_array_equal(run(session(g.build()), {"place": place}, size=size)[0], turned)


def test_what_was_never_missing_is_taken_as_the_median() -> None:
    x = np.column_stack([np.arange(101.0), np.r_[np.nan, np.arange(100.0)]])
    whole = sample(x[:, 0], (feature("x", Role.VALUES, 2), x))
    (told,) = columns.learn(teaching(whole, x[:, :1]), None).parts
    gaps = Batch(whole.batch.features, {"x": np.full((1, 2), np.nan)}, 1)
    np.testing.assert_array_equal(told.columns(gaps), [[50.0, np.nan]])


def test_projections_do_not_depend_on_the_order_of_tokens() -> None:
    """The sum of a bag differs in the last bits; the column must not, or a tree could turn the other way."""
    rng = np.random.default_rng(0)
    codes = np.sort(rng.integers(FIRST, 400, (300, 30)), axis=1)
    weights = rng.random((300, 30))
    text = feature("text", Role.TOKENS, 400, weight="w")
    whole = sample(np.zeros(300), (text, csr(codes, weights, 400)))
    (told,) = columns.learn(teaching(whole, np.zeros((300, 1))), None).parts
    assert isinstance(told, Projected) and told.width == 6  # one direction for each fifty rows
    g = Graph()
    g.declare([text])
    g.output("x", told.graph(g, text), "float64", ("N", told.width))
    engine = session(g.build())
    for order in (slice(None), rng.permutation(30), slice(None, None, -1)):
        got = engine.run(None, {"text": codes[:, order], "w": weights[:, order]})[0]
        np.testing.assert_array_equal(got, told.columns(whole.batch))


def test_a_small_vocabulary_is_not_projected() -> None:
    bags = csr_array(np.eye(20)[np.arange(100) % 20])
    whole = sample(np.zeros(100), (feature("tags", Role.TOKENS, 20, weight="w"), bags))
    (told,) = columns.learn(teaching(whole, np.zeros((100, 1))), None).parts
    np.testing.assert_array_equal(told.columns(whole.batch), bags.toarray()[:, 1:])


def test_directions_are_those_of_the_largest_variation() -> None:
    rng = np.random.default_rng(0)
    left, right = np.linalg.qr(rng.normal(size=(200, 5)))[0], np.linalg.qr(rng.normal(size=(300, 5)))[0]
    bags = csr_array(left * [100, 50, 20, 10, 5] @ right.T + rng.normal(size=(200, 300)) * 1e-3)
    found = columns.directions(bags, 3, rng)
    np.testing.assert_allclose(np.abs(np.diag(found.T @ right[:, :3])), 1.0, atol=1e-4)


# --- folds and the model for use ----------------------------------------------------------------------------------


def problem(n: int, task: Task) -> Sample:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(n, 3))
    town = rng.integers(0, 90, n)
    margin = x[:, 0] + np.sin(3 * x[:, 1]) + (town % 7) / 3 + rng.normal(size=n) / 2
    y = margin * 1e6 + 1e9 if task.kind == "regression" else (margin > 1).astype(np.int64)
    return sample(y, (feature("x", Role.VALUES, 3), x), (feature("town", Role.CODES, 90), town))


@pytest.mark.parametrize("task", [NUMBER, BINARY], ids=lambda task: task.kind)
@pytest.mark.parametrize("bagged", [True, False])
def test_few_rows_keep_the_boosters_of_all_folds(task: Task, bagged: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = problem(900, task)
    monkeypatch.setattr(trees, "BAGGED", 901 if bagged else 900)
    fitted = folds(whole, task)
    final = trees.finish(fitted, whole, task, QUICK, Context(), Lower())
    assert len(final.members) == (3 if bagged else 1)
    rounds = [fold.members[0].rounds for fold in fitted]
    assert final.settings["rounds"] == (rounds if bagged else [round(1.1 * np.mean(rounds))])
    tensors = {name: whole.batch.arrays[name] for name in ("x", "town")}
    agree(final, whole.batch.features, tensors, whole.batch, task.width)
    truth = whole.y if task.kind == "regression" else np.eye(2)[whole.y][:, 1]
    said = final.predict(whole.batch)[:, -1]
    assert np.corrcoef(said, truth)[0, 1] > 0.7


@pytest.mark.parametrize("rows", [600, 601])
def test_under_time_the_newest_rows_are_learnt_from(rows: int) -> None:
    """No fold has seen the last sixth, in which the level and what is never missing are new."""
    x = np.column_stack([np.arange(rows) * 6 // rows == 5, np.arange(rows)]).astype(np.float64)
    whole = sample(x[:, 0] * 100.0, (feature("x", Role.VALUES, 2), x))
    fitted: list[trees.Trees] = []
    for teach, judge in expanding(np.arange(rows), 5):
        like = fitted[0] if fitted else None
        fitted.append(trees.fit(whole.take(teach), whole.take(judge), NUMBER, QUICK, Context(), like))
    final = trees.finish(fitted, whole, NUMBER, trees.Options(leaf_rows=5), Context(), Lower())
    assert len(final.members) == 1
    (told,) = final.layout.parts
    assert isinstance(told, Plain) and told.fill == (0.0, (rows - 1) / 2)
    margin = final.predict(whole.batch)[:, 0]
    assert margin[x[:, 0] == 1].mean() > margin[x[:, 0] == 0].mean() + 2.0
    agree(final, whole.batch.features, {"x": x}, whole.batch, 1)


def test_large_numbers_keep_their_digits() -> None:
    whole = problem(900, NUMBER)
    far = replace(whole, y=whole.y + 1e12)
    near, there = (folds(s, NUMBER, number=2)[0].predict(whole.batch) for s in (whole, far))
    np.testing.assert_allclose(there - 1e12, near, atol=1e3)  # of a spread of a million


def test_the_folds_stop_by_their_own_rows() -> None:
    whole = problem(600, BINARY)
    shuffled = replace(whole, y=np.random.default_rng(0).permutation(whole.y))
    patient = trees.Options(rounds=300, patience=10)
    assert max(f.members[0].rounds for f in folds(shuffled, BINARY, patient)) < 60
    assert min(f.members[0].rounds for f in folds(whole, BINARY, patient)) < 300


def test_every_label_of_a_set_has_its_booster() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 2))
    task = Task(kind="multilabel", labels=("a", "b", "c"))
    y = np.column_stack([x[:, 0] > 0, x[:, 1] > 0, np.ones(600)]).astype(np.int64)
    whole = sample(y, (feature("x", Role.VALUES, 2), x))
    final = trees.finish(folds(whole, task), whole, task, QUICK, Context(), Lower())
    assert len(final.members) == 9 and {m.target for m in final.members} == {0, 1, 2}
    assert ((final.predict(whole.batch) > 0.5) == y).mean() > 0.95
    agree(final, whole.batch.features, {"x": x}, whole.batch, 3)


def test_contributions_add_up_to_the_margin() -> None:
    whole = problem(600, BINARY)
    fitted = folds(whole, BINARY)[0]
    told = fitted.explain(whole.batch)
    margin = np.log(fitted.predict(whole.batch)[:, 1]) - np.log(fitted.predict(whole.batch)[:, 0])
    rest = margin - told[:, :, 1].sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-9)
    np.testing.assert_array_equal(told[:, :, 0], -told[:, :, 1])


# --- stacking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Below:
    """A model that says how often the first token stands in the text."""

    @property
    def settings(self) -> dict[str, Any]:
        return {}

    def predict(self, batch: Batch) -> Floats:
        there = np.asarray(batch.arrays["text"][:, [FIRST]].toarray())
        return np.hstack([0.75 - there / 2, there / 2 + 0.25])

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        (text,) = [f for f in features if f.name == "text"]
        here = g.op("Equal", text.value, g.constant(FIRST, "int64"))
        weight = g.op("Where", here, text.weight or "", g.constant(0.0))
        half = g.op("Div", g.op("ReduceSum", weight, g.constant([1], "int64"), keepdims=1), g.constant(2.0))
        return g.concat([g.op("Sub", g.constant(0.75), half), g.op("Add", half, g.constant(0.25))])

    def explain(self, batch: Batch) -> Floats:
        told = np.zeros((batch.rows, len(batch.features), 2))
        told[:, [f.name for f in batch.features].index("text")] = 1.0
        return told


def stacked(scores: bool) -> tuple[Sample, Feeds]:
    rng = np.random.default_rng(0)
    codes = np.array([rng.choice(np.arange(FIRST, 300), 8, replace=False) for _ in range(600)])
    codes[::2, 0] = FIRST
    weights = np.ones(codes.shape)
    y = ((codes == FIRST).any(axis=1) ^ (rng.random(600) < 0.05)).astype(np.int64)
    text = feature("text", Role.TOKENS, 300, weight="w")
    x = rng.normal(size=(600, 1))
    whole = sample(y, (text, csr(codes, weights, 300)), (feature("x", Role.VALUES, 1), x))
    whole.batch.scores.update({"linear": Below().predict(whole.batch)} if scores else {})
    return whole, {"text": codes, "w": weights, "x": x}


def test_the_model_below_is_a_column_where_there_is_text() -> None:
    whole, tensors = stacked(True)
    fitted = folds(whole, BINARY)
    final = trees.finish(fitted, whole, BINARY, QUICK, Context(), Lower({"linear": Below()}))
    assert final.settings["stacked"] and fitted[0].settings["stacked"]
    without_scores = Batch(whole.batch.features, whole.batch.arrays, whole.batch.rows)
    np.testing.assert_array_equal(final.predict(without_scores), final.predict(whole.batch))
    agree(final, whole.batch.features, tensors, without_scores, 2)
    alone = folds(stacked(False)[0], BINARY)
    assert not alone[0].settings["stacked"]

    def lost(models: list[trees.Trees], on: Sample) -> float:
        return float(np.mean([-np.log(m.predict(on.batch)[np.arange(600), on.y]).mean() for m in models]))

    assert lost(fitted, whole) < lost(alone, stacked(False)[0])


def test_the_credit_of_the_model_below_is_shared_as_it_shares_it() -> None:
    whole, _ = stacked(True)
    fitted = folds(whole, BINARY)
    final = trees.finish(fitted, whole, BINARY, QUICK, Context(), Lower({"linear": Below()}))
    for model in (fitted[0], final):
        told = np.abs(model.explain(whole.batch)[:, :, 1]).mean(axis=0)
        assert told[0] > 5 * told[1]


def test_the_dearest_rung_below_that_reads_text_is_stacked(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = stacked(True)
    scores = {name: whole.batch.scores["linear"] for name in ("constant", "rule", "linear")}

    def taken(*names: str) -> str | None:
        batch = replace(whole.batch, scores={name: scores["linear"] for name in names})
        below = trees.stacked(batch, BINARY)
        return None if below is None else below.model

    assert taken(*scores) == "linear" and taken("constant", "rule") is None
    from landmark.models import MODELS, linear

    other = {**dict(MODELS.items()), "dearer": linear}
    monkeypatch.setattr(trees, "MODELS", other)
    assert taken(*scores, "dearer") == "dearer"


def test_without_text_nothing_is_stacked() -> None:
    whole = problem(300, BINARY)
    whole.batch.scores["linear"] = np.full((300, 2), 0.5)
    assert not folds(whole, BINARY, number=2)[0].settings["stacked"]


# --- what trees are not for ---------------------------------------------------------------------------------------


def many(labels: int) -> Task:
    return Task(kind="multiclass", labels=tuple(map(str, range(labels))))


def test_what_trees_are_not_for() -> None:
    text, number = feature("text", Role.TOKENS, 9000, weight="w"), feature("x", Role.VALUES, 20)
    photo = feature("photo", Role.PIXELS, 3, shape=(2, 2, 3))
    options = trees.Options()
    assert trees.suits(many(30), [text], 10_000, options) is None
    assert trees.suits(many(77), [text, number], 2000, options) is None
    for given, code in (((many(77), [text], 10_000), "out-of-proportion"), ((BINARY, [photo], 10), "no-usable-role")):
        said = trees.suits(*given, options)
        assert said is not None and said.code == code and said.next
    said = trees.suits(many(500), [number], 10**6, options)
    assert said is not None and "most_labels: 500" in said.next
    assert trees.suits(many(500), [number], 10**6, trees.Options(most_labels=500)) is None
