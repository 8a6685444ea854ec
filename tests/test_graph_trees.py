"""LightGBM boosters and their TreeEnsemble say the same, to the last bits, of whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from landmark.core.table import Array, Floats
from landmark.graph.builder import Graph
from landmark.graph.run import run, session
from landmark.graph.trees import Part, flaw, tree_ensemble

CATEGORY = 3
STRANGE = (np.nan, np.inf, -np.inf, 1e300, -1e300, 5e-324, -0.0, 0.0)


def rows(n: int, seed: int = 0, missing: float = 0.1) -> Floats:
    """Return numbers with missing and infinite ones, and in column CATEGORY codes up to 40, missing ones NaN."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    x[:, CATEGORY] = rng.integers(1, 41, n)
    x[rng.random((n, 5)) < missing] = np.nan
    x[::97, 2], x[::89, 2] = np.inf, -np.inf
    return x


def strange() -> Floats:
    """Return rows that no training row is like; categories among them that were never seen."""
    x = np.array([[value] * 5 for value in STRANGE])
    x[:, CATEGORY] = [np.nan, 1, 41, 64, 65, 1000, 0, 2]
    return x


def booster(objective: str, y: Array, x: Floats, rounds: int = 40, **more: Any) -> Any:
    given = {"objective": objective, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": 1, **more}
    return lgb.train(given, lgb.Dataset(x, y, categorical_feature=[CATEGORY]), rounds)


def truth(x: Floats, classes: int) -> Array:
    known = np.nan_to_num(x[:, 1], posinf=0, neginf=0) + np.nan_to_num(x[:, CATEGORY]) % 3
    return known if classes == 0 else np.digitize(known, np.quantile(known, np.arange(1, classes) / classes))


def scores(parts: list[Part], x: Floats, width: int, size: int) -> Floats:
    g = Graph()
    value = g.input("x", "float64", ("N", x.shape[1]))
    g.output("raw", tree_ensemble(g, value, parts, width), "float64", ("N", width))
    return np.asarray(run(session(g.build()), {"x": x}, size=size)[0])


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(("objective", "classes"), [("regression", 0), ("binary", 2), ("multiclass", 4)])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_parity(objective: str, classes: int, size: int, missing: float) -> None:
    x = rows(3000, missing=missing)
    more = {"num_class": classes} if objective == "multiclass" else {}
    trained = booster(objective, truth(x, classes), x, **more)
    probe = np.vstack([x[:500], strange()])
    want = trained.predict(probe, raw_score=True).reshape(len(probe), -1)
    got = scores([Part(trained.model_to_string())], probe, want.shape[1], size)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


@given(x=st.lists(st.tuples(*[st.floats()] * 5), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_number_goes_the_same_way(x: list[tuple[float, ...]]) -> None:
    probe = np.array(x)
    # a category is a whole number that fits 32 bits, or missing
    probe[:, CATEGORY] = np.where(np.abs(probe[:, CATEGORY]) < 2**31, np.abs(np.trunc(probe[:, CATEGORY])), np.nan)
    trained, ensemble = _fixed()
    np.testing.assert_allclose(ensemble(probe), trained.predict(probe, raw_score=True), rtol=1e-12, atol=1e-14)


@cache
def _fixed() -> tuple[Any, Callable[[Floats], Floats]]:
    """Return one booster, and its ensemble as a function."""
    x = rows(2000)
    trained = booster("regression", truth(x, 0), x)
    g = Graph()
    value = g.input("x", "float64", ("N", 5))
    g.output("raw", tree_ensemble(g, value, [Part(trained.model_to_string())], 1), "float64", ("N", 1))
    engine = session(g.build())
    return trained, lambda probe: np.asarray(engine.run(None, {"x": probe})[0])[:, 0]


def test_only_the_rounds_that_count() -> None:
    x = rows(1000)
    trained = booster("regression", truth(x, 0), x)
    part = Part(trained.model_to_string(num_iteration=7))
    np.testing.assert_allclose(scores([part], x, 1, 1000)[:, 0], trained.predict(x, num_iteration=7), rtol=1e-12)


def test_boosters_are_merged_by_target_and_scale() -> None:
    x = rows(1000)
    one, two = (
        booster("regression", truth(x, 0), x, seed=seed, bagging_fraction=0.5, bagging_freq=1) for seed in (1, 2)
    )
    three = booster("multiclass", truth(x, 3), x, num_class=3)
    parts = [
        Part(one.model_to_string(), 0, 0.5),
        Part(two.model_to_string(), 0, 0.5),
        Part(three.model_to_string(), 1, 2.0),
    ]
    want = np.column_stack([(one.predict(x) + two.predict(x)) / 2, 2 * three.predict(x, raw_score=True)])
    np.testing.assert_allclose(scores(parts, x, 4, 1000), want, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("rounds", [1, 5])
def test_trees_without_a_split(rounds: int) -> None:
    x = rows(50)
    trained = booster("regression", truth(x, 0), x, rounds=rounds, min_data_in_leaf=1000)
    np.testing.assert_allclose(scores([Part(trained.model_to_string())], x, 1, 7)[:, 0], trained.predict(x), rtol=1e-15)


def test_zero_as_missing_is_refused() -> None:
    x = np.where(np.random.default_rng(0).random((500, 5)) < 0.5, 0.0, 1.0 + np.abs(rows(500, missing=0.0)))
    x[~np.isfinite(x)] = 1.0
    trained = booster("regression", x[:, 1] * 2 + x[:, 0], x, zero_as_missing=True)
    with pytest.raises(AssertionError, match="zero_as_missing"):
        scores([Part(trained.model_to_string())], x, 1, 1000)


# --- trees that are no trees --------------------------------------------------------------------------------------


def attributes() -> dict[str, Any]:
    """Return the attributes of a sound ensemble."""
    x = rows(1000)
    g = Graph()
    trained = booster("regression", truth(x, 0), x, rounds=3, num_leaves=4)
    tree_ensemble(g, g.input("x", "float64", ("N", 5)), [Part(trained.model_to_string())], 1)
    return {a.name: helper.get_attribute_value(a) for a in g.nodes[-1].attribute}


def test_what_is_written_is_sound() -> None:
    assert flaw(attributes(), 5) == ""


def _set(name: str, at: int, value: int) -> Callable[[dict[str, Any]], None]:
    def change(told: dict[str, Any]) -> None:
        told[name] = [*told[name][:at], value, *told[name][at + 1 :]]

    return change


def _loop(told: dict[str, Any]) -> None:
    told["nodes_truenodeids"], told["nodes_trueleafs"] = (
        [0, *told["nodes_truenodeids"][1:]],
        [0, *told["nodes_trueleafs"][1:]],
    )


def _share(told: dict[str, Any]) -> None:
    for side in ("true", "false"):
        _set(f"nodes_{side}nodeids", 0, 1)(told)
        _set(f"nodes_{side}leafs", 0, 0)(told)


def _float32(told: dict[str, Any]) -> None:
    told["leaf_weights"] = numpy_helper.from_array(numpy_helper.to_array(told["leaf_weights"]).astype(np.float32))


def _no_sets(told: dict[str, Any]) -> None:
    told.pop("membership_values")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_loop, "leads back"),
        (_share, "share nodes"),
        (_float32, "not float64"),
        (_no_sets, "sets"),
        (_set("tree_roots", 0, 3), "share nodes"),
        (_set("tree_roots", 0, 10**9), "root that is not there"),
        (_set("nodes_featureids", 0, 5), "which is not there"),
        (_set("leaf_targetids", 0, 1), "which is not there"),
        (_set("leaf_targetids", 0, -1), "which is not there"),
        (lambda told: told["nodes_featureids"].append(0), "differ in length"),
    ],
)
def test_trees_that_are_no_trees_are_refused(change: Callable[[dict[str, Any]], None], words: str) -> None:
    told = attributes()
    told["nodes_featureids"] = list(told["nodes_featureids"])
    change(told)
    assert words in flaw(told, 5)
