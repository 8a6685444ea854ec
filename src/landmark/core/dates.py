"""Written dates: which ways of writing them are known, and text (n,) -> int64 microseconds since 1970, UTC.

A format is named as people say it: `Y` year, `m` month, `d` day, `Mon` the month's English name, `y` a year of
two digits. Every format may carry a time after it (`14:05`, `2:05:30.25 pm`) and an offset (`Z`, `+02:00`);
without an offset the time is taken as UTC.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.table import Ints, Mask, parse_numbers

MISSING = int(np.iinfo(np.int64).min)
"""The wire's date that is none."""

FORMATS: tuple[str, ...] = (
    *("Y-m-d", "Y/m/d", "Y.m.d", "m/d/Y", "d/m/Y", "d-m-Y", "m-d-Y", "d.m.Y"),
    *("d Mon Y", "Mon d Y", "Mon Y", "Y Mon", "Y-m"),
)
"""What is recognised by itself: a text that reads so can hardly mean anything else."""

DECLARED: tuple[str, ...] = ("d/m/y", "m/d/y", "d.m.y", "Mon-y", "Ymd", "Y", "epoch s", "epoch ms", "epoch us")
"""What must be declared: also a plain number, or a year whose century is a guess (POSIX: 69 is 1969, 68 is 2068)."""

MICROSECONDS = {"epoch s": 1_000_000, "epoch ms": 1_000, "epoch us": 1}
DAY = 86_400_000_000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NAMES = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
_PARTS = {
    "Y": "(?P<Y>[0-9]{4})",
    "y": "(?P<y>[0-9]{2})",
    "m": "(?P<m>[0-9]{1,2})",
    "d": "(?P<d>[0-9]{1,2})",
    "Mon": f"(?P<Mon>(?i:{_NAMES}|nov(?:ember)?|dec(?:ember)?))",
    " ": "[ ,.-]+",
}
_TIME = (
    r"(?:[T ,]+(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r" *(?P<p>[AaPp]\.?[Mm]\.?)? *(?P<z>[Zz]|UTC|GMT|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?)?"
)
_SMALL = 64  # below this many cells Python's own regular expressions are faster than a pass over Arrow arrays


def parse(array: pa.Array, format: str) -> tuple[Ints, Mask]:
    """Return text (n,) as int64 (n,) microseconds since 1970 UTC, MISSING where null or unreadable, and the
    mask of the unreadable.

    >>> parse(pa.array(["1970-01-02", "2024-02-30", None]), "Y-m-d")[0].tolist() == [DAY, MISSING, MISSING]
    True
    >>> parse(pa.array(["31/12/1969 11:00:00.5 pm -01:00"]), "d/m/Y")[0].tolist()
    [500000]
    """
    if format in MICROSECONDS:
        return from_epoch(*parse_numbers(array), MICROSECONDS[format])
    if len(array) <= _SMALL:
        cells = [_cell(text, format) for text in array.to_pylist()]
        read = np.array([MISSING if cell is None else cell for cell in cells], np.int64)
    else:
        read = _column(array, format)
    return read, (read == MISSING) & array.is_valid().to_numpy(zero_copy_only=False)


def parse_any(array: pa.Array, formats: tuple[str, ...]) -> tuple[Ints, Mask]:
    """Return text (n,) as microseconds by the first format that reads each, the ISO one at last, and the mask of the
    unreadable; blank texts are none."""
    first, *others = dict.fromkeys((*formats, "Y-m-d"))
    read, odd = parse(array, first)
    for format in others:
        rows = np.flatnonzero(odd)
        if not len(rows):
            break
        read[rows], odd[rows] = parse(array.take(pa.array(rows)), format)
    if odd.any():
        odd &= pc.fill_null(pc.match_substring_regex(array, r"\S"), False).to_numpy(zero_copy_only=False)
    return read, odd


def from_arrow(array: pa.Array) -> tuple[Ints, Mask]:
    """Return Arrow dates and timestamps (n,) as microseconds since 1970, and the mask of those outside the years 1 to
    9999, which are MISSING as nulls are."""
    kind = array.type
    unit = {"date32": "day", "date64": "ms"}.get(str(kind).partition("[")[0]) or kind.unit
    ticks = {"day": 1, "s": 86_400, "ms": 86_400_000, "us": DAY, "ns": 1000 * DAY}[unit]
    plain = array.cast(pa.int32()) if unit == "day" else array
    given = np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
    numbers = pc.fill_null(plain.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    low, high = (min(max(days(year, 1, 1) * ticks, -(2**63)), 2**63 - 1) for year in (1, 10_000))
    inside = given & (numbers >= low) & (numbers < high)
    scaled = numbers // 1000 if unit == "ns" else np.where(inside, numbers, 0) * (DAY // ticks)
    return np.where(inside, scaled, MISSING), given & ~inside


def from_epoch(numbers: Any, odd: Mask, unit: int) -> tuple[Ints, Mask]:
    """Return numbers (n,) since 1970 in units of that many microseconds as int64 microseconds, and the mask of
    the unreadable: those that were odd before, infinite ones, and those outside the years 1 to 9999."""
    given = ~np.isnan(numbers)
    inside = given & (numbers >= days(1, 1, 1) * DAY / unit) & (numbers < days(10_000, 1, 1) * DAY / unit)
    scaled = np.rint(np.where(inside, numbers, 0.0) * unit).astype(np.int64)
    return np.where(inside, scaled, MISSING), odd | (given & ~inside)


def days(year: Any, month: Any, day: Any) -> Any:
    """Return days since 1970-01-01 of a Gregorian date; integers, or int64 arrays of one shape.

    Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.

    >>> days(1970, 1, 1), days(2000, 3, 1), days(1, 1, 1)
    (0, 11017, -719162)
    """
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@cache
def pattern(format: str) -> str:
    """Return the regular expression of a format, read alike by RE2 and by Python."""
    parts = re.findall(r"Mon|[Yymd]|[^\w]", format)
    weekday = "(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +)?" if "Mon" in parts and "d" in parts else ""
    if format == "Ymd":
        return r"\A *(?P<Y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})" + _TIME + r" *\z"
    return rf"\A *{weekday}{''.join(_PARTS.get(part) or re.escape(part) for part in parts)}{_TIME} *\z"


@cache
def _compiled(format: str) -> re.Pattern[str]:
    return re.compile(pattern(format).replace(r"\z", r"\Z"))


def _cell(text: str | None, format: str) -> int | None:
    """Return one text as microseconds, or None."""
    match = None if text is None else _compiled(format).match(text)
    if match is None:
        return None
    found = match.groupdict()
    numbers = {name: int(found.get(name) or 0) for name in "YymdHMS"}
    numbers["f"] = int(((found["f"] or "") + "000000")[:6])
    numbers["Mon"] = MONTHS.index(found["Mon"][:3].lower()) + 1 if "Mon" in found else 0
    half, zone = (found["p"] or "").lower(), found["z"] or ""
    minutes = int(zone[1:3]) * 60 + int(zone[-2:]) if zone[:1] in ("+", "-") else 0
    moment, good = _moment(
        numbers, found, (half != "") * 1, half.startswith("p") * 1, minutes * (-1) ** (zone[:1] == "-")
    )
    return int(moment) if good else None


def _column(array: pa.Array, format: str) -> Ints:
    """Return text (n,) as microseconds, by one pass of RE2 over the cells that match."""
    matches = pc.fill_null(pc.match_substring_regex(array, pattern(format)), False)
    rows = np.flatnonzero(matches.to_numpy(zero_copy_only=False))
    result = np.full(len(array), MISSING, np.int64)
    if not len(rows):
        return result
    found = pc.extract_regex(array.filter(matches), pattern(format))
    fields = {field.name: pc.struct_field(found, [field.name]) for field in found.type}
    numbers: dict[str, Any] = {name: _integers(fields.get(name)) for name in "YymdHMS"}
    numbers["f"] = _integers(pc.utf8_slice_codeunits(pc.utf8_rpad(fields["f"], 6, "0"), 0, 6))
    numbers["Mon"] = 0
    if "Mon" in fields:
        short = pc.utf8_lower(pc.utf8_slice_codeunits(fields["Mon"], 0, 3))
        numbers["Mon"] = pc.index_in(short, pa.array(MONTHS, short.type)).to_numpy().astype(np.int64) + 1
    half = pc.utf8_lower(fields["p"])
    named, afternoon = (_flags(flag) for flag in (pc.not_equal(half, ""), pc.starts_with(half, "p")))
    moment, good = _moment(numbers, fields, named, afternoon, _minutes(fields["z"]))
    result[rows] = np.where(good, moment, MISSING)
    return result


def _moment(numbers: dict[str, Any], fields: Any, half: Any, afternoon: Any, offset: Any) -> tuple[Any, Any]:
    """Return microseconds and whether the fields name a real moment; integers, or arrays of one shape.

    half: 1 where am or pm is written; afternoon: 1 where it is pm; offset: minutes east of UTC.
    """
    year = numbers["Y"] if "Y" in fields else numbers["y"] + 1900 + 100 * (numbers["y"] < 69)
    month = numbers["Mon"] if "Mon" in fields else numbers["m"] if "m" in fields else year * 0 + 1
    day = numbers["d"] if "d" in fields else year * 0 + 1
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = 30 + ((month + month // 8) & 1) - (month == 2) * (2 - leap * 1)
    good = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last)
    hour = numbers["H"]
    good = good & (hour <= 23 - 11 * half) & (hour >= half) & (numbers["M"] <= 59) & (numbers["S"] <= 59)
    hour = hour * (1 - half) + (hour % 12 + 12 * afternoon) * half
    seconds = (hour * 60 + numbers["M"] - offset) * 60 + numbers["S"]
    return days(year, month, day) * DAY + seconds * 1_000_000 + numbers["f"], good


def _integers(texts: pa.Array | None) -> Any:
    """Return digits (n,) as int64 (n,), 0 where there are none; plain 0 where the format has no such field."""
    if texts is None:
        return 0
    return pc.cast(pc.if_else(pc.equal(texts, ""), "0", texts), pa.int64()).to_numpy()


def _minutes(zone: pa.Array) -> Any:
    """Return offsets (n,) as written as minutes east of UTC, 0 for Z, UTC and none."""
    written = _flags(pc.match_substring_regex(zone, r"\A[+-]"))
    if not written.any():
        return 0
    digits = pc.if_else(pa.array(written == 1), zone, "+0000")
    hours = _integers(pc.utf8_slice_codeunits(digits, 1, 3))
    minutes = _integers(pc.utf8_slice_codeunits(digits, -2, np.iinfo(np.int64).max))
    sign = 1 - 2 * _flags(pc.starts_with(digits, "-"))
    return sign * (hours * 60 + minutes)


def _flags(array: pa.Array) -> Ints:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.int64)
