"""Infer a contract from training rows: one line for what holds so clearly that a second sample would keep it too.

Every line has its reason. What cannot be told from rows (how fresh, which unit) is left to people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnReference, ColumnTerms, Contract, Every, Place, Reference, Rule, Span
from landmark.contract.limits import FEWEST, limits
from landmark.contract.patterns import pattern
from landmark.contract.reading import Read, is_list, read
from landmark.contract.relations import MOST_COLUMNS, relations
from landmark.contract.skew import reference
from landmark.contract.states import PERIODS, Periods
from landmark.contract.terms import guessed
from landmark.core.options import Use
from landmark.core.table import Ints, whole

MOST_REFERENCED = 2000
"""Columns of a table above which no distribution is kept: their document would be too large to read."""
MOST_KINDS = 200
"""Values that are named one by one."""
SURELY_SEEN = 8
"""Times that a kind must be expected for it to be improbable that it did not come."""
SURELY_ALWAYS = 1000
"""Rows from which a column without a gap is taken never to have one."""
FAR = 100
"""A length so many times that of the longest says nothing."""
MOST_OTHERS = 0.05
"""Share of values that may be new kinds before naming the known ones says too little."""
FEWEST_PERIODS, ROWS_EACH = 20, 8
"""Periods that a table must span, and rows the poorest of them must have, for an empty one to be a fault."""
TELLING = ("binary", "category", "text", "number")
"""Types whose values may tell those of another column."""
LOOK = 5000
ABSENT = {"target": "it is what is predicted", "weight": "it weighs training rows"}
"""Uses of columns that exist in training only."""


class Given(NamedTuple):
    """What is known of a column before its values are looked at: its type, why, what it is for, and its settings."""

    terms: ColumnTerms
    use: Use = "feature"
    why: str = "by its values"


@dataclass(frozen=True)
class Inferred:
    """A contract, and the reason of each line of it by place."""

    contract: Contract
    reasons: dict[Place, str] = field(default_factory=dict)


class Line(NamedTuple):
    """One line of a column, and why."""

    name: str
    value: Any
    why: str


def infer(rows: pa.Table, given: Mapping[str, Given] | None = None, *, text: bool = True) -> Inferred:
    """Return the contract that training rows (n,) suggest, with reasons.

    `given` says what is known of columns; of the others the type is guessed. `text`: the source writes all cells as
    text, so that its types say nothing.
    """
    given = given or {}
    reasons: dict[Place, str] = {}
    columns: dict[str, ColumnTerms] = {}
    known: dict[str, ColumnReference] = {}
    together: dict[str, tuple[ColumnTerms, Read]] = {}
    wide = rows.num_columns > MOST_REFERENCED
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        array = whole(column)
        own = given.get(name) or Given(guessed(name, array, text))
        got = read(own.terms, array, as_texts=not _is_vector(array.type))
        lines = list(_lines(name, own, got))
        terms = own.terms.model_copy(update={line.name: line.value for line in lines})
        columns[name] = terms
        reasons[("columns", name, "type")] = own.why
        reasons |= {("columns", name, line.name): line.why for line in lines}
        distribution = None if wide else _distribution(own, terms, got)
        if distribution is not None:
            known[name] = distribution
        if not wide:
            together[name] = (terms, got)
    for name, others, why in told(together):
        columns[name] = columns[name].model_copy(update={"tells": others, "slips": slips(rows.num_rows)})
        reasons[("columns", name, "tells")] = why
    rules, whys = {}, {}
    for found in relations(together) if rows.num_rows >= FEWEST else ():
        share = 1.0 if found.exact else seldom(rows.num_rows)
        rules[found.name] = Rule(holds=found.holds, share=share, only=_shared(columns, found.columns))
        whys[("rules", found.name)] = found.why
    kept = Reference(rows=rows.num_rows, columns=known) if known else None
    contract = Contract(columns=columns, rules=rules, reference=kept)
    return Inferred(Contract.model_validate(contract.model_dump()), reasons | whys)


def slips(n: int) -> float:
    """Return the share in which something may fail that has held in n of n rows.

    >>> slips(500), slips(20_000)
    (0.006, 0.0002)
    """
    return round(1 - seldom(n), 12)


def _is_vector(kind: pa.DataType) -> bool:
    """Return whether a column holds lists of decimal numbers, of which only the length says something."""
    return is_list(kind) and pa.types.is_floating(kind.value_type)


def seldom(n: int) -> float:
    """Return the share in which something holds of all rows, when it has held in n of n.

    What comes in 3 of n rows, or less, is often not seen in n rows at all.
    Source: Hanley & Lippman-Hand, If Nothing Goes Wrong, Is Everything All Right? (1983).

    >>> seldom(500), seldom(20_000)
    (0.994, 0.9998)
    """
    digits = math.ceil(math.log10(n / 3))
    scale = float(10**digits)
    return math.floor((1 - 3 / n) * scale + 1e-9) / scale


def _shared(columns: Mapping[str, ColumnTerms], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the environments to which a rule over columns is bound: that of a column which is not everywhere."""
    return next((columns[name].only for name in names if columns[name].only), ())


def _lines(name: str, given: Given, got: Read) -> Iterator[Line]:
    """Yield the lines of one column besides its type."""
    if given.use in ABSENT:
        yield Line("only", ("training",), f"{ABSENT[given.use]}: it is not there in service")
    n, unread = len(got.missing), int(got.odd.sum())
    if unread:
        share = (unread + 2 * math.sqrt(unread)) / got.held
        why = f"{unread} of {got.held} values do not read as {given.terms.type}"
        yield Line("unread", min(math.ceil(1000 * share) / 1000, 1.0), why)
    if given.terms.type == "number" and pc.any(pc.is_inf(got.values)).as_py():
        yield Line("infinite", True, "some values are infinite")
    if n < FEWEST:
        return
    yield from _presence(got, n)
    values = got.values.drop_null()
    if len(values) < FEWEST:
        return
    yield from {"number": _numbers, "date": _dates, "set": _sets}.get(given.terms.type, _texts)(given, values, n)
    if given.use == "identifier" and len(values) == n and pc.count_distinct(values).as_py() == n:
        yield Line("unique", True, f"all {n} values differ, and it names rows")


def _presence(got: Read, n: int) -> Iterator[Line]:
    gaps = int(got.missing.sum())
    share = gaps / n
    if not gaps:
        always = n >= SURELY_ALWAYS
        yield Line("present", 1.0 if always else seldom(n), f"none of {n} values is missing")
        return
    kept = math.floor(100 * (1 - share - 2 * math.sqrt(share * (1 - share) / n) - 2 / n)) / 100
    if kept > 0:
        yield Line("present", kept, f"{share:.1%} of {n} values are missing")


def _numbers(given: Given, values: pa.Array, n: int) -> Iterator[Line]:
    x = values.to_numpy(zero_copy_only=False)
    finite = x[np.isfinite(x)]
    if len(finite) < FEWEST:
        return
    whole_numbers = bool((finite == np.floor(finite)).all())
    if whole_numbers:
        yield Line("whole", True, f"all {len(finite)} values are whole numbers")
    ordered = _order(x)
    if given.use == "identifier" or ordered:
        if ordered and given.use == "identifier":
            yield Line("sorted", ordered, "no row is out of order")
        yield Line("skew", 1.0, "it goes on and on: later rows have other values")
        return
    low, high = limits(finite)
    for name, limit, outward in (("least", low, math.floor), ("most", high, math.ceil)):
        if limit is not None:
            yield Line(name, float(outward(limit.value)) if whole_numbers else limit.value, limit.why)


def _dates(given: Given, values: pa.Array, n: int) -> Iterator[Line]:
    x = values.to_numpy()
    ordered = _order(x)
    if ordered:
        yield Line("sorted", ordered, "no row is out of order")
    for span in (*PERIODS, "month"):
        periods = Periods(span)
        periods.add(values)
        short, of, _ = periods.short(ROWS_EACH)
        if of >= FEWEST_PERIODS and not short:
            why = f"each of {of} {span}s has rows, the poorest {int(periods.counts.min())}"
            yield Line("every", Every(span=span), why)
            return


def _texts(given: Given, values: pa.Array, n: int) -> Iterator[Line]:
    if not pa.types.is_string(values.type):
        return
    counted = pa.Table.from_struct_array(pc.value_counts(values))
    kinds = None if given.use == "identifier" else _kinds(counted)
    if kinds is not None:
        yield from kinds
        return
    if given.use == "identifier":
        yield Line("skew", 1.0, "it names rows: every table has other values")
    found = pattern(whole(counted["values"]))
    if found is not None:
        yield Line("pattern", *found)
    yield from _span("length", pc.utf8_length(values), 1, "characters")


def _sets(given: Given, values: pa.Array, n: int) -> Iterator[Line]:
    items = values.flatten()
    if pa.types.is_string(items.type) and len(items) >= FEWEST:
        yield from _kinds(pa.Table.from_struct_array(pc.value_counts(items))) or ()
    yield from _span("items", pc.list_value_length(values), 0, "items")


def _kinds(counted: pa.Table) -> list[Line] | None:
    """Return the lines that name the kinds a column has; None where they are too many, or new ones are to come.

    What share of later values will be new kinds is about the share of kinds seen once.
    Source: Good, The Population Frequencies of Species (1953).
    """
    counts = counted["counts"].to_numpy()
    n, once = int(counts.sum()), int((counts == 1).sum())
    if len(counts) > min(MOST_KINDS, n / 5) or once > MOST_OTHERS * n:
        return None
    order = counted.sort_by([("counts", "descending"), ("values", "ascending")])
    names = tuple(order["values"].to_pylist())
    rarest = int(counts.min())
    why = f"{len(names)} kinds; the rarest comes {rarest} times in {n}"
    if rarest >= SURELY_SEEN and _next(np.sort(counts)[::-1]) >= SURELY_SEEN:
        return [Line("values", names, why)]
    share = (once + 2 * math.sqrt(once + 1)) / n
    others = math.ceil(1000 * share) / 1000
    return [Line("values", names, why), Line("others", others, f"{once} kinds were seen once: others may come")]


def _next(counts: Ints) -> float:
    """Return how often one more kind would come, if it were rarer than the last as that is rarer than the one before.

    >>> _next(np.array([900, 90, 9])), _next(np.array([50, 40]))
    (0.9, 32.0)
    """
    return float(counts[-1] ** 2 / counts[-2]) if len(counts) > 1 else 0.0


def _span(name: str, sizes: pa.Array, least: int, what: str) -> Iterator[Line]:
    """Yield the limits of a length, as far as they can be told."""
    x = sizes.to_numpy().astype(np.float64)
    if x.min() == x.max():
        yield Line(name, Span(least=int(x[0]), most=int(x[0])), f"all have {x[0]:.0f} {what}")
        return
    _, high = limits(x)
    high = None if high is None or high.value > FAR * x.max() else high
    low = int(min(x.min(), least))
    if high is not None or low:
        most = None if high is None else math.ceil(high.value)
        yield Line(name, Span(least=low or None, most=most), f"{x.min():.0f} to {x.max():.0f} {what} were seen")


def _order(x: Ints) -> str | None:
    """Return in which order values (n,) are, if they are in any and not all the same."""
    if x[0] == x[-1]:
        return None
    before, after = x[:-1], x[1:]
    return "ascending" if (after >= before).all() else "descending" if (after <= before).all() else None


def _distribution(given: Given, terms: ColumnTerms, got: Read) -> ColumnReference | None:
    if terms.type == "date" or terms.skew == 1 or len(got.missing) < FEWEST:
        return None
    labels = pa.types.is_string(got.values.type) and terms.type in ("binary", "category")
    return reference(got.values, int(got.missing.sum()), labels)


def told(columns: Mapping[str, tuple[ColumnTerms, Read]]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the columns of few kinds that tell others: each kind goes with one value only, and not by chance."""
    coded: dict[str, Ints] = {}
    for name, (terms, got) in columns.items():
        few = pc.count_distinct(got.values.slice(0, LOOK)).as_py() <= MOST_KINDS if terms.type in TELLING else False
        if few and len(coded) < MOST_COLUMNS:
            codes = got.values.dictionary_encode()
            if 2 <= len(codes.dictionary) <= MOST_KINDS and len(got.missing) >= FEWEST:
                own = np.asarray(codes.indices.fill_null(len(codes.dictionary)).to_numpy(), np.int64)
                if not any(np.array_equal(own, other) for other in coded.values()):  # a repeated column tells the same
                    coded[name] = own
    for name, a in coded.items():
        sizes = np.bincount(a)
        others = [other for other, b in coded.items() if other != name and _tells(a, b, sizes)]
        if others and sizes[sizes > 0].min() >= SURELY_SEEN:
            yield name, tuple(others), f"each of its {np.count_nonzero(sizes)} values goes with one of theirs"


def _tells(a: Ints, b: Ints, sizes: Ints) -> bool:
    """Return whether each code in a (n,) goes with one in b (n,), where chance would not make it so."""
    width = int(b.max()) + 1
    shares = np.bincount(b) / len(b)
    improbable = (np.maximum(sizes - 1, 0)).sum() * math.log(shares.max()) < -math.log(1e9)
    fewer = np.count_nonzero(shares) > 1 and np.count_nonzero(sizes) >= np.count_nonzero(shares)
    return bool(improbable and fewer and len(np.unique(a * width + b)) == np.count_nonzero(sizes))
