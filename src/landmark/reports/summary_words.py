"""What a summary says in words, of each column and of columns together; the same in the terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from landmark.reports.terminal import number

MOST_LINES, MOST_NAMED = 5, 2
"""Lines of each kind about columns together, and examples of each kind about one."""
EPOCH = datetime(1970, 1, 1)
SPANS = {"d": 86_400.0, "h": 3_600.0, "min": 60.0, "s": 1.0}
COMMON, FOREIGN = 0.3, 0.05
"""Share of values from which a shape is worth a word, and share of letters from which a script beside Latin is."""
SKEWED, MOSTLY = 2.0, 0.5
"""Skewness worth a word, and share of values that read as numbers from which shapes are not."""


def remarks(column: dict[str, Any]) -> Iterator[str]:
    """Yield what is to be said of a column beyond its numbers, from its part of the JSON of a summary."""
    yield from _odd(column)
    if column["counter"] or column["order"]:
        yield "counts the rows" if column["counter"] else column["order"]
    if column["gaps"]:
        yield from _of_time(column["gaps"])
    elif column["skewness"] is not None and abs(column["skewness"]) >= SKEWED:
        yield f"skewed, {number(column['skewness'], 2)}"
    if column["numbers"] < MOSTLY and not column["gaps"]:
        yield from _of_text(column)
    if column["items"]:
        top = ", ".join(f"{text} ({count:,})" for text, count in column["items"]["top"][:MOST_NAMED])
        yield f"{column['items']['count']:,} items{': ' if top else ''}{top}"
    if column["media"]:
        yield from _of_pictures(column["media"])


def _odd(column: dict[str, Any]) -> Iterator[str]:
    for count, what in (("nan", "NaN"), ("infinite", "infinite"), ("empty", "empty")):
        if column[count]:
            yield f"{column[count]:,} {what}"
    strays = [f"'{stray['text']}'" for stray in column["strays"][:MOST_NAMED]]
    if strays:
        yield f"reads otherwise: {', '.join(strays)}"
    for code, first in column["oddities"].items():
        if code != "infinite":
            yield f"{code} in row {first['row']:,}"


def _of_time(gaps: dict[str, Any]) -> Iterator[str]:
    if gaps["step_s"]:
        yield f"one every {span(gaps['step_s'])}"
    if gaps["step_s"] and gaps["largest_s"] > gaps["step_s"]:
        yield f"none for {span(gaps['largest_s'])} after {moment(gaps['after'])}"


def _of_text(column: dict[str, Any]) -> Iterator[str]:
    shape, share = next(iter(column["patterns"]), ("", 0.0))
    if share >= COMMON and not (column["languages"] or shape.isalpha()):
        yield f"{shape} ({100 * share:.0f} %)"
    if column["languages"]:
        yield "perhaps " + ", ".join(column["languages"])
    scripts = [script for script, share in column["scripts"].items() if script != "Latin" and share >= FOREIGN]
    if scripts:
        yield ", ".join(scripts)


def _of_pictures(media: dict[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{form} ({count:,} of {media['looked_at']:,})" for form, count in media["formats"].items())
    if media["width"]:
        (narrow, _, wide), (low, _, high) = media["width"], media["height"]
        yield f"{narrow} x {low} to {wide} x {high} pixels"


def across_lines(seen: dict[str, Any]) -> Iterator[str]:
    """Yield what is to be said of a table as a whole, from the JSON of its summary."""
    if seen["sorted_by"]:
        yield f"in the order of {', '.join(seen['sorted_by'])}"
    if seen["weight"]:
        yield f"weighed by {seen['weight']}; {seen['unweighed']:,} rows have no weight"
        yield "not weighed: what is missing or distinct, how far apart columns lie, and what they tell of each other"
    across = seen["across"]
    for pair in across["dependencies"][:MOST_LINES]:
        slips = f", but for {100 * pair['errors']:.2g} % of rows" if pair["errors"] else ""
        told = f"and {pair['b']} tell each other" if pair["repeats"] else f"tells {pair['b']}"
        yield f"{pair['a']} {told}{slips}"
    for pair in across["correlations"][:MOST_LINES]:
        yield f"{pair['a']} and {pair['b']} go together: {pair['pearson']:.2f}, by rank {pair['spearman']:.2f}"
    for group in across["missing_together"][:MOST_LINES]:
        yield f"missing together, in {100 * group['share']:.2g} % of rows: {', '.join(group['columns'])}"


def moment(microseconds: float | None) -> str:
    """Return a moment as people write it: without the time of day at midnight; a dash where there is none.

    >>> moment(86_400e6), moment(1.5e6)
    ('1970-01-02', '1970-01-01 00:00:01')
    """
    if microseconds is None:
        return "-"
    try:
        when = EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return number(microseconds)
    return str(when.date()) if when.time() == EPOCH.time() else f"{when:%Y-%m-%d %H:%M:%S}"


def span(seconds: float) -> str:
    """Return a length of time in the largest unit of which there is one.

    >>> span(90.0), span(172_800.0), span(0.25)
    ('1.5 min', '2 d', '0.25 s')
    """
    unit = next((name for name, size in SPANS.items() if seconds >= size), "s")
    return f"{number(seconds / SPANS[unit], 3)} {unit}"
