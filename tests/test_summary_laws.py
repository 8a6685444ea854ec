"""Laws of summing up: whatever is cut, merged or sent where, the profile is the same to the last bit."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landmark.artifacts.artifact import read, write
from landmark.artifacts.profile import TableProfile
from landmark.runners.local import Threads
from landmark.statistics.summary import blocks, profile, profile_stream, table_state
from landmark.statistics.summary.blocks import of_batches
from landmark.statistics.summary.packing import Summed, packed, unpacked
from landmark.statistics.summary.sums import sketches
from landmark.statistics.summary.table_state import TableState

EPOCH = datetime(2020, 1, 1)
TEXTS = (
    *("", "a", "b", "7", "-1.5", "1e3", "inf", "nan", " 5 ", "x" * 20, "2024-01-31", "2024-02-01", "31.12.2023", "\0"),
    *("AB-12", "é", "東京", "\ufffd?", "12 cm", "1,5", "yes", "a;b", "2020-01-01 10:30:00", "longer than eight"),
)
CELLS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "whole": (pa.int64(), st.integers(-(2**60), 2**60) | st.integers(-3, 3)),
    "byte": (pa.uint8(), st.integers(0, 255)),
    "large": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "real": (pa.float64(), st.floats(width=32) | st.floats() | st.sampled_from([0.0, -0.0, 1.5, math.nan, math.inf])),
    "small": (pa.float32(), st.floats(width=32)),
    "exact": (pa.decimal128(12, 2), st.integers(-(10**6), 10**6).map(lambda n: Decimal(n) / 100)),
    "flag": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.integers(0, 9000).map(lambda n: date(2000, 1, 1) + timedelta(days=n))),
    "moment": (pa.timestamp("us"), st.integers(0, 10**12).map(lambda n: EPOCH + timedelta(microseconds=n))),
    "text": (pa.string(), st.sampled_from(TEXTS) | st.text(max_size=3)),
    "words": (pa.large_string(), st.sampled_from(TEXTS)),
    "list": (pa.list_(pa.string()), st.lists(st.sampled_from(["p", "q", "r", None]), max_size=3)),
    "bytes": (pa.binary(), st.binary(max_size=4) | st.just(b"GIF89a\3\0\2\0")),
}
NAMES = [*CELLS]
TWO_FORMATS = pa.table(
    {"text": [*[None] * 15, "b", "-1.5", "2024-02-01", "a", "31.12.2023", "31.12.2023", "7", "2024-01-31"]}
)
"""Dates of which each block is read in another format."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of rows fill a block, a sample and the drawn rows."""
    monkeypatch.setattr(blocks, "ROWS", 8)
    monkeypatch.setattr(sketches, "KEPT", 6)
    monkeypatch.setattr(sketches, "FLOOR", 2)
    monkeypatch.setattr(sketches, "HITS", 3)
    monkeypatch.setattr(table_state, "DRAWN", 16)


@st.composite
def made(draw: st.DrawFn) -> pa.Table:
    """Return a table of some kinds of columns, of which many values repeat and some are missing."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    rows = draw(st.integers(0, 60))
    columns = {}
    for name in names:
        kind, cells = CELLS[name]
        pool = draw(st.lists(st.none() | cells, min_size=1, max_size=12))
        picks = draw(st.lists(st.integers(0, len(pool) - 1), min_size=rows, max_size=rows))
        columns[name] = pa.array([pool[pick] for pick in picks], kind)
    return pa.table(columns)


def cut(table: pa.Table, sizes: list[int]) -> Iterator[pa.RecordBatch]:
    """Yield a table in batches of these sizes, over and over."""
    start = 0
    for i in range(10**6):
        if start >= table.num_rows:
            return
        size = sizes[i % len(sizes)]
        yield from table.slice(start, size).combine_chunks().to_batches() or []
        start += size


def seen(table: pa.Table, sizes: list[int], workers: int = 1, **more: Any) -> TableProfile:
    return profile_stream(cut(table, sizes), table.schema, Threads(workers), workers, **more)


def bits(found: TableProfile) -> str:
    """Return a profile so that two are equal only if every bit of every number is."""
    return repr(found.model_dump())


@given(made(), st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(1, 3))
@settings(max_examples=120, deadline=None)
@example(TWO_FORMATS, [1], 1)
def test_it_does_not_matter_how_a_reader_cuts_or_how_many_work(table: pa.Table, sizes: list[int], workers: int) -> None:
    assert bits(seen(table, sizes, workers)) == bits(seen(table, [1000]))


@given(made(), st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_states_may_be_merged_in_any_order(table: pa.Table, rng: Any) -> None:
    states, straight = [], TableState.of(table.schema)
    for block in of_batches(cut(table, [1000]), 16):
        states.append(TableState.of(table.schema))
        states[-1].update(block)
        straight.update(block)
    whole = bits(seen(table, [1000]))
    while len(states) > 1:
        states.append(merged(states.pop(rng.randrange(len(states))), states.pop(rng.randrange(len(states)))))
    if states:
        assert kept(states[0]) == kept(straight)
        assert bits(states[0].profile()) == whole.replace("'duplicates_known': False", "'duplicates_known': True")


def kept(state: TableState) -> bytes:
    """Return the bytes of the file that a state is kept in."""
    with tempfile.TemporaryDirectory() as folder:
        write(Summed(state=packed(state)), Path(folder) / "state")
        return (Path(folder) / "state").read_bytes()


def merged(a: TableState, b: TableState) -> TableState:
    a.merge(b)
    return a


@given(made(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_blocks_may_come_in_any_order(table: pa.Table, rng: Any) -> None:
    parts = list(of_batches(cut(table, [1000]), 16))
    straight, shuffled = TableState.of(table.schema), TableState.of(table.schema)
    for block in parts:
        straight.update(block)
    for block in rng.sample(parts, len(parts)):
        shuffled.update(block)
    assert bits(straight.profile()) == bits(shuffled.profile())


@given(made())
@settings(max_examples=60, deadline=None)
def test_a_state_may_be_kept_and_merged_later(tmp_path_factory: pytest.TempPathFactory, table: pa.Table) -> None:
    path = tmp_path_factory.mktemp("state")
    whole, first, second = (TableState.of(table.schema) for _ in range(3))
    for i, block in enumerate(of_batches(cut(table, [1000]), 16)):
        whole.update(block)
        (first, second)[i % 2].update(block)
    back = []
    for name, state in (("first", first), ("second", second)):
        write(Summed(state=packed(state)), path / name)
        back.append(unpacked(read(Summed, path / name).state))
    assert [kept(state) for state in back] == [kept(first), kept(second)]
    assert bits(merged(back[1], back[0]).profile()) == bits(whole.profile())


@given(made(), st.lists(st.integers(1, 9), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_dictionaries_are_read_as_the_texts_they_stand_for(table: pa.Table, sizes: list[int]) -> None:
    texts = [name for name in table.column_names if name in ("text", "words")]
    coded = table
    for name in texts:
        coded = coded.set_column(
            coded.column_names.index(name), name, coded[name].cast(pa.string()).dictionary_encode()
        )
    plain = table.cast(pa.schema([(f.name, pa.string() if f.name in texts else f.type) for f in table.schema]))
    assert bits(seen(coded, sizes)) == bits(seen(plain, [1000]))


@given(made(), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_slices_are_profiles_of_their_rows(table: pa.Table, workers: int) -> None:
    kinds = pa.array([("u", "v", None)[i * i % 3] for i in range(table.num_rows)], pa.string())
    table = table.append_column("kind", kinds)
    found = seen(table, [5], workers, by="kind")
    assert sum(part.rows for part in found.slices.values()) == table.num_rows
    for value, part in found.slices.items():
        own = table.filter(
            pa.array([kind == value or (value == "(missing)" and kind is None) for kind in kinds.to_pylist()])
        )
        alone = profile(own)
        for name in table.column_names:
            for fact in ("count", "missing", "minimum", "maximum", "nan", "zeros", "length_max", "numbers"):
                assert getattr(part.columns[name], fact) == getattr(alone.columns[name], fact), (value, name, fact)


@given(st.lists(st.none() | st.floats(), max_size=60))
@settings(max_examples=200, deadline=None)
def test_what_is_not_finite_poisons_nothing(cells: list[float | None]) -> None:
    found = seen(pa.table({"x": pa.array(cells, pa.float64())}), [7]).columns["x"]
    x = np.array([cell for cell in cells if cell is not None and math.isfinite(cell)], np.float64)
    assert found.infinite == sum(cell is not None and math.isinf(cell) for cell in cells)
    assert found.nan == sum(cell is not None and math.isnan(cell) for cell in cells)
    assert found.missing == found.nan + sum(cell is None for cell in cells)
    if not len(x):
        assert found.mean is None and found.quantiles == ()
        return
    assert (found.minimum, found.maximum) == (x.min(), x.max())
    assert found.mean == pytest.approx(math.fsum(x / len(x)), rel=1e-9, abs=1e-300)
    assert found.quantiles[0] == x.min() and found.quantiles[-1] == x.max()
    assert found.histogram is not None and sum(found.histogram.counts) == len(x)
    assert (found.zeros, found.negatives) == ((x == 0).sum(), (x < 0).sum() + sum(c == -math.inf for c in cells))


@given(st.integers(1, 40), st.lists(st.integers(1, 30), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_blocks_of_wide_rows_are_short_however_these_are_packed(width: int, sizes: list[int]) -> None:
    texts = pa.array(["x" * 1000 * width] * 50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BYTES", 40_000)
        patch.setattr(blocks, "FEWEST", 2)
        lists, bytes_ = [[1] * 125 * width] * 50, texts.cast(pa.binary())
        wide = (pa.array(lists, pa.list_(pa.int64(), 125 * width)), bytes_.cast(pa.binary(1000 * width)))
        for column in (texts, texts.dictionary_encode(), bytes_, pa.array(lists), *wide):
            lengths = [block.rows.num_rows for block in of_batches(cut(pa.table({"x": column}), sizes), 16)]
            assert set(lengths[:-1]) == {min(8, max(2, 40 // width))} and sum(lengths) == 50
