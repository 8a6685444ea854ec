"""Dates, sets and pictures: values with parts."""

from __future__ import annotations

import base64
import io
import zlib
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.artifacts.features import Feature
from landmark.core import cells, dates
from landmark.core.errors import UserError
from landmark.core.table import Array
from landmark.datatypes import Likeness, image, set
from landmark.datatypes import date as dated
from landmark.graph.run import session
from landmark.laws.datatypes import build
from landmark.laws.targets import Known, decided
from landmark.statistics.summary import profile

Made = tuple[dict[str, Feature], dict[str, Array]]


def features(module: ModuleType, train: pa.Array, given: pa.Array, **options: Any) -> Made:
    """Return features and their tensors of a column, by name, of a type fitted on training rows."""
    settings = module.Options(**options)
    model, made = build(module, settings, module.fit({"x": train}, settings), {"x": train})
    engine = session(model)
    names = [output.name for output in engine.get_outputs()]
    out = dict(zip(names, engine.run(names, module.wire({"x": given}, settings, False)), strict=True))
    return {feature.name: feature for feature in made}, {feature.name: out[feature.value] for feature in made}


def liked(module: ModuleType, values: Any) -> Likeness:
    likeness: Likeness = module.likeness(list(profile(pa.table({"x": pa.array(values)})).columns.values()))
    return likeness


# --- date -------------------------------------------------------------------------------------------------------

LAST = 86_400 * (date.max.toordinal() - date(1970, 1, 1).toordinal() + 1) * 10**6
FIRST_DAY = (date.min.toordinal() - date(1970, 1, 1).toordinal()) * 86_400 * 10**6


def parts_of(moments: list[int]) -> list[dict[str, float]]:
    """Return the calendar fields of moments, by the graph fitted on the ends of the calendar."""
    train = pa.array([FIRST_DAY, 0, 86_399 * 10**6, LAST - 1], pa.timestamp("us"))
    made, out = features(dated, train, pa.array(moments, pa.timestamp("us")))
    labels = [label.removeprefix("feature.") for label in made["feature"].labels]
    rows = [dict(zip(labels, row, strict=True)) for row in out["feature"].tolist()]
    codes = {name.removeprefix("feature."): out[name].tolist() for name in made if name != "feature"}
    return [row | {f"code of {name}": code[i] for name, code in codes.items()} for i, row in enumerate(rows)]


@given(moments=st.lists(st.integers(FIRST_DAY, LAST - 1), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_calendar_is_pythons(moments: list[int]) -> None:
    for moment, got in zip(moments, parts_of(moments), strict=True):
        want = datetime(1970, 1, 1) + timedelta(microseconds=moment)
        of_year = want.timetuple().tm_yday
        minute = want.hour * 60 + want.minute
        assert (got["year"], got["month"], got["day"], got["day of year"]) == (want.year, want.month, want.day, of_year)
        assert (got["weekday"], got["hour"]) == (want.weekday(), minute / 60)
        assert got["trend"] == float(moment - FIRST_DAY) / dates.DAY
        assert got["hour, sine"] == np.sin(2 * np.pi * minute / 1440)
        assert got["weekday, cosine"] == np.cos(2 * np.pi * want.weekday() / 7)
        assert got["day of year, sine"] == np.sin(2 * np.pi * (of_year - 1) / 366)
        codes = [got[f"code of {part}"] for part in ("month", "weekday", "hour")]
        assert codes == [want.month + 1, want.weekday() + 2, want.hour + 2]


@pytest.mark.parametrize(
    ("array", "missing", "formats"),
    [
        (pa.array([datetime(1900, 1, 1), datetime(2024, 1, 1)]), "1900-01-01", ()),
        (pa.array([datetime(1900, 1, 1), datetime(2024, 1, 1)]), "1900-01-01 00:00:00", ()),
        (pa.array([date(1900, 1, 1), date(2024, 1, 1)]), "1900-01-01", ()),
        (pa.array([-1, 1_704_067_200]), "-1", ("epoch s",)),
        (pa.array([19000101, 20240101]), "19000101", ("Ymd",)),
        (pa.array(["1900-01-01", "2024-01-01"]), "1900-01-01", ()),
    ],
)
def test_a_code_for_no_moment_is_one_in_every_dress(array: pa.Array, missing: str, formats: tuple[str, ...]) -> None:
    read = dated.wire({"x": array}, dated.Options(missing=(missing,), formats=formats), True)["x"]
    assert read.tolist() == [dates.MISSING, 1_704_067_200_000_000]
    assert dated.wire({"x": array}, dated.Options(formats=formats), True)["x"][0] != dates.MISSING


def test_parts_that_never_change_are_left_out() -> None:
    days = pa.array(["2024-01-01", "2024-01-02", None])
    made, out = features(dated, days, pa.array(["2024-01-03", None, "soon"]))
    assert made["feature"].labels[:4] == tuple(f"feature.{p}" for p in ("trend", "day", "day of year", "weekday"))
    assert list(made) == ["feature", "feature.weekday"]
    assert out["feature"][0, :4].tolist() == [1.0, 3.0, 3.0, 2.0] and np.isnan(out["feature"][1:]).all()
    assert out["feature.weekday"].tolist() == [4, 0, 0]
    for still in (pa.array(["2024-01-01"] * 3), pa.nulls(3)):
        assert features(dated, still, days)[0]["feature"].labels == ("feature.trend",)


NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
SAME = [
    *(pa.array([NOON.replace(tzinfo=zone)]) for zone in (UTC, None)),
    pa.array([NOON.astimezone(timezone(timedelta(hours=9)))]),
    *(pa.array([NOON], pa.timestamp(unit, "Asia/Tokyo")) for unit in ("s", "ms", "us", "ns")),
    *(pa.array([text]) for text in ("2024-02-29T12:00:00Z", "2024-02-29 14:00+02:00")),
    *(pa.array([text]) for text in ("29.2.2024 12:00", "Feb 29, 2024 12:00 pm")),
    *(pa.array([text], pa.large_string()) for text in ("2024-02-29T12:00",)),
    *(pa.array([1709208000]), pa.array([1709208000.0]), pa.array(["1709208000"])),
]  # fmt: skip


@pytest.mark.parametrize("array", SAME, ids=lambda array: f"{array.type} {array[0]}")
def test_a_moment_in_any_clothes_is_the_same(array: pa.Array) -> None:
    options = dated.Options(formats=("d.m.Y", "Mon d Y", "epoch s"))
    assert dated.wire({"x": array}, options, True)["x"].tolist() == [1709208000 * 10**6]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_days_of_a_database_are_read(kind: pa.DataType) -> None:
    array = pa.array([date(2024, 2, 29), None, date.min, date.max], kind)
    got = dated.wire({"x": array}, dated.Options(), True)["x"]
    assert got.tolist() == [19782 * dates.DAY, dates.MISSING, FIRST_DAY, LAST - dates.DAY]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_moments_outside_the_calendar_are_missing(unit: str) -> None:
    array = pa.array([2**62, -(2**62), 0], pa.int64()).cast(pa.timestamp(unit))
    got = dated.wire({"x": array}, dated.Options(), False)["x"]
    inside = [moment for moment in got.tolist() if moment != dates.MISSING]
    assert got[2] == 0 and all(FIRST_DAY <= moment < LAST for moment in inside)
    if unit != "ns":
        with pytest.raises(UserError, match="x, row 1: not a date"):
            dated.wire({"x": array}, dated.Options(), True)


def test_numbers_are_dates_only_where_it_is_declared() -> None:
    array = pa.array([2024, 20240229])
    first, second = 19723 * dates.DAY, 19782 * dates.DAY
    for formats, want in (
        ((), [dates.MISSING] * 2),
        (("Y",), [first, dates.MISSING]),
        (("Ymd",), [dates.MISSING, second]),
    ):
        assert dated.wire({"x": array}, dated.Options(formats=formats), False)["x"].tolist() == want


def test_a_date_that_cannot_be_read_is_refused_by_row_when_asked() -> None:
    with pytest.raises(UserError, match="x, row 3: not a date written d/m/Y"):
        dated.wire({"x": pa.array(["31/12/2024", "", "12/31/2024"])}, dated.Options(formats="d/m/Y"), True)
    got = dated.wire({"x": pa.array(["-", "31/12/2024"])}, dated.Options(formats="d/m/Y", missing=("-",)), True)["x"]
    assert got[0] == dates.MISSING


def test_formats_are_checked_and_the_nearest_is_named() -> None:
    with pytest.raises(ValueError, match="did you mean 'd/m/Y'"):
        dated.Options(formats="d/m/YY")


def test_ambiguous_dates_are_decided_by_evidence() -> None:
    assert liked(dated, ["01/02/2024", "13/02/2024"] * 9).options == {"formats": ("d/m/Y",)}
    assert liked(dated, ["01/02/2024", "02/13/2024"] * 9).options == {"formats": ("m/d/Y",)}
    assert liked(dated, ["01/02/2024", "02/03/2024"] * 9).options == {"formats": ("m/d/Y",)}
    assert liked(dated, ["01-02-2024", "02-03-2024"] * 9).options == {"formats": ("d-m-Y",)}


def test_dates_of_several_formats_are_still_dates() -> None:
    said = liked(dated, ["2024-01-02", "13.01.2024", "5 Jan 2024"] * 9)
    assert said.score > 0.9 and sorted(said.options["formats"]) == ["Y-m-d", "d Mon Y", "d.m.Y"]
    options = dated.Options(**said.options)
    got = dated.wire({"x": pa.array(["2024-01-02", "13.01.2024", "5 Jan 2024"] * 40)}, options, True)["x"]
    assert (got[:3] // dates.DAY - 19723).tolist() == [1, 12, 4] and len(np.unique(got)) == 3


@pytest.mark.parametrize("values", [["1", "2"], ["2024"], ["red", "blue"], ["2024-13-45", "x"], [None]])
def test_what_is_no_date_is_not_taken_for_one(values: list[str | None]) -> None:
    assert liked(dated, values).score == 0


# --- set --------------------------------------------------------------------------------------------------------


def wired(array: pa.Array, **options: Any) -> list[list[str]]:
    """Return the items of every row; a row without a value is written as [MISSING]."""
    rows = set.wire({"x": array}, set.Options(**options), False)["x"].tolist()
    return [[item for item in row if item != set.PADDING] for row in rows]


def test_a_set_is_read_from_text_lists_and_json() -> None:
    want = [["red", "blue"], ["red"], [cells.MISSING], []]
    assert wired(pa.array(["red|blue|red", " red ", None, "||"]), delimiter="|") == want
    assert wired(pa.array([["red", "blue", "red"], [" red ", None], None, []])) == want
    assert wired(pa.array(['["red", "blue"]', '["red", null]', "", "[]"]), delimiter="|") == want
    assert wired(pa.array([["red", "blue"], ["red"], None, []]), delimiter="|") == want
    assert wired(pa.array(["a b", "n/a", "[oops"]), missing=("n/a",)) == [["a b"], [cells.MISSING], ["[oops"]]


def test_items_are_read_in_the_type_of_the_source() -> None:
    for array in (pa.array([[1, 2]]), pa.array([[1.0, 2.0]]), pa.array([["1", "2.0"]])):
        assert wired(array, physical="list<item: int64>") == [["1", "2"]]
    assert wired(pa.array([7]), physical="list<item: int64>") == [["7"]]


ITEMS = st.lists(
    st.one_of(st.none(), st.sampled_from(["a", "b", " a", "", "\x00", "é", "[", '["a","b"]', "a|b", "|"])), max_size=4
)


@given(rows=st.lists(st.one_of(st.none(), ITEMS), min_size=1, max_size=6), delimiter=st.sampled_from([None, "|"]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_sets_are_read_alike_few_or_many_at_a_time(rows: list[list[str | None] | None], delimiter: str | None) -> None:
    for array in (
        pa.array(rows, pa.list_(pa.string())),
        pa.array([item for row in rows for item in row or [None]], pa.string()),
    ):
        few = wired(array, delimiter=delimiter, missing=("b",))
        assert wired(pa.concat_arrays([array] * 70), delimiter=delimiter, missing=("b",)) == few * 70


def test_missing_empty_and_unseen_sets_differ() -> None:
    train = pa.array([["red", "blue"], ["red"], ["blue"], ["rare"], None])
    made, out = features(set, train, pa.array([["blue", "new"], [], None, ["rare"], ["red"]]))
    assert made["feature"].labels == (set.NOWHERE, "blue", "red") and made["feature"].size == 5
    assert out["feature"].tolist() == [[3, 1], [0, 0], [2, 0], [1, 0], [4, 0]]
    np.testing.assert_array_equal(out["feature.count"].ravel(), [2, 0, np.nan, 1, 1])


def test_only_so_many_items_of_a_row_are_looked_at() -> None:
    array = pa.array([[str(i) for i in range(100)], ["a"]])
    assert [len(row) for row in wired(array, max_items=10)] == [10, 1]


def test_an_item_that_is_a_list_is_refused_when_asked() -> None:
    with pytest.raises(UserError, match="x, row 2: not a list of single values"):
        set.wire({"x": pa.array([None, [["a"]]])}, set.Options(), True)


def test_parts_that_repeat_make_a_set() -> None:
    rng = np.random.default_rng(0)
    tags = np.array(["red", "blue", "green", "black", "white"])
    for mark in "|;,":
        said = liked(set, [mark.join(rng.permutation(tags)[: rng.integers(1, 4)]) for _ in range(200)])
        assert said.score > 0.8 and said.options == {"delimiter": mark}
    names = [f"Smith{i}, Mr. John{i}" for i in range(50)]
    towns = [f"{i} Main Street, {town}" for i in range(50) for town in ("Springfield", "Shelbyville")]
    sentences = [f"well, I think so, number {i}, yes" for i in range(50)]
    for values in (names, towns, sentences, ["1,5", "2,5", "3,5", "4,5"] * 9, ["a|b", "c|d"] * 9):
        assert liked(set, values).score < 0.5, values[:2]
    assert liked(set, [["a"], ["b"]]).score > 0.9 and liked(set, [[1.5, 2.5]]).score < 0.5


@pytest.mark.parametrize("values", [pa.array([["b", "a"], [], None, ["b"]]), pa.array([[2, 1], [], None, [2]])])
def test_a_set_is_predicted_label_by_label(values: pa.Array) -> None:
    options = set.Options(physical=str(values.type))
    state = set.learn({"y": values}, options)
    known = Known(None, state, set.task(state), set.encode({"y": values}, options, state))  # type: ignore[arg-type]  # a target has no fitted state
    assert known.truth.tolist() == [[1, 1], [0, 0], [-1, -1], [0, 1]] and known.task.kind == "multilabel"
    shown = set.present("y", decided(known, np.array([[0.5, 0.9], [0.1, 0.2]]), set), options, known.task.labels)
    assert shown["y"].to_pylist() == [sorted(values[0].as_py()), []] and shown["y"].type == values.type
    assert shown[f"y.p.{known.task.labels[0]}"].to_pylist() == [0.5, 0.1]
    assert set.encode({"y": pa.array([["new", "b"]])}, options, state).sum() <= 1


def test_a_set_written_with_a_delimiter_is_answered_so() -> None:
    options = set.Options(physical="string", delimiter=";")
    tensors: dict[str, Array] = {"y": np.array([[1, 1], [0, 0]]), "y.p": np.array([[0.9, 0.8], [0.1, 0.2]])}
    assert set.present("y", tensors, options, ("a", "b"))["y"].to_pylist() == ["a;b", ""]
    with pytest.raises(UserError, match="no row carries a label"):
        set.learn({"y": pa.array(["", None])}, options)


# --- image ------------------------------------------------------------------------------------------------------


def encoded(pixels: Any, mode: str = "RGB", kind: str = "PNG", **more: Any) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint16 if mode == "I;16" else np.uint8)).convert(mode).save(
        file, kind, **more
    )
    return file.getvalue()


def pixels(source: Any, **options: Any) -> tuple[Any, int]:
    """Return the picture (8, 8, 3) of one cell, and whether there is one."""
    out = image.wire({"x": pa.array([source])}, image.Options(size=8, **options), False)
    return out["x"][0], int(out["x.present"][0])


RED = np.full((4, 4, 3), (200, 10, 20), np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP", "TIFF", "GIF", "JPEG"])
def test_pictures_of_every_kind_are_read(kind: str) -> None:
    got, there = pixels(encoded(RED, kind=kind, lossless=True))
    assert there == 1 and got.dtype == np.uint8
    np.testing.assert_allclose(got.astype(int), np.broadcast_to([200, 10, 20], (8, 8, 3)), atol=3)


def test_grey_deep_and_clear_pictures_become_colours() -> None:
    assert pixels(encoded(np.full((4, 4), 77), "L"))[0].tolist() == np.full((8, 8, 3), 77).tolist()
    assert pixels(encoded(np.full((4, 4), 77 * 256), "I;16"))[0].tolist() == np.full((8, 8, 3), 77).tolist()
    clear = np.concatenate([RED, np.zeros((4, 4, 1), np.uint8)], axis=2)
    assert pixels(encoded(clear, "RGBA"))[0].tolist() == np.full((8, 8, 3), 255).tolist()


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    from PIL import Image

    plain = np.zeros((8, 8, 3), np.uint8)
    plain[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    got, _ = pixels(encoded(plain, exif=exif.tobytes()))
    assert got[0].min() == 255 and got[7].max() == 0


def test_paths_are_read_inside_the_folder_only(tmp_path: Path) -> None:
    inside = tmp_path / "pictures"
    inside.mkdir()
    (inside / "a.png").write_bytes(encoded(RED))
    (tmp_path / "b.png").write_bytes(encoded(RED))
    for path, there in (
        ("a.png", 1),
        ("../b.png", 0),
        (str(tmp_path / "b.png"), 0),
        (str(inside / "a.png"), 1),
        ("", 0),
        (".", 0),
    ):
        assert pixels(path, folder=str(inside))[1] == there, path
    (inside / "link.png").symlink_to(tmp_path / "b.png")
    assert pixels("link.png", folder=str(inside))[1] == 0
    assert pixels("data:image/png;base64," + base64.b64encode(encoded(RED)).decode())[1] == 1


def part(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def test_a_bomb_is_not_decoded() -> None:
    size = (30_000).to_bytes(4, "big")
    head = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size * 2 + b"\x08\x02\x00\x00\x00")
    assert pixels(head + part(b"IDAT", zlib.compress(b"\0" * 10**6)) + part(b"IEND", b""))[1] == 0
    assert pixels(encoded(RED), max_pixels=15)[1] == 0 and pixels(encoded(RED), max_pixels=16)[1] == 1


def test_what_is_no_picture_is_refused_by_row_when_asked() -> None:
    for bad in (pa.array([None, b"x"]), pa.array([None, "no.png"]), pa.array([None, 5])):
        with pytest.raises(UserError, match="x, row 2: not a picture"):
            image.wire({"x": bad}, image.Options(), True)


def test_no_path_is_read_where_the_document_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(encoded(RED))
    monkeypatch.chdir(tmp_path)
    assert pixels("a.png")[1] == 0 and pixels("a.png", folder=".")[1] == 1
    assert pixels("a.png", folder=".", physical="binary")[1] == 1
    assert pixels("a.png", folder=".", physical="string")[1] == 0  # training depends on no working directory
    with pytest.raises(UserError, match="x, row 1: not a picture"):
        image.wire({"x": pa.array(["a.png"])}, image.Options(), True)
    with pytest.raises(ValueError, match="less than or equal to 256"):
        image.Options(size=512)


def test_the_thumbnail_is_the_mean_of_its_fields() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3))
    array = pa.array([encoded(noise), None], pa.binary())
    made, out = features(image, array, array, size=16, thumbnail=4)
    want = noise.reshape(4, 4, 4, 4, 3).mean(axis=(1, 3)).ravel()
    np.testing.assert_array_equal(out["feature.thumbnail"], [want, np.full(48, np.nan)])
    np.testing.assert_array_equal(out["feature"], np.stack([noise, np.zeros_like(noise)]))
    assert made["feature.thumbnail"].labels[5] == "feature[0,1].blue"
    with pytest.raises(ValueError, match="multiple of thumbnail"):
        image.Options(size=30, thumbnail=8)


def test_paths_of_pictures_are_known_by_their_ending() -> None:
    assert liked(image, [f"photos/{i}.JPG" for i in range(9)]).score > 0.9
    assert liked(image, [b"x", b"y"]).score > 0.7 and liked(image, ["a", "b"]).score == 0
