"""What each kind of column is asked, against counting by hand."""

from __future__ import annotations

import io
import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells
from landmark.statistics.summary import column, profile, profile_stream
from landmark.statistics.summary.columns.picture_headers import picture
from landmark.statistics.summary.sums.weights import usable
from landmark.statistics.summary.text.shapes import shapes
from landmark.statistics.summary.text.text_block import Values

WORDS = ("12", "nan", "inf", "1e", "e5", "00012", "\u00a0", "東", "2024-01-31", "1" * 9)
SCRAPS = st.sampled_from([*"0123456789+-. eE:/_nNaAiIfFtTyY%\t", *WORDS])


@given(st.lists(st.lists(SCRAPS, min_size=1, max_size=6).map("".join), min_size=1, max_size=20), st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_block_reads_numbers_as_every_other_room_does(texts: list[str], hopeful: bool) -> None:
    array = pa.array(texts, pa.string())
    found = Values(array, hopeful).numbers
    x, odd = cells.numbers(array)
    if found is None:
        assert odd.all()
    else:
        assert found[1].tolist() == odd.tolist()
        assert [repr(v) for v in found[0][~odd].tolist()] == [repr(v) for v in x[~odd].tolist()]


@pytest.mark.parametrize("others", [0, 40_000])
def test_numbers_strays_and_marks_are_found_with_their_rows_wherever_they_stand(others: int) -> None:
    texts = [f"{i}.5" for i in range(others)] + ["12 cm", "", None, "inf", "12 cm", "a\0", "\ufffd", "7", "-2", "0"]
    found = column("x", pa.array(texts, pa.string()))
    first = others + 1
    assert [(s.text, s.count, s.row) for s in found.strays] == [
        ("12 cm", 2, first),
        ("a\0", 1, first + 5),
        ("\ufffd", 1, first + 6),
    ]
    rows = {code: found.oddities[code].row for code in ("infinite", "nul", "invalid")}
    assert rows == {"infinite": first + 3, "nul": first + 5, "invalid": first + 6}
    assert found.numbers == pytest.approx((others + 4) / (others + 8))
    assert (found.missing, found.empty, found.infinite, found.negatives, found.zeros) == (2, 1, 1, 1, 1)


def test_the_shape_of_codes_is_written_with_letters_and_digits() -> None:
    codes = [f"AB-{i:03}" for i in range(80)] + [f"xy{i % 10}" for i in range(20)]
    assert column("x", pa.array(codes)).patterns == (("AA-999", 0.8), ("aa9", 0.2))
    names = [f"{'A' * (1 + i % 9)}{'b' * (1 + i % 7)} {i * 37}" for i in range(300)]
    assert column("x", pa.array(names)).patterns[0][0] == "A+a+ 9+"


def test_scripts_and_languages_are_hinted_at() -> None:
    german = ["der Hund und die Katze sind nicht auf dem Dach", "das ist ein Haus mit einem Garten"] * 4
    found = column("x", pa.array(german))
    assert next(iter(found.languages)) == "German" and found.scripts == {"Latin": 1.0}
    mixed = column("x", pa.array(["Москва", "東京", "Roma"]))
    assert mixed.scripts == {"Cyrillic": 6 / 12, "Latin": 4 / 12, "Han": 2 / 12}
    assert mixed.languages == {}
    names = column(
        "x", pa.array([f"Martin de Vries{i} van Gogh{i}, Anna Lisa Maria{i}" for i in range(9)] + ["Li Wu Chan"] * 90)
    )
    assert names.languages == {}


def test_characters_that_are_seldom_meant_are_named_with_their_row() -> None:
    texts = ["plain", "M\u00c3\u00bcnchen", "a\u200bb", "e\u0301te", "bell\x07", "tab\tis fine", "Zürich"]
    found = column("x", pa.array(texts)).oddities
    assert {code: stray.row for code, stray in found.items()} == {
        "mojibake": 2,
        "invisible": 3,
        "decomposed": 4,
        "control": 5,
    }


def test_one_strange_text_is_found_among_thousands() -> None:
    texts = [f"name {i}" for i in range(3000)]
    texts[1234] = "M\u00c3\u00bcnchen"
    assert column("x", pa.array(texts)).oddities["mojibake"].row == 1235


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["ÀB-١٢", "Éd 34"], [("AA-99", 0.5), ("Aa 99", 0.5)]),
        (["東京 7", "大阪 8"], [("aa 9", 1.0)]),
        ([f"{'x' * n}.{'7' * n}" for n in range(2, 22)], [("a+.9+", 1.0)]),
    ],
)
def test_shapes_are_of_letters_and_digits_of_all_scripts(texts: list[str], wanted: list[tuple[str, float]]) -> None:
    assert list(shapes(pa.array(texts), np.ones(len(texts), np.int64))) == wanted


def test_texts_of_enormous_numbers_have_a_mean_though_not_a_sum() -> None:
    found = column("x", pa.array(["-1e308", "-1.5e308", "-1e308", "-1e308"]))
    assert found.numbers == 1 and found.mean == pytest.approx(-1.125e308)


def test_scripts_are_shares_of_letters() -> None:
    assert column("x", pa.array(["abc 1", "de"])).scripts == {"Latin": 1.0}
    assert column("x", pa.array(["1-2", "3-4"])).scripts == {}
    assert column("x", pa.array(["ab", "вг", "é!"])).scripts == {"Latin": 0.6, "Cyrillic": 0.4}


def test_lengths_are_those_of_characters() -> None:
    found = column("x", pa.array(["é", "東京", "x" * 600, "abc", None]))
    assert (found.length_min, found.length_max, found.length_mean) == (1, 600, 606 / 4)
    assert found.lengths[0] == 1 and found.lengths[-1] == 600


@pytest.mark.parametrize("kind", ["moment", "text", "day"])
def test_gaps_of_dates(kind: str) -> None:
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(hours=i) for i in (*range(200), *range(720, 770))]
    days = [moment.date() for moment in moments[::24]]
    arrays: dict[str, Any] = {
        "moment": pa.array(moments),
        "text": pa.array([str(moment) for moment in moments]),
        "day": pa.array(days),
    }
    found = column("when", arrays[kind])
    assert found.order == "ascending" and found.gaps is not None
    step = 86_400 if kind == "day" else 3600
    assert found.gaps.step_s == step
    last = days[8] if kind == "day" else moments[199]
    next_ = days[9] if kind == "day" else moments[200]
    assert found.gaps.largest_s == (next_ - last).total_seconds()
    when = datetime(last.year, last.month, last.day, getattr(last, "hour", 0))
    assert found.gaps.after == (when - datetime(1970, 1, 1)) / timedelta(microseconds=1)
    shuffled = column("when", arrays[kind].take(pa.array(np.random.default_rng(0).permutation(len(arrays[kind])))))
    assert shuffled.order == "" and shuffled.gaps is not None
    assert shuffled.gaps.largest_s == 86_400 * (30 - 8 if kind != "day" else (days[9] - days[8]).days)
    assert shuffled.gaps.empty_days == found.gaps.empty_days > 0


def test_the_order_of_rows_is_seen_across_blocks() -> None:
    rows = 150_000
    up, late = np.arange(rows), np.arange(rows)
    late[70_000] = 0
    words = [f"{i:08}" for i in range(rows)]
    table = pa.table({"up": up, "down": -up / 7, "late": late, "word": words, "flat": np.ones(rows), "flag": up > 99})
    found = profile_stream(table.to_batches(), table.schema)
    assert {name: one.order for name, one in found.columns.items()} == {
        "up": "ascending",
        "down": "descending",
        "late": "",
        "word": "ascending",
        "flat": "",
        "flag": "ascending",
    }
    assert found.sorted_by == ("up", "down", "word", "flag")


def test_lists_are_counted_by_length_and_by_item() -> None:
    lists = pa.array([["a", "b"], ["b"], [], None, ["b", None, "c", "a"], ["a", "b"]])
    found = column("x", lists)
    assert (found.missing, found.distinct, found.lists) == (1, 4, True)
    assert found.top[0] == ("['a', 'b']", 2)
    assert (found.length_min, found.length_max) == (0, 4)
    assert found.items is not None and (found.items.count, found.items.missing, found.items.distinct) == (9, 1, 3)
    assert found.items.top == (("b", 4), ("a", 3), ("c", 1))
    vectors = column("x", pa.array([[0.5, 1.5], [2.5, 3.5]], pa.list_(pa.float64(), 2)))
    assert vectors.items is not None and vectors.items.top == () and vectors.lengths[0] == 2
    assert column("x", pa.array([["a", "b"], ["b", "a"]])).distinct == 2


def encoded(form: str, size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["png", "jpeg", "gif", "bmp", "webp"])
def test_the_header_of_a_picture_tells_its_format_and_size(form: str) -> None:
    found = picture(encoded(form, (37, 21)))
    assert found is not None and (found.format, found.width, found.height) == (form, 37, 21)
    assert picture(encoded(form, (37, 21))[:9]) in (None, (form, 0, 0))


@given(st.binary(max_size=60), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBP", b"BM"]))
@settings(max_examples=200, deadline=None)
def test_no_bytes_confuse_it(content: bytes, start: bytes) -> None:
    found = picture(start + content)
    assert found is None or found.format in ("png", "jpeg", "gif", "bmp", "webp", "tiff")


def test_a_column_of_pictures_says_formats_and_sizes() -> None:
    files = [encoded("png", (10 + i, 5)) for i in range(20)] + [encoded("jpeg", (8, 8)), b"no picture", None]
    found = column("photo", pa.array(files, pa.binary()))
    assert found.media is not None and found.media.looked_at == 22
    assert found.media.formats == {"png": 20, "jpeg": 1}
    assert found.media.width == (8, 19, 29) and found.media.height == (5, 5, 8)
    assert found.top == () and found.missing == 1


def weighed(x: list[Any], weights: list[Any], kind: pa.DataType | None = None) -> ColumnProfile:
    table = pa.table({"x": pa.array(x, kind), "w": pa.array(weights)})
    return profile_stream(table.to_batches(), table.schema, weight="w").columns["x"]


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 6)), min_size=1, max_size=50))
@settings(max_examples=100, deadline=None)
def test_weights_count_as_that_many_rows(pairs: list[tuple[int, int]]) -> None:
    x, w = zip(*pairs, strict=True)
    found = weighed([float(v) for v in x], list(w)).weighted
    repeated = np.repeat(np.array(x, float), w)
    assert found is not None and found.total == len(repeated)
    if not len(repeated):
        assert found.mean is None and found.quantiles == ()
        return
    assert found.mean == pytest.approx(repeated.mean())
    assert found.std == pytest.approx(repeated.std(), abs=1e-9)
    assert found.quantiles[5] in (np.quantile(repeated, 0.5, method=m) for m in ("inverted_cdf", "higher", "lower"))
    shares = {str(v): (repeated == v).mean() for v in set(repeated.tolist())}
    assert {text: share for text, share in found.top if share} == pytest.approx(shares)


def test_weights_of_text_and_useless_weights() -> None:
    table = pa.table({"x": ["a", "b", "b", None], "w": pa.array(["3", "1", "-1", "x"])})
    found = profile_stream(table.to_batches(), table.schema, weight="w")
    assert found.unweighed == 2 and found.weight == "w"
    weighted = found.columns["x"].weighted
    assert weighted is not None and weighted.total == 4 and weighted.top == (("a", 0.75), ("b", 0.25))
    assert usable(pa.array([1.0, math.inf, math.nan]))[1] == 2


def test_only_the_number_of_the_row_is_a_counter_over_many_blocks() -> None:
    numbers = np.arange(5, 150_005)
    assert column("x", pa.array(numbers)).counter
    assert column("x", pa.array(numbers).cast(pa.string())).counter
    numbers[100_000] += 1
    assert not column("x", pa.array(numbers)).counter
    assert not column("x", pa.array([*range(99), None])).counter


def test_a_profile_is_the_same_whatever_carries_it_out() -> None:
    from landmark.runners.local import Threads

    rng = np.random.default_rng(1)
    words = [f"w{i % 900}" for i in range(5000)]
    table = pa.table({"a": rng.normal(size=5000), "b": words, "c": rng.random(5000) < 0.5})
    said: list[float] = []
    found = profile(table, None, Threads(3), lambda what, done: said.append(done))
    assert found == profile(table)
    assert sorted(said) == [1 / 3, 2 / 3, 1.0]
