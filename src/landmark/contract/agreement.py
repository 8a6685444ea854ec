"""What is wrong with a contract in itself: lines that mean nothing for a type, limits that exclude each other, rules
that cannot be read. Every mistake at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnTerms, Contract, Place, Rule, Span
from landmark.contract.codes import CODES
from landmark.contract.durations import duration
from landmark.contract.expressions import parse
from landmark.contract.lines import moment
from landmark.contract.terms import LINES
from landmark.contract.validation import kinds
from landmark.core import dates
from landmark.core.cells import numbers
from landmark.core.errors import UserError, did_you_mean
from landmark.core.units import check_unit


class Mistake(NamedTuple):
    """Something that cannot be meant: where in the contract, what, the value seen, and how to mend it."""

    place: Place
    what: str
    seen: Any = None
    fix: str = ""


def mistakes(contract: Contract) -> Iterator[Mistake]:
    """Yield everything that is wrong with a contract."""
    if not contract.environments:
        yield Mistake(("environments",), "names none", fix="environments: [training, serving]")
    for code in contract.levels.keys() - CODES.keys():
        yield Mistake(("levels", code), f"'{code}' is no code", fix=did_you_mean(code, CODES))
    yield from _span(("rows",), Span(least=contract.rows.least, most=contract.rows.most))
    for name, terms in contract.columns.items():
        for found in _column(name, terms, contract):
            yield found._replace(place=("columns", name, *found.place))
    seen = kinds(contract.columns)
    for name, rule in contract.rules.items():
        yield from _environments(("rules", name), rule, contract)
        for line, text in (("holds", rule.holds), ("when", rule.when)):
            made = parse(text, seen) if text is not None else None
            for wrong in made if isinstance(made, list) else ():
                yield Mistake(("rules", name, line), f"character {wrong.at}: {wrong.what}", text, wrong.fix)
    yield from _reference(contract)


def _column(name: str, terms: ColumnTerms, contract: Contract) -> Iterator[Mistake]:
    for line in sorted(terms.model_dump(exclude_defaults=True).keys() - LINES[terms.type]):
        able = [type for type in LINES if line in LINES[type]]
        yield Mistake((line,), f"'{line}' means nothing for a {terms.type}", fix=f"it is for: {', '.join(able)}")
    yield from _environments((), terms, contract)
    for check in (_limits, _values, _words):
        yield from check(terms)
    for other in terms.tells:
        if other == name or other not in contract.columns:
            fix = did_you_mean(other, contract.columns.keys() - {name})
            yield Mistake(("tells",), f"'{other}' is no other column", fix=fix)


def _environments(place: Place, terms: ColumnTerms | Rule, contract: Contract) -> Iterator[Mistake]:
    for word in terms.only:
        if word not in contract.environments:
            fix = did_you_mean(word, contract.environments)
            yield Mistake((*place, "only"), f"'{word}' is no environment", fix=fix)


def _limits(terms: ColumnTerms) -> Iterator[Mistake]:
    ends: list[float | None] = []
    for line in ("least", "most"):
        value, end = getattr(terms, line), None
        if terms.type == "date" and value is not None:
            end = moment(value, terms.formats) if isinstance(value, str) else None
            if end is None:
                yield Mistake((line,), "is no date", value, "write it as 2024-12-31")
        elif isinstance(value, str):
            yield Mistake((line,), "must be a number", value)
        else:
            end = value
        ends.append(end)
    least, most = ends
    if least is not None and most is not None and least > most:
        yield Mistake(("least",), "is above most", terms.least)
    for section in ("length", "items", "distinct"):
        yield from _span((section,), getattr(terms, section) or Span())


def _span(place: Place, span: Span) -> Iterator[Mistake]:
    if span.least is not None and span.most is not None and span.least > span.most:
        yield Mistake((*place, "least"), "is above most", span.least)


def _values(terms: ColumnTerms) -> Iterator[Mistake]:
    values = terms.values
    if values is None:
        if terms.others:
            yield Mistake(("others",), "means nothing without values", terms.others, "say which values there may be")
        return
    if not values:
        yield Mistake(("values",), "allows no value at all", fix="name them, or leave the line out")
    repeated = sorted({value for value in values if values.count(value) > 1}) if len(set(values)) < len(values) else []
    if repeated:
        yield Mistake(("values",), "names a value twice", repeated[0])
    if terms.type == "number":
        _, odd = numbers(pa.array(values, pa.string()))
        for value in [value for value, wrong in zip(values, odd, strict=True) if wrong]:
            yield Mistake(("values",), "must be numbers", value)


def _words(terms: ColumnTerms) -> Iterator[Mistake]:
    for line, check in (("unit", check_unit), ("pattern", _check_pattern), ("fresh", duration)):
        value: str | None = getattr(terms, line)
        tried: Callable[[str], object] = check
        if value is not None:
            try:
                tried(value)
            except UserError as wrong:
                yield Mistake((line,), wrong.what, wrong.seen, wrong.fix)
            except (ValueError, pa.ArrowInvalid) as wrong:
                yield Mistake((line,), str(wrong).partition(": ")[0].rstrip(), value)
    if terms.kind is not None and terms.type != "number" and terms.kind != "identifier":
        yield Mistake(("kind",), f"a {terms.type} is no {terms.kind}", fix="type: number, or kind: identifier")
    known = dates.FORMATS + dates.DECLARED
    for format in terms.formats:
        if format not in known:
            yield Mistake(("formats",), f"'{format}' is no date format", fix=did_you_mean(format, known))


def _check_pattern(pattern: str) -> None:
    """Pass where a text is a regular expression. Raises: ArrowInvalid where it is none."""
    pc.match_substring_regex(pa.array(["x"]), pattern)


def _reference(contract: Contract) -> Iterator[Mistake]:
    for name, known in (contract.reference.columns if contract.reference else {}).items():
        place = ("reference", "columns", name)
        if name not in contract.columns:
            fix = did_you_mean(name, contract.columns)
            yield Mistake(place, f"'{name}' is no column of the contract", fix=fix)
        wanted = len(known.labels or known.edges) + 1
        if len(known.counts) != wanted:
            what = f"needs {wanted} entries, one more than labels or edges have"
            yield Mistake((*place, "counts"), what, list(known.counts), "landmark data schema writes it anew")
        if list(known.edges) != sorted(set(known.edges)):
            yield Mistake((*place, "edges"), "must rise", list(known.edges))
