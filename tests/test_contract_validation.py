"""A promise that is not kept is found, with its rows; the proposed edit allows it; everything else stays silent."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.contract import Breach, Change, Contract, Edit, Validation
from landmark.contract import validation
from landmark.contract.agreement import mistakes
from landmark.contract.codes import CODES
from landmark.contract.edits import applied
from landmark.contract.skew import reference
from landmark.contract.states import Seen, Thinned
from landmark.contract.validation import validate
from landmark.core.dates import DAY
from landmark.core.errors import UserError
from landmark.core.findings import Level

N = 60
Cells: TypeAlias = Any


def texts(n: int = N) -> list[str]:
    return [f"{i % 7}" for i in range(n)]


def put(values: list[Any], **at: Any) -> list[Any]:
    """Return values with others in some rows, counted from 1: put(values, r5="x")."""
    return [at.get(f"r{row}", value) for row, value in enumerate(values, 1)]


def contract(terms: dict[str, Any], **more: Any) -> Contract:
    made = Contract.model_validate({"columns": {"c": terms}, **more})
    assert list(mistakes(made)) == []
    return made


def held(made: Contract, cells: Cells | pa.Table, **more: Any) -> Validation:
    table = cells if isinstance(cells, pa.Table) else pa.table({"c": cells})
    return validate(made, table.to_batches(), **more)


def only(made: Contract, cells: Cells | pa.Table, code: str, **more: Any) -> Breach:
    """Return the single breach, and check that the edit it proposes makes an end of it."""
    found = held(made, cells, **more)
    assert [breach.finding.code for breach in found.breaches] == [code]
    (breach,) = found.breaches
    if breach.edit is not None:
        changed = applied(made, breach.edit)
        assert list(mistakes(changed)) == []
        assert code not in [each.finding.code for each in held(changed, cells, **more).breaches]
    return breach


days = [f"2024-01-{1 + i // 2:02}" for i in range(N)]
FAULTS: dict[str, tuple[dict[str, Any], Cells, tuple[int, ...], int]] = {
    "unreadable": ({"type": "number"}, put(texts(), r3="x", r9="1,5"), (3, 9), 2),
    "type-changed": ({"type": "number", "least": 0}, [["a"], ["b", "c"]] * 30, tuple(range(1, 11)), N),
    "never-present": ({"type": "number", "present": 0.5}, [None] * N, tuple(range(1, 11)), N),
    "missing-more": ({"type": "number", "present": "always"}, put(texts(), r4=None, r8=""), (4, 8), 2),
    "not-whole": ({"type": "number", "whole": True}, put(texts(), r5="1.5"), (5,), 1),
    "infinite": ({"type": "number"}, put(texts(), r5="inf", r6="-inf"), (5, 6), 2),
    "too-small": ({"type": "number", "least": 0}, put(texts(), r5="-1", r6="-7.5"), (5, 6), 2),
    "too-large": ({"type": "number", "most": 6}, put(texts(), r5="6.5"), (5,), 1),
    "impossible-value": ({"type": "number", "kind": "count"}, put(texts(), r5="-1", r7="0.5"), (5, 7), 2),
    "new-value": ({"type": "category", "values": list("0123456")}, put(texts(), r5="7", r6="x"), (5, 6), 2),
    "few-distinct": ({"type": "text", "distinct": {"least": 8}}, texts(), (), 7),
    "many-distinct": ({"type": "number", "distinct": {"most": 6}}, texts(), (), 7),
    "too-short": ({"type": "text", "length": {"least": 2}}, put(["ab"] * N, r2="é"), (2,), 1),
    "too-long": ({"type": "text", "length": {"most": 1}}, put(texts(), r2="éé"), (2,), 1),
    "few-items": ({"type": "set", "delimiter": "|", "items": {"least": 2}}, put(["a|b"] * N, r2="a"), (2,), 1),
    "many-items": ({"type": "set", "items": 1}, put([["a"]] * N, r2=["a", "b"]), (2,), 1),
    "pattern-broken": ({"type": "text", "pattern": "[0-9]|x+"}, put(texts(), r2="12", r3="xx", r4="x1"), (2, 4), 2),
    "not-unique": ({"type": "text", "unique": True}, put([f"k{i}" for i in range(N)], r50="k3", r55="k3"), (50, 55), 2),
    "not-sorted": (
        {"type": "number", "sorted": "ascending"},
        put([f"{i}" for i in range(N)], r9=None, r10="3"),
        (10,),
        1,
    ),
    "span-empty": ({"type": "date", "every": {"span": "day"}}, [d for d in days if d != "2024-01-07"], (), 1),
}


@pytest.mark.parametrize("code", FAULTS)
def test_what_breaks_a_line_is_found_with_its_rows_and_the_edit_allows_it(code: str) -> None:
    terms, cells, rows, count = FAULTS[code]
    breach = only(contract(terms), cells, code)
    assert (breach.rows, breach.count) == (rows, count)
    assert breach.finding.where == "c" and breach.finding.level == CODES[code].level and breach.edit is not None
    assert breach.finding.row == (rows[0] if rows else None)
    assert f"landmark data accept {code} c" in breach.finding.next


@pytest.mark.parametrize("code", FAULTS)
def test_the_same_table_without_the_fault_is_silent(code: str) -> None:
    terms, cells, rows, _ = FAULTS[code]
    whole = {
        "type-changed": texts(),
        "never-present": texts(),
        "few-distinct": [*texts(), "8"],
        "many-distinct": texts()[:6],
        "span-empty": days,
    }
    good = [cell for row, cell in enumerate(cells, 1) if row not in rows]
    assert held(contract(terms), whole.get(code, good)).breaches == ()


def test_an_order_may_be_descending_and_goes_on_from_batch_to_batch() -> None:
    made = contract({"type": "date", "sorted": "descending"})
    down = ["2024-01-03", "2024-01-03", None, "2024-01-01"]
    assert held(made, down).breaches == ()
    assert only(made, [*down, "2024-01-02"], "not-sorted").rows == (5,)


def test_each_kind_of_number_has_values_it_cannot_have() -> None:
    for kind, unit, bad in (
        ("probability", None, "1.01"),
        ("probability", "%", "101"),
        ("duration", "s", "-1"),
        ("temperature", "degC", "-274"),
        ("temperature", "K", "-1"),
        ("coordinate", None, "181"),
    ):
        made = contract({"type": "number", "kind": kind, "unit": unit})
        assert only(made, ["0.5", bad], "impossible-value").rows == (2,)
        assert held(made, ["0.5", "1"]).breaches == ()


def test_dates_have_limits_formats_and_an_age() -> None:
    made = contract({"type": "date", "formats": ["d/m/Y"], "least": "2024-01-01", "most": "2024-12-31", "fresh": "2d"})
    good, now = ["01/02/2024", "31/12/2024"], 20_089 * DAY + 1  # 2025-01-01, and a little more
    assert held(made, good, now=now).breaches == ()
    assert only(made, ["31/12/2023", "31/12/2024"], "too-small", now=now).rows == (1,)
    assert only(made, ["31/12/2024", "01/01/2025"], "too-large", now=now).rows == (2,)
    assert "4d old" in only(made, good, "stale", now=now + 2 * DAY).finding.seen
    assert held(made, good, now=None).breaches == ()
    typed = pa.array([19_754, 20_088], pa.date32())
    assert held(made, typed, now=now, text=False).breaches == ()


def test_periods_are_hours_days_weeks_months_and_years() -> None:
    for span, kept, broken in (
        ("hour", ["2024-01-01 23:59", "2024-01-02 00:00"], ["2024-01-01 22:59", "2024-01-02 00:00"]),
        ("week", ["2024-01-07", "2024-01-08"], ["2024-01-07", "2024-01-15"]),
        ("month", ["2024-01-31", "2024-02-01"], ["2024-01-31", "2024-03-01"]),
        ("year", ["2023-01-31", "2024-12-31"], ["2023-01-31", "2025-12-31"]),
    ):
        made = contract({"type": "date", "every": {"span": span}})
        assert held(made, kept).breaches == ()
        assert only(made, broken, "span-empty").count == 1
    more = contract({"type": "date", "every": {"span": "day", "least": 2}})
    assert only(more, ["2024-01-01", "2024-01-01", "2024-01-02"], "span-empty").finding.seen.endswith("2024-01-02")


def test_columns_that_are_gone_new_or_in_the_wrong_environment() -> None:
    made = Contract.model_validate(
        {
            "columns": {
                "c": {"type": "number"},
                "y": {"type": "text", "only": "training"},
                "z": {"type": "text", "optional": True},
            }
        }
    )
    table = pa.table({"c": texts(), "y": texts()})
    assert held(made, table).breaches == ()
    serving = table.drop_columns("y")
    assert held(made, serving, environment="serving").breaches == ()
    assert only(made, serving, "column-gone").finding.where == "y"
    unexpected = only(made, table, "column-unexpected", environment="serving")
    assert unexpected.finding.level == Level.NOTE and unexpected.finding.where == "y"
    new = only(made, table.append_column("cc", pa.array(days)), "column-new")
    assert new.finding.level == Level.WARN and new.edit is not None
    assert new.edit.changes[0].value == {"type": "date", "formats": ["Y-m-d"]}
    with pytest.raises(UserError, match="did you mean 'serving'"):
        held(made, table, environment="servin")


def test_a_renamed_column_is_recognised() -> None:
    made = Contract.model_validate({"columns": {"amount": {"type": "number"}, "b": {"type": "text"}}})
    found = held(made, pa.table({"amuont": texts(), "b": texts()}))
    assert "did you mean 'amuont'?" in found.breaches[0].finding.next
    assert "did you mean 'amount'?" in found.breaches[1].finding.next


def test_numbers_of_rows() -> None:
    table = pa.table({"c": texts()})
    assert only(contract({"type": "number"}), table.slice(0, 0), "too-few-rows").finding.level == Level.BLOCK
    assert only(contract({"type": "number"}, rows={"least": 61}), table, "too-few-rows").count == N
    assert only(contract({"type": "number"}, rows={"most": 59}), table, "too-many-rows").count == N
    known = {"rows": 100, "columns": {}}
    assert held(contract({"type": "number"}, rows={"least_share": 0.6, "most_share": 0.6}, reference=known), table).kept
    only(contract({"type": "number"}, rows={"least_share": 0.7}, reference=known), table, "too-few-rows")
    only(contract({"type": "number"}, rows={"most_share": 0.5}, reference=known), table, "too-many-rows")


def test_a_table_without_columns_has_none_of_the_contract() -> None:
    batch = pa.RecordBatch.from_pydict({"d": [1, 2]}).select([])
    found = validate(contract({"type": "number"}), [batch, batch]).breaches
    assert "column-gone" in [breach.finding.code for breach in found]


def test_no_batch_at_all_is_an_empty_table() -> None:
    found = validate(contract({"type": "number"}), [])
    assert [breach.finding.code for breach in found.breaches] == ["too-few-rows"] and not found.kept


def test_types_of_the_source_matter_where_it_has_types() -> None:
    made = contract({"type": "number", "stored": "int64"})
    assert held(made, pa.array([1, 2]), text=False).breaches == ()
    assert held(made, pa.array([1.0, None]), text=False).breaches == ()  # whole numbers beside a gap, in a data frame
    assert held(made, ["1", "2"], text=True).breaches == ()
    assert only(made, ["1", "2"], "stored-changed", text=False).finding.level == Level.WARN
    label = contract({"type": "binary", "stored": "bool", "values": ["True", "False"]})
    assert held(label, ["true", "0"]).breaches == ()


def test_a_changed_type_proposes_the_new_one_without_lines_that_mean_nothing_there() -> None:
    made = contract({"type": "number", "least": 0, "whole": True, "present": "always", "unit": "s"})
    breach = only(made, ["red", "green"] * 30, "type-changed")
    assert breach.edit is not None
    terms = applied(made, breach.edit).columns["c"]
    assert (terms.type, terms.least, terms.whole, terms.unit, terms.present) == ("category", None, False, None, 1.0)


def test_tokens_for_no_value_are_proposed_as_such() -> None:
    breach = only(contract({"type": "number"}), put(texts(), r3="N/A", r7="?"), "unreadable")
    assert breach.edit is not None and breach.edit.changes[0].value == ["N/A", "?"]
    assert held(contract({"type": "number", "missing": ["N/A", "?"]}), put(texts(), r3="N/A", r7="?")).breaches == ()


def test_a_value_spelled_otherwise_is_said_to_be_one() -> None:
    made = contract({"type": "category", "values": ["New York", "Rome"]})
    assert "is it 'New York'" in only(made, ["Rome", "new york "], "new-value").finding.next


def test_values_of_numbers_and_items_of_sets() -> None:
    assert only(contract({"type": "number", "values": ["1", "2"]}), ["1.0", "2", "3"], "new-value").rows == (3,)
    sets = contract({"type": "set", "delimiter": ",", "values": ["a", "b"]})
    assert only(sets, ["a, b", "b", None, "", "b,c", "d"], "new-value").rows == (5, 6)
    lists = contract({"type": "set", "values": ["1", "2"], "stored": "list<item: int64>"})
    assert only(lists, pa.array([[1, 2], [], None, [3]]), "new-value", text=False).rows == (4,)


def test_pictures_begin_like_pictures_and_are_not_too_large() -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(20)
    made = contract({"type": "image", "length": {"most": 28}})
    assert held(made, [png, None, b"\xff\xd8\xff"]).breaches == ()
    found = held(made, [png, png, b"hello", png + b"0"]).breaches
    assert {breach.finding.code: breach.rows for breach in found} == {"unreadable": (3,), "too-long": (4,)}
    assert held(contract({"type": "image"}), ["a.PNG", "b.jpg"]).breaches == ()


def test_a_share_is_broken_only_beyond_chance() -> None:
    made = contract({"type": "text", "present": 0.9})
    some = [None] * 12 + ["x"] * 88
    assert held(made, some).breaches == ()
    only(made, some * 50, "missing-more")
    others = contract({"type": "category", "values": ["a"], "others": 0.05})
    assert held(others, ["a"] * 93 + ["b"] * 7).breaches == ()
    only(others, ["a"] * 80 + [f"b{i}" for i in range(20)], "new-value")
    many = only(others, ["a"] * 70 + [f"b{i}" for i in range(30)], "new-value")
    assert many.edit is not None and many.edit.changes[0].place[-1] == "others"
    unread = contract({"type": "number", "unread": 0.1})
    assert held(unread, ["1"] * 90 + ["x"] * 10).breaches == ()
    only(unread, ["1"] * 60 + ["x"] * 40, "unreadable")


def rules(**rule: Any) -> Contract:
    columns = {name: {"type": "number"} for name in ("a", "b", "total")}
    made = Contract.model_validate({"columns": columns, "rules": {"sum": {"holds": "total == a + b", **rule}}})
    assert list(mistakes(made)) == []
    return made


def sums(**at: Any) -> pa.Table:
    total = put(["3"] * N, **at)
    return pa.table({"a": ["1"] * N, "b": ["2"] * N, "total": total})


def test_a_rule_names_the_rows_that_break_it() -> None:
    assert held(rules(), sums(r4=None)).breaches == ()
    breach = only(rules(message="the parts must make the whole"), sums(r4="4", r9="2"), "rule-broken")
    assert (breach.finding.where, breach.rows, breach.count, breach.of) == ("sum", (4, 9), 2, N)
    assert breach.finding.seen.startswith("the parts must make the whole")
    assert breach.finding.level == Level.BLOCK
    assert only(rules(level="note"), sums(r4="4"), "rule-broken").finding.level == Level.NOTE


def test_a_rule_is_asked_of_some_rows_in_some_environments_and_need_not_hold_in_all() -> None:
    assert held(rules(when="a > 1"), sums(r4="4")).breaches == ()
    assert only(rules(when="total > 3"), sums(r4="4"), "rule-broken").of == 1
    assert held(rules(only=["serving"]), sums(r4="4")).breaches == ()
    assert held(rules(share=0.9), sums(r4="4")).breaches == ()
    assert (
        held(rules(), sums(r4="4").drop_columns("b").append_column("d", pa.array(texts()))).breaches[0].finding.code
        == "column-gone"
    )


def test_a_column_tells_another() -> None:
    made = Contract.model_validate({"columns": {"c": {"type": "text", "tells": "d"}, "d": {"type": "text"}}})
    c = texts()
    d = [f"of {x}" for x in c]
    assert held(made, pa.table({"c": c, "d": d})).breaches == ()
    breach = only(made, pa.table({"c": c, "d": put(d, r30="x", r31="y")}), "not-told")
    assert (breach.rows, breach.finding.where) == ((30, 31), "c")
    some = applied(made, Edit(code="", column="c", changes=(Change(place=("columns", "c", "slips"), value=0.05),)))
    assert held(some, pa.table({"c": c, "d": put(d, r30="x", r31="y")})).breaches == ()


def test_levels_are_the_contract_s_own() -> None:
    made = contract({"type": "number", "least": 0}, levels={"too-small": "warn", "rule-broken": "note"})
    found = held(made, ["-1", "1"])
    assert found.breaches[0].finding.level == Level.WARN and found.kept


def numbers(seed: int, n: int = 1000, times: float = 1.0) -> pa.Array:
    return pa.array(np.random.default_rng(seed).lognormal(3, 1, n) * times)


def skewed(values: pa.Array, labels: bool = False, **terms: Any) -> Contract:
    known = reference(values, 0, labels)
    assert known is not None
    kind = "category" if labels else "number" if pa.types.is_floating(values.type) else "text"
    return contract({"type": kind, **terms}, reference={"rows": len(values), "columns": {"c": known.model_dump()}})


def test_skew_is_told_from_chance_and_named() -> None:
    made = skewed(numbers(0))
    assert held(made, numbers(1)).breaches == () and held(made, numbers(2, 60)).breaches == ()
    breach = only(made, numbers(1, times=10.0), "skew")
    assert breach.finding.level == Level.WARN and "above" in breach.finding.seen
    assert held(made, numbers(1, 20, times=10.0)).breaches == ()  # too few rows to say
    assert held(skewed(numbers(0), skew=1), numbers(1, times=10.0)).breaches == ()
    assert held(skewed(numbers(0), skew=0.9), numbers(1, times=10.0)).breaches == ()
    gaps = pa.array([None] * 500 + numbers(1, 500).to_pylist())
    assert "missing" in only(made, gaps, "skew").finding.seen


@pytest.mark.parametrize(
    ("factor", "shift", "unit", "seen", "todo"),
    [
        (60.0, 0.0, "min", "x60, as from min to s", "convert the rows to min: they seem to be in s"),
        (1.8, 32.0, "degC", "x1.8 + 32, as from degC to degF", "convert the rows to degC: they seem to be in degF"),
        (100.0, 0.0, None, "x100, as from USD to cent_USD", "find out the units"),
    ],
)
def test_numbers_in_another_unit_are_named_and_not_to_be_accepted(
    factor: float, shift: float, unit: str | None, seen: str, todo: str
) -> None:
    rng = np.random.default_rng(3)
    before, now = (np.abs(rng.normal(18, 5, 2000)).round(1) for _ in range(2))
    made = skewed(pa.array(before), unit=unit, most=40.0)
    breaches = held(made, pa.array(now * factor + shift)).breaches
    assert {breach.finding.code for breach in breaches} == {"skew", "too-large"}
    for breach in breaches:
        assert todo in breach.finding.next and breach.edit is None
        assert breach.finding.code != "skew" or seen in breach.finding.seen
    assert all(breach.edit is not None for breach in held(made, pa.array(now + 20)).breaches)


@pytest.mark.parametrize("factor", [1.5, 2.2, 3.0, 12.0])
def test_growth_is_not_taken_for_another_unit(factor: float) -> None:
    before, now = (np.random.default_rng(seed).lognormal(3, 1, 1500) for seed in (1, 2))
    breach = only(skewed(pa.array(before)), pa.array(now * factor), "skew")
    assert "as from" not in breach.finding.seen and breach.edit is not None


def test_numbers_of_a_long_table_are_kept_from_all_over_it() -> None:
    kept = Thinned()
    for part in np.array_split(np.arange(100_000.0), 37):
        kept.add(part)
    assert np.array_equal(kept.kept, np.arange(0.0, 100_000.0, kept.step)) and 1000 < len(kept.kept) <= 8192


def test_skew_of_labels_and_of_lengths() -> None:
    rng = np.random.default_rng(0)
    before, after = (pa.array(rng.choice(["a", "b", "c"], 500, p=p)) for p in ([0.6, 0.3, 0.1], [0.2, 0.3, 0.5]))
    assert held(skewed(before, True), pa.array(rng.choice(["a", "b", "c"], 500, p=[0.6, 0.3, 0.1]))).breaches == ()
    assert "'c'" in only(skewed(before, True), after, "skew").finding.seen
    lengths = pa.array(["x" * int(k) for k in rng.integers(1, 30, 500)])
    longer = pa.array(["x" * int(k) for k in rng.integers(20, 50, 500)])
    assert "length" in only(skewed(lengths), longer, "skew").finding.seen


def test_a_limit_for_skew_without_a_reference_is_said() -> None:
    assert only(contract({"type": "number", "skew": 0.2}), texts(), "no-reference").finding.level == Level.NOTE


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(0, 1000))
def test_how_rows_are_parted_into_batches_changes_nothing(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    table = pa.table(
        {
            "c": rng.choice(["1", "2", "x", "", "9"], n),
            "d": [f"2024-01-{d:02}" for d in rng.integers(1, 28, n)],
            "k": rng.choice([f"{i}" for i in range(50)], n),
        }
    )
    made = Contract.model_validate(
        {
            "columns": {
                "c": {"type": "number", "present": "always", "most": 5, "sorted": "ascending", "tells": "k"},
                "d": {"type": "date", "every": {"span": "day"}, "sorted": "descending"},
                "k": {"type": "text", "unique": True, "distinct": {"least": 60}},
            },
            "rules": {"r": {"holds": "c < number(k)"}},
        }
    )
    whole = validate(made, table.to_batches())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "blocks", lambda batches: batches)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        parts = [table.slice(a, b - a).combine_chunks().to_batches()[0] for a, b in pairwise(starts)]
        assert validate(made, parts) == whole


def test_small_batches_are_joined_and_large_ones_parted() -> None:
    batch = pa.RecordBatch.from_pydict({"c": [1] * 10})
    sizes = [each.num_rows for each in validation.blocks([batch] * 20_000)]
    assert sum(sizes) == 200_000 and max(sizes) <= validation.BLOCK_ROWS + 10 and len(sizes) <= 5
    big = pa.RecordBatch.from_pydict({"c": np.zeros(300_000)})
    assert [each.num_rows for each in validation.blocks([big])] == [65_536] * 4 + [37_856]
    assert [each.num_rows for each in validation.blocks([batch.slice(0, 0)])] == [0]


def test_values_beyond_memory_go_to_disk_and_are_found_there() -> None:
    seen = Seen(in_memory=100)
    keys = [f"k{i}" for i in range(1000)]
    keys[700], keys[999] = "k3", "k3"
    for start in range(0, 1000, 50):
        seen.add(pa.array(keys[start : start + 50]), start + 1)
    assert seen.folder is not None
    assert seen.distinct() == 998
    repeats = seen.repeats()
    assert (repeats.count, repeats.rows) == (2, [701, 1000])
