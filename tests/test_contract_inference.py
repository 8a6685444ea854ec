"""What is inferred holds of the rows it comes from and of a second sample, says why, and catches what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.contract import ColumnTerms, Span
from landmark.config.contract import read, render
from landmark.contract.agreement import mistakes
from landmark.contract.inference import Given, Inferred, infer
from landmark.contract.limits import limits
from landmark.contract.patterns import pattern
from landmark.contract.validation import validate

N = 2000
RNG = np.random.default_rng(7)


def terms(values: Any, **known: Any) -> ColumnTerms:
    """Return what is inferred of one column."""
    own = {"c": Given(ColumnTerms.model_validate(known.pop("terms")), **known)} if "terms" in known else None
    made = infer(pa.table({"c": values}), own, text=not isinstance(values, pa.Array))
    assert list(mistakes(made.contract)) == []
    return made.contract.columns["c"]


def made_of(columns: dict[str, Any]) -> Inferred:
    made = infer(pa.table(columns), text=False)
    assert validate(made.contract, pa.table(columns).to_batches(), text=False).breaches == ()
    return made


def test_a_number_is_told_by_its_tails() -> None:
    normal = limits(RNG.normal(10, 3, N))
    assert normal[0] is not None and normal[1] is not None
    assert -15 < normal[0].value < -1 and 21 < normal[1].value < 35
    low, high = limits(RNG.exponential(5, N))
    assert low is not None and low.value == 0 and high is not None and 45 < high.value < 150
    low, high = limits(np.round(RNG.pareto(1.0, N), 2))
    assert low is not None and low.value == 0 and (high is None or high.value > 5000)
    low, high = limits(RNG.uniform(0.2, 1.0, N))
    assert high is not None and high.value == 1.0
    low, high = limits(RNG.integers(1, 8, N).astype(float))
    assert low is not None and high is not None and (low.value, high.value) == (0, 7)
    low, high = limits(np.minimum(RNG.exponential(100, N), 250))
    assert high is not None and high.value == 250
    assert limits(np.full(N, 3.0)) == (None, None) and limits(RNG.normal(size=20)) == (None, None)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(0, 1, N),
        lambda rng: rng.exponential(3, N),
        lambda rng: rng.lognormal(0, 1.5, N),
        lambda rng: rng.uniform(-1, 1, N),
        lambda rng: rng.poisson(2, N).astype(float),
        lambda rng: rng.standard_t(3, N),
        lambda rng: np.where(rng.random(N) < 0.9, 0, rng.exponential(100, N)),
    ],
)
def test_a_second_sample_keeps_the_limits(draw: Any) -> None:
    outside = 0
    for seed in range(50):
        low, high = limits(draw(np.random.default_rng(seed)))
        x = draw(np.random.default_rng(1000 + seed))
        outside += bool((low is not None and x.min() < low.value) or (high is not None and x.max() > high.value))
    assert outside <= 1


def test_years_have_no_end() -> None:
    assert terms([str(y) for y in RNG.integers(1980, 2024, N)]).most is None


def test_whole_numbers_have_whole_limits() -> None:
    made = terms([str(y) for y in RNG.poisson(30, N)])
    assert made.whole and made.most == int(made.most or 0)
    assert not terms([f"{x:.2f}" for x in RNG.normal(size=N)]).whole


def test_kinds_are_closed_only_where_no_other_is_to_be_expected() -> None:
    assert terms(RNG.choice(["a", "b", "c"], N).tolist()).values is not None
    closed = terms(RNG.choice(["a", "b", "c"], N).tolist())
    assert set(closed.values or ()) == {"a", "b", "c"} and closed.others == 0
    thinning = terms(RNG.choice(["a", "b", "c"], N, p=[0.9, 0.095, 0.005]).tolist())
    assert thinning.values is not None and thinning.others > 0
    assert terms([f"name {i % 900}" for i in range(N)]).values is None


def test_presence_is_always_only_after_many_rows_and_has_a_margin() -> None:
    assert terms(["x", "y"] * 500).present == 1.0
    assert terms(["x", "y"] * 50).present == 0.97
    some = terms([None if i % 5 == 0 else "x" for i in range(N)]).present
    assert some is not None and 0.76 < some < 0.79


def test_texts_have_lengths_or_a_pattern() -> None:
    codes = terms([f"AB-{i:05}" for i in range(N)])
    assert codes.pattern == "[A-Z]{2}-[0-9]{5}"
    assert terms([f"(+{i:04})" for i in range(N)]).pattern == r"\(\+[0-9]{4}\)"
    assert codes.length == Span(least=8, most=8)
    words = terms([f"{i} " + " ".join(["word"] * int(k)) for i, k in enumerate(RNG.integers(1, 20, N))])
    assert words.pattern is None and words.length is not None and (words.length.most or 0) >= 99
    assert pattern(pa.array([f"{i}@x.org" for i in range(200)])) is not None
    assert pattern(pa.array([f"{i}" for i in range(200)])) is None
    assert pattern(pa.array([f"Straße {i}" for i in range(200)])) is None


def test_what_names_rows_is_unique_and_has_no_distribution() -> None:
    keys = [f"k{i}" for i in range(N)]
    made = infer(pa.table({"c": keys}), {"c": Given(ColumnTerms(type="text"), "identifier")})
    assert made.contract.columns["c"].unique and made.contract.columns["c"].skew == 1
    assert made.contract.reference is None


def test_dates_have_an_order_and_periods() -> None:
    days = pa.array(np.sort(RNG.integers(19_000, 19_060, N)).astype("datetime64[D]"))
    made = terms(days)
    assert made.sorted == "ascending" and made.every is not None and made.every.span == "day"
    assert terms(pa.array(np.array([19_000, 19_500] * 1000).astype("datetime64[D]"))).every is None


def test_lists_have_items() -> None:
    tags = terms([["a", "b"], ["b"], []] * 400)
    assert tags.type == "set" and set(tags.values or ()) == {"a", "b"} and tags.items is not None
    assert terms(pa.array([[1.5, 2.5, float(i)] for i in range(N)])).items == Span(least=3, most=3)


def test_the_target_is_not_there_in_service() -> None:
    made = terms(RNG.choice(["yes", "no"], N).tolist(), terms={"type": "binary"}, use="target")
    assert made.only == ("training",)
    rows = pa.table({"c": ["yes", "no"] * N, "d": ["a", "b"] * N})
    kept = infer(rows, {"c": Given(ColumnTerms(type="binary"), "target")}).contract
    assert validate(kept, rows.drop_columns("c").to_batches(), "serving").breaches == ()


def test_a_column_that_partly_reads_promises_no_more() -> None:
    values = ["x" if i % 50 == 0 else str(i) for i in range(N)]
    made = terms(values, terms={"type": "number"})
    assert 0.02 < made.unread < 0.04


def related() -> dict[str, Any]:
    a, b = RNG.normal(50, 10, N), RNG.normal(20, 5, N)
    start = RNG.integers(0, 10**6, N)
    gap = np.where(RNG.random(N) < 0.1, 0, RNG.integers(0, 300_000, N))
    code = RNG.integers(0, 5, N)
    holes = RNG.random(N) < 0.2
    return {
        "a": a,
        "b": b,
        "total": a + b,
        "cost": np.round(0.17 * a, 2),
        "again": a,
        "start": pa.array((start * 1_000_000).astype("datetime64[us]")),
        "end": pa.array(((start + gap) * 1_000_000).astype("datetime64[us]")),
        "code": [f"c{k}" for k in code],
        "word": [("red", "green", "blue", "red", "black")[k] for k in code],
        "lat": pa.array(RNG.normal(size=N), mask=holes),
        "my lon": pa.array(RNG.normal(size=N), mask=holes),
    }


def test_relations_between_columns_are_found_and_no_others() -> None:
    made = made_of(related())
    rules = {name: rule.holds for name, rule in made.contract.rules.items()}
    assert rules == {
        "again repeats a": "again == a",
        "cost from a": rules["cost from a"],
        "total is a sum": "total == a + b",
        "end not before start": "end >= start",
        "my lon with lat": "is_missing(col('my lon')) == is_missing(lat)",
    }
    assert rules["cost from a"].startswith("abs(cost - 0.17 * a) <= 0.01")
    assert made.contract.columns["code"].tells == ("word",) and made.contract.columns["word"].tells == ()
    assert all(("rules", name) in made.reasons for name in rules)


def test_a_relation_that_is_broken_later_is_found() -> None:
    rows = related()
    made = made_of(rows)
    rows["total"] = np.where(np.arange(N) % 10 == 0, 0, rows["total"])
    rows["end"] = pa.array(np.where(np.arange(N) % 10 == 0, np.datetime64(0, "us"), rows["end"].to_numpy()))
    found = validate(made.contract, pa.table(rows).to_batches(), text=False).breaches
    broken = {breach.finding.where: breach.rows[0] for breach in found if breach.finding.code == "rule-broken"}
    assert broken.keys() == {"total is a sum", "end not before start"} and broken["total is a sum"] == 1


def test_an_order_that_could_not_be_otherwise_says_nothing() -> None:
    apart = {"x": RNG.uniform(0, 1, N), "y": 1 + RNG.exponential(1, N)}
    assert (apart["y"] >= apart["x"]).all() and made_of(apart).contract.rules == {}
    mixed = apart | {"y": apart["x"] + np.where(RNG.random(N) < 0.1, 0, RNG.uniform(0, 1, N))}
    assert made_of(mixed).contract.rules.keys() == {"y at least x"}


def test_a_sum_of_three_and_rounded_sums_are_found() -> None:
    parts = [np.round(RNG.exponential(10, N), 2) for _ in range(3)]
    made = made_of({"x": parts[0], "y": parts[1], "z": parts[2], "all": np.round(sum(parts), 1)})
    (rule,) = [rule.holds for rule in made.contract.rules.values()]
    assert rule.startswith("abs(all - (x + y + z)) <= 0.1")


def test_a_rule_over_the_target_is_asked_in_training_only() -> None:
    a, b = RNG.normal(size=N), RNG.normal(size=N)
    given = {"total": Given(ColumnTerms(type="number", stored="double"), "target")}
    made = infer(pa.table({"a": a, "b": b, "total": a + b}), given, text=False)
    assert made.contract.rules["total is a sum"].only == ("training",)


def test_every_line_has_its_reason_and_stands_in_the_document() -> None:
    made = made_of(related())
    text = render(made.contract, made.reasons)
    for name, column in made.contract.columns.items():
        for line in column.model_dump(exclude_defaults=True).keys() - {"stored", "slips"}:
            assert made.reasons[("columns", name, line)]
    assert read(text, "schema.yaml") == made.contract
    assert sum("#" in line for line in text.splitlines()) > len(made.reasons)


def test_few_rows_promise_little() -> None:
    made = terms([str(i) for i in range(30)])
    assert made == ColumnTerms(type="number")


STRANGE = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "nan", "inf", "-1e308", "1e308", "12 cm", "2024-01-01", "\x00", "é", "🙂", "a|b", "[1]", "x" * 5000]
    ),
    st.integers(-3, 3).map(str),
    st.text(max_size=8),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(STRANGE, min_size=1, max_size=4), min_size=1, max_size=4), st.integers(1, 80))
def test_rows_keep_the_contract_inferred_from_them(columns: list[list[str | None]], times: int) -> None:
    table = pa.table(
        {f"c{i}": pa.array((cells * 4 * times)[: 4 * times], pa.string()) for i, cells in enumerate(columns)}
    )
    made = infer(table)
    assert list(mistakes(made.contract)) == []
    assert validate(made.contract, table.to_batches()).breaches == ()
    assert read(render(made.contract, made.reasons), "schema.yaml") == made.contract


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1e308, -1e308, 0.0] * 50),
        pa.array([2**63 - 1, -(2**63), 0] * 50),
        pa.array([2**64 - 1, 0] * 60, pa.uint64()),
        pa.array([float("nan"), float("inf"), 1.0] * 50),
        pa.nulls(100),
        pa.nulls(100, pa.list_(pa.int64())),
        pa.array([[[1]], [[2, 3]], []] * 40),
        pa.array([{"x": 1}] * 100),
        pa.array([b"\xff\x00", None] * 50),
        pa.array([True, False, None] * 40),
        pa.array([[1.0, 2.0]] * 100, pa.list_(pa.float64(), 2)),
        pa.array([0, 10**15] * 50, pa.duration("us")),
        pa.array(["a", "b"] * 50).dictionary_encode(),
        pa.array([1, 2] * 50).cast(pa.decimal128(30, 2)),
    ],
    ids=str,
)
def test_columns_of_every_type_keep_their_contract(values: pa.Array) -> None:
    table = pa.table({"c": values})
    made = infer(table, text=False)
    assert list(mistakes(made.contract)) == []
    assert validate(made.contract, table.to_batches(), text=False).breaches == ()


def test_a_wide_table_has_terms_but_no_reference() -> None:
    table = pa.table({f"c{i}": ["a", "b"] * 30 for i in range(2100)})
    made = infer(table)
    assert len(made.contract.columns) == 2100 and made.contract.reference is None and made.contract.rules == {}
    assert validate(made.contract, table.to_batches()).breaches == ()
