"""What holds between columns in every training row: order, sums, repetition, multiples, values missing together.

A relation is taken only where it is no accident: `a <= b` between columns whose ranges lie apart says nothing.
Candidates are found on some rows and must hold on all; sums by one random projection of the rows, under which a sum
of columns is the sum of their projections.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnTerms
from landmark.contract.limits import FEWEST, tail
from landmark.contract.reading import Read
from landmark.core.dates import DAY
from landmark.core.table import Floats, Ints
from landmark.statistics.fingerprints import of_values

MOST_COLUMNS = 60
"""Columns that are looked at together, the first ones."""
LOOK, GLANCE = 5000, 200
"""Rows on which candidates are found, and those on which most of them fall."""
SEED = 20_240_229
"""Of the projection; which one it is does not matter."""
ROUNDED = 5e-3
"""A sum or multiple may be off by so much of a standard deviation: the last digits were rounded away."""
NO_ACCIDENT = 0.05
"""Share of pairs of values of different rows that break an order which says something of values of one row."""
FEWEST_GAPS = 20
"""Rows without a value from which columns that lack it together do so by rule."""

LONGEST_NAME = 100

Numbers = Mapping[str, Floats]


class Relation(NamedTuple):
    """A rule that was found: its name, the expression, why, and the columns it is about, the told one first.

    exact: it holds by how the columns were made, not only in all rows that were seen.
    """

    name: str
    holds: str
    why: str
    columns: tuple[str, ...] = ()
    exact: bool = True


def relations(columns: Mapping[str, tuple[ColumnTerms, Read]]) -> Iterator[Relation]:
    """Yield what holds between columns (n,), as expressions."""
    columns = {name: column for name, column in columns.items() if _can_be_named(name)}
    with np.errstate(over="ignore", invalid="ignore"):  # enormous numbers: what is compared with them is not close
        yield from _found(columns)


def _can_be_named(name: str) -> bool:
    """Return whether an expression with a column's name is one that people would read."""
    return len(name) <= LONGEST_NAME and name.isprintable() and "\\" not in name


def _found(columns: Mapping[str, tuple[ColumnTerms, Read]]) -> Iterator[Relation]:
    numbers = _of_type(columns, "number")
    twins = [*repeats(columns), *multiples(numbers)]
    told = {twin.columns[0] for twin in twins}
    once = {name: x for name, x in numbers.items() if name not in told}
    found = list(sums(once))
    explained = {frozenset(pair) for each in found for pair in combinations(each.columns, 2)}
    yield from twins
    yield from found
    yield from orders(_of_type(columns, "date"), explained, "not before", 1 / DAY)
    yield from orders(once, explained, "at least", 1.0)
    yield from together(columns)


def named(name: str) -> str:
    """Return a column's name as an expression writes it.

    >>> named("age"), named("my column"), named("class")
    ('age', "col('my column')", "col('class')")
    """
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return name if plain else f"col({name!r})"


def repeats(columns: Mapping[str, tuple[ColumnTerms, Read]]) -> Iterator[Relation]:
    """Yield the columns that say the same as an earlier one in every row."""
    first: dict[tuple[str, bytes], str] = {}
    for name, (terms, read) in columns.items():
        if terms.type in ("set", "image") or read.values.null_count == len(read.values):
            continue
        prints = of_values(read.values)
        if (prints == prints[0]).all():
            continue
        kind = "text" if terms.type in ("text", "category", "binary") else terms.type
        other = first.setdefault((kind, prints.tobytes()), name)
        if other != name:
            why = f"the same in all {len(prints)} rows"
            yield Relation(f"{name} repeats {other}", f"{named(name)} == {named(other)}", why, (name, other))


def multiples(numbers: Numbers) -> Iterator[Relation]:
    """Yield the columns that are a multiple of an earlier one, but for rounding."""
    rows = _rows(numbers)
    names = _varied(numbers, rows)
    if len(names) < 2:
        return
    with np.errstate(divide="ignore"):
        correlated = np.abs(np.corrcoef(np.stack([numbers[name][rows] for name in names])))
    told: set[str] = set()
    for j, i in zip(*np.nonzero(np.tril(correlated > 1 - ROUNDED**2, -1)), strict=True):
        a, b = names[i], names[j]
        if b in told or a in told:
            continue
        found = _factor(numbers[a], numbers[b], rows)
        if found is not None:
            told.add(b)
            factor, tolerance = found
            holds = f"abs({named(b)} - {factor:.6g} * {named(a)}) <= {tolerance:.2g}"
            yield Relation(f"{b} from {a}", holds, f"{b} is {factor:.6g} times {a} in all rows", (b, a))


def _factor(x: Floats, y: Floats, rows: Ints) -> tuple[float, float] | None:
    """Return k such that y is k times x (n,) but for rounding, with as few digits as it takes, and how far that is."""
    factor = float((x[rows] @ y[rows]) / (x[rows] @ x[rows]))
    best = _close(y, factor * x)
    if best is None or factor == 1:
        return None
    tried = (float(f"{factor:.{digits}g}") for digits in range(1, 7))
    short = ((k, _close(y, k * x)) for k in tried)
    return next(((k, far) for k, far in short if far is not None and far <= 1.5 * best), (factor, best))


def sums(numbers: Numbers) -> Iterator[Relation]:
    """Yield the columns that are the sum of two or three others, but for rounding."""
    rows = _rows(numbers)
    names = _varied(numbers, rows)
    if len(names) < 3:
        return
    table = np.stack([numbers[name][rows] for name in names])
    spread = table.std(axis=1)
    projected = table @ np.random.default_rng(SEED).normal(size=len(rows))
    order = np.argsort(projected)
    width = 4 * ROUNDED * spread.max() * math.sqrt(len(rows))
    told: set[str] = set()
    for count in (2, 3):
        groups = np.array(list(combinations(range(len(names)), count))).reshape(-1, count)
        wanted = projected[groups].sum(axis=1)
        low, high = (np.searchsorted(projected[order], wanted + side) for side in (-width, width))
        for k in np.flatnonzero(high > low):
            parts = groups[k]
            for total in order[low[k] : high[k]]:
                if total in parts or names[total] in told or spread[parts].min() < 10 * ROUNDED * spread[total]:
                    continue
                if np.abs(table[total, :GLANCE] - table[parts, :GLANCE].sum(axis=0)).max() > ROUNDED * spread[total]:
                    continue
                made = _sum(names[total], [names[part] for part in parts], numbers)
                if made is not None:
                    told.add(names[total])
                    yield made


def _sum(total: str, parts: list[str], numbers: Numbers) -> Relation | None:
    tolerance = _close(numbers[total], np.sum([numbers[part] for part in parts], axis=0))
    if tolerance is None:
        return None
    said = " + ".join(map(named, parts))
    exact = np.allclose(numbers[total], np.sum([numbers[part] for part in parts], axis=0), 1e-10, 0, equal_nan=True)
    holds = f"{named(total)} == {said}" if exact else f"abs({named(total)} - ({said})) <= {tolerance:.2g}"
    return Relation(f"{total} is a sum", holds, f"{total} = {' + '.join(parts)} in all rows", (total, *parts))


def orders(columns: Numbers, explained: set[frozenset[str]], word: str, scale: float) -> Iterator[Relation]:
    """Yield the pairs of columns of which one is never less than the other, though it could be."""
    for (a, x), (b, y) in combinations(columns.items(), 2):
        if frozenset((a, b)) in explained or {np.isnan(x).all(), np.isnan(y).all()} != {False}:
            continue
        for low, high, first, second in ((a, b, x, y), (b, a, y, x)):
            why = _ordered(first, second, scale)
            if why:
                yield Relation(f"{high} {word} {low}", f"{named(high)} >= {named(low)}", why, (high, low), False)


def _ordered(x: Floats, y: Floats, scale: float) -> str:
    """Return why y (n,) is never less than x (n,), nothing where it is, or where that would say nothing."""
    glance = (y[:GLANCE] - x[:GLANCE]) * scale
    if (glance < 0).any():
        return ""
    gap = (y - x) * scale
    gap = np.sort(gap[~np.isnan(gap)])
    if len(gap) < FEWEST or gap[0] < 0 or gap[0] == gap[-1]:
        return ""
    otherwise = float(np.mean(x > np.roll(y, len(y) // 3)))
    if otherwise < NO_ACCIDENT or gap[0] > 0.05 * np.median(gap):
        return ""
    if tail(-gap[::-1]).falls not in ("cut off", "short"):
        return ""
    return f"in all {len(gap)} rows, and in {1 - otherwise:.0%} of pairs of different rows"


def together(columns: Mapping[str, tuple[ColumnTerms, Read]]) -> Iterator[Relation]:
    """Yield the columns that have no value in just the same rows as an earlier one."""
    first: dict[bytes, str] = {}
    for name, (terms, read) in columns.items():
        gaps = read.values.null_count
        if terms.type == "image" or min(gaps, len(read.values) - gaps) < FEWEST_GAPS:
            continue
        other = first.setdefault(read.values.is_null().to_numpy(zero_copy_only=False).tobytes(), name)
        if other != name:
            holds = f"is_missing({named(name)}) == is_missing({named(other)})"
            yield Relation(f"{name} with {other}", holds, f"both are missing in the same {gaps} rows", (name, other))


def _of_type(columns: Mapping[str, tuple[ColumnTerms, Read]], type: str) -> dict[str, Floats]:
    """Return the first columns of a type as float64 (n,), NaN where there is no value."""
    chosen = [name for name, (terms, _) in columns.items() if terms.type == type][:MOST_COLUMNS]
    return {name: _floats(columns[name][1].values) for name in chosen}


def _floats(values: pa.Array) -> Floats:
    x = pc.fill_null(pc.cast(values, pa.float64(), safe=False), np.nan).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(x), x, np.nan)


def _varied(numbers: Numbers, rows: Ints) -> list[str]:
    """Return the columns that are something else than their commonest value in enough of some rows."""
    if not len(rows):
        return []
    few = len(rows) - FEWEST
    counts = {name: np.unique(x[rows], return_counts=True)[1] for name, x in numbers.items()}
    return [name for name, own in counts.items() if own.max() <= few]


def _rows(numbers: Numbers) -> Ints:
    """Return the rows, at most LOOK of them, evenly spaced, in which all columns have a value."""
    if not numbers:
        return np.empty(0, np.int64)
    whole = np.flatnonzero(~np.isnan(np.stack(list(numbers.values()))).any(axis=0))
    if len(whole) < FEWEST:
        return np.empty(0, np.int64)
    return whole[np.linspace(0, len(whole) - 1, min(LOOK, len(whole))).astype(np.int64)]


def _close(x: Floats, y: Floats) -> float | None:
    """Return how far x and y (n,) may be apart when they are the same but for rounding; None where they are not."""
    apart = np.abs(x - y)
    apart = apart[~np.isnan(apart)]
    if len(apart) < FEWEST or apart.max() > ROUNDED * np.nanstd(x):
        return None
    return float(2 * apart.max() + 1e-9 * np.nanmax(np.abs(x)))
