"""One look at a column says what is there, and the same as counting by hand."""

from __future__ import annotations

import json
import math
import uuid
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.artifact import read, write
from landmark.artifacts.profile import PROBABILITIES, TableProfile
from landmark.core.cells import numbers
from landmark.statistics.summary import column, compact, profile
from landmark.statistics.summary.profile_fields import MOST_TEXT

CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "?", "NA", "1", "2.5", "-3", "nan", "inf", "yes", "2024-05-01", "a,b", "x" * 300, "\0", "\ufffd"]
    ),
    st.text(max_size=4),
    st.integers(-5, 5).map(str),
)


@given(st.lists(CELLS, max_size=90))
@settings(max_examples=150, deadline=None)
def test_counts_are_those_of_counting_by_hand(cells: list[str | None]) -> None:
    seen = column("x", pa.array(cells, pa.string()))
    given_ = [cell for cell in cells if cell]
    counted = Counter(given_)
    assert (seen.count, seen.missing, seen.distinct) == (len(cells), len(cells) - len(given_), len(counted))
    assert [n for _, n in seen.top] == sorted(counted.values(), reverse=True)[: len(seen.top)]
    x, odd = numbers(pa.array(given_, pa.string()))
    finite = np.sort(x[np.isfinite(x)])
    if max(seen.dates.values(), default=0.0) > seen.numbers or not given_:
        return
    assert seen.numbers == pytest.approx(1 - odd.mean())
    assert {s.text for s in seen.strays} <= {t if len(t) <= MOST_TEXT else t[: MOST_TEXT - 1] + "…" for t in given_}
    if len(finite):
        lower = [finite[math.floor(p * (len(finite) - 1))] for p in PROBABILITIES]
        assert seen.quantiles == pytest.approx(lower)
        assert seen.mean == pytest.approx(finite.mean(), abs=1e-9)
        assert seen.std == pytest.approx(finite.std(ddof=min(len(finite) - 1, 1)), abs=1e-9)
        assert (seen.zeros, seen.negatives) == ((x == 0).sum(), (x < 0).sum())


@given(st.lists(CELLS, min_size=1, max_size=40), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(cells: list[str | None], rng: Any) -> None:
    shuffled = rng.sample(cells, len(cells))
    parts = [column("x", pa.array(c, pa.string())).model_dump() for c in (cells, shuffled)]
    for name in ("missing", "distinct", "numbers", "integers", "quantiles", "length_mean", "infinite", "dates"):
        assert parts[0][name] == pytest.approx(parts[1][name]), name


def test_strays_and_oddities_name_the_first_row_counted_from_one() -> None:
    seen = column("x", pa.array(["1", "12 cm", "inf", "12 cm", "a\0", "2", "7", "8", "9"]))
    assert [(s.text, s.count, s.row) for s in seen.strays] == [("12 cm", 2, 2), ("a\0", 1, 5)]
    assert {code: s.row for code, s in seen.oddities.items()} == {"infinite": 3, "nul": 5}
    assert seen.infinite == 1
    elsewhere = column("x", pa.array(["1", "x"]), np.array([70, 40]))
    assert elsewhere.strays[0].row == 41


def test_dates_are_read_by_every_format_they_are_written_in() -> None:
    seen = column("when", pa.array(["2024-01-31"] * 6 + ["31.12.2023"] * 3 + ["Mar 5, 2024"] * 2 + ["soon"]))
    assert set(seen.dates) == {"Y-m-d", "d.m.Y", "Mon d Y"}
    assert seen.dates["Y-m-d"] == 0.5
    assert [(s.text, s.row) for s in seen.strays] == [("31.12.2023", 7), ("Mar 5, 2024", 10), ("soon", 12)]
    assert seen.minimum == seen.maximum == 1_706_659_200_000_000


def test_a_rare_format_is_found_behind_many_others() -> None:
    many = [f"2024-01-{1 + i % 28:02} {i // 28:02}:00" for i in range(600)]
    seen = column("when", pa.array([*many, "31/12/2023"]))
    assert seen.dates["d/m/Y"] == pytest.approx(1 / 601)
    assert seen.strays[0].row == 601


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        (pa.array([True, False, None]), {"booleans": 1.0, "distinct": 2, "missing": 1, "physical": "bool"}),
        (pa.array([1.5, float("nan"), None]), {"missing": 2, "nan": 1, "numbers": 1.0, "maximum": 1.5}),
        (
            pa.array([3, 4, 5]),
            {"integers": 1.0, "counter": True, "physical": "int64", "top": (("3", 1), ("4", 1), ("5", 1))},
        ),
        (pa.array([Decimal("1.5"), Decimal("2.5")]), {"numbers": 1.0, "mean": 2.0}),
        (pa.array([date(1970, 1, 2)]), {"minimum": 86_400e6, "numbers": 0.0, "physical": "date32[day]"}),
        (pa.array([datetime(1970, 1, 2)]), {"maximum": 86_400e6, "physical": "timestamp[us]"}),
        (pa.array([["a"], ["a", "b"], None]), {"lists": True, "distinct": 2, "missing": 1}),
        (pa.array([b"ab", b"c"]), {"length_max": 2, "top": ()}),
        (pa.array([{"a": 1}, None]), {"distinct": 1, "missing": 1}),
        (pa.nulls(3), {"missing": 3, "distinct": 0}),
        (pa.array(["a", "b", "a"]).dictionary_encode(), {"distinct": 2, "numbers": 0.0}),
        (pa.array([], pa.string()), {"count": 0, "distinct": 0}),
        (pa.array(["1e308", "-1e308"]), {"minimum": -1e308, "mean": 0.0, "std": 2**0.5 * 1e308}),
        (pa.array(["a;b", "c", "a|b"]), {"delimiters": {";": pytest.approx(1 / 3), "|": pytest.approx(1 / 3)}}),
        (pa.array(["Yes", "no ", "TRUE"]), {"booleans": 1.0}),
        (pa.array(["one two", "three"]), {"words_mean": 1.5, "length_mean": 6.0}),
        (pa.array([str(uuid.UUID(int=i)) for i in range(4)]), {"keys": 1.0}),
    ],
    ids=str,
)
def test_every_arrow_type_is_looked_at(values: pa.Array, facts: dict[str, Any]) -> None:
    seen = column("x", values)
    assert {name: getattr(seen, name) for name in facts} == facts


def test_only_the_number_of_the_row_is_a_counter() -> None:
    rows = np.array([4, 0, 9])
    assert column("x", pa.array(["14", "10", "19"]), rows).counter
    assert not column("x", pa.array(["14", "10", "18"]), rows).counter
    assert not column("x", pa.array(["1"]), np.array([0])).counter


def test_repeated_rows_are_counted_over_all_columns() -> None:
    table = pa.table({"a": ["x", "x", "y", "x", None, None], "b": [1, 1, 1, 2, 3, 3]})
    assert profile(table).duplicates == 2


def test_a_profile_is_kept_whole(tmp_path: Path) -> None:
    table = pa.table(
        {"a": ["x", "1", None, "\0"], "b": [1.0, math.inf, math.nan, 2.0], "c": ["2024-01-01", "x", "", "y"]}
    )
    seen = profile(table)
    write(seen, tmp_path / "p.zip")
    assert read(TableProfile, tmp_path / "p.zip") == seen


@pytest.mark.parametrize("others", [0, 1, 200])
def test_a_cell_is_read_alike_in_any_company(others: int) -> None:
    company = [f"{i}.5e1" for i in range(others)]
    for cell in ("1e0005", "1e5", "0x10", "1e999", " 7 ", "+5", "nan", "1_0"):
        x, odd = numbers(pa.array([cell, *company]))
        alone, unread = numbers(pa.array([cell]))
        assert (repr(x[0]), odd[0]) == (repr(alone[0]), unread[0]), cell


def test_an_enormous_cell_is_looked_at_and_not_kept() -> None:
    seen = column("x", pa.array(["y" * 50_000_000, "short"]))
    assert seen.length_max == 50_000_000
    assert max(len(text) for text, _ in seen.top) == MOST_TEXT


def test_the_reference_summary_holds_no_value_that_is_somebodys_own() -> None:
    names = compact(column("name", pa.array([f"Person {i}" for i in range(50)])))
    kinds = compact(column("kind", pa.array(["a", "b"] * 30 + ["only one"])))
    assert "Person" not in json.dumps(names)
    assert kinds["top"] == [["a", 30], ["b", 30]]
    assert "top" not in compact(column("name", pa.array([f"Person {i // 2}" for i in range(50)])))
    assert compact(column("x", pa.array([1.0, 2.0])))["quantiles"][-1] == 2.0
    json.dumps(compact(column("x", pa.array(["1e308", "-1e308"]))), allow_nan=False)
