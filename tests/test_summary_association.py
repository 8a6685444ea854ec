"""How much a column tells of a target, against counting by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmark.statistics.association import auc, directions, errors, errors_left, strength

RNG = np.random.default_rng(0)
X = RNG.normal(size=300)
Y = X + RNG.normal(size=300)


def test_of_numbers_it_is_the_squared_correlation_less_chance() -> None:
    squared = np.corrcoef(X, Y)[0, 1] ** 2
    told = strength(pa.array(X), directions(pa.array(Y), True))
    assert told == pytest.approx(1 - (1 - squared) * 299 / 298)
    assert strength(pa.array([f"{v:.12f}" for v in X]), directions(pa.array(Y), True)) == pytest.approx(told)


def test_of_kinds_it_is_the_variance_between_them_less_chance() -> None:
    kinds = pa.array([f"k{int(v > 0)}" for v in X])
    means = np.where(X > 0, Y[X > 0].mean(), Y[X <= 0].mean())
    between = np.square(means - Y.mean()).sum() / np.square(Y - Y.mean()).sum()
    assert strength(kinds, directions(pa.array(Y), True)) == pytest.approx(1 - (1 - between) * 299 / 298)


def test_texts_that_all_differ_tell_nothing() -> None:
    target = directions(pa.array(Y), True)
    assert strength(pa.array([f"row {i}" for i in range(300)]), target) == 0.0
    assert strength(pa.array([f"row {i // 2}" for i in range(300)]), target) < 0.5
    assert strength(pa.array(["same"] * 300), target) == pytest.approx(0.0, abs=1e-9)
    assert strength(pa.nulls(300, pa.string()), target) == pytest.approx(0.0, abs=1e-9)


def test_of_labels_the_best_told_one_counts() -> None:
    labels = np.where(X > 1, "high", np.where(X < -1, "low", "middle"))
    target = directions(pa.array(labels), False)
    assert target.shape == (300, 3)
    assert np.allclose(np.square(target).sum(axis=0), 1) and np.allclose(target.sum(axis=0), 0)
    assert strength(pa.array(labels == "low"), target) == pytest.approx(1.0)


def test_enormous_and_missing_numbers_do_no_harm() -> None:
    target = directions(pa.array(Y), True)
    with_gaps = [None if i % 3 == 0 else v for i, v in enumerate(X)]
    assert 0 < strength(pa.array(with_gaps), target) < 1
    assert 0 < strength(pa.array(X * 1e300), target) < 1
    assert strength(pa.array([float("inf")] * 300), target) == 0.0


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=40))
def test_the_area_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    x, positive = np.array([float(v) for v, _ in rows]), np.array([p for _, p in rows])
    pairs = [(a > b) + (a == b) / 2 for a in x[positive] for b in x[~positive]]
    assert auc(x, positive) == pytest.approx(np.mean(pairs) if pairs else float("nan"), nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=50))
def test_errors_are_those_of_the_commonest_label_of_each_group(rows: list[tuple[int, int]]) -> None:
    groups, labels = (np.array(side) for side in zip(*rows, strict=True))
    by_hand = sum((groups == g).sum() - np.bincount(labels[groups == g]).max() for g in set(groups.tolist()))
    assert errors(groups, labels) == by_hand
    most = len(labels) - np.bincount(labels).max()
    assert errors_left(groups, labels) == (by_hand / most if most else 1.0)
