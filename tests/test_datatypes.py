"""Numbers, yes and no, categories and places: what each makes of a value."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.table import Array, Columns
from landmark.datatypes import Likeness, binary, category, geo, number
from landmark.graph.run import session
from landmark.laws.datatypes import build
from landmark.laws.targets import Known, decided
from landmark.statistics.summary import profile


def features(module: ModuleType, train: Columns, given: Columns, **options: Any) -> dict[str, Array]:
    """Return the features of given rows, by name, of a type fitted on training rows."""
    settings = module.Options(**options)
    model, made = build(module, settings, module.fit(train, settings), train)
    engine = session(model)
    names = [output.name for output in engine.get_outputs()]
    out = dict(zip(names, engine.run(names, module.wire(given, settings, False)), strict=True))
    return {feature.name: out[feature.value] for feature in made}


def one(module: ModuleType, train: list[Any], given: list[Any], **options: Any) -> Any:
    """Return the only feature of one column, as a list."""
    made = features(module, {"x": pa.array(train)}, {"x": pa.array(given)}, **options)
    return made["feature"].ravel().tolist()


def liked(module: ModuleType, **columns: Any) -> Likeness:
    seen = profile(pa.table({name: pa.array(values) for name, values in columns.items()}))
    likeness: Likeness = module.likeness(list(seen.columns.values()))
    return likeness


def target(module: ModuleType, values: pa.Array, **options: Any) -> tuple[Any, Known]:
    """Return the options and the target learnt from values."""
    settings = module.Options(physical=str(values.type), **options)
    state = module.learn({"y": values}, settings)
    return settings, Known(None, state, module.task(state), module.encode({"y": values}, settings, state))  # type: ignore[arg-type]  # a target has no fitted state


# --- number -----------------------------------------------------------------------------------------------------


def test_numbers_stay_as_they_are() -> None:
    got = one(number, [1.0], [1.5, None, np.inf, -np.inf, np.nan, -0.0])
    np.testing.assert_array_equal(got, [1.5, np.nan, np.inf, -np.inf, np.nan, -0.0])
    assert np.signbit(got[-1])


@pytest.mark.parametrize("given", [["-999", "1", "?"], ["-999.0", "1", None], [-999, 1, None], [-999.0, 1.0, None]])
def test_codes_for_no_number_are_missing_however_they_are_written(given: list[Any]) -> None:
    np.testing.assert_array_equal(one(number, [1.0], given, missing=("-999", "?")), [np.nan, 1.0, np.nan])


def test_an_unreadable_number_is_refused_by_row_when_asked() -> None:
    with pytest.raises(UserError, match="x, row 2: not a number") as caught:
        number.wire({"x": pa.array(["1", "12 cm"])}, number.Options(), True)
    assert caught.value.seen == "12 cm"


def test_a_truth_value_is_no_number_unless_it_was_one_in_training() -> None:
    with pytest.raises(UserError, match="x, row 2: not a number") as caught:
        number.wire({"x": pa.array([None, True])}, number.Options(physical="int64"), True)
    assert caught.value.seen is True
    read = number.wire({"x": pa.array([None, True])}, number.Options(physical="bool"), True)
    np.testing.assert_array_equal(read["x"], [np.nan, 1.0])


def test_words_for_nothing_do_not_unmake_a_column_of_numbers() -> None:
    said = liked(number, x=["1.5", "2", "3", "NA", "?"] * 10)
    assert said.score == pytest.approx(0.9) and set(said.options["missing"]) == {"NA", "?"}
    assert liked(number, x=["1", "2", "red", "blue"] * 10).score < 0.2
    assert liked(number, x=["007", "012", "099"] * 10).score < liked(category, x=["007", "012", "099"] * 10).score


def test_truth_that_is_no_finite_number_is_missing() -> None:
    options, known = target(number, pa.array([1.0, np.inf, None, 3.0]))
    np.testing.assert_array_equal(known.truth, [1.0, np.nan, np.nan, 3.0])
    assert (known.state.lowest, known.state.highest) == (1.0, 3.0)
    shown = number.present("y", decided(known, np.array([[1.5], [2.5]]), number), options, ())
    assert shown["y"].to_pylist() == [1.5, 2.5]
    assert number.learn({"y": pa.nulls(3)}, options).lowest == 0.0


# --- binary -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        *[(["yes", "no"], ("no", "yes")), (["TRUE", "FALSE"], ("FALSE", "TRUE")), ([True, False], ("False", "True"))],
        *[([1, 0], ("0", "1")), ([1, -1], ("-1", "1")), (["b", "a"], ("a", "b")), (["spam", "ham"], ("ham", "spam"))],
        *[(["case", "control"], ("control", "case")), (["normal", "abnormal"], ("normal", "abnormal"))],
        *[([1.0, 0.0], ("0.0", "1.0")), (["Y", "N"], ("N", "Y")), ([2, 10], ("2", "10"))],
    ],
)
def test_the_positive_label_stands_last(values: list[Any], labels: tuple[str, str]) -> None:
    for order in (values, values[::-1]):
        array = pa.array([*order, None])
        assert binary.fit({"x": array}, binary.Options(physical=str(array.type))).labels == labels


def test_the_positive_label_may_be_declared() -> None:
    assert binary.fit({"x": pa.array(["yes", "no"])}, binary.Options(positive="no")).labels == ("yes", "no")
    np.testing.assert_array_equal(one(binary, ["yes", "no"], ["no", "yes"], positive="no"), [1.0, 0.0])
    for learn in (binary.fit, binary.learn):
        with pytest.raises(UserError, match=r"columns\.x\.positive: .*did you mean 'yes'"):
            learn({"x": pa.array(["yes", "no"])}, binary.Options(positive="yess"))


def test_what_is_neither_yes_nor_no_is_missing() -> None:
    got = one(binary, ["yes", "no"], ["yes", "no", None, "perhaps", "", "NA"], missing=("NA",))
    np.testing.assert_array_equal(got, [1.0, 0.0, np.nan, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(one(binary, ["yes"], ["yes", "no"]), [1.0, np.nan])


def test_one_value_in_many_clothes() -> None:
    for given in ([True], ["true"], [1], ["1"], [1.0]):
        assert one(binary, [True, False], given, physical="bool") == [1.0]
    assert one(binary, ["1", "0"], [1.0, 0.0], physical="string") == [1.0, 0.0]


def test_three_values_are_not_two_and_one_is_too_few() -> None:
    with pytest.raises(UserError, match="more than two values"):
        binary.fit({"x": pa.array(["a", "b", "c"])}, binary.Options())
    with pytest.raises(UserError, match="fewer than two values"):
        binary.learn({"x": pa.array(["a", "a", None])}, binary.Options())


def test_two_values_are_binary_and_words_for_it_are_surest() -> None:
    yes, two, numbers = (
        liked(binary, x=values * 60).score for values in (["yes", "no"], ["male", "female"], ["3", "7"])
    )
    assert 1 > yes > two > numbers > 0.5 and liked(binary, x=["a", "b", "c"]).score == 0
    assert liked(binary, x=["3", "7"] * 4).score < liked(number, x=["3", "7"] * 4).score


@pytest.mark.parametrize(
    "values", [pa.array(["no", "yes", None]), pa.array([False, True, None]), pa.array([0, 1, None])]
)
def test_a_binary_answer_has_the_type_of_the_column(values: pa.Array) -> None:
    options, known = target(binary, values)
    assert known.truth.tolist() == [0, 1, -1] and known.task.kind == "binary"
    tensors = decided(known, np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]), binary)
    shown = binary.present("y", tensors, options, known.task.labels)
    assert shown["y"].equals(pa.array([values[0].as_py(), values[1].as_py(), values[0].as_py()]))
    assert shown[f"y.p.{known.task.labels[1]}"].to_pylist() == [0.1, 0.8, 0.5]
    assert binary.encode({"y": pa.array(["neither"])}, options, known.state).tolist() == [2]


# --- category ---------------------------------------------------------------------------------------------------


def test_categories_have_codes_by_frequency() -> None:
    train = ["b"] * 3 + ["c"] * 2 + ["a"] * 2 + ["rare"] + [None]
    assert category.fit({"x": pa.array(train)}, category.Options()).vocabulary == ("b", "a", "c")
    assert one(category, train, ["b", "a", "c", "rare", "never", None, "", cells.MISSING]) == [2, 3, 4, 1, 1, 0, 0, 0]
    assert category.fit({"x": pa.array(train)}, category.Options(max_values=1)).vocabulary == ("b",)
    assert "rare" in category.fit({"x": pa.array(train)}, category.Options(min_count=1)).vocabulary


def test_codes_of_numbers_are_read_from_any_source() -> None:
    for given in ([1, 2], ["1", "2"], [1.0, 2.0], ["1.0", "02"]):
        assert one(category, [1, 1, 1, 2, 2], given, physical="int64") == [2, 3]
    assert one(category, ["1.0", "1.0", "2.0", "2.0"], [1.0, 2.0], physical="string", decimals=True) == [2, 3]


def test_a_category_with_decimals_is_noticed() -> None:
    assert liked(category, x=["1.0", "2.0"] * 50).options == {"decimals": True}
    assert not liked(category, x=["1", "2.0"] * 50).options


def test_what_repeats_is_a_category_and_what_does_not_is_none() -> None:
    assert liked(category, x=["red", "green", "blue"] * 30).score > 0.8
    assert liked(category, x=[f"name {i}" for i in range(90)]).score < 0.1
    assert liked(category, x=[1.5, 2.5] * 90).score < 0.1 and liked(category, x=[1, 2, 3] * 90).score == 0.5
    assert liked(category, x=[["a"], ["b"]]).score == 0 and 0 < liked(category, x=[None, None]).score < 0.2


def test_labels_are_sorted_and_go_back_to_their_type() -> None:
    values = pa.array([10, 9, 9, None, 100], pa.int16())
    options, known = target(category, values)
    assert known.task.labels == ("9", "10", "100") and known.truth.tolist() == [1, 0, 0, -1, 2]
    shown = category.present("y", decided(known, np.eye(3), category), options, known.task.labels)
    assert shown["y"].equals(pa.array([9, 10, 100], pa.int16())) and list(shown) == ["y", "y.p.9", "y.p.10", "y.p.100"]
    assert category.encode({"y": pa.array(["7", "9"])}, options, known.state).tolist() == [3, 0]
    with pytest.raises(UserError, match="fewer than two"):
        category.learn({"y": pa.array([1, 1])}, options)


def test_a_list_is_no_label() -> None:
    with pytest.raises(UserError, match="x, row 2: not a single value"):
        category.wire({"x": pa.array([None, ["a"]])}, category.Options(), True)
    assert category.wire({"x": pa.array([["a"]])}, category.Options(), False)["x"].tolist() == [cells.MISSING]


# --- geo --------------------------------------------------------------------------------------------------------


def place(latitude: list[Any], longitude: list[Any]) -> Columns:
    return {"lat": pa.array(latitude), "lon": pa.array(longitude)}


def test_a_place_is_whole_or_missing() -> None:
    given = place([52.5, None, 91.0, 10.0, np.nan, 90.0, np.inf], [13.4, 1.0, 1.0, -180.5, 1.0, -180.0, 0.0])
    got = features(geo, place([1.0], [1.0]), given)["feature"]
    np.testing.assert_array_equal(np.isnan(got), [[i in (1, 2, 3, 4, 6)] * 2 for i in range(7)])
    np.testing.assert_array_equal(got[[0, 5]], [[52.5, 13.4], [90.0, -180.0]])


def test_a_place_off_the_globe_is_refused_when_asked() -> None:
    with pytest.raises(UserError, match="lon, row 1: not degrees between -180 and 180"):
        geo.wire(place(["1"], ["181"]), geo.Options(), True)


def test_longitude_before_latitude_is_noticed() -> None:
    with pytest.raises(UserError, match="latitude first: columns: \\[lon, lat\\]"):
        geo.fit(place([-122.2, -121.0], [37.8, 38.0]), geo.Options())
    geo.fit(place([37.8, 38.0], [-122.2, -121.0]), geo.Options())


def test_a_place_spans_a_plane_that_may_be_turned() -> None:
    train = place([1.0], [1.0])
    (made,) = build(geo, geo.Options(), geo.fit(train, geo.Options()), train)[1]
    assert made.turn and made.labels == made.columns == ("lat", "lon")


@pytest.mark.parametrize(
    "names", [("lat", "lon"), ("Latitude", "Longitude"), ("pickup_lat", "pickup_lng"), ("geo.lat", "geo.long")]
)
def test_places_are_known_by_name_and_range(names: tuple[str, str]) -> None:
    assert liked(geo, **dict(zip(names, ([52.5, 48.1], [13.4, 11.5]), strict=True))).score > 0.9
    assert liked(geo, **dict(zip(names, ([52.5, 480.1], [13.4, 11.5]), strict=True))).score < 0.2
    assert liked(geo, **dict(zip(names[::-1], ([13.4, 11.5], [52.5, 48.1]), strict=True))).score == 0
    assert liked(geo, platform=[1.5, 2.5], along=[1.5, 2.5]).score == 0


def test_likeness_needs_no_value() -> None:
    nothing = ColumnProfile(name="x", physical="null", count=3, missing=3, distinct=0)
    for module in (number, binary, category):
        assert 0 <= module.likeness([nothing]).score < 0.3
