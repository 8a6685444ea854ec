"""Every check finds the fault it is named after, says where, and is silent on a table without it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import Walk, walk

from landmark.artifacts.readiness import LEVELS
from landmark.checks import CHECKS
from landmark.core.findings import Level
from landmark.datatypes import DATATYPES

N = 200
Columns = dict[str, Any]


def clean(**columns: Any) -> Columns:
    """Return N different rows of a number, a kind, and an output that goes with the number, and more columns."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    y = np.where(x + rng.normal(size=N) > 0, "yes", "no")
    kinds = rng.choice(["red", "green", "blue"], N)
    return {"y": y.tolist(), "x": [f"{v:.9f}" for v in x], "kind": kinds.tolist(), **columns}


def numbers(*odd: str, seed: int = 1) -> list[str]:
    """Return N numbers, the first of which are odd texts."""
    return [*odd, *(f"{v:.3f}" for v in np.random.default_rng(seed).normal(50, 10, N - len(odd)))]


def put(values: list[Any], **at: Any) -> list[Any]:
    """Return values with others in some places: put(values, r5="x") puts x in row 5, counted from 1."""
    return [at.get(f"r{row}", value) for row, value in enumerate(values, 1)]


def given(values: Columns, **more: Any) -> Walk:
    """Return a walk in which all rows teach, in their order; other clean rows judge."""
    judging = {name: cells[:20] if name in BASE else cells[-20:] for name, cells in values.items()}
    if "x" in values:
        judging["x"] = [f"{v:.5f}" for v in np.random.default_rng(9).normal(size=20)]
    return walk(values, test=judging, **more)


def total() -> Columns:
    """Return a target that is the sum of two columns."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(50, 5, N), rng.normal(20, 9, N)
    return {"y": [f"{v:.6f}" for v in a + b], "a": [f"{v:.6f}" for v in a], "b": [f"{v:.6f}" for v in b]}


def shares(kind: str = "probability", **odd: str) -> Walk:
    """Return rows with a column of shares, declared as what it measures, with odd ones in some places."""
    values = [f"{v:.4f}" for v in np.random.default_rng(4).uniform(0, 1, N)]
    return given(clean(p=put(values, **odd)), columns={"p": {"kind": kind}})


def photos(torn: bytes, count: int) -> Walk:
    """Return rows with small pictures, `count` of which are torn from the third row on."""
    pictures = DATATYPES["image"].example(np.random.default_rng(5), N, ["p"])["p"].to_pylist()
    pictures[2 : 2 + count] = [torn + bytes([i]) for i in range(count)]
    return given(clean(p=pa.array(pictures, pa.binary())))


BASE = clean()
YES = [str(answer) for answer in BASE["y"]]
DAYS = [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(N)]
FAULTS: list[tuple[str, str, int | None, Callable[[], Walk]]] = [
    ("duplicate-rows", "rows", 1 + 100, lambda: given({k: [*v[:100], *v[:100]] for k, v in BASE.items()})),
    ("impossible-value", "p", 7, lambda: shares(r7="1.2")),
    ("impossible-value", "p", 9, lambda: shares("duration", r9="-3")),
    ("unreadable-images", "p", 3, lambda: photos(b"torn", 30)),
    ("constant-column", "c", None, lambda: given(clean(c=["same"] * N), columns={"c": {"use": "feature"}})),
    ("missing-much", "c", 2, lambda: given(clean(c=["a", None, "b", None, None] * 40))),
    ("missing-much", "c", 1, lambda: given(clean(c=["?", "?", "3", "4.5", "?"] * 40))),
    ("target-missing", "y", 3, lambda: given(clean(y=put(YES, **{f"r{i}": "?" for i in range(3, 80)})))),
    ("number-marks", "c", 1, lambda: given(clean(c=[f"{i},{i % 9}" for i in range(N)]))),
    ("number-marks", "c", 1, lambda: given(clean(c=[f"{i % 3},{100 + i}" for i in range(1, 1 + N)]))),
    ("number-marks", "c", 3, lambda: given(clean(c=put([f"{i}.{i + 100},5" for i in range(N)], r1="1", r2="2")))),
    ("mixed-types", "c", 1, lambda: given(clean(c=numbers("12 cm")))),
    ("mixed-types", "c", 1, lambda: given(clean(c=["low", "1", "2", "high", "7"] * 40))),
    ("mixed-dates", "c", 2, lambda: given(clean(c=put(DAYS, r2="31.12.2023", r3="Mar 5, 2024")))),
    ("spreadsheet-dates", "c", 4, lambda: given(clean(c=put(["MARCH1", "SEPT9"] * 100, r4="9-Sep", r8="9-Sep")))),
    ("invalid-text", "kind", 7, lambda: given(clean(kind=put(BASE["kind"], r7="r\0d")))),
    ("invalid-text", "kind", 9, lambda: given(clean(kind=put(BASE["kind"], r9="r\ufffdd")))),
    ("infinite", "c", 1, lambda: given(clean(c=numbers("inf")))),
    ("infinite", "c", 3, lambda: given(clean(c=pa.array(put([float(v) for v in numbers()], r3=-np.inf))))),
    ("sentinel", "c", 1, lambda: given(clean(c=numbers(*["-999"] * 5)))),
    ("sentinel", "c", 1, lambda: given(clean(c=numbers(*["9999"] * 5)))),
    ("sentinel", "c", 6, lambda: given(clean(c=put(DAYS, **{f"r{i}": "1970-01-01" for i in range(6, 12)})))),
    ("leakage", "c", None, lambda: given(clean(c=[f"was {answer}" for answer in YES]))),
    ("leakage", "c", None, lambda: given(clean(c=[str(i + 1000 * (a == "yes")) for i, a in enumerate(YES)]))),
    ("leakage", "a", None, lambda: given(total() | {"a": [f"{float(v) * 1.1 - 7:.6f}" for v in total()["y"]]})),
    ("leakage", "a, b", None, lambda: given(total())),
    ("identifier-leak", "id", None, lambda: given(clean(y=sorted(YES), id=[str(7 * i) for i in range(N)]))),
    (
        "train-test-overlap",
        "rows",
        4,
        lambda: walk(clean(), test={k: v[:3] + v[-4:-1] + v[:14] for k, v in second().items()}),
    ),
    ("time-order", "c", None, lambda: walk(clean(c=DAYS))),
    ("few-rows", "rows", None, lambda: walk({k: v[:40] for k, v in BASE.items()})),
    ("few-rows", "y", 5, lambda: given(clean(y=put(YES, r5="maybe")))),
    ("few-rows", "y", None, lambda: given(clean(y=put(YES, r5="maybe", r6="maybe")))),
    ("imbalance", "y", None, lambda: given(clean(y=["yes"] * 5 + ["no"] * (N - 5)))),
    ("class-unseen", "y", 2, lambda: walk(clean(), test={k: put(v, r2="Yes.") if k == "y" else v for k, v in few()})),
    ("category-variants", "kind", 5, lambda: given(clean(kind=put(BASE["kind"], r5="RED ")))),
    ("conflicting-labels", "y", 101, lambda: given(torn())),
    ("judging-anomaly", "x", None, lambda: walk(clean(), test=dict(few()) | {"x": [None] * 20})),
    ("judging-anomaly", "x", 1, lambda: walk(clean(), test=dict(few()) | {"x": ["none at all"] * 20})),
    ("judging-anomaly", "kind", 1, lambda: walk(clean(), test=dict(few()) | {"kind": ["rot"] * 20})),
    ("weights", "w", 2, lambda: given(clean(w=put(numbers(), r2="-1", r3=None)), columns={"w": {"use": "weight"}})),
    ("attestation", "data", None, lambda: walk(clean())),
]
TWINS: list[tuple[str, Callable[[], Walk]]] = [
    ("impossible-value", lambda: shares(r7="1")),
    ("impossible-value", lambda: shares("ratio", r7="1.2")),
    ("unreadable-images", lambda: photos(b"torn", 9)),
    ("duplicate-rows", lambda: given(clean())),
    ("constant-column", lambda: given(clean(c=["same", None] * 100))),
    ("missing-much", lambda: given(clean(c=["a", None, "b", "c", None] * 40))),
    ("target-missing", lambda: given(clean())),
    ("number-marks", lambda: given(clean(c=[f"a{i},{i}" for i in range(N)], d=["1,2", "3"] * 100))),
    ("number-marks", lambda: given(clean(c=["x,y", "y", "1,2"] * 66 + ["x", "y"]))),
    ("mixed-types", lambda: given(clean(c=numbers("NA"), d=["A1", "B2"] * 100, e=DAYS))),
    ("mixed-dates", lambda: given(clean(c=put(DAYS, r2=None, r3="unknown"), d=numbers("12 cm")))),
    ("spreadsheet-dates", lambda: given(clean(c=DAYS))),
    ("invalid-text", lambda: given(clean(kind=put(BASE["kind"], r7="röd")))),
    ("infinite", lambda: given(clean(c=["info", "inf"] * 100))),
    ("sentinel", lambda: given(clean(c=numbers("99", "99"), d=[str(9990 + i % 20) for i in range(N)], e=DAYS))),
    ("sentinel", lambda: given(clean(c=pa.array([-999] * 9 + [*range(191)])), columns={"c": {"missing": ["-999"]}})),
    ("leakage", lambda: given(clean(c=[f"was {answer} in row {i}" for i, answer in enumerate(YES)]))),
    ("leakage", lambda: given(total() | {"b": [f"{round(float(v), -1):.0f}" for v in total()["b"]]})),
    ("identifier-leak", lambda: given(clean(id=[str(7 * i) for i in range(N)]))),
    ("train-test-overlap", lambda: given(clean())),
    ("time-order", lambda: walk(clean(c=DAYS), by={"by": "time", "column": "c"})),
    ("few-rows", lambda: given(clean())),
    ("imbalance", lambda: given(clean())),
    ("class-unseen", lambda: given(clean())),
    ("category-variants", lambda: given(clean(c=["A+", "A-", "B+", "B-"] * 50))),
    ("conflicting-labels", lambda: given(clean())),
    ("judging-anomaly", lambda: given(clean(c=[f"key {i}" for i in range(N)]))),
    ("weights", lambda: given(clean(w=numbers()), columns={"w": {"use": "weight"}})),
]


def few() -> list[tuple[str, list[Any]]]:
    """Return 20 rows like the others."""
    return [(name, values[:20]) for name, values in second().items()]


def second() -> Columns:
    """Return N clean rows with other numbers, the first 180 of them new."""
    other = [f"{v:.5f}" for v in np.random.default_rng(9).normal(size=N)]
    return {**BASE, "x": [*other[: N - 4], BASE["x"][-4], BASE["x"][-3], *other[-2:]]} | {"y": YES}


def torn() -> Columns:
    """Return rows of which half have the inputs of the other half, and another label."""
    halves = {name: [*values[:100], *values[:100]] for name, values in BASE.items()}
    return halves | {"y": [*YES[:100], *("no" if answer == "yes" else "yes" for answer in YES[:100])]}


@pytest.mark.parametrize(("code", "where", "row", "made"), FAULTS, ids=[f"{c}-{i}" for i, (c, *_) in enumerate(FAULTS)])
def test_a_planted_fault_is_found_and_placed(code: str, where: str, row: int | None, made: Callable[[], Walk]) -> None:
    found = [finding for finding in made().found(code) if finding.where == where]
    assert found, made().readiness().findings
    assert row is None or found[0].row == row
    assert all(finding.seen and finding.level != Level.BLOCK for finding in found)


@pytest.mark.parametrize(("code", "made"), TWINS, ids=[f"{c}-{i}" for i, (c, *_) in enumerate(TWINS)])
def test_without_the_fault_nothing_is_said(code: str, made: Callable[[], Walk]) -> None:
    assert made().found(code) == []


@pytest.mark.parametrize(("repeated", "level"), [(0, Level.NOTE), (30, Level.WARN)])
def test_rounded_numbers_that_meet_by_chance_are_a_note(repeated: int, level: Level) -> None:
    rng = np.random.default_rng(4)
    x, other = (rng.normal(0, 10, count) for count in (N, N))
    rows = {"y": YES, "x": [f"{v:.2f}" for v in x]}
    judging = {"y": YES, "x": [*rows["x"][:repeated], *(f"{v:.2f}" for v in other[repeated:])]}
    (found,) = walk(rows, test=judging).found("train-test-overlap")
    assert found.level == level


@pytest.mark.parametrize("name", list(CHECKS))
def test_every_check_is_tried_and_says_what_it_holds(name: str) -> None:
    code = name.replace("_", "-")
    rooms = [import_module(path.stem) for path in Path(__file__).parent.glob("test_checks*.py")]
    assert code in {fault for room in rooms for fault, *_ in room.FAULTS}
    assert code == "attestation" or code in {twin for room in rooms for twin, *_ in room.TWINS}
    assert CHECKS[name].HOLDS_AT in LEVELS and CHECKS[name].__doc__ and CHECKS[name].check.__doc__


@pytest.mark.parametrize("row", [30, 90, 150])
def test_rows_are_those_of_the_table_though_others_judge(row: int) -> None:
    columns = clean(c=numbers())
    columns["c"][row - 1], columns["kind"][row - 1] = "12 cm", "RED"
    walked = next(w for w in (walk(columns, seed=seed) for seed in range(20)) if row - 1 in w.split.train)
    assert {f.code: f.row for f in walked.readiness().findings if f.row} == {
        "mixed-types": row,
        "category-variants": row,
    }


def test_of_two_ways_to_write_a_number_that_of_most_columns_is_meant() -> None:
    either = [f"{i},{100 + i}" for i in range(1, 1 + N)]
    alone, beside = (given(clean(c=either, **more)) for more in ({}, {"d": [f"{i},5" for i in range(N)]}))
    assert "{thousands: ','}" in alone.found("number-marks")[0].next
    assert ["{decimal: ','}" in finding.next for finding in beside.found("number-marks")] == [True, True]


def test_a_waived_or_small_matter_is_a_note() -> None:
    few_repeats = given({k: [*v[:-1], v[0]] for k, v in BASE.items()})
    assert [f.level for f in few_repeats.found("duplicate-rows")] == [Level.NOTE]


def test_a_table_of_few_answers_repeats_by_nature() -> None:
    rng = np.random.default_rng(0)
    columns = {name: rng.choice(["a", "b"], N).tolist() for name in ("y", "p", "q")}
    assert [f.level for f in walk(columns).found("train-test-overlap")] == [Level.NOTE]
