"""YAML 1.2 with positions: what is read, where it stands, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmark.config import yaml12
from landmark.config.yaml12 import LONGEST_KEY, MOST_VALUES, dump, line, parse, scalar
from landmark.core.errors import UserError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        *(
            "no",
            "yes",
            "True",
            "~",
            "null",
            "",
            " ",
            "<<",
            "=",
            "-",
            "?",
            "- x",
            "a: b",
            "# no",
            "[a",
            "'",
            '"',
            "&a",
            "*a",
        ),
        *("012", "089", "0o7", "0x1F", "1e3", "1_000", ".5", "1.", "+1", "-0", ".inf", "+.inf", "1:30", "2024-01-01"),
        *("\u2028", "\x85", "\r\n", "\0", "\ufeff", "x" * 1200),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | TEXTS
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[
            ("no", "no"),
            ("on", "on"),
            ("yes", "yes"),
            ("off", "off"),
            ("y", "y"),
            ("012", 12),
            ("0o12", 10),
            ("0x1f", 31),
        ],
        *[("1e3", 1000.0), ("1_000", "1_000"), ("-.5", -0.5), ("+12", 12), ("", None), ("~", None), ("NULL", None)],
        *[
            ("nUll", "nUll"),
            ("True", True),
            ("tRUE", "tRUE"),
            ("2024-01-01", "2024-01-01"),
            ("1:30", "1:30"),
            ("1.", 1.0),
        ],
        *[("-.inf", -math.inf), ("1e999", math.inf), (".", "."), ("0b1", "0b1"), ("१२", "१२"), ("1e", "1e")],
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: Any) -> None:
    found = scalar(text)
    assert found == value and type(found) is type(value)


def test_quotes_and_the_str_tag_make_text() -> None:
    assert parse("a: '12'\nb: \"no\"\nc: !!str 12\nd: |\n  x\n", "f").value == {
        "a": "12",
        "b": "no",
        "c": "12",
        "d": "x\n",
    }


def test_keys_are_text_as_written() -> None:
    assert parse("007: a\ntrue: b\n~: c\n1.50: d", "f").value == {"007": "a", "true": "b", "~": "c", "1.50": "d"}


@given(TREES)
def test_what_is_dumped_is_read_again(tree: Any) -> None:
    assert parse(dump(tree), "f").value == tree


@given(TEXTS.filter(lambda text: len(repr(text)) < LONGEST_KEY), TREES)
def test_a_setting_on_one_line_is_read_again(key: str, value: Any) -> None:
    text = line(key, value)
    assert "\n" not in text
    assert parse(text, "f").value == {key: value}


def test_every_value_knows_its_line() -> None:
    marked = parse(
        "a: 1\ncolumns:\n  age:\n    type: number\n    unit: s\noutputs:\n- x\n- {name: y,\n   type: z}\n", "l.yaml"
    )
    places: list[tuple[str | int, ...]] = [
        ("a",),
        ("columns",),
        ("columns", "age", "unit"),
        ("outputs", 0),
        ("outputs", 1, "type"),
    ]
    assert [marked.lines[place] for place in places] == [1, 2, 5, 7, 9]
    assert marked.where(("columns", "age", "unit")) == "l.yaml:5 columns.age.unit"
    assert marked.where(("columns", "age", "kind")) == "l.yaml:3 columns.age.kind"
    assert marked.where(("nothing",)) == "l.yaml nothing"


def test_numbers_keep_the_text_they_were_written_in() -> None:
    marked = parse("missing: &gone [-999, 007, yes, true, '5']\nb: *gone", "f")
    assert marked.value["b"] == [-999, 7, "yes", True, "5"]
    assert marked.texts[("b", 1)] == "007" and marked.texts[("b", 3)] == "true" and ("b", 4) not in marked.texts


def test_keys_said_twice_are_all_named_with_both_lines() -> None:
    marked = parse("a: 1\nb: {c: 1, d: 2,\n c: 3}\na: 2\n", "f")
    assert [mistake.line() for mistake in marked.mistakes] == [
        "f:3 b.c: said twice. Fix: it is in line 2 too: keep one",
        "f:4 a: said twice. Fix: it is in line 1 too: keep one",
    ]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a:\n\t- b", "f:2", "tabs"),
        ("a: 1\nb: c: d\n", "f:2", "quote"),
        ("a: 'x\n", "f:1", "close the quote"),
        ("a: [1, 2\nb: 3\n", "f:2", "brackets"),
        ("a: !python/object:os.system x", "f:1", "!python/object:os.system"),
        ("a: *gone", "f:1", "*gone names nothing"),
        ("a: &a [*a]", "f:1", "*a names nothing"),
        ("? [a]\n: 1", "f:1", "a key must be a word"),
        ("a: 1\n---\nb: 1", "f:2", "a second document"),
        ("a: \x00", "f", "control characters"),
        ("a: @b", "f:1", "begins with @"),
        ("[" * 100_000, "f:1", "nested deeper"),
        ("- " * 20_000, "f:1", "nested deeper"),
    ],
)
def test_what_is_not_yaml_is_one_mistake_with_its_line(text: str, where: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text, "f")
    assert caught.value.where == where
    assert words in caught.value.line()


def test_bytes_are_utf_8_with_or_without_a_mark() -> None:
    assert parse("\ufeffa: é".encode(), "f").value == {"a": "é"}
    with pytest.raises(UserError, match="f:2: not text in UTF-8"):
        parse(b"a: 1\nb: \xff\xfe", "f")


def test_aliases_cannot_make_a_document_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_VALUES <= 1_000_000
    monkeypatch.setattr(yaml12, "MOST_VALUES", 10_000)
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 5))
    with pytest.raises(UserError, match="more than 10,000 values"):
        parse(text, "f")


@given(st.text(st.sampled_from(list("a1:-[]{}&*!|>'\"#%@`,?~\n\t .")), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text, "f")
    except UserError as mistake:
        assert mistake.where.startswith("f")
