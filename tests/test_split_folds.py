"""Folds respect what ties rows together; intervals and paired differences are what statistics says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.split import Split
from landmark.core.table import Floats
from landmark.statistics.resample import bootstrap, expanding, folds, inner_parts, paired

PLAIN = Split(by="random", train=np.arange(0), test=np.arange(0))


@given(st.lists(st.integers(0, 6), min_size=4, max_size=120), st.integers(2, 8), st.integers(0, 9))
def test_class_folds_part_the_rows_and_balance_every_class(labels: list[int], k: int, seed: int) -> None:
    y = np.array(labels)
    parts = folds(PLAIN, y, "multiclass", k, seed)
    assert sorted(np.concatenate([judge for _, judge in parts]).tolist()) == list(range(len(y)))
    for teach, judge in parts:
        assert sorted([*teach, *judge]) == list(range(len(y)))
    for label in set(labels):
        counts = [int((y[judge] == label).sum()) for _, judge in parts]
        assert max(counts) - min(counts) <= 1
    sizes = [len(judge) for _, judge in parts]
    assert max(sizes) - min(sizes) <= 1


def test_folds_depend_on_the_seed_and_on_nothing_else() -> None:
    y = np.arange(50) % 3
    one, same, other = (folds(PLAIN, y, "regression", 5, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(one, same, strict=True))
    assert any(not np.array_equal(a[1], b[1]) for a, b in zip(one, other, strict=True))


def test_several_labels_are_balanced_by_the_rarest() -> None:
    y = np.zeros((40, 3), np.int64)
    y[:, 0], y[:20, 1], y[:5, 2] = 1, 1, 1
    assert [int(y[judge, 2].sum()) for _, judge in folds(PLAIN, y, "multilabel", 5, 0)] == [1] * 5


@given(st.lists(st.integers(0, 9), min_size=4, max_size=80), st.integers(2, 5))
def test_a_group_is_never_parted(groups: list[int], k: int) -> None:
    ties = np.array(groups)
    split = PLAIN.model_copy(update={"by": "group", "groups": ties})
    parts = folds(split, np.zeros(len(ties)), "regression", k, 0)
    assert sorted(np.concatenate([judge for _, judge in parts]).tolist()) == list(range(len(ties)))
    if 1 < len(set(groups)) < len(groups):
        assert all(not set(ties[teach]) & set(ties[judge]) for teach, judge in parts)
        assert len(parts) == min(k, len(set(groups)))


def test_groups_are_those_of_the_rows_that_have_a_truth() -> None:
    split = PLAIN.model_copy(update={"by": "group", "groups": np.array([0, 0, 1, 1, 2, 2])})
    rows = np.array([0, 2, 3, 5])
    for teach, judge in folds(split, np.zeros(4), "regression", 3, 0, rows):
        assert not set(split.groups[rows[teach]]) & set(split.groups[rows[judge]])


@given(st.lists(st.integers(0, 12), min_size=2, max_size=80), st.integers(2, 6))
def test_time_windows_expand_and_never_look_ahead(moments: list[int], k: int) -> None:
    ties = np.array(sorted(moments))
    windows = expanding(ties, k)
    assert bool(windows) == (len(set(moments)) > 1)
    assert len(windows) <= k
    for teach, judge in windows:
        assert ties[teach].max() < ties[judge].min()
    ends = [int(judge[-1]) for _, judge in windows]
    starts = [int(judge[0]) for _, judge in windows]
    assert not ends or (ends[-1] == len(ties) - 1 and starts[1:] == [end + 1 for end in ends[:-1]])


def test_a_split_by_time_gives_time_windows_of_its_own_rows() -> None:
    split = PLAIN.model_copy(update={"by": "time", "groups": np.arange(100) // 2})
    parts = folds(split, np.zeros(50), "regression", 4, 0, np.arange(0, 100, 2))
    assert [(len(teach), len(judge)) for teach, judge in parts] == [(10, 10), (20, 10), (30, 10), (40, 10)]
    one_moment = PLAIN.model_copy(update={"by": "time", "groups": np.zeros(10, np.int64)})
    assert len(folds(one_moment, np.zeros(10), "regression", 5, 0)) == 5


TIES = st.lists(st.integers(0, 12), min_size=2, max_size=80)


@given(TIES, st.integers(2, 6), st.integers(0, 3))
def test_inner_parts_keep_a_group_whole(groups: list[int], k: int, seed: int) -> None:
    ties, rows = np.array(groups), len(groups)
    parts = inner_parts(rows, ties, False, k, seed)
    if 1 < len(set(groups)) < rows:
        assert len({*zip(groups, parts.tolist(), strict=True)}) == len(set(groups))
        assert len(set(parts.tolist())) == min(k, len(set(groups)))
    assert 1 < len(set(parts.tolist())) <= k and parts.min() >= 0 and parts.max() < k
    assert np.array_equal(parts, inner_parts(rows, ties, False, k, seed))


@given(TIES, st.integers(2, 6))
def test_inner_parts_are_blocks_of_time(moments: list[int], k: int) -> None:
    ties, rows = np.array(sorted(moments)), len(moments)
    parts = inner_parts(rows, ties, True, k, 0)
    if len(set(moments)) > 1:
        assert (np.diff(parts) >= 0).all()
        assert len({*zip(ties.tolist(), parts.tolist(), strict=True)}) == len(set(moments))
    assert 1 < len(set(parts.tolist())) <= k
    assert np.array_equal(inner_parts(rows, None, True, k, 0), inner_parts(rows, np.arange(rows), True, k, 0))


def test_inner_parts_of_rows_that_stand_alone_are_dealt_evenly_by_the_seed() -> None:
    one, other = (inner_parts(103, None, False, 5, seed) for seed in (1, 2))
    assert sorted(np.bincount(one).tolist()) == [20, 20, 21, 21, 21]
    assert not np.array_equal(one, other) and not (np.diff(one) >= 0).all()


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    x = np.random.default_rng(0).normal(10, 2, 2000)
    found = bootstrap(lambda weight: float(np.average(x, weights=weight)), np.ones(2000), 3, draws=1000)
    assert found.value == pytest.approx(x.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * x.std() / math.sqrt(2000), rel=0.1)


def test_weights_stay_what_they_are_and_draws_only_multiply_them() -> None:
    seen: list[Floats] = []
    weight = np.array([1.0, 0.0, 2.5])

    def metric(drawn: Floats) -> float:
        seen.append(drawn)
        return float(drawn.sum())

    bootstrap(metric, weight, 0, draws=20)
    assert weight.tolist() == [1.0, 0.0, 2.5] and seen[0] is weight
    assert all(np.allclose(np.round(d[[0, 2]] / weight[[0, 2]]), d[[0, 2]] / weight[[0, 2]]) for d in seen)
    assert len({tuple(d) for d in seen}) > 2


def test_undefined_draws_are_left_out_and_too_many_are_said() -> None:
    one = np.array([1.0] + [0.0] * 9)
    rare = bootstrap(lambda w: float("nan") if w @ one == 0 else float(w @ one), np.ones(10), 0)
    assert rare.low >= 1.0
    never = bootstrap(lambda w: 1.0 if w.min() == 1 else float("nan"), np.ones(10), 0)
    assert never.value == 1.0 and math.isnan(never.low) and math.isnan(never.high)


@given(st.integers(2, 60))
@settings(max_examples=30)
def test_pairing_gives_the_standard_error_of_the_difference(n: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=n), rng.normal(size=n)
    mean, error = paired(a, b, np.ones(n))
    assert mean == pytest.approx((a - b).mean())
    assert error == pytest.approx((a - b).std(ddof=1) / math.sqrt(n))
    assert paired(a, b, np.full(n, 3.0)) == pytest.approx((mean, error))


def test_a_row_without_weight_does_not_count() -> None:
    a, b, w = np.array([1.0, 5.0, 2.0]), np.array([0.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0])
    assert paired(a, b, w) == pytest.approx(paired(a[[0, 2]], b[[0, 2]], w[[0, 2]]))
    nothing: Any = paired(a, b, np.zeros(3))
    assert math.isnan(nothing[0])
