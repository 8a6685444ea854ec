"""What is said of cells that break a line: how many, which, and the change that would allow them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from landmark.artifacts.contract import Change, ColumnTerms
from landmark.contract.lines import bounds
from landmark.contract.states import Tally
from landmark.contract.terms import fitting
from landmark.contract.watching import Watch
from landmark.statistics.missing_codes import is_token

SHOWN, MOST_LETTERS = 5, 40
"""Values shown of each finding, and letters of each."""
FEW_TOKENS = 5


class Said(NamedTuple):
    """What is said of broken terms: what was seen, what to do, and the changes that would allow it."""

    seen: str
    changes: tuple[Change, ...] = ()
    todo: str = ""


def line(name: str, word: str, value: Any) -> Change:
    """Return the change of one line of a column; None takes it away."""
    return Change(place=("columns", name, word), value=value, remove=value is None)


def lines_of(terms: ColumnTerms) -> set[str]:
    """Return the lines that terms have."""
    return set(terms.model_dump(exclude_defaults=True))


def without_unfit(name: str, terms: ColumnTerms, type: Any) -> list[Change]:
    """Return the changes that take away what means nothing under another type."""
    unfit = lines_of(terms) - lines_of(fitting(terms, type)) - {"type"}
    return [Change(place=("columns", name, each), remove=True) for each in sorted(unfit)]


def shown(tally: Tally) -> str:
    """Return the first values that were counted, ': a, b, …'; nothing where none is remembered."""
    texts = [f"'{text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + '…'}'" for text in tally.kinds]
    return (": " + ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")) if texts else ""


def _number(value: float | None) -> str:
    assert value is not None
    return f"{value:.10g}"


def _plain(value: float | None) -> Any:
    """Return a number as it is written: whole ones without a point."""
    assert value is not None
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _unreadable(name: str, watch: Watch, tally: Tally) -> Said:
    seen = f"{tally.count} of {watch.held} values are no {watch.terms.type}{shown(tally)}"
    tokens = list(tally.kinds)
    if tally.all_named and 0 < len(tokens) <= FEW_TOKENS and all(map(is_token, tokens)):
        return Said(seen, (line(name, "missing", [*watch.terms.missing, *tokens]),), "they seem to mean: no value")
    return Said(seen, (line(name, "unread", _share(tally.count, watch.held)),), "mend the values")


def _new_value(name: str, watch: Watch, tally: Tally) -> Said:
    terms = watch.terms
    allowed = f" (at most {terms.others:.4g} may)" if terms.others else ""
    known = len(terms.values or ())
    seen = f"{tally.count} of {watch.held} rows{allowed} hold none of the {known} known values{shown(tally)}"
    alike = {_folded(value): value for value in terms.values or ()}
    near = next((alike[_folded(kind)] for kind in tally.kinds if _folded(kind) in alike), None)
    todo = "" if near is None else f"is it '{near}', spelled otherwise?"
    if tally.all_named:
        return Said(seen, (line(name, "values", [*(terms.values or ()), *sorted(tally.kinds)]),), todo)
    return Said(seen, (line(name, "others", _share(tally.count, watch.held)),), todo)


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def _share(count: int, of: int) -> float:
    """Return a share, rounded up to a thousandth."""
    return min(math.ceil(1e3 * count / of) / 1e3, 1.0)


def _too_small(name: str, watch: Watch, tally: Tally) -> Said:
    return _beyond_end(name, watch, tally.count, "least", "below", tally.low)


def _too_large(name: str, watch: Watch, tally: Tally) -> Said:
    return _beyond_end(name, watch, tally.count, "most", "above", tally.high)


def _beyond_end(name: str, watch: Watch, count: int, word: str, side: str, end: float | None) -> Said:
    terms = watch.terms
    if terms.type == "date":
        assert end is not None
        shown = _day(int(end)) if word == "least" else _day(int(end) + 86_399_999_999)
        limit: Any = getattr(terms, word)
        return Said(
            f"{count} of {watch.held} dates are {side} {limit}; the {word} is {shown}", (line(name, word, shown),)
        )
    limit = bounds(terms)[0 if word == "least" else 1]
    unit = f" {terms.unit}" if terms.unit else ""
    seen = f"{count} of {watch.held} values are {side} {_number(limit)}{unit}; the {word} is {_number(end)}{unit}"
    return Said(seen, (line(name, word, _plain(end)),))


def _day(moment: int) -> str:
    return str(np.datetime64(moment, "us").astype("datetime64[D]"))


def _not_whole(name: str, watch: Watch, tally: Tally) -> Said:
    return Said(f"{tally.count} of {watch.held} numbers have a fraction", (line(name, "whole", None),))


def _infinite(name: str, watch: Watch, tally: Tally) -> Said:
    return Said(f"{tally.count} of {watch.held} numbers are infinite", (line(name, "infinite", True),), "mend them")


def _impossible(name: str, watch: Watch, tally: Tally) -> Said:
    ends = f"{_number(tally.low)} to {_number(tally.high)}"
    seen = f"{tally.count} of {watch.held} values are none that a {watch.terms.kind} can have: {ends}"
    return Said(seen, (line(name, "kind", None),), "mend the values, or the unit")


def _pattern(name: str, watch: Watch, tally: Tally) -> Said:
    seen = f"{tally.count} of {watch.held} texts do not match {watch.terms.pattern}{shown(tally)}"
    return Said(seen, (line(name, "pattern", None),))


def _size(section: str, word: str, what: str) -> Callable[[str, Watch, Tally], Said]:
    """Return how a length or a number of items beyond its limit is told."""

    def said(name: str, watch: Watch, tally: Tally) -> Said:
        limit = getattr(getattr(watch.terms, section), word)
        end = tally.low if word == "least" else tally.high
        assert end is not None
        side = "fewer" if word == "least" else "more"
        seen = f"{tally.count} of {watch.held} have {side} than {limit} {what}; the {word} is {int(end)}"
        return Said(seen, (Change(place=("columns", name, section, word), value=int(end)),))

    return said


CELLS: dict[str, Callable[[str, Watch, Tally], Said]] = {
    "unreadable": _unreadable,
    "infinite": _infinite,
    "not-whole": _not_whole,
    "impossible-value": _impossible,
    "new-value": _new_value,
    "too-small": _too_small,
    "too-large": _too_large,
    "too-short": _size("length", "least", "characters"),
    "too-long": _size("length", "most", "characters"),
    "few-items": _size("items", "least", "items"),
    "many-items": _size("items", "most", "items"),
    "pattern-broken": _pattern,
}
