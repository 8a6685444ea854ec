"""What is not exact is as near as promised: quantiles, distinct values, frequent values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from landmark.artifacts.profile import PROBABILITIES, ColumnProfile
from landmark.runners.local import Threads
from landmark.statistics.summary import column, profile_stream

ROWS = 400_000
RNG = np.random.default_rng(5)
SPREADS: dict[str, Callable[[], np.ndarray]] = {
    "normal": lambda: RNG.normal(50, 12, ROWS),
    "skewed": lambda: RNG.lognormal(3, 2, ROWS),
    "narrow and far away": lambda: 1e9 + RNG.normal(0, 1, ROWS),
    "two far peaks": lambda: np.where(RNG.random(ROWS) < 0.5, -1e6, 1e6) + RNG.normal(0, 1e-3, ROWS),
    "mostly one value": lambda: np.where(RNG.random(ROWS) < 0.7, 0.0, RNG.normal(size=ROWS)),
    "heavy tails": lambda: RNG.standard_cauchy(ROWS),
    "whole": lambda: RNG.integers(0, 10**12, ROWS),
    "sorted": lambda: np.sort(RNG.exponential(1, ROWS)),
}


def streamed(values: pa.Array, workers: int = 2) -> ColumnProfile:
    table = pa.table({"x": values})
    return profile_stream(table.to_batches(50_000), table.schema, Threads(workers), workers).columns["x"]


@pytest.mark.parametrize("name", SPREADS)
def test_the_rank_of_a_quantile_is_off_by_half_a_percent_at_most(name: str) -> None:
    x = SPREADS[name]()
    found = streamed(pa.array(x))
    ordered = np.sort(x)
    assert not found.exact
    for share, value in zip(PROBABILITIES, found.quantiles, strict=True):
        low, high = np.searchsorted(ordered, value, "left") / ROWS, np.searchsorted(ordered, value, "right") / ROWS
        assert low - 0.005 <= share <= high + 0.005, (share, low, high)
    assert (found.quantiles[0], found.quantiles[-1]) == (ordered[0], ordered[-1])
    assert found.histogram is not None and sum(found.histogram.counts) == ROWS
    truth, _ = np.histogram(x, np.array(found.histogram.edges))
    assert np.abs(np.cumsum(truth) - np.cumsum(found.histogram.counts)).max() <= 0.005 * ROWS


@pytest.mark.parametrize("name", [name for name in SPREADS if name != "heavy tails"])
def test_moments_are_those_of_sixty_four_bits_and_more(name: str) -> None:
    x = SPREADS[name]()
    found = streamed(pa.array(x))
    d = x.astype(np.longdouble) - x.astype(np.longdouble).mean()
    m2, m3, m4 = ((d**k).mean() for k in (2, 3, 4))
    assert found.mean == pytest.approx(float(x.astype(np.longdouble).mean()), rel=1e-13, abs=1e-12)
    assert found.std == pytest.approx(float(np.sqrt(m2 * ROWS / (ROWS - 1))), rel=1e-10)
    assert found.skewness == pytest.approx(float(m3 / m2**1.5), rel=1e-6, abs=1e-9)
    assert found.kurtosis == pytest.approx(float(m4 / m2**2 - 3), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kinds", [10, 4096, 4097, 20_000, 150_000, ROWS])
@pytest.mark.parametrize("as_text", [False, True])
def test_distinct_values_are_counted_exactly_while_few_and_within_four_percent_after(kinds: int, as_text: bool) -> None:
    values = RNG.permutation(np.concatenate([np.arange(kinds), RNG.integers(0, kinds, ROWS - kinds)]))
    array = pa.array(values)
    found = streamed(array.cast(pa.string()) if as_text else array)
    if kinds <= 4096 or kinds == ROWS:
        assert found.distinct == kinds and found.exact == (kinds <= 4096)
    else:
        assert abs(found.distinct - kinds) <= 0.04 * kinds
        assert found.distinct_error == pytest.approx(0.0156, abs=1e-3)
    exact = column("x", array)
    assert exact.exact and exact.distinct == kinds and exact.top_error == 0


@pytest.mark.parametrize("as_text", [False, True])
def test_frequent_values_are_found_within_their_bound(as_text: bool) -> None:
    few = RNG.random(ROWS)
    values = np.where(few < 0.3, 7, np.where(few < 0.31, 8, RNG.integers(100, 10**9, ROWS)))
    values[-70_000:-69_000] = 9  # frequent in one place only
    array = pa.array(values).cast(pa.string()) if as_text else pa.array(values)
    found = streamed(array)
    truth = Counter(array.to_pylist())
    assert [text for text, _ in found.top[:3]] == ["7", "8", "9"]
    assert 0 < found.top_error < 0.001 * ROWS
    for text, count in found.top:
        own = truth[text if as_text else int(text)]
        assert own - found.top_error <= count <= own


def test_in_memory_all_frequent_values_are_exact_and_equals_come_as_first_seen() -> None:
    values = RNG.integers(0, 60_000, 100_000)
    counted = Counter(values.tolist())
    first = {value: i for i, value in reversed([*enumerate(values.tolist())])}
    wanted = sorted(counted.items(), key=lambda item: (-item[1], first[item[0]]))[:20]
    found = column("x", pa.array(values))
    assert found.exact and list(found.top) == [(str(value), count) for value, count in wanted]
    alone = column("x", pa.array(np.arange(100_000)[::-1]))
    assert [text for text, _ in alone.top] == [str(99_999 - i) for i in range(20)]
