"""The contract as a document: it goes in and out, mistakes have lines, and an edit changes one place only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.contract import Change, Contract, Edit
from landmark.config.contract import load, read, render
from landmark.config.splice import spliced
from landmark.config.yaml12 import parse
from landmark.contract.edits import applied
from landmark.core.errors import Mistakes, UserError

WRITTEN = """\
# our own words
rows: {least: 10}
columns:
  age:   # of the customer
    type: number   # years
    least: 0       # nobody is younger

    most: 120
  "a: b":
    type: category
    values:
      - x   # the first
      - 'no'
      # and no more
  place: {type: text, present: 0.5}
  gone: {type: text}

# rules
rules:
  grown up:
    holds: age >= 18   # by law
    message: not of age
"""


def mistakes_in(text: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        read(text, "schema.yaml")
    return [mistake.line() for mistake in caught.value.mistakes]


def test_every_mistake_is_said_at_once_with_line_and_nearest_word() -> None:
    said = mistakes_in(
        "columns:\n"
        "  age: {type: nmber, least: 5}\n"
        "  b: {type: text, presnt: 1}\n"
        "  c: {type: number, present: 2, whole: perhaps}\n"
        "rules:\n"
        "  x: {hold: '1'}\n"
        "levls: {}\n"
    )
    expected = [
        "schema.yaml:2 columns.age.type: 'nmber' is not understood here. Fix: did you mean 'number'?",
        "schema.yaml:3 columns.b.presnt: 'presnt' is not understood here (seen: 1). Fix: did you mean 'present'?",
        "schema.yaml:4 columns.c.present: must be at most 1 (seen: 2).",
        "schema.yaml:4 columns.c.whole: must be yes or no (seen: perhaps).",
        "schema.yaml:6 rules.x.hold: 'hold' is not understood here (seen: 1). Fix: did you mean 'holds'?",
        "schema.yaml:7 levls: 'levls' is not understood here (seen: {}). Fix: did you mean 'levels'?",
    ]
    assert sorted(said) == sorted(expected)


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ("columns: {c: {type: number, least: 2, most: 1}}", "columns.c.least: is above most"),
        ("columns: {c: {type: number, least: soon}}", "must be a number"),
        ("columns: {c: {type: date, least: soon}}", "is no date"),
        ("columns: {c: {type: date, least: 2024-02-01, most: 2024-01-01}}", "is above most"),
        ("columns: {c: {type: date, fresh: 2 moons}}", "no length of time"),
        ("columns: {c: {type: date, formats: [Y-m]}}", None),
        ("columns: {c: {type: date, formats: [Y-n]}}", "no date format"),
        ("columns: {c: {type: date, every: {span: fortnight}}}", "'fortnight' is not understood"),
        ("columns: {c: {type: number, unit: yeers}}", "did you mean 'year'?"),
        (
            "columns: {c: {type: number, pattern: x}}",
            "means nothing for a number. Fix: it is for: binary, category, text",
        ),
        ("columns: {c: {type: text, pattern: '('}}", "Invalid regular expression"),
        ("columns: {c: {type: text, kind: money}}", "a text is no money"),
        ("columns: {c: {type: text, kind: identifier}}", None),
        ("columns: {c: {type: text, others: 0.1}}", "nothing without values"),
        ("columns: {c: {type: text, values: []}}", "allows no value"),
        ("columns: {c: {type: text, values: [a, b, a]}}", "names a value twice (seen: a)"),
        ("columns: {c: {type: number, values: [1, x]}}", "must be numbers (seen: x)"),
        ("columns: {c: {type: text, length: {least: 3, most: 2}}}", "columns.c.length.least: is above most"),
        ("columns: {c: {type: text, only: [servng]}}", "did you mean 'serving'?"),
        ("columns: {c: {type: text, tells: [d]}, dd: {type: text}}", "did you mean 'dd'?"),
        ("columns: {c: {type: text, tells: c}}", "'c' is no other column"),
        ("rows: {least: 3, most: 2}", "rows.least: is above most"),
        ("environments: []", "names none"),
        ("levels: {too-smal: warn}", "did you mean 'too-small'?"),
        ("levels: {too-small: loud}", "one of: block, note, warn"),
        (
            "columns: {c: {type: number}}\nrules: {r: {holds: d > 1}}",
            "schema.yaml:2 rules.r.holds: character 1: there is no column",
        ),
        (
            "columns: {c: {type: number}}\nrules: {r: {holds: c > 1, when: c = 1}}",
            "rules.r.when: character 3: one = means",
        ),
        (
            "columns: {c: {type: number}}\nrules: {r: {holds: c > 1, only: test}}",
            "rules.r.only: 'test' is no environment",
        ),
        ("columns: {c: {type: image}}\nrules: {r: {holds: c == 'x'}}", "there is no column 'c'"),
        ("reference: {rows: 1, columns: {c: {missing: 0, counts: [1]}}}", "no column of the contract"),
        (
            "columns: {c: {type: number}}\nreference: {rows: 1, columns: {c: {missing: 0, edges: [1], counts: [1]}}}",
            "needs 2 entries",
        ),
        (
            "columns: {c: {type: number}}\n"
            "reference: {rows: 1, columns: {c: {missing: 0, edges: [2, 1], counts: [1, 1, 1]}}}",
            "must rise",
        ),
        ("columns: {c: {type: number}, c: {type: text}}", "columns.c: said twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(lines: str, word: str | None) -> None:
    if word is None:
        assert read(lines, "schema.yaml").columns
    else:
        (said,) = mistakes_in(lines)
        assert word in said and said.startswith("schema.yaml:")


def test_numbers_where_text_is_wanted_mean_their_text() -> None:
    made = read("columns: {c: {type: category, values: [007, 1.0, yes, true], missing: 99}}", "schema.yaml")
    assert made.columns["c"].values == ("007", "1.0", "yes", "true") and made.columns["c"].missing == ("99",)


def test_what_is_no_contract_is_refused(tmp_path: Path) -> None:
    for content in ("- a\n", "", "just words"):
        with pytest.raises(UserError, match="KEY: VALUE"):
            read(content, "schema.yaml")
    with pytest.raises(UserError, match="there is no contract here"):
        load(tmp_path / "nothing.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path)


def test_an_edit_leaves_the_rest_as_it_was_written() -> None:
    changes = [
        Change(place=("columns", "age", "least"), value=-1),
        Change(place=("columns", "age", "whole"), value=True),
        Change(place=("columns", "a: b", "values"), value=["x", "no", "yes"]),
        Change(place=("columns", "place", "present"), value=0.4),
        Change(place=("columns", "place", "length", "most"), value=9),
        Change(place=("columns", "new"), value={"type": "date"}),
        Change(place=("columns", "gone"), remove=True),
        Change(place=("columns", "never", "there"), remove=True),
        Change(place=("rules", "grown up", "share"), value=0.9),
        Change(place=("levels", "too-small"), value="warn"),
        Change(place=("rows", "most"), value=99),
    ]
    assert spliced(WRITTEN, changes, "by Ada") == (
        "# our own words\n"
        "rows: {least: 10, most: 99}  # by Ada\n"
        "columns:\n"
        "  age:   # of the customer\n"
        "    type: number   # years\n"
        "    least: -1       # nobody is younger; by Ada\n"
        "\n"
        "    most: 120\n"
        "    whole: true  # by Ada\n"
        '  "a: b":\n'
        "    type: category\n"
        "    values: [x, 'no', 'yes']  # by Ada\n"
        "      # and no more\n"
        "  place: {type: text, present: 0.4, length: {most: 9}}  # by Ada; by Ada\n"
        "  # gone was taken away: by Ada\n"
        "  new: {type: date}  # by Ada\n"
        "\n"
        "# rules\n"
        "rules:\n"
        "  grown up:\n"
        "    holds: age >= 18   # by law\n"
        "    message: not of age\n"
        "    share: 0.9  # by Ada\n"
        "levels: {too-small: warn}  # by Ada\n"
    )


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("a: 1", Change(place=("a",), value=2), "a: 2\n"),
        ("", Change(place=("a", "b"), value=2), "a: {b: 2}\n"),
        ("# only\n", Change(place=("a",), value=2), None),
        ("{a: 1}", Change(place=("b",), value=2), "{a: 1, b: 2}\n"),
        ("a:\nb: 1\n", Change(place=("a",), value=2), "a: 2\nb: 1\n"),
        ("a:\n  b:\nc: 1\n", Change(place=("a", "b", "d"), value=2), "a:\n  b: {d: 2}\nc: 1\n"),
        ("a: |\n  x\n  y\n\nb: 1\n", Change(place=("a",), value="z"), "a: z\n\nb: 1\n"),
        ("a: {b: 1,\n    c: 2}  # both\nd: 3\n", Change(place=("a", "c"), value=4), "a: {b: 1, c: 4}  # both\nd: 3\n"),
        ("a: 'it''s: # no'\n", Change(place=("b",), value="x: y"), "a: 'it''s: # no'\nb: 'x: y'\n"),
        ("? a\n: 1\nb: 2\n", Change(place=("a",), value=3), "? a\n: 3\nb: 2\n"),
        ("é: 1 # ü\nb: 🙂\n", Change(place=("b",), value=3), "é: 1 # ü\nb: 3\n"),
    ],
)
def test_places_of_every_shape(text: str, change: Change, expected: str | None) -> None:
    made = spliced(text, [change])
    assert expected in (None, made)
    tree: Any = parse(made, "").value
    for part in change.place:
        tree = tree[part]
    assert tree == change.value


NAMES = st.text(min_size=1, max_size=6) | st.sampled_from(
    ["a: b", "# x", "- y", "'", '"', "null", "1", "\n", "x" * 1100, "é"]
)
VALUES = st.sampled_from([-1.5, 3, True, ["a", "no"], {"least": 1}, "x: y", "# no"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, st.sampled_from(["least", "most", "present"]), min_size=1, max_size=4), st.data())
def test_a_spliced_edit_is_the_edit_applied(columns: dict[str, str], data: st.DataObject) -> None:
    made = Contract.model_validate({"columns": {name: {"type": "number", line: 0.5} for name, line in columns.items()}})
    text = render(made)
    assert read(text, "s") == made
    name = data.draw(st.sampled_from(sorted(columns)))
    changes = data.draw(
        st.lists(
            st.one_of(
                st.builds(lambda v: Change(place=("columns", name, "least"), value=v), st.sampled_from([-3, 0.25])),
                st.builds(lambda v: Change(place=("columns", name, "length"), value=v), st.just({"least": 1})),
                st.just(Change(place=("columns", name, columns[name]), remove=True)),
                st.builds(lambda n: Change(place=("columns", n), value={"type": "text"}), NAMES),
                st.builds(lambda c: Change(place=("levels", c), value="warn"), st.sampled_from(["skew", "stale"])),
            ),
            max_size=3,
        )
    )
    edit = Edit(code="x", column=name, changes=tuple(changes))
    assert Contract.model_validate(parse(spliced(text, changes, "by Ada\n# x"), "").value) == applied(made, edit)
