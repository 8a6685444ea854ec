"""Every kind of source, found by its file, keeps the laws on tables that Hypothesis makes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.laws import sources as laws
from landmark.sources import SOURCES

NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)
TEXTS = st.none() | st.sampled_from(laws.STRANGE)


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("kind", SOURCES.names())
@given(rows=st.lists(st.tuples(TEXTS, NUMBERS), min_size=1, max_size=30))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_sources_keep_the_laws(kind: str, law: laws.Law, rows: list[tuple[str | None, float | None]]) -> None:
    texts, numbers = zip(*rows, strict=True)
    table = pa.table(
        {
            "key": pa.array([f"k{i}" for i in range(len(rows))]),
            "some text": pa.array(texts, pa.string()),
            "number": pa.array(numbers, pa.float64()),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        law(kind, table, Path(folder))


def test_a_kind_that_breaks_a_law_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = SOURCES["parquet"]
    whole = source.batches

    def loses_a_row(*arguments: object) -> object:
        for batch in whole(*arguments):
            yield batch.slice(1)

    monkeypatch.setattr(source, "batches", loses_a_row)
    with pytest.raises(AssertionError):
        laws.brings_every_row_back("parquet", pa.table({"a": ["x", "y"], "b": [1.0, 2.0]}), tmp_path)
