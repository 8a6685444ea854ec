"""Checks of numbers, and of judging rows beside training rows: each finds its fault, and is silent without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_steps import Walk, walk

from landmark.artifacts.question import Output
from landmark.checks import CHECKS
from landmark.config import from_text
from landmark.core.findings import Level
from landmark.core.table import Array
from landmark.reports.checks import page

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"

N, M = 800, 400
Columns = dict[str, Any]
MINE = (
    *("unit_change", "unit_jump", "impossible_value", "outliers", "capped_values", "capped_target", "stuck_value"),
    *("precision_change", "drift", "label_shift", "swapped_columns", "sentinel", "accuracy_trap", "repeated_column"),
    "weight_column",
)


def drawn(n: int, seed: int = 0) -> Columns:
    """Return n rows of an output and of columns of every kind that numbers come in."""
    rng = np.random.default_rng(seed)
    wait = np.exp(rng.normal(4, 1, n))
    return {
        "y": np.where(wait + rng.normal(0, 60, n) > 60, "yes", "no").tolist(),
        "wait": texts(wait, 1),
        "length": texts(rng.normal(40, 4, n), 1),
        "count": texts(rng.negative_binomial(4, 0.05, n), 0),
        "balance": texts(rng.normal(0, 5, n), 2),
        "share": texts(rng.beta(2, 3, n), 3),
        "kind": rng.choice(["red", "green", "blue"], n, p=[0.5, 0.3, 0.2]).tolist(),
    }


def texts(x: Array, digits: int) -> list[str]:
    """Return numbers as a text source holds them."""
    return [f"{value:.{digits}f}" for value in x]


def read(columns: Columns, name: str) -> Array:
    """Return a column as numbers."""
    return np.array([float(text) for text in columns[name]])


def one(outputs: Any = ("y",), declared: Any = None, **changed: Any) -> Walk:
    """Return rows of which all columns are clean but those that are given."""
    return walk({**drawn(N), **changed}, outputs, columns=declared or {})


def two(now: Columns | None = None, n: int = N, m: int = M, declared: Any = None, **before: Any) -> Walk:
    """Return rows, and judging rows given apart, which are clean but for some columns of either."""
    return walk({**drawn(n), **before}, test={**drawn(m, 1), **(now or {})}, columns=declared or {})


def changed(name: str, digits: int, change: Callable[[Array], Array], n: int = N, m: int = M) -> Walk:
    """Return rows, and judging rows in which a column is changed."""
    return two({name: texts(change(read(drawn(m, 1), name)), digits)}, n, m)


def from_row(row: int, name: str, digits: int, change: Callable[[Array], Array], **more: Any) -> Walk:
    """Return rows in which a column is changed from a row on, counted from 1."""
    x = read(drawn(N), name)
    return one(**{name: [*drawn(N)[name][: row - 1], *texts(change(x[row - 1 :]), digits)]}, **more)


def put(name: str, **at: str) -> Walk:
    """Return rows with other texts in some places: put("wait", r5="7") puts 7 in row 5, counted from 1."""
    return one(**{name: [at.get(f"r{row}", text) for row, text in enumerate(drawn(N)[name], 1)]})


def every(step: int, text: str, name: str, first: int = 3) -> Walk:
    """Return rows with a text in every so many-th row of a column."""
    cells = drawn(N)[name]
    return one(**{name: [text if i % step == first - 1 else cell for i, cell in enumerate(cells)]})


def by_day(mixed: bool = True) -> Walk:
    """Return rows of 400 days, mixed in the file, which are measured in another unit after half of the time."""
    rng = np.random.default_rng(5)
    day = rng.permutation(N) if mixed else np.arange(N)
    wait = read(drawn(N), "wait") * np.where(day >= N // 2, 1000, 1)
    days = [str(np.datetime64("2022-01-01") + int(number)) for number in day]
    return one(wait=texts(wait, 1), when=days)


def capped(x: Array, share: float = 0.1) -> list[str]:
    """Return numbers with all above a limit written as the limit."""
    return texts(np.minimum(x, np.quantile(x, 1 - share)), 1)


def wave() -> Array:
    """Return numbers of whole days and years."""
    t = np.arange(N)
    return 50 + 30 * np.sin(t / 120) + np.random.default_rng(6).normal(0, 4, N)


def rare(n: int, share: float) -> list[str]:
    """Return n labels, one of which is rare."""
    return ["yes" if i < share * n else "no" for i in range(n)]


def ordered() -> Columns:
    """Return numbers that are in no order but have that of others, and kinds under other names."""
    x = read(drawn(N), "length")
    names = {"red": "R1", "green": "R2", "blue": "R3"}
    return {
        "times": texts(0.17 * x + 3, 3),
        "power": texts(x**3, 3),
        "code": [names[kind] for kind in drawn(N)["kind"]],
        "other": texts(x + np.random.default_rng(7).normal(0, 1, N), 3),
    }


def judged_by(metric: str | None, share: float) -> Walk:
    """Return rows with a label that is rare, and what they are judged by."""
    return one(outputs=[Output(name="y", metric=metric)], y=rare(N, share))


def swapped(share: float = 1.0) -> Walk:
    """Return judging rows in which two columns have changed places."""
    new = drawn(M, 1)
    cut = round(share * M)
    first, second = ([*new[a][:cut], *new[b][cut:]] for a, b in (("count", "length"), ("length", "count")))
    return two({"length": first, "count": second})


def declared(kind: str, unit: str | None, name: str, values: Array, **odd: str) -> Walk:
    """Return rows with a column that is declared, with odd cells in some places."""
    cells = [odd.get(f"r{row}", text) for row, text in enumerate(texts(values, 2), 1)]
    return one(**{name: cells, "declared": {name: {"type": "number", "kind": kind, "unit": unit}}})


RNG = np.random.default_rng(8)
LOGS, NORMAL, EVEN = np.exp(RNG.normal(4, 1, N)), RNG.normal(15, 8, N), RNG.uniform(-60, 60, N)
HEAVY = RNG.standard_t(2, N)

FAULTS: list[tuple[str, str, int | None, Callable[[], Walk]]] = [
    ("unit-change", "wait", None, lambda: changed("wait", 1, lambda x: x * 1000)),
    ("unit-change", "wait", None, lambda: changed("wait", 4, lambda x: x / 60)),
    ("unit-change", "length", None, lambda: changed("length", 3, lambda x: x * 2.20462)),
    ("unit-change", "count", None, lambda: changed("count", 3, lambda x: x / 1.609344)),
    ("unit-change", "balance", None, lambda: changed("balance", 2, lambda x: x * 100)),
    ("unit-change", "balance", None, lambda: changed("balance", 3, lambda x: 1.8 * x + 32)),
    ("unit-change", "wait", None, lambda: changed("wait", 1, lambda x: np.where(np.arange(M) % 5 > 0, x * 1000, x))),
    ("unit-jump", "wait", 601, lambda: from_row(601, "wait", 1, lambda x: x * 1000)),
    ("unit-jump", "count", 501, lambda: from_row(501, "count", 2, lambda x: x * 1.609344)),
    (
        "unit-jump",
        "wait",
        301,
        lambda: from_row(301, "wait", 1, lambda x: np.where(np.arange(len(x)) < 200, 60 * x, x)),
    ),
    ("unit-jump", "balance", 401, lambda: from_row(401, "balance", 2, lambda x: x * 1000)),
    ("unit-jump", "wait", None, by_day),
    ("impossible-value", "count", 9, lambda: put("count", r9="-40", r70="-88")),
    ("impossible-value", "share", 4, lambda: put("share", r4="41.2", r90="38", r91="72.5", r92="9.1")),
    ("impossible-value", "t", 5, lambda: declared("temperature", "degC", "t", NORMAL, r5="-280")),
    ("impossible-value", "t", 6, lambda: declared("temperature", "degF", "t", NORMAL, r6="-460")),
    ("impossible-value", "lat", 7, lambda: declared("coordinate", None, "lat", EVEN, r7="90.5")),
    ("impossible-value", "lon", 8, lambda: declared("coordinate", "deg", "lon", EVEN, r8="180.5")),
    ("impossible-value", "p", 5, lambda: declared("probability", None, "p", LOGS / 1e6, r5="1.2")),
    ("impossible-value", "p", 5, lambda: declared("probability", "%", "p", LOGS % 100, r5="101")),
    ("impossible-value", "n", 6, lambda: declared("count", None, "n", np.floor(LOGS), r6="3.5")),
    ("impossible-value", "d", 7, lambda: declared("duration", "s", "d", LOGS, r7="-0.5")),
    ("impossible-value", "length", 4, lambda: put("length", r4="0", r9="0", r70="0")),
    ("impossible-value", "length", 4, lambda: put("length", **{f"r{i}": "0" for i in range(4, 14)}, r70="12.4")),
    ("outliers", "length", 7, lambda: put("length", r7="412", r9="3980")),
    ("outliers", "length", 7, lambda: put("length", r7="0.04", r9="0.041")),
    ("outliers", "balance", 7, lambda: put("balance", r7="-512", r9="-98.3")),
    ("capped-values", "length", None, lambda: one(length=capped(read(drawn(N), "length")))),
    ("capped-values", "length", None, lambda: one(length=texts(-np.minimum(-read(drawn(N), "length"), -36), 1))),
    ("capped-target", "wait", None, lambda: one(outputs=("wait",), wait=capped(read(drawn(N), "wait")))),
    ("stuck-value", "length", 701, lambda: from_row(701, "length", 1, lambda x: np.full(len(x), 41.3))),
    ("precision-change", "length", None, lambda: changed("length", 1, np.round)),
    ("precision-change", "wait", None, lambda: changed("wait", 0, lambda x: 20 * np.round(x / 20))),
    ("drift", "length", None, lambda: changed("length", 1, lambda x: x + 2)),
    ("drift", "balance", None, lambda: changed("balance", 2, lambda x: x * 2.1)),
    ("drift", "kind", None, lambda: two({"kind": ["red"] * 120 + drawn(M, 1)["kind"][120:]})),
    ("drift", "text", None, lambda: two({"text": sentences(M, 12)}, text=sentences(N, 6))),
    ("label-shift", "y", None, lambda: two({"y": ["yes"] * 200 + drawn(M, 1)["y"][200:]})),
    ("swapped-columns", "length, count", None, swapped),
    ("swapped-columns", "length, count", None, lambda: swapped(0.7)),
    ("sentinel", "count", None, lambda: every(20, "9999", "count")),
    (
        "sentinel",
        "big",
        None,
        lambda: one(big=["-999" if i % 20 == 2 else f"{v:.0f}" for i, v in enumerate(50 * LOGS)]),
    ),
    ("sentinel", "count", None, lambda: put("count", **{f"r{i}": ("-99", "-999")[i % 2] for i in range(9, 40)})),
    ("accuracy-trap", "y", None, lambda: judged_by("accuracy", 0.05)),
    ("weight-column", "wgt", None, lambda: one(wgt=texts(LOGS, 0))),
    ("weight-column", "fnlwgt", None, lambda: one(fnlwgt=texts(LOGS, 2))),
    ("repeated-column", "times", None, lambda: one(**ordered())),
    ("repeated-column", "power", None, lambda: one(**ordered())),
    ("repeated-column", "code", None, lambda: one(**ordered())),
]
TWINS: list[tuple[str, Callable[[], Walk]]] = [
    *((code.replace("_", "-"), two) for code in MINE),
    *((code.replace("_", "-"), one) for code in MINE),
    ("unit-change", lambda: two({"count": texts(RNG.negative_binomial(4, 0.0317, M), 0)})),
    ("unit-change", lambda: changed("length", 1, lambda x: x + 8)),
    ("unit-change", lambda: changed("wait", 1, lambda x: x * 1000, n=60, m=15)),
    ("unit-change", swapped),
    ("unit-jump", lambda: one(c=texts(np.sort(LOGS), 1), d=texts(wave(), 1))),
    ("unit-jump", lambda: from_row(601, "length", 1, lambda x: x + 8)),
    ("unit-jump", lambda: one(c=texts(LOGS * np.where(RNG.random(N) < 0.3, 1000, 1), 1))),
    ("impossible-value", lambda: one(t=texts(NORMAL, 1), gain=texts(HEAVY + 4, 2))),
    ("impossible-value", lambda: one(c=texts(np.maximum(RNG.normal(20, 8, N), 0), 1))),
    ("impossible-value", lambda: one(small=texts(RNG.exponential(0.2, N), 3))),
    ("impossible-value", lambda: declared("probability", "%", "p", LOGS % 100)),
    ("impossible-value", lambda: declared("money", "USD", "m", LOGS, r7="-500")),
    ("impossible-value", lambda: declared("temperature", None, "t", NORMAL, r5="-280")),
    ("impossible-value", lambda: declared("identifier", None, "t", NORMAL, r5="-280")),
    ("impossible-value", lambda: declared("coordinate", "m", "lat", 1000 * EVEN)),
    ("outliers", lambda: one(c=texts(HEAVY, 3), d=texts(np.exp(RNG.normal(0, 2.5, N)), 3))),
    ("outliers", lambda: one(c=texts(np.where(RNG.random(N) < 0.02, 1000 * LOGS, 0), 0))),
    ("outliers", lambda: every(20, "9999", "count")),
    ("capped-values", lambda: one(c=texts(np.maximum(NORMAL, 0), 1), d=texts(RNG.integers(1, 6, N), 0))),
    ("capped-target", lambda: one(outputs=("wait",))),
    ("stuck-value", lambda: one(c=texts(np.where(RNG.random(N) < 0.9, 0, LOGS), 1), d=texts(np.arange(N) // 40, 0))),
    ("precision-change", lambda: changed("length", 0, lambda x: x, n=60, m=9)),
    ("precision-change", lambda: changed("wait", 0, lambda x: x * 1000)),
    ("drift", lambda: changed("length", 1, lambda x: x + 2, n=60, m=12)),
    ("drift", lambda: changed("length", 1, lambda x: x + 0.2)),
    ("drift", lambda: changed("wait", 1, lambda x: x * 1000)),
    ("drift", lambda: two({"day": ["2024-05-01"] * M}, day=["2023-05-01", "2023-05-02"] * (N // 2))),
    ("label-shift", lambda: two({"y": [f"{label}." for label in drawn(M, 1)["y"]]})),
    ("swapped-columns", lambda: changed("length", 1, lambda x: x + 8)),
    ("sentinel", lambda: one(c=texts(RNG.integers(0, 100, N), 0), d=texts(EVEN * 30, 0))),
    ("accuracy-trap", lambda: judged_by("accuracy", 0.2)),
    ("accuracy-trap", lambda: judged_by("log_loss", 0.05)),
    ("accuracy-trap", lambda: judged_by(None, 0.05)),
    ("weight-column", lambda: one(weight=texts(read(drawn(N), "wait") + NORMAL, 1))),
    ("weight-column", lambda: one(net_weight=texts(LOGS, 1))),
    ("weight-column", lambda: one(wgt=texts(LOGS, 1), declared={"wgt": {"use": "weight"}})),
    ("weight-column", lambda: one(weight=texts(NORMAL, 1))),
    ("repeated-column", lambda: one(other=ordered()["other"], key=[f"k{i}" for i in range(N)])),
]


def sentences(n: int, words: int) -> list[str]:
    """Return n texts of about so many words."""
    rng = np.random.default_rng(words)
    known = ["please", "card", "lost", "refund", "order", "late", "thanks", "today", "open", "app"]
    return [" ".join(rng.choice(known, rng.integers(words - 2, words + 3))) for _ in range(n)]


@pytest.mark.parametrize(("code", "where", "row", "made"), FAULTS, ids=[f"{c}-{i}" for i, (c, *_) in enumerate(FAULTS)])
def test_a_planted_fault_is_found_and_placed(code: str, where: str, row: int | None, made: Callable[[], Walk]) -> None:
    found = [finding for finding in made().found(code) if finding.where == where]
    assert found, made().readiness().findings
    assert row is None or found[0].row == row
    assert all(finding.seen and finding.next and finding.level != Level.BLOCK for finding in found)


@pytest.mark.parametrize(("code", "made"), TWINS, ids=[f"{c}-{i}" for i, (c, _) in enumerate(TWINS)])
def test_without_the_fault_nothing_is_said(code: str, made: Callable[[], Walk]) -> None:
    assert made().found(code) == []


@pytest.mark.parametrize(
    ("name", "digits", "factor", "pair"),
    [("length", 1, 0.6214, "km to mile"), ("length", 1, 0.4536, "lb to kg"), ("count", 0, 0.4536, "lb to kg")],
)
def test_growth_that_may_be_a_larger_unit_is_asked_about(name: str, digits: int, factor: float, pair: str) -> None:
    (found,) = changed(name, digits, lambda x: x * factor).found("drift")
    assert "another unit? x" in found.next and pair in found.next


@pytest.mark.parametrize("change", [lambda x: x * 1.57, lambda x: x - 8, lambda x: x * 0.8])
def test_growth_that_cannot_be_another_unit_is_not_asked_about(change: Callable[[Array], Array]) -> None:
    (found,) = changed("length", 1, change).found("drift")
    assert "unit" not in found.next


MEASURED = re.findall(r"(?m)^\| ([a-z-]+) \| \d+ \| \d+ \| ([\d.]+) \|$", (RESULTS / "false_alarms.md").read_text())


def test_how_often_a_check_is_wrong_has_been_measured_and_is_what_its_file_says() -> None:
    rates = {code.replace("-", "_"): float(rate) for code, rate in MEASURED}
    assert rates.keys() >= {*MINE}
    assert rates == {name: CHECKS[name].FALSE_ALARMS for name in rates}
    assert all(rate <= 1 / 200 for rate in rates.values())


def test_the_page_of_checks_says_what_their_files_say() -> None:
    assert (ROOT / "docs" / "checks.md").read_text() == page()


WORDS = {
    **{"type": "number", "kind": "count", "unit": "kg", "use": "ignore"},
    **{"formats": "[Y-m-d]", "missing": "['?']"},
}
"""What a person would write for the dots of an advice."""


@pytest.mark.parametrize("room", ["test_checks", "test_checks_numbers", "test_checks_rows"])
def test_what_is_advised_of_a_column_may_be_declared(room: str) -> None:
    first = {code: made for code, _, _, made in reversed(import_module(room).FAULTS)}
    advised = [finding.next for made in first.values() for finding in made().readiness().findings]
    text = "\n".join(text for text in advised if "columns." in text)
    text = re.sub(r"columns\.\w+\.(\w+)", r"columns.x: {\1: ...}", text)
    said = re.findall(r"(?:columns\.\w+: |or )(\{[^}]*\})", text)
    assert said
    for dotted in said:
        options = re.sub(r"(\w+): \[?\.\.\.\]?", lambda dots: f"{dots[1]}: {WORDS[dots[1]]}", dotted)
        from_text(f"data: a.csv\noutputs: [answer]\ncolumns:\n  name: {options}\n")
