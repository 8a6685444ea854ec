"""What columns tell of each other, planted and found; and nothing found where nothing is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.profile import Across
from landmark.statistics.summary import profile, profile_stream
from landmark.statistics.summary.across import ranks, scaled, together

ROWS = 20_000
RNG = np.random.default_rng(2)


def across(**columns: object) -> Across:
    return profile(pa.table(columns)).across


def test_correlations_of_numbers_and_of_ranks() -> None:
    x = RNG.normal(size=ROWS)
    gaps = pa.array(x + RNG.normal(size=ROWS), mask=RNG.random(ROWS) < 0.3)
    text = [f"{-v:.9f}" for v in x]
    found = across(x=x, noisy=gaps, bent=np.exp(3 * x), other=RNG.normal(size=ROWS), text=text).correlations
    pairs = {(one.a, one.b): one for one in found}
    assert set(pairs) == set(combinations(("x", "noisy", "bent", "text"), 2))
    assert pairs["x", "noisy"].pearson == pytest.approx(0.5**0.5, abs=0.02)
    assert pairs["x", "bent"].spearman == 1.0 and abs(pairs["x", "bent"].pearson) < 0.7
    assert pairs["x", "text"].pearson == -1.0
    assert [max(abs(one.pearson), abs(one.spearman)) for one in found] == sorted(
        (max(abs(one.pearson), abs(one.spearman)) for one in found), reverse=True
    )


@given(st.lists(st.tuples(st.floats(-10, 10) | st.just(np.nan), st.floats(-10, 10)), min_size=12, max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_correlation_is_numpys_over_the_rows_where_both_are_known(rows: list[tuple[float, float]]) -> None:
    a, b = (np.array(side) for side in zip(*rows, strict=True))
    known = ~np.isnan(a)
    if known.sum() < 10 or np.ptp(a[known]) < 1e-3 or np.ptp(b[known]) < 1e-3:
        return
    found = together(np.column_stack([scaled(a), scaled(b)]))[0, 1]
    assert found == pytest.approx(np.corrcoef(a[known], b[known])[0, 1], abs=1e-3)


def noise(kind: str, rows: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 64)) if kind == "normal" else rng.standard_cauchy((rows, 64))
    x = x * (rng.random((rows, 64)) < 0.1) if kind == "mostly zero" else x
    return {f"c{i}": x[:, i] for i in range(64)}


@pytest.mark.parametrize("kind", ["normal", "wild", "mostly zero"])
@pytest.mark.parametrize("rows", [12, 60, 300])
def test_noise_is_not_correlated_however_many_pairs_there_are(kind: str, rows: int) -> None:
    assert [across(**noise(kind, rows, seed)).correlations for seed in (21, 22, 23)] == [(), (), ()]


@pytest.mark.parametrize("kind", ["normal", "wild", "mostly zero"])
def test_what_goes_together_is_found_among_many_pairs(kind: str) -> None:
    columns = noise(kind, 300, 24)
    columns["c9"] = columns["c3"] * (1 + RNG.random(300))
    assert [{pair.a, pair.b} for pair in across(**columns).correlations] == [{"c3", "c9"}]


def test_equal_values_share_a_rank() -> None:
    assert ranks(np.array([5.0, 1.0, 5.0, np.nan, 9.0]))[[0, 1, 2, 4]].tolist() == [2.5, 1.0, 2.5, 4.0]


def test_columns_that_tell_others() -> None:
    town = RNG.integers(0, 300, ROWS)
    land = town % 7
    slipped = np.where(RNG.random(ROWS) < 0.002, RNG.integers(0, 7, ROWS), land)
    found = across(
        town=[f"town {i}" for i in town],
        code=town * 11,
        land=land,
        slipped=slipped,
        free=RNG.integers(0, 7, ROWS),
        id=np.arange(ROWS),
        same_id=np.arange(ROWS),
        mostly=np.where(np.arange(ROWS) == 5, 1, 0),
    ).dependencies
    told = {(one.a, one.b): one for one in found}
    assert told["town", "code"].repeats and told["id", "same_id"].repeats
    assert not told["town", "land"].repeats and told["town", "land"].errors == 0
    assert 0 < told["town", "slipped"].errors < 0.01
    assert told["land", "slipped"].repeats
    assert not any("free" in pair or "mostly" in pair for pair in told)
    assert not any("id" in pair and pair != ("id", "same_id") for pair in told)


def test_columns_that_all_differ_do_not_tell_each_other() -> None:
    found = across(id=np.arange(ROWS), when=np.arange(ROWS) * 10 + 3, text=[f"t{i}" for i in range(ROWS)])
    assert found.dependencies == ()


def test_columns_that_are_missing_together() -> None:
    gap, other = RNG.random(ROWS) < 0.2, RNG.random(ROWS) < 0.2
    x = RNG.normal(size=ROWS)
    found = across(
        a=pa.array(x, mask=gap),
        b=pa.array([f"w{i % 9}" for i in range(ROWS)], mask=gap),
        c=pa.array(x, mask=other),
        d=pa.array(np.arange(ROWS) % 3, mask=gap ^ (RNG.random(ROWS) < 0.002)),
        e=x,
    ).missing_together
    assert [one.columns for one in found] == [("a", "b", "d")]
    assert found[0].share == pytest.approx(0.2, abs=0.02)


def test_it_looks_at_the_same_rows_however_they_come() -> None:
    rows = 150_000
    table = pa.table({"x": np.arange(rows) % 1000, "y": np.arange(rows) % 500, "z": RNG.normal(size=rows)})
    streamed = profile_stream(table.to_batches(10_000), table.schema)
    assert streamed.across == profile(table).across
    assert streamed.across.rows == 8192
    assert ("x", "y") in {(one.a, one.b) for one in streamed.across.dependencies}


def test_few_rows_say_nothing() -> None:
    assert across(a=[1, 2, 3], b=[1, 2, 3]) == Across(rows=3, columns=2)
    assert across(a=pa.nulls(20), b=[1.0] * 20).correlations == ()
