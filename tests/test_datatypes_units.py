"""Units and currencies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from landmark.core.errors import UserError
from landmark.core.units import CURRENCIES, check_unit, convert
from landmark.datatypes import number
from landmark.statistics.units import COMMON, KNOWN, advice, of_unit


@pytest.mark.parametrize(
    "unit", ["s", "ms", "kg", "km/h", "°C", "degF", "%", "W/m^2", "1/s", "µg/m³", "USD", "EUR/kWh", *CURRENCIES]
)
def test_what_is_a_unit(unit: str) -> None:
    check_unit(unit)


@pytest.mark.parametrize(
    "word",
    ["", " ", "3 m", "m**", "9**9**9**9", "m^999999999", "__import__('os')", "(", "a\x00", "🙂", "s" * 999, "m;m"],
)
def test_what_is_none_is_refused_with_a_way_out(word: str) -> None:
    with pytest.raises(UserError) as caught:
        check_unit(word, "columns.x.unit")
    assert caught.value.where == "columns.x.unit" and caught.value.fix


@pytest.mark.parametrize(("word", "near"), [("yeers", "year"), ("usd", "USD"), ("secnods", "second")])
def test_the_nearest_unit_is_named(word: str, near: str) -> None:
    with pytest.raises(UserError, match=f"did you mean '{near}'"):
        check_unit(word)


def test_values_are_converted() -> None:
    np.testing.assert_allclose(convert(np.array([0.0, 100.0, np.nan]), "degC", "degF"), [32.0, 212.0, np.nan])
    np.testing.assert_allclose(convert(np.array([60.0]), "USD/h", "USD/min"), [1.0])


@pytest.mark.parametrize(("given", "wanted"), [("s", "kg"), ("USD", "EUR"), ("USD/h", "USD"), ("EUR", "kg")])
def test_what_measures_something_else_is_refused(given: str, wanted: str) -> None:
    with pytest.raises(UserError, match="cannot become"):
        convert(np.ones(1), given, wanted)


def test_money_has_no_rate() -> None:
    with pytest.raises(UserError, match="exchange"):
        convert(np.ones(1), "USD", "EUR")


@pytest.mark.parametrize(
    ("given", "wanted", "one"),
    [("cent", "USD", 0.01), ("EUR/kWh", "cents/kWh", 100.0), ("cent_GBP", "GBP", 0.01), ("cent/kWh", "EUR/MWh", 10.0)],
)
def test_a_cent_is_a_hundredth_of_the_currency_beside_it(given: str, wanted: str, one: float) -> None:
    np.testing.assert_allclose(convert(np.ones(1), given, wanted), [one])


@pytest.mark.parametrize(("given", "wanted"), [("cent", "JPY"), ("cent_USD", "EUR"), ("cent", "kg")])
def test_a_cent_is_of_one_currency(given: str, wanted: str) -> None:
    with pytest.raises(UserError):
        convert(np.ones(1), given, wanted)
    with pytest.raises(UserError, match="say of which currency: cent_USD/kWh"):
        check_unit("cent/kWh")


def test_what_a_finding_names_can_be_written() -> None:
    pairs = [pair for conversion in KNOWN for pair in conversion.pairs]
    pairs += [pair for unit in (*CURRENCIES, "EUR/kWh", "cent_USD", *COMMON) for c in of_unit(unit) for pair in c.pairs]
    for old, new in pairs:
        check_unit(new)
        assert convert(np.array([0.0, 1.0]), old, new).shape == (2,)
    (cents,) = of_unit("USD")
    assert advice(cents, "fare", "USD", "the rows") == "convert the rows to USD: they seem to be in cent_USD"
    assert of_unit("JPY") == () and [str(c) for c in of_unit("cent_EUR")] == ["x0.01"]


@pytest.mark.parametrize(
    ("unit", "cell", "fix"),
    [
        ("years", "264.0 months", "write the number alone; its unit is said by landmark predict --unit age=months"),
        ("years", " 22 years ", "write the number alone; its unit is said by landmark predict --unit age=years"),
        ("km/h", "3e1m/s", "write the number alone; its unit is said by landmark predict --unit age=m/s"),
        ("years", "12 cm", "mend the value, or leave it empty"),
        ("years", "12 somethings", "mend the value, or leave it empty"),
        ("years", "many months", "mend the value, or leave it empty"),
        (None, "264.0 months", "mend the value, or leave it empty"),
    ],
)
def test_a_unit_written_in_a_cell_is_known(unit: str | None, cell: str, fix: str) -> None:
    with pytest.raises(UserError) as caught:
        number.wire({"age": pa.array(["1", cell])}, number.Options(unit=unit), True)
    assert (caught.value.where, caught.value.what, caught.value.fix) == ("age, row 2", "not a number", fix)
