"""Rules as people write them: what they mean, what is said of mistakes, and that nothing else is understood."""

from __future__ import annotations

import string
import time
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.contract.expressions import Expression, Holds, Wrong, parse

KINDS = {
    "a": Holds.NUMBER,
    "b": Holds.NUMBER,
    "total": Holds.NUMBER,
    "name": Holds.TEXT,
    "tags": Holds.LIST,
    "start": Holds.MOMENT,
    "end": Holds.MOMENT,
    "my column": Holds.NUMBER,
    "class": Holds.TEXT,
    "größe": Holds.NUMBER,
}
DAY = 86_400_000_000
ROWS: dict[str, Any] = {
    "a": pa.array([0.1, 1.0, None]),
    "b": pa.array([0.2, 2.0, 3.0]),
    "total": pa.array([0.3, 4.0, 5.0]),
    "name": pa.array(["Bob", "al", None]),
    "tags": pa.array([["x", "y", "x"], [], None], pa.list_(pa.string())),
    "start": pa.array([0, DAY, None], pa.int64()),
    "end": pa.array([DAY, 0, 5], pa.int64()),
    "my column": pa.array([1.0, 2.0, 3.0]),
    "class": pa.array(["u", "v", "w"]),
    "größe": pa.array([1.0, -1.0, 0.0]),
}


def holds(text: str) -> list[bool | None]:
    made = parse(text, KINDS)
    assert isinstance(made, Expression), made
    values: list[bool | None] = made.holds(ROWS, 3, now=5).to_pylist()
    return values


def wrong(text: str) -> list[Wrong]:
    made = parse(text, KINDS)
    assert isinstance(made, list), f"{text} was understood"
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("total == a + b", [True, False, None]),
        ("total != a + b", [False, True, None]),
        ("a + b <= total and total <= a + b", [True, False, None]),
        ("a + b < total", [False, True, None]),
        ("end >= start", [True, False, None]),
        ("start < '1970-01-02'", [True, False, None]),
        ("start in ('1970-01-01', '1970-01-05')", [True, False, None]),
        ("end <= now()", [False, True, True]),
        ("days_between(start, end) == 1", [True, False, None]),
        ("year(end) == 1970 and month(end) == 1 and day(end) == 2 and hour(end) == 0", [True, False, False]),
        ("weekday(end) == 3", [False, True, True]),
        ("is_missing(a) == is_missing(b)", [True, True, False]),
        ("not a > b", [True, True, None]),
        ("a > 5 or b > 1", [False, True, True]),
        ("0 < a < b", [True, True, None]),
        ("a / 0 > 1", [None, None, None]),
        ("-a < 0 and +a > 0", [True, True, None]),
        ("abs(a - b) * 2 >= max(a, 0.5, b) - min(a, b)", [False, True, None]),
        ("round(a) == 0", [True, False, None]),
        ("or_else(a, 0) >= 0", [True, True, True]),
        ("len(name) == 3", [True, False, None]),
        ("words(name) == 1", [True, True, None]),
        ("lower(name) == 'bob' or upper(strip(name)) == 'AL'", [True, True, None]),
        ("name in ['Bob', 'Al']", [True, False, None]),
        ("name not in ('Bob',)", [False, True, None]),
        ("'o' in name and contains(name, 'B')", [True, False, None]),
        ("starts_with(name, 'B') and ends_with(name, 'b')", [True, False, None]),
        (r"matches(name, r'[A-Z]\w+')", [True, False, None]),
        ("matches(name, 'B')", [False, False, None]),
        ("number(name) > 1", [None, None, None]),
        ("len(tags) <= 2", [False, True, None]),
        ("'x' in tags", [True, False, None]),
        ("'x' not in tags", [False, True, None]),
        ("count(tags, 'x') == 2", [True, False, None]),
        ("col('my column') > 1.5", [False, True, True]),
        ('col("class") == "u"', [True, False, False]),
        ("größe > 0", [True, False, False]),
        ("True", [True, True, True]),
        ("'a' == 'b'", [False, False, False]),
    ],
)
def test_what_an_expression_means(text: str, expected: list[bool | None]) -> None:
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("totl == a", 1, "did you mean 'total'?"),
        ("a > 1 and nam == 'x'", 11, "did you mean 'name'?"),
        ("len > 1", 1, "len is a function"),
        ("total = a + b", 7, "write == to compare"),
        ("name = '==' ", 6, "write == to compare"),
        ("my column > 1", None, "col('my column')"),
        ("class == 'u'", None, "col('my column')"),
        ("a == '1'", 1, "quotes"),
        ("name == 1", 1, "quotes"),
        ("start > 5", 1, "2024-12-31"),
        ("tags == 'x'", 1, "compares nothing"),
        ("a is None", 1, "is_missing"),
        ("a == None", 6, "is_missing"),
        (r"matches(name, '\d')", 15, r"r'\d'"),
        (r"matches(name, '\b')", 15, r"r'\b'"),
        ("matches(name, r'(')", 15, "regular expression"),
        ("matches(name, lower(name))", 15, "written out"),
        ("len(a) > 1", 5, "text or list"),
        ("lenn(name) > 1", 1, "did you mean 'len'?"),
        ("abs(a, b) > 1", 1, "takes 1 values, not 2"),
        ("max(a, start) > 1", 1, "of one kind"),
        ("a + b", 1, "compare it"),
        ("a and b > 1", 1, "must be a yes or no"),
        ("not a", 5, "must be a yes or no"),
        ("a in b", 6, "written text"),
        ("a in [b]", 6, "written out"),
        ("a in []", 6, "written out"),
        ("now(1) > start", 1, "takes nothing"),
        ("col(name) == 'x'", 1, "in quotes"),
        ("1e999 > a", 1, "too large"),
        ("9" * 400 + " > a", 1, "too large"),
        ("größe > 1 and grösse > 1", 15, "did you mean 'größe'?"),
    ],
)
def test_a_mistake_has_its_place_and_the_way_out(text: str, at: int | None, word: str) -> None:
    found = wrong(text)[0]
    assert at in (None, found.at)
    assert word in f"{found.what} {found.fix}"


def test_all_mistakes_of_an_expression_are_said_at_once() -> None:
    assert [found.at for found in wrong("totl > 1 and lenn(name) > len(nam)")] == [1, 14, 31]


HOSTILE = (
    *("__import__('os').system('true')", "a.__class__", "(1).__class__.__bases__", "a[0]", "tags[0] == 'x'"),
    *("(lambda: 1)() == 1", "[x for x in tags]", "{1: 2}", "{1, 2}", "f'{a}' == 'x'", "b'x' == name", "(x := 5) > 3"),
    *(
        "9**9**9 > a",
        "a ** 2 > 1",
        "a << 99999 > 1",
        "a // 2 > 1",
        "a % 2 == 0",
        "a @ b > 1",
        "~a > 1",
        "a if b else a",
    ),
    *("'x' * 10 == name", "name + name == 'x'", "eval('1')", "exec('1')", "open('f')", "getattr(a, 'b')", "print(a)"),
    *(
        "abs(*[a]) > 1",
        "abs(x=a) > 1",
        "await a",
        "yield a",
        "a; b",
        "import os",
        "a > 1\nimport os",
        "...",
        "a > 1 #\0",
    ),
    *("True()", "'abc'()", "a()", "col('a')()", "max", "1j > a", "-name == 'x'", "'\\ud800' == name", "\0", "", " "),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_else_is_understood(text: str) -> None:
    assert all(found.at >= 1 and found.what for found in wrong(text))


@pytest.mark.parametrize(
    "text",
    [
        "-" * 1500 + "a > 1",
        "not " * 400 + "a > 1",
        "(" * 180 + "a" + ")" * 180 + " > " + "-" * 40 + "1",
        "abs(" * 150 + "a" + ")" * 150 + " > 1",
        " and ".join(["a > 1"] * 200),
        "a > 1" + " + 1" * 400,
        "a" * 5000,
    ],
)
def test_depth_and_length_are_bounded(text: str) -> None:
    before = time.perf_counter()
    assert wrong(text)
    assert time.perf_counter() - before < 1


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(string.printable, max_size=60)))
def test_any_text_is_understood_or_refused(text: str) -> None:
    made = parse(text, KINDS)
    if isinstance(made, Expression):
        assert len(made.holds(ROWS, 3)) == 3
    else:
        assert made and all(1 <= found.at <= max(len(text), 1) for found in made)


def test_only_the_columns_named_are_looked_at() -> None:
    made = parse("col('my column') > a and a > len(name)", KINDS)
    assert isinstance(made, Expression) and made.columns == ("my column", "a", "name")


def test_freshness_of_now_is_unknown_without_a_clock() -> None:
    made = parse("end <= now()", KINDS)
    assert isinstance(made, Expression) and made.holds(ROWS, 3).to_pylist() == [None, None, None]
