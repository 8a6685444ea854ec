"""Equal values have equal fingerprints, others do not, for ever."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from landmark.statistics.fingerprints import LONG, distinct, draws, of_rows, of_values

TEXTS = st.one_of(st.text(max_size=30), st.text("ab", min_size=LONG - 2, max_size=LONG + 20), st.none())


@given(st.lists(TEXTS, max_size=30))
def test_texts_are_alike_when_their_fingerprints_are(texts: list[str | None]) -> None:
    prints = of_values(pa.array(texts, pa.string())).tolist()
    assert len(set(prints)) == len(set(texts)) == distinct(np.array(prints, np.uint64))
    assert len({*zip(texts, prints, strict=True)}) == len(set(texts))


@given(st.lists(st.one_of(st.floats(), st.none()), max_size=30))
def test_numbers_are_alike_when_their_fingerprints_are(values: list[float | None]) -> None:
    prints = of_values(pa.array(values, pa.float64()))
    keys = [None if v is None or v != v else v + 0.0 for v in values]
    assert len(set(prints.tolist())) == len(set(keys))


def test_fingerprints_do_not_depend_on_the_table_around_them() -> None:
    texts = ["b", None, "a", "longer than eight bytes", "b"]
    whole = of_values(pa.array(texts))
    assert [int(of_values(pa.array([t], pa.string()))[0]) for t in texts] == whole.tolist()
    assert of_values(pa.chunked_array([texts[:2], texts[2:]]).combine_chunks()).tolist() == whole.tolist()
    assert of_values(pa.array(texts, pa.large_string())).tolist() == whole.tolist()
    assert int(of_values(pa.array(["landmark"]))[0]) == 9358192275267340121


def test_rows_differ_by_any_column_and_by_the_order_of_columns() -> None:
    prints = of_rows(pa.table({"a": ["x", "x", "y", "y"], "b": ["x", "y", "x", "y"]}))
    assert distinct(prints) == 4
    assert of_rows(pa.table({"a": ["x"], "b": ["y"]}))[0] != of_rows(pa.table({"a": ["y"], "b": ["x"]}))[0]


def test_a_draw_is_of_the_row_and_the_seed_alone() -> None:
    table = pa.table({"a": ["x", "y", "x", "z"], "b": [1, 2, 1, 3]})
    drawn = draws(table, np.arange(4), 7)
    assert distinct(drawn) == 4  # rows that are alike have a draw each
    turned = draws(table.take([3, 1, 0]).select(["b", "a"]), np.arange(3), 7)
    assert turned.tolist() == drawn[[3, 1, 0]].tolist()
    assert draws(table, np.array([1, 3]), 7).tolist() == drawn[[1, 3]].tolist()
    assert not set(draws(table, np.arange(4), 8).tolist()) & set(drawn.tolist())
    assert len(draws(table, np.arange(0), 7)) == 0
    assert int(draws(pa.table({"a": ["landmark"]}), np.arange(1), 7)[0]) == 16438876883149338972
