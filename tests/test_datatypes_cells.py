"""Raw cells mean the same in whatever type they come, few or many at a time."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.core import cells
from landmark.core.errors import UserError

AWKWARD = [
    "1.5",
    " -2 ",
    "+3e2",
    "",
    " ",
    "\t",
    "nan",
    "INF",
    "-infinity",
    "1e5000",
    "1_000",
    "१२",
    "1\x00",
    "a",
    "?",
    "\x85",
    "\u00a0",
]
TEXTS = st.one_of(
    st.none(), st.sampled_from(AWKWARD), st.text(max_size=6), st.floats().map(str), st.integers().map(str)
)
CODES = st.sampled_from([(), ("?",), ("-999", "NA"), ("1.5", "")])


def many(array: pa.Array) -> pa.Array:
    return pa.concat_arrays([array] * 70)


@given(values=st.lists(TEXTS, min_size=1, max_size=9), missing=CODES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_numbers_are_read_alike_few_or_many_at_a_time(values: list[str | None], missing: tuple[str, ...]) -> None:
    array = pa.array(values, pa.string())
    few, odd = cells.numbers(array, missing)
    some, odds = cells.numbers(many(array), missing)
    np.testing.assert_array_equal(some.reshape(70, -1), np.tile(few, (70, 1)))
    np.testing.assert_array_equal(odds.reshape(70, -1), np.tile(odd, (70, 1)))
    np.testing.assert_array_equal(cells.numbers(array.cast(pa.large_string()), missing)[0], few)


SCALARS = st.one_of(
    st.lists(st.one_of(st.none(), st.booleans()), min_size=1, max_size=5),
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=5),
    st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=5),
    st.lists(TEXTS, min_size=1, max_size=5),
    st.lists(st.one_of(st.none(), st.binary(max_size=5)), min_size=1, max_size=5),
    st.lists(st.one_of(st.none(), st.datetimes(), st.none()), min_size=1, max_size=5),
)
PHYSICAL = st.sampled_from([None, "string", "int64", "double", "bool", "timestamp[us]", "list<item: int64>"])


@given(values=SCALARS, physical=PHYSICAL, missing=CODES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_labels_are_read_alike_few_or_many_at_a_time(
    values: Any, physical: str | None, missing: tuple[str, ...]
) -> None:
    array = pa.array(values)
    few = cells.texts(array, physical, missing)[0].to_pylist()
    some = cells.texts(many(array), physical, missing)[0].to_pylist()
    assert some == few * 70
    assert all(text is None or (text and "\0" not in text and text not in missing) for text in few)
    tensor = cells.tensor(pa.array(few, pa.string()))
    assert tensor.dtype == object and tensor.tolist() == [cells.MISSING if text is None else text for text in few]


@pytest.mark.parametrize(
    ("value", "physical", "text"),
    [
        *[
            (True, "bool", "True"),
            ("true", "bool", "True"),
            (1, "bool", "True"),
            (0.0, "bool", "False"),
            ("?", "bool", "?"),
        ],
        *[(1, "int64", "1"), ("1", "int64", "1"), (" 01 ", "int64", "1"), (1.0, "int64", "1"), (True, "int64", "1")],
        *[
            (1.5, "int64", "1.5"),
            (-0.0, "int64", "0"),
            (2**53 + 1, "int64", str(2**53 + 1)),
            (Decimal("3.00"), "int64", "3"),
        ],
        *[(1, "double", "1.0"), ("1", "double", "1.0"), (-0.0, "double", "0.0"), (1e300, "double", "1e+300")],
        *[
            ("007", "string", "007"),
            (7, "string", "7"),
            (7.0, "string", "7"),
            (7.5, "string", "7.5"),
            (True, "string", "True"),
        ],
        *[
            (b"caf\xc3\xa9", "string", "café"),
            (b"\xff", "string", "\ufffd"),
            ("a\0b", "string", "a\ufffdb"),
            ("", "string", None),
        ],
        *[(math.nan, "double", None), (math.inf, "double", "inf"), (date(2024, 1, 2), "date32[day]", "2024-01-02")],
        *[
            (datetime(2024, 1, 2), "timestamp[us]", "2024-01-02 00:00:00"),
            (7.0, "dictionary<values=int64, indices=int8>", "7"),
        ],
    ],
)
def test_the_text_of_a_label_is_that_of_the_training_source(value: object, physical: str, text: str | None) -> None:
    assert cells.texts(pa.array([value]), physical)[0].to_pylist() == [text]


def test_whole_numbers_are_written_as_in_the_text_source() -> None:
    assert cells.texts(pa.array([1.0, 2.5]), "string", decimals=True)[0].to_pylist() == ["1.0", "2.5"]
    assert cells.written_with_decimals(["1.0", "-2.0"], "string")
    assert not cells.written_with_decimals(["1.0", "2"], "string") and not cells.written_with_decimals(
        ["1.0"], "double"
    )


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.float32(), pa.bool_(), pa.large_string(), pa.string()])
def test_labels_go_back_to_the_type_of_the_training_column(kind: pa.DataType) -> None:
    values = pa.array([1, 0, 1]).cast(pa.bool_() if pa.types.is_boolean(kind) else kind)
    texts = cells.texts(values, str(kind))[0]
    assert cells.restore(texts.to_pylist(), str(kind)).equals(values)


def test_moments_outside_the_calendar_are_labels_too() -> None:
    far = pa.array([2**62, None], pa.timestamp("s"))
    assert cells.texts(far, "timestamp[s]")[0].null_count == 1
    fine = pa.array([1], pa.timestamp("ns"))
    assert cells.texts(fine, "timestamp[ns]")[0].to_pylist()[0].startswith("1970-01-01 00:00:00.000000001")


def test_nested_values_are_no_labels_and_no_numbers() -> None:
    array = pa.array([["a"], None])
    assert cells.texts(array)[1].tolist() == cells.numbers(array)[1].tolist() == [True, False]


def test_durations_are_seconds() -> None:
    assert cells.numbers(pa.array([1500, None], pa.duration("ms")))[0].tolist()[0] == 1.5


def test_what_is_refused_is_named() -> None:
    array = pa.array(["1", "x", "y"])
    with pytest.raises(UserError) as caught:
        cells.refuse("age", array, cells.numbers(array)[1], "a number")
    assert (caught.value.where, caught.value.seen) == ("age, row 2", "x")
    cells.refuse("age", array, np.zeros(3, bool), "a number")


def test_a_column_in_pieces_is_read_whole() -> None:
    pieces = pa.chunked_array([["a"] * 60, ["b", None] * 30])
    read, _ = cells.texts(pieces)
    assert isinstance(read, pa.Array) and read.to_pylist() == ["a"] * 60 + ["b", None] * 30
    assert cells.numbers(pa.chunked_array([["1"] * 60, ["2"] * 60]))[0].sum() == 180
