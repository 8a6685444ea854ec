"""A day or a moment: a trend, and a place in the year, the week and the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import FIRST, Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells, dates
from landmark.core.errors import did_you_mean
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, Ints, Mask, is_text, only, whole, without
from landmark.datatypes import Likeness
from landmark.graph.builder import Graph
from landmark.graph.run import run, session

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(None, "", " ", "0001-01-01", "9999-12-31T23:59:59.999999Z", "10000-01-01", "-0044-03-15", "0000-00-00"),
    *("2024-02-30", "2024-02-29", "2023-02-29", "1969-12-31 23:59:59.999999", "2024-03-31T24:00", "2024-03-31 02:30"),
    *("2024-01-01T00:00:00+14:00", "2024-01-01T00:00:00-99:00", "31/12/2024", "١٢/٠٣/٢٠٢٤", "2024-01-0１", "now"),
    *("2024-01-01\x00", "\x00", "🙂", "a\u0301", "\u202e2024-01-01", "2" * 100_000, "NaT"),
    *(date.min, date.max, datetime.min, datetime.max, datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=-9)))),
    *(0, -1, 2**62, 1.5, float("nan"), float("inf"), True, b"2024-01-01", ["2024-01-01"]),
)
RIVALS = (("m/d/Y", "d/m/Y"), ("d-m-Y", "m-d-Y"))
"""Formats that read each other's dates; where both read all of them, the first one is taken."""

CYCLES = {"day of year": (366, 1), "weekday": (7, 0), "hour": (1440, 0)}
"""Part -> steps in one turn, and the number of its first step; the hour turns by the minute."""

CODED = {"month": (12, 1), "weekday": (7, 0), "hour": (24, 0)}
"""Part -> how many there are, and the number of the first."""

MINUTE = 60_000_000
PARTS = ("trend", "year", "month", "day", "day of year", "weekday", "hour")


class Options(ColumnOptions):
    """What may be said of a column of dates."""

    formats: tuple[str, ...] = Field(
        (), description=f"how dates are written, tried in order: {', '.join(dates.FORMATS + dates.DECLARED)}"
    )

    @field_validator("formats", mode="before")
    @classmethod
    def _one_is_enough(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("formats")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = dates.FORMATS + dates.DECLARED
        for format in value:
            if format not in known:
                raise ValueError(f"'{format}' is no date format; {did_you_mean(format, known)}")
        return value


class State(Artifact):
    """The first and last moment in training, in microseconds since 1970 UTC, and the parts that differ by row."""

    first: int
    last: int
    parts: tuple[str, ...]


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column holds dates: it has such a type, or its texts read as dates."""
    (profile,) = profiles
    if profile.physical.startswith(("timestamp", "date32", "date64")):
        return Likeness(0.99, f"the source's type is {profile.physical}")
    share = dict(profile.dates)
    for pair in RIVALS:
        both = [share.get(format, 0.0) for format in pair]
        share.pop(pair[0] if both[1] > both[0] else pair[1], None)
    formats = sorted((format for format in share if share[format] > 0), key=lambda format: -share[format])
    total = min(sum(share.values()), 1.0)
    why = f"{total:.0%} of the values read as dates ({' or '.join(formats)})" if formats else "no value reads as a date"
    return Likeness(0.97 * total, why, {"formats": tuple(formats)} if formats else {})


def fit(columns: Columns, options: Options) -> State:
    """Return the first moment and the parts that vary, read off the transform itself.

    The calendar depends on the day alone and the hour on the minute alone: both are tried once each.
    """
    moments, _ = _read(whole(only(columns)[1]), options)
    known = moments[moments != dates.MISSING]
    if not len(known):
        return State(first=0, last=0, parts=("trend",))
    days, minutes = np.unique(known // dates.DAY) * dates.DAY, np.unique(known % dates.DAY // MINUTE) * MINUTE
    g = Graph()
    parts = _parts(g, g.input("moment", "int64", ("N",)), int(known.min()))
    g.output("parts", g.concat([g.column(part) for part in parts.values()]), "float64", ("N", len(parts)))
    (table,) = run(session(g.build()), {"moment": np.concatenate([days + minutes[0], days[0] + minutes])})
    varying = np.ptp(table, axis=0) > 0
    kept = tuple(part for part, varies in zip(parts, varying, strict=True) if varies or part == "trend")
    return State(first=int(known.min()), last=int(known.max()), parts=kept)


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as int64 (n,) microseconds since 1970 UTC; the least int64 is missing."""
    name, array = only(columns)
    moments, odd = _read(whole(array), options)
    if strict:
        cells.refuse(name, array, odd, f"a date written {' or '.join(options.formats or ('Y-m-d',))}")
    return {name: moments}


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give VALUES (n, w): days since the first training row, calendar fields, and their place on the circle;
    and CODES for month, weekday and hour. Only what differed in training; NaN and 0 where missing.
    """
    ((column, moment),) = inputs.items()
    missing = g.op("Equal", moment, g.constant(dates.MISSING, "int64"))
    parts = _parts(g, g.op("Where", missing, g.constant(0, "int64"), moment), state.first)
    values = {part: parts[part] for part in state.parts}
    for part, ends in held(state).items():
        if part in values:
            values[part] = g.op("Clip", values[part], *(g.constant(end) for end in ends))
    for part, (steps, first) in CYCLES.items():
        if part in state.parts:
            values |= _circle(g, part, parts[part], steps, first)
    table = g.concat([g.column(value) for value in values.values()])
    known = g.op("Where", g.column(missing), g.constant(np.nan), table)
    labels = tuple(f"{name}.{part}" for part in values)
    made = [Feature(name=name, role=Role.VALUES, value=known, size=len(values), columns=(column,), labels=labels)]
    for part in CODED:
        if part in state.parts:
            made.append(_coded(g, name, column, part, parts[part], missing))
    return made


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n moments of three years as text, a twentieth of them missing."""
    seconds = rng.integers(1_577_836_800, 1_672_531_200, n)
    texts = [datetime.fromtimestamp(int(second), UTC).strftime("%Y-%m-%d %H:%M:%S") for second in seconds]
    return {names[0]: pa.array(texts, pa.string(), mask=rng.random(n) < 0.05)}


def _read(array: pa.Array, options: Options) -> tuple[Ints, Mask]:
    """Return cells (n,) as microseconds, and the mask of the unreadable."""
    kind = array.type
    if is_text(kind):
        plain = array if kind == pa.string() else array.cast(pa.string())
        return dates.parse_any(without(plain, options.missing), options.formats)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments, odd = dates.from_arrow(array)
        gone = np.isin(moments, dates.parse_any(pa.array(options.missing, pa.string()), options.formats)[0])
        return np.where(gone, dates.MISSING, moments), odd
    whole_numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    for format in options.formats if whole_numbers else ():
        if format in dates.MICROSECONDS:
            return dates.from_epoch(*cells.numbers(array, options.missing), dates.MICROSECONDS[format])
        if format in ("Y", "Ymd"):
            return dates.parse(cells.texts(array, None, options.missing)[0], format)
    return np.full(len(array), dates.MISSING), np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def _parts(g: Graph, moment: Value, first: int) -> dict[str, Value]:
    """Return PARTS (n,) float64 of int64 microseconds (n,): the Gregorian calendar in integer arithmetic.

    Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """

    def k(value: int) -> Value:
        return g.constant(value, "int64")

    def add(*terms: Value) -> Value:
        total = terms[0]
        for term in terms[1:]:
            total = g.op("Add", total, term)
        return total

    def less(a: Value, b: Value) -> Value:
        return g.op("Sub", a, b)

    def times(a: Value, factor: int) -> Value:
        return g.op("Mul", a, k(factor))

    def over(a: Value, divisor: int) -> Value:
        return g.op("Div", a, k(divisor))

    def one_if(op: str, a: Value, b: int) -> Value:
        return g.cast(g.op(op, a, k(b)), "int64")

    day = g.floor_divide(moment, dates.DAY)
    minute = over(g.op("Mod", moment, k(dates.DAY)), MINUTE)
    shifted = add(day, k(719_468))
    era = g.floor_divide(shifted, 146_097)
    of_era = less(shifted, times(era, 146_097))
    leaps = add(less(of_era, over(of_era, 1460)), over(of_era, 36_524))
    year_of_era = over(less(leaps, over(of_era, 146_096)), 365)
    from_march = less(of_era, less(add(times(year_of_era, 365), over(year_of_era, 4)), over(year_of_era, 100)))
    march_month = over(add(times(from_march, 5), k(2)), 153)
    of_month = add(less(from_march, over(add(times(march_month, 153), k(2)), 5)), k(1))
    month = add(less(march_month, k(9)), times(one_if("Less", march_month, 10), 12))
    year = add(year_of_era, times(era, 400), one_if("LessOrEqual", month, 2))
    before = less(year, k(1))
    leap_days = less(add(g.floor_divide(before, 4), g.floor_divide(before, 400)), g.floor_divide(before, 100))
    of_year = less(add(day, k(719_163)), add(times(before, 365), leap_days))
    weekday = g.op("Mod", add(day, k(3)), k(7))
    trend = g.op("Div", g.cast(less(moment, k(first)), "float64"), g.constant(float(dates.DAY)))
    hour = g.op("Div", g.cast(minute, "float64"), g.constant(60.0))
    fields = (year, month, of_month, of_year, weekday)
    return dict(zip(PARTS, (trend, *(g.cast(field, "float64") for field in fields), hour), strict=True))


def held(state: State) -> dict[str, tuple[float, float]]:
    """Return the parts that only ever grow, with their ends in training.

    Service always lies beyond training, where a slope learnt from a year of rows would go on for ever; the latest
    known level is the safer guess, and what trees would say.
    """
    first, last = (
        float(np.datetime64(moment, "us").astype("datetime64[Y]").astype(np.int64)) + 1970
        for moment in (state.first, state.last)
    )
    return {"trend": (0.0, (state.last - state.first) / dates.DAY), "year": (first, last)}


def _circle(g: Graph, part: str, value: Value, steps: int, first: int) -> dict[str, Value]:
    """Return sine and cosine (n,) of a part, out of a table: computed ones differ in the last bit by batch size."""
    per_unit = steps // 24 if part == "hour" else 1
    scaled = g.op("Round", g.op("Mul", value, g.constant(float(per_unit))))
    place = g.cast(g.op("Sub", scaled, g.constant(float(first))), "int64")
    angles = 2 * np.pi * np.arange(steps) / steps
    return {f"{part}, {word}": g.gather(f(angles), place) for word, f in (("sine", np.sin), ("cosine", np.cos))}


def _coded(g: Graph, name: str, column: str, part: str, value: Value, missing: Value) -> Feature:
    """Return a part (n,) as CODES."""
    count, first = CODED[part]
    place = g.op("Sub", g.cast(g.op("Floor", value), "int64"), g.constant(first - FIRST, "int64"))
    code = g.op("Where", missing, g.constant(0, "int64"), place)
    labels = tuple(str(first + i) for i in range(count))
    full = f"{name}.{part}"
    return Feature(name=full, role=Role.CODES, value=code, size=FIRST + count, columns=(column,), labels=labels)
