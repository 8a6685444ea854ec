"""From what was counted to what is said: a finding, the first rows, and the edit after which it is not made again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from landmark.artifacts.contract import Breach, Change, Contract, Edit, Rule
from landmark.contract.codes import CODES
from landmark.contract.durations import duration, duration_name
from landmark.contract.skew import CHANCE, FEWEST, chance, distance, other_unit
from landmark.contract.states import Tally
from landmark.contract.terms import guessed
from landmark.contract.watching import Watch, beyond
from landmark.contract.words import CELLS, SHOWN, Said, line, shown, without_unfit
from landmark.core import cells
from landmark.core.errors import did_you_mean
from landmark.core.findings import Finding, Level
from landmark.statistics.units import Conversion, advice

ROW_LINES = ("least", "least_share", "most", "most_share")
OF_ROWS = ("missing-more", "never-present")
"""Codes that count rows; all others count values."""
OF_SIZES = ("skew", "too-small", "too-large")
"""Codes that another unit explains."""
ALLOWED = {"new-value": "others", "unreadable": "unread"}
"""Codes of which some share is allowed, and the line that says so."""
MOSTLY = 0.5
"""Share of the cells that must be unreadable before the type itself is said to have changed."""
Told: TypeAlias = tuple[str, Said, Tally | None]
"""A code, what is said, and what was counted."""
ACCEPT = "landmark data accept {} {} --by NAME"


def of_rows(contract: Contract, rows: int) -> Iterator[Breach]:
    """Yield what is to be said of the number of rows."""
    terms, before = contract.rows, contract.reference.rows if contract.reference else 0
    scaled = [
        None if share is None or not before else share * before for share in (terms.least_share, terms.most_share)
    ]
    for word, limit in zip(ROW_LINES, (terms.least, scaled[0], terms.most, scaled[1]), strict=True):
        few = word.startswith("least")
        if limit is not None and (rows < limit if few else rows > limit):
            seen = f"{rows} rows, at {'least' if few else 'most'} {limit:.0f} expected"
            value = round(rows / before, 4) if word.endswith("share") else rows
            said = Said(seen, (Change(place=("rows", word), value=value),))
            yield _breach(contract, "too-few-rows" if few else "too-many-rows", "rows", said, rows, rows)


def unexpected(contract: Contract, name: str, environment: str) -> Breach:
    """Return what is to be said of a column that does not belong into an environment."""
    only = contract.columns[name].only
    seen = f"it is there, though it belongs to {', '.join(only)} only"
    change = Change(place=("columns", name, "only"), value=[*only, environment])
    return _breach(contract, "column-unexpected", name, Said(seen, (change,), "leave it out where it is not needed"))


def gone(contract: Contract, name: str, names: Iterable[str]) -> Breach:
    """Return what is to be said of a column that is not there."""
    near = did_you_mean(name, set(names) - contract.columns.keys())
    near = near if near.startswith("did") else ""
    change = Change(place=("columns", name, "optional"), value=True)
    return _breach(contract, "column-gone", name, Said("the column is not there", (change,), near))


def new(contract: Contract, name: str, parts: list[pa.Array] | None, text: bool) -> Breach:
    """Return what is to be said of a column that the contract does not know."""
    changes: tuple[Change, ...] = ()
    if parts:
        terms = guessed(name, pa.chunked_array(parts), text)
        changes = (Change(place=("columns", name), value=terms.model_dump(mode="json", exclude_defaults=True)),)
    near = did_you_mean(name, contract.columns)
    todo = near if near.startswith("did") else ""
    return _breach(contract, "column-new", name, Said("the contract does not know the column", changes, todo))


def of_rule(contract: Contract, name: str, rule: Rule, tally: Tally, asked: int) -> Iterator[Breach]:
    """Yield what is to be said of a rule."""
    if not beyond(tally.count, asked, 1 - rule.share):
        return
    seen = f"{rule.message or 'it does not hold'}: {tally.count} of {asked} rows break {rule.holds}"
    kept = math.floor(1e4 * (1 - tally.count / asked)) / 1e4
    said = Said(seen, (Change(place=("rules", name, "share"), value=kept),), "mend the rows")
    level = contract.levels.get("rule-broken", rule.level)
    yield _breach(contract, "rule-broken", name, said, tally.count, asked, tally.rows, level)


def of_column(
    contract: Contract, name: str, watch: Watch, text: bool, now: int | None, judged: int
) -> Iterator[Breach]:
    """Yield what is to be said of a column; `judged` columns are compared with the reference."""
    if watch.held:
        told = [*_present(name, watch), *_of_values(name, watch, text, now)]
        skewed = list(_skewed(contract, name, watch, judged))
        told += [("skew", said, None) for said in skewed]
        other = _other_unit(contract, watch) if skewed else None
        if other is not None:
            told = [(code, _in_unit(code, said, name, watch, other), tally) for code, said, tally in told]
    else:
        changes = (line(name, "present", 0.0), line(name, "filled", None))
        said = Said(f"none of {watch.rows} rows has a value", changes, "was it filled?")
        told = [("never-present", said, watch.gaps)] if watch.terms.present or watch.terms.filled else []
    for code, said, tally in told:
        of = watch.rows if code in OF_ROWS else watch.held
        yield _breach(contract, code, name, said, tally.count if tally else 0, of, tally.rows if tally else ())


def _breach(
    contract: Contract,
    code: str,
    where: str,
    said: Said,
    count: int = 0,
    of: int = 0,
    rows: Iterable[int] = (),
    level: Level | None = None,
) -> Breach:
    rows = tuple(rows)
    level = level or contract.levels.get(code, CODES[code].level)
    edit = Edit(code=code, column=where, changes=said.changes) if said.changes else None
    accept = f"if this is right: {ACCEPT.format(code, _quoted(where))}" if edit else ""
    todo = "; ".join(filter(None, (said.todo, accept)))
    finding = Finding(code=code, level=level, where=where, seen=said.seen, next=todo, row=rows[0] if rows else None)
    return Breach(finding=finding, count=count, of=of, rows=rows, edit=edit)


def _quoted(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else "'" + name.replace("'", "'\\''") + "'"


def _present(name: str, watch: Watch) -> Iterator[Told]:
    promised, least = watch.terms.present, watch.terms.filled
    if least is not None and watch.held < least:
        seen = f"{watch.held} of {watch.rows} rows have a value, at least {least} must"
        yield "missing-more", Said(seen, (line(name, "filled", watch.held),)), watch.gaps
        return
    if promised is None or not beyond(watch.missing, watch.rows, 1 - promised):
        return
    share = watch.missing / watch.rows
    word = "none may be missing" if promised == 1 else f"at least {promised:.4g} must have one"
    seen = f"{watch.missing} of {watch.rows} rows ({share:.2%}) have no value; {word}"
    yield "missing-more", Said(seen, (line(name, "present", math.floor(1e3 * (1 - share)) / 1e3),)), watch.gaps


def _of_values(name: str, watch: Watch, text: bool, now: int | None) -> Iterator[Told]:
    """Yield what is to be said of values, cell by cell and as a whole; of unreadable ones nothing more is said."""
    terms = watch.terms
    if watch.odd > max(MOSTLY, terms.unread) * watch.held:
        yield "type-changed", _other_type(name, watch, text), watch.tallies["unreadable"]
        return
    if not text and terms.stored and _family(terms.stored) != _family(watch.stored):
        yield "stored-changed", _stored(name, watch), None
    for code, say in CELLS.items():
        tally = watch.tallies.get(code)
        if tally is not None and beyond(
            tally.count, watch.held, getattr(terms, ALLOWED[code]) if code in ALLOWED else 0.0
        ):
            yield code, say(name, watch, tally), tally
    yield from _of_the_whole(name, watch, now)
    if terms.skew is not None and terms.skew < 1 and watch.reference is None:
        yield "no-reference", Said("a limit for skew, and no reference to compare with"), None


def _family(stored: str) -> str:
    """Return the family of a source's type; whole numbers beside gaps become decimal ones in a data frame."""
    family = cells.family(stored)
    return "number" if family == "integer" else family


def _other_type(name: str, watch: Watch, text: bool) -> Said:
    now = guessed(name, pa.chunked_array(watch.sample), text)
    kinds = shown(watch.tallies["unreadable"])
    seen = f"{watch.odd} of {watch.held} values are no {watch.terms.type}{kinds}; they look like {now.type}"
    changes = without_unfit(name, watch.terms, now.type)
    told = now.model_dump(mode="json", include={"type", "stored", "formats", "delimiter"}, exclude_defaults=True)
    return Said(seen, (*changes, *(line(name, word, value) for word, value in told.items())), "was a column moved?")


def _stored(name: str, watch: Watch) -> Said:
    seen = f"stored as {watch.stored}, not as {watch.terms.stored}; the values can be read"
    return Said(seen, (line(name, "stored", watch.stored),), "give the column its type at the source")


def _of_the_whole(name: str, watch: Watch, now: int | None) -> Iterator[Told]:
    """Yield what is to be said of a column as a whole: repeats, order, relations, periods, age."""
    yield from _distinct(name, watch)
    if watch.order is not None and watch.order.tally.count:
        tally = watch.order.tally
        seen = f"{tally.count} rows are not in {watch.terms.sorted} order"
        yield "not-sorted", Said(seen, (line(name, "sorted", None),), "sort the rows"), tally
    for other, pairs in watch.pairs.items():
        if beyond(pairs.tally.count, watch.held, watch.terms.slips):
            left = [each for each in watch.terms.tells if each != other]
            seen = f"{pairs.tally.count} rows have another {other} than the same value had before"
            yield "not-told", Said(seen, (line(name, "tells", left or None),), "mend the rows"), pairs.tally
    if watch.periods is not None and watch.terms.every is not None:
        every = watch.terms.every
        count, of, first = watch.periods.short(every.least)
        if count:
            wanted = "a row" if every.least == 1 else f"{every.least} rows"
            seen = f"{count} of {of} {every.span}s lack {wanted}: {', '.join(first[:SHOWN])}"
            yield "span-empty", Said(seen, (line(name, "every", None),), "was a part not delivered?"), Tally(count)
    if watch.terms.fresh is not None and now is not None and watch.newest is not None:
        age = now - watch.newest
        if age > duration(watch.terms.fresh):
            seen = f"the newest date is {duration_name(age)} old, and may be {watch.terms.fresh}"
            yield "stale", Said(seen, (line(name, "fresh", duration_name(age)),), "bring newer rows"), None


def _distinct(name: str, watch: Watch) -> Iterator[Told]:
    if watch.seen is None:
        return
    terms = watch.terms
    if terms.unique:
        tally = watch.seen.repeats()
        if tally.count:
            seen = f"{tally.count} of {watch.held} values came before"
            yield "not-unique", Said(seen, (line(name, "unique", None),), "remove the rows that repeat others"), tally
    if terms.distinct is not None:
        count = watch.seen.distinct()
        least, most = terms.distinct.least, terms.distinct.most
        for code, wrong in (
            ("few-distinct", least is not None and count < least),
            ("many-distinct", most is not None and count > most),
        ):
            if wrong:
                limit = least if code == "few-distinct" else most
                word = ("distinct", "least" if code == "few-distinct" else "most")
                change = Change(place=("columns", name, *word), value=count)
                yield code, Said(f"{count} different values, and the limit is {limit}", (change,)), Tally(count)


def _skewed(contract: Contract, name: str, watch: Watch, judged: int) -> Iterator[Said]:
    """Yield what is to be said of a distribution that is too far from the reference, and not by chance."""
    known, limit = watch.reference, watch.terms.skew
    limit = contract.skew if limit is None else limit
    if known is None or watch.counts is None or watch.rows < FEWEST or limit >= 1:
        return
    before, after = (
        np.array([gaps, *own]) for gaps, own in ((known.missing, known.counts), (watch.missing, watch.counts))
    )
    if before.sum() < FEWEST or after.sum() < FEWEST:
        return
    far = distance(before, after)
    if far <= limit or chance(before, after) > CHANCE / max(judged, 1):
        return
    place = int(np.argmax(np.abs(before / before.sum() - after / after.sum())))
    shares = [f"{100 * part[place] / part.sum():.3g} %" for part in (before, after)]
    seen = (
        f"distance {far:.2f} from the reference, at most {limit:.4g}; {_part(known, place)}: {shares[0]} -> {shares[1]}"
    )
    made = known.model_copy(update={"missing": watch.missing, "counts": tuple(watch.counts.tolist())})
    value = made.model_dump(mode="json", exclude_defaults=True)
    yield Said(
        seen, (Change(place=("reference", "columns", name), value=value),), "find out what changed at the source"
    )


def _other_unit(contract: Contract, watch: Watch) -> Conversion | None:
    limit = contract.skew if watch.terms.skew is None else watch.terms.skew
    known = watch.reference
    return None if known is None else other_unit(known, watch.numbers.kept, watch.terms.unit, limit)


def _in_unit(code: str, said: Said, name: str, watch: Watch, other: Conversion) -> Said:
    """Return what is said of numbers that are in another unit, which is nothing to be accepted."""
    if code not in OF_SIZES:
        return said
    seen = f"{said.seen}; as if all were {other.named()}" if code == "skew" else said.seen
    return Said(seen, todo=advice(other, name, watch.terms.unit, "the rows"))


def _part(known: Any, place: int) -> str:
    """Return the part of a distribution that has a place among its counts, the missing first."""
    if place == 0:
        return "missing"
    if known.labels:
        return f"'{known.labels[place - 1]}'" if place <= len(known.labels) else "other values"
    what = "" if known.of == "values" else "length "
    if place > len(known.edges):
        return f"{what}above {known.edges[-1]:.6g}" if known.edges else "all values"
    low = f"{known.edges[place - 2]:.6g} to " if place > 1 else "up to "
    return f"{what}{low}{known.edges[place - 1]:.6g}"
