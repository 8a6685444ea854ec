"""Written dates, against Python's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.core import dates

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59, 999999))
WRITTEN = {  # format -> the same for strftime, and whether the day is lost
    "Y-m-d": "%Y-%m-%d", "Y/m/d": "%Y/%m/%d", "Y.m.d": "%Y.%m.%d", "m/d/Y": "%m/%d/%Y", "d/m/Y": "%d/%m/%Y",
    "d-m-Y": "%d-%m-%Y", "m-d-Y": "%m-%d-%Y", "d.m.Y": "%d.%m.%Y", "d Mon Y": "%d %b %Y", "Mon d Y": "%B %d, %Y",
    "Ymd": "%Y%m%d",
}  # fmt: skip


def written(moment: datetime, pattern: str) -> str:
    return moment.strftime(pattern.replace("%Y", f"{moment.year:04}"))


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@given(moment=MOMENTS, format=st.sampled_from(sorted(WRITTEN)), offset=st.integers(-14 * 60, 14 * 60))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_format_reads_what_python_wrote(moment: datetime, format: str, offset: int) -> None:
    day = written(moment, WRITTEN[format])
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    half = f"{(moment.hour + 11) % 12 + 1}:{moment:%M:%S.%f} {'ap'[moment.hour > 11]}m"
    texts = [day, f"{day}T{moment.time().isoformat('microseconds')}{zone}", f" {day} {half}"]
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    utc = microseconds(moment.replace(tzinfo=UTC)) - offset * 60_000_000
    want = [microseconds(midnight), utc, microseconds(moment.replace(tzinfo=UTC))]
    for times in (1, 30):
        read, odd = dates.parse(pa.array(texts * times), format)
        assert read.tolist() == want * times and not odd.any()


ODD = [
    "2024-02-30",
    "2023-02-29",
    "1900-02-29",
    "0000-01-01",
    "2024-00-10",
    "2024-13-01",
    "2024-01-01T24:00",
    "2024-01-01T10:60",
]
ODD += [
    "2024-01-01T10:00:60",
    "2024-01-01 13:00 pm",
    "2024-01-01 0:30 am",
    "2024-01-01+15:00",
    "2024-01-01T10:00+14:60",
    "x",
    "",
]
ODD += [
    "２０２４-01-01",
    "2024-01-01\n",
    "2024-01-01\x00",
    "-2024-01-01",
    "12024-01-01",
    "2024-1-1-1",
    "2024-01-01 10",
    "1" * 99,
]


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_date_is_unreadable(text: str) -> None:
    for times in (1, 70):
        read, odd = dates.parse(pa.array([text, None] * times), "Y-m-d")
        assert set(read.tolist()) == {dates.MISSING} and odd.tolist() == [True, False] * times


@given(
    texts=st.lists(
        st.one_of(st.none(), st.sampled_from(ODD), st.text("0123456789-/: TZ+apm.Jn", max_size=12)),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_dates_are_read_alike_few_or_many_at_a_time(texts: list[str | None]) -> None:
    for format in dates.FORMATS + dates.DECLARED:
        few, odd = dates.parse(pa.array(texts, pa.string()), format)
        many, odds = dates.parse(pa.array(texts * 70, pa.string()), format)
        assert many.tolist() == few.tolist() * 70 and odds.tolist() == odd.tolist() * 70


@pytest.mark.parametrize(
    ("format", "text", "iso"),
    [
        *[
            ("Mon Y", "August 1962", "1962-08-01"),
            ("Y Mon", "1939, May", "1939-05-01"),
            ("Y-m", "2020-05", "2020-05-01"),
        ],
        *[("Mon-y", "Aug-68", "2068-08-01"), ("Mon-y", "Aug-69", "1969-08-01"), ("d/m/y", "31/12/99", "1999-12-31")],
        *[("Y", "1999", "1999-01-01"), ("d Mon Y", "Mon, 06 Jan 2020 10:00:00 GMT", "2020-01-06T10:00")],
        *[
            ("d Mon Y", "05-SEPT-2020", "2020-09-05"),
            ("epoch s", "86400.5", "1970-01-02T00:00:00.5"),
            ("epoch ms", "-1", "1969-12-31T23:59:59.999"),
        ],
    ],
)
def test_the_rarer_formats(format: str, text: str, iso: str) -> None:
    assert dates.parse(pa.array([text]), format)[0][0] == np.datetime64(iso, "us").astype(np.int64)


def test_epochs_outside_the_calendar_are_unreadable() -> None:
    numbers = np.array([np.nan, np.inf, 1e300, -1e300, 253402300800.0, 253402300799.0])
    read, odd = dates.from_epoch(numbers, np.zeros(6, bool), 1_000_000)
    assert odd.tolist() == [False, True, True, True, True, False] and read[5] == 253402300799 * 10**6


def test_every_format_is_named_once() -> None:
    everything = dates.FORMATS + dates.DECLARED
    assert len(set(everything)) == len(everything) and set(WRITTEN) <= set(everything)


def test_offsets_shift_moments() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    want = microseconds(datetime(2024, 1, 1, 12, tzinfo=zone))
    assert dates.parse(pa.array(["2024-01-01T12:00+0530"]), "Y-m-d")[0].tolist() == [want]


def test_time_after_training_counts_as_the_last_of_it() -> None:
    """A slope learnt from a year of rows must not go on for ever: trend and year stay within what was seen."""
    from landmark.datatypes import date
    from landmark.graph.builder import Graph
    from landmark.graph.run import session

    days = pa.array([datetime(2023, 1, 1), datetime(2023, 7, 1), datetime(2024, 3, 1)], pa.timestamp("us"))
    state = date.fit({"d": days}, date.Options())
    g = Graph()
    (values, *_) = date.graph(g, "d", {"d": g.input("d", "int64", ("N",))}, state)
    g.output("out", values.value, "float64", ("N", values.size))
    later = pa.array([datetime(2024, 3, 1), datetime(2031, 3, 1)], pa.timestamp("us"))
    last, after = session(g.build()).run(None, date.wire({"d": later}, date.Options(), True))[0]
    places = [values.labels.index(f"d.{part}") for part in ("trend", "year", "month")]
    assert (after[places] == last[places]).all()
    weekday = values.labels.index("d.weekday")
    assert last[weekday] != after[weekday]
