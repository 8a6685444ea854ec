"""Equal values have equal fingerprints, others do not, for ever."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from landmark.statistics.fingerprints import LONG, distinct, of_rows, of_values

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
