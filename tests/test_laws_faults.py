"""Planted faults: each changes what it says and nothing else, the same under the same seed, and its code finds it."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from landmark.artifacts.question import Output, Question
from landmark.checks import CHECKS
from landmark.core.findings import Finding, Level, warn
from landmark.core.seeds import generator
from landmark.core.table import as_text, whole
from landmark.demo.tickets import make
from landmark.laws.faults import FAULTS, STRENGTHS, Ground, Planted, Strength
from landmark.laws.faults.ground import kind_of, numbers
from landmark.laws.faults.walk import checked
from landmark.steps.data.readiness import ELSEWHERE

ROWS = 1500
WORDS = ["the", "a", "parcel", "box", "arrived", "late", "broken", "again", "today", "our", "driver", "rang", "left"]
NOT_YET: dict[str, str] = {
    "flipped-class": "only labels that rows alike in their inputs contradict",
}
"""Faults that no check finds yet though one of their code is there. Whoever mends the check removes the line."""


def shop(output: str) -> Ground:
    """Return rows as a text source gives them: dates, counts, shares, amounts that go together, kinds, and texts."""
    rng = np.random.default_rng(0)
    weight, degrees = rng.normal(20, 4, ROWS).clip(1), rng.normal(12, 7, ROWS)
    length = 3 * weight + rng.normal(0, 3, ROWS)
    visits = rng.poisson(40, ROWS)
    cities = rng.choice(["New York", "Berlin", "Lisbon", "Paris South", "Oslo"], ROWS, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    price = 5 * length + 2 * visits + rng.normal(0, 30, ROWS)
    columns = {
        "day": np.datetime_as_string(np.datetime64("2022-01-01") + np.arange(ROWS) // 3).tolist(),
        "visits": [str(v) for v in visits],
        "share": [f"{v:.4f}" for v in rng.beta(4, 3, ROWS)],
        "weight": [f"{v:.3f}" for v in weight],
        "length": [f"{v:.2f}" for v in length],
        "turnover": [f"{v:.2f}" for v in rng.normal(5000, 800, ROWS)],
        "degrees": [f"{v:.1f}" for v in degrees],
        "city": cities.tolist(),
        "note": [" ".join(rng.choice(WORDS, rng.integers(4, 12))) + f" {i * 7919 % 10007}" for i in range(ROWS)],
        "price": [f"{v:.2f}" for v in price],
        "bought": np.where(price + rng.normal(0, 60, ROWS) > np.median(price), "yes", "no").tolist(),
    }
    other = {"price": "bought", "bought": "price"}[output]
    columns.pop(other)
    return Ground(pa.table(columns), Question(name="shop", outputs=(Output(name=output),)))


def tickets() -> Ground:
    """Return tickets, typed."""
    outputs = (Output(name="issue_type"), Output(name="refund", options={"type": "number"}))
    columns = {"ticket_id": {"use": "identifier"}, "action": {"use": "ignore"}}
    return Ground(make(ROWS, 0).table, Question(name="tickets", outputs=outputs, columns=columns))


@cache
def grounds() -> dict[str, Ground]:
    """Return the tables to plant in, each with judging rows apart: its last ones."""
    alone = {"tickets": tickets(), "sales": shop("price"), "buyers": shop("bought")}
    cut = ROWS * 3 // 4
    return {name: Ground(g.rows.slice(0, cut), g.question, g.rows.slice(cut)) for name, g in alone.items()}


def planted_in(name: str, where: str, strength: Strength, seed: int = 0) -> tuple[Ground, Ground, Planted] | None:
    """Return a ground, the ground with a fault in it, and what was planted."""
    both = grounds()[where]
    before = both if FAULTS[name].given else Ground(both.rows, both.question)
    made = FAULTS[name].plant(before, generator(seed, name), strength)
    return None if made is None else (before, *made)


@cache
def said_before(where: str, given: bool) -> frozenset[Finding]:
    """Return what is said of a clean table, in one piece or with judging rows apart."""
    both = grounds()[where]
    return frozenset(checked(both if given else Ground(both.rows, both.question)))


def first_home(name: str) -> str:
    """Return the first table that can have a fault."""
    return next(where for where in grounds() if planted_in(name, where, "medium") is not None)


def somewhere(name: str, strength: Strength) -> tuple[Ground, Ground, Planted]:
    """Return a fault planted in the first table that can have it."""
    made = planted_in(name, first_home(name), strength)
    assert made is not None
    return made


def lines(table: pa.Table) -> list[tuple[str | None, ...]]:
    """Return the rows of a table as texts; whole numbers are written alike whatever their type."""
    columns = [[text and re.sub(r"\.0+$", "", text) for text in as_text(whole(c)).to_pylist()] for c in table.columns]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("where", ["tickets", "sales", "buyers"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_what_it_says_and_only_that(name: str, where: str, strength: Strength) -> None:
    made = planted_in(name, where, strength)
    if made is None:
        return
    before, after, what = made
    sides = [(before.rows, after.rows, not what.in_test)]
    if before.test is not None and after.test is not None:
        sides.append((before.test, after.test, what.in_test))
    assert any(lines(new) != lines(old) or new.schema.names != old.schema.names for old, new, _ in sides)
    both = Counter(line for old, _, _ in sides for line in lines(old))
    for old, new, own in sides:
        assert {*new.column_names} - {*old.column_names} <= {*what.columns}
        same = new.select(old.column_names)
        touched = set(what.rows.tolist()) if own else set()
        if what.moved:
            kept = [line for row, line in enumerate(lines(same)) if row not in touched]
            assert Counter(kept) <= both
            continue
        for column in old.column_names:
            pairs = zip(lines(old.select([column])), lines(same.select([column])), strict=True)
            changed = {row for row, (one, other) in enumerate(pairs) if one != other}
            assert changed <= touched and (not changed or column in what.columns)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_the_same_under_the_same_seed(name: str) -> None:
    first, second = somewhere(name, "medium"), somewhere(name, "medium")
    assert first[1].rows.equals(second[1].rows) and first[1].test == second[1].test
    assert first[2] == second[2] and np.array_equal(first[2].rows, second[2].rows)


def strange(rows: int, seed: int) -> pa.Table:
    """Return columns of types and contents that few tables have."""
    rng = np.random.default_rng(seed)
    moments = np.datetime64("2020-01-01") + np.arange(rows) * np.timedelta64(3600, "s")
    return pa.table(
        {
            "flag": rng.random(rows) > 0.5,
            "small": rng.integers(-100, 100, rows).astype(np.int8),
            "counted": rng.integers(0, 1000, rows).astype(np.uint16),
            "holes": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows)),
            "nothing": pa.nulls(rows),
            "kind": pa.array(rng.choice(["aa bb", "Ccccc", "dddddd"], rows)).dictionary_encode(),
            "long": pa.array([f"word two three {i}" for i in range(rows)], pa.large_string()),
            "list": [[1, 2]] * rows,
            "moment": pa.array(moments, pa.timestamp("ns", "UTC")),
            "record": [{"a": 1}] * rows,
            "blank": [""] * rows,
            "y": rng.integers(0, 3, rows),
            "z": rng.normal(5, 2, rows),
            "w": pa.array(rng.choice(["yes", "no"], rows)).dictionary_encode(),
        }
    )


@pytest.mark.parametrize("rows", [3, 25, 300])
@pytest.mark.parametrize("output", ["y", "z", "w"])
def test_a_fault_is_planted_in_any_table_or_not_at_all(output: str, rows: int) -> None:
    ground = Ground(strange(rows, 0), Question(name="strange", outputs=(Output(name=output),)), strange(rows, 1))
    for name, fault in FAULTS.items():
        for strength in STRENGTHS:
            made = fault.plant(ground, generator(0, name), strength)
            assert made is None or (made[0].rows.num_rows and (made[0].test is None) is not fault.given)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_a_story_codes_and_strengths_that_grow(name: str) -> None:
    fault = FAULTS[name]
    assert fault.name == name and fault.codes and all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in fault.codes)
    assert fault.story.endswith(".") and "\n" not in fault.story
    assert list(fault.amounts) == list(STRENGTHS)
    touched = [len(somewhere(name, strength)[2].rows) for strength in STRENGTHS]
    assert touched == sorted(touched)


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 45
    assert len({fault.story for fault in FAULTS.values()}) == len(FAULTS)


@pytest.mark.parametrize("where", ["tickets", "sales", "buyers"])
def test_of_clean_tables_nothing_is_said(where: str) -> None:
    for given in (False, True):
        warnings = {finding.code for finding in said_before(where, given) if finding.level != Level.NOTE}
        assert warnings == {"attestation"}


CODES = {check.replace("_", "-") for check in CHECKS} | ELSEWHERE.keys()
"""What findings are called by now: faults that only a check to come will find wait for it."""


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.codes[0] in CODES])
def test_a_strong_fault_is_found_by_its_code(name: str, request: pytest.FixtureRequest) -> None:
    _, after, what = somewhere(name, "strong")
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(reason=NOT_YET[name], strict=True))
    said = said_before(first_home(name), FAULTS[name].given)
    assert what.is_found(finding for finding in checked(after) if finding not in said)


def test_faults_missed_by_name_are_faults() -> None:
    assert NOT_YET.keys() <= FAULTS.keys()


def test_a_finding_names_what_was_planted_by_code_and_place() -> None:
    what = Planted(("a", "b"), np.arange(3), codes=("leakage",))
    for where in ("a", "b", "x, b", "a+x"):
        assert what.is_named_by(warn("leakage", where, "seen"))
    for other in (warn("leakage", "x", "seen"), warn("sentinel", "a", "seen")):
        assert not what.is_named_by(other)
    assert not what.is_found(list[Finding]())


@pytest.mark.parametrize("name", [name for name in FAULTS if re.match("unit-(jump|change)", name)])
@pytest.mark.parametrize("seed", range(4))
def test_a_change_of_units_has_the_factor_it_says(name: str, seed: int) -> None:
    made = planted_in(name, "sales", "medium", seed)
    assert made is not None
    before, after, what = made
    assert what.factor is not None and what.pairs and all(old != new for old, new in what.pairs)
    old, new = (ground.judging if what.in_test else ground.rows for ground in (before, after))
    x, y = (numbers(table, what.where[0])[what.rows] for table in (old, new))
    shift = 32.0 if "fahrenheit" in name else 0.0
    ratio = (y - shift)[x > np.median(x)] / x[x > np.median(x)]
    assert abs(float(np.median(ratio)) / what.factor - 1) < 0.01


def remarks(name: str) -> list[str]:
    """Return what was added to texts."""
    before, after, what = somewhere(name, "strong")
    old, new = (ground.rows[what.where[0]].to_pylist() for ground in (before, after))
    return [new[row].removeprefix(old[row]).strip() for row in what.rows]


def test_card_numbers_satisfy_their_check() -> None:
    for told in remarks("personal-card"):
        digits = [int(digit) for digit in told.replace(" ", "")]
        assert len(digits) == 16
        assert sum(sum(divmod(2 * d, 10)) if i % 2 == 0 else d for i, d in enumerate(digits)) % 10 == 0


def test_account_numbers_satisfy_their_check() -> None:
    for told in remarks("personal-iban"):
        code = told.replace(" ", "")
        assert int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{i / 7:.2f}" for i in range(100)], "number"),
        ([str(i * 7) for i in range(100)], "other"),
        (["red", "green"] * 50, "kinds"),
        (["2024-01-02", "2024-02-03 10:00:00"] * 50, "date"),
        ([f"word number {i} of many" for i in range(100)], "text"),
        (["1", "2"] * 50, "other"),
        ([*(f"{i / 7:.2f}" for i in range(50)), *[None] * 50], "other"),
    ],
)
def test_what_a_column_holds_is_told_from_its_cells(cells: list[str | None], kind: str) -> None:
    assert kind_of(pa.array(cells, pa.string())) == kind
