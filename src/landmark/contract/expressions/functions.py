"""The functions an expression may call: what each takes, what it gives, and how it is computed on columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.contract.expressions.parts import Holds
from landmark.core.dates import DAY
from landmark.core.table import parse_numbers

NUMBER, TEXT, MOMENT, LIST, TRUTH = Holds.NUMBER, Holds.TEXT, Holds.MOMENT, Holds.LIST, Holds.TRUTH
ANY = (NUMBER, TEXT, MOMENT, LIST, TRUTH)
MICROSECONDS = pa.timestamp("us")


class Function(NamedTuple):
    """One function: the kinds each argument may have, what it gives (None: what it is given), and its arrays.

    `again`: the last argument may be repeated. `written`: places of arguments that must be written out, not computed.
    `alike`: all arguments are of one kind.
    """

    takes: tuple[tuple[Holds, ...], ...]
    gives: Holds | None
    run: Callable[..., Any]
    says: str
    again: bool = False
    written: tuple[int, ...] = ()
    alike: bool = False


def length(array: Any) -> Any:
    """Return characters of texts, or items of lists, as float64."""
    lists = pa.types.is_list(array.type)
    return pc.cast(pc.list_value_length(array) if lists else pc.utf8_length(array), pa.float64())


def matches(array: Any, pattern: Any) -> Any:
    """Return where texts have a pattern from end to end. Raises: ArrowInvalid for what is no pattern."""
    return pc.match_substring_regex(array, whole_pattern(pattern.as_py()))


def whole_pattern(pattern: str) -> str:
    r"""Return the regular expression of texts that match a pattern from end to end.

    >>> print(whole_pattern("a|b"))
    \A(?:a|b)\z
    """
    return rf"\A(?:{pattern})\z"


def count(array: Any, item: Any) -> Any:
    """Return how often an item is in lists (n,), or a piece in texts (n,), as float64."""
    if not pa.types.is_list(array.type):
        return pc.cast(pc.count_substring(array, item.as_py()), pa.float64())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    rows = pc.list_parent_indices(array).to_numpy()
    same = pc.fill_null(pc.equal(array.flatten(), item), False).to_numpy(zero_copy_only=False)
    counted = np.bincount(rows[same], minlength=len(array)).astype(np.float64)
    return pa.array(counted, mask=array.is_null().to_numpy(zero_copy_only=False))


def contains(array: Any, piece: Any) -> Any:
    """Return where texts (n,) hold a piece, or lists (n,) an item."""
    return pc.greater(count(array, piece), 0.0)


def days_between(first: Any, second: Any) -> Any:
    """Return the days from the first moment to the second, as float64."""
    return pc.divide(pc.cast(pc.subtract(second, first), pa.float64(), safe=False), float(DAY))


def calendar(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function of moments that gives a part of the calendar as float64."""
    return lambda array: pc.cast(part(pc.cast(array, MICROSECONDS)), pa.float64())


def as_number(array: Any) -> Any:
    """Return texts (n,) as float64, null where they are no numbers."""
    if isinstance(array, pa.Scalar):
        return pc.cast(array, pa.float64())
    values, _ = parse_numbers(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array)
    return pa.array(values, from_pandas=True)


FUNCTIONS: dict[str, Function] = {
    "abs": Function(((NUMBER,),), NUMBER, pc.abs, "a number without its sign"),
    "round": Function(((NUMBER,),), NUMBER, pc.round, "the nearest whole number"),
    "min": Function(
        ((NUMBER, MOMENT), (NUMBER, MOMENT)),
        None,
        lambda *all_: pc.min_element_wise(*all_, skip_nulls=False),
        "the least of its arguments",
        again=True,
        alike=True,
    ),
    "max": Function(
        ((NUMBER, MOMENT), (NUMBER, MOMENT)),
        None,
        lambda *all_: pc.max_element_wise(*all_, skip_nulls=False),
        "the greatest of its arguments",
        again=True,
        alike=True,
    ),
    "or_else": Function((ANY, ANY), None, pc.coalesce, "the first; where it is missing, the second", alike=True),
    "is_missing": Function((ANY,), TRUTH, pc.is_null, "whether there is no value"),
    "len": Function(((TEXT, LIST),), NUMBER, length, "characters of a text, items of a list"),
    "words": Function(
        ((TEXT,),),
        NUMBER,
        lambda a: pc.cast(pc.count_substring_regex(a, r"\S+"), pa.float64()),
        "words of a text",
    ),
    "lower": Function(((TEXT,),), TEXT, pc.utf8_lower, "a text in small letters"),
    "upper": Function(((TEXT,),), TEXT, pc.utf8_upper, "a text in capitals"),
    "strip": Function(((TEXT,),), TEXT, pc.utf8_trim_whitespace, "a text without blanks around it"),
    "number": Function(((TEXT,),), NUMBER, as_number, "a text as a number"),
    "matches": Function(((TEXT,), (TEXT,)), TRUTH, matches, "a text's pattern, from end to end", written=(1,)),
    "starts_with": Function(
        ((TEXT,), (TEXT,)), TRUTH, lambda a, b: pc.starts_with(a, b.as_py()), "how a text begins", written=(1,)
    ),
    "ends_with": Function(
        ((TEXT,), (TEXT,)), TRUTH, lambda a, b: pc.ends_with(a, b.as_py()), "how a text ends", written=(1,)
    ),
    "contains": Function(((TEXT, LIST), (TEXT,)), TRUTH, contains, "a text's piece, or a list's item", written=(1,)),
    "count": Function(((TEXT, LIST), (TEXT,)), NUMBER, count, "how often a piece or an item is there", written=(1,)),
    "days_between": Function(((MOMENT,), (MOMENT,)), NUMBER, days_between, "days from the first date to the second"),
    "year": Function(((MOMENT,),), NUMBER, calendar(pc.year), "the year of a date"),
    "month": Function(((MOMENT,),), NUMBER, calendar(pc.month), "the month of a date, 1 to 12"),
    "day": Function(((MOMENT,),), NUMBER, calendar(pc.day), "the day of the month"),
    "weekday": Function(((MOMENT,),), NUMBER, calendar(pc.day_of_week), "0 on Mondays to 6 on Sundays"),
    "hour": Function(((MOMENT,),), NUMBER, calendar(pc.hour), "the hour of a date, 0 to 23"),
}
