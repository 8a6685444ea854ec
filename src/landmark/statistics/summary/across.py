"""What columns tell of each other, in some of the drawn rows: correlations, dependencies, common gaps."""

from __future__ import annotations

from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from landmark.artifacts.profile import Across, Correlation, Dependency, Together
from landmark.core.table import Array, Floats, Ints, Mask
from landmark.statistics.association import errors
from landmark.statistics.fingerprints import NONE, Prints
from landmark.statistics.summary.drawn_rows import Drawn

ROWS, SCREEN = 8192, 2048
"""Rows that are looked at, and that are enough to see that one column does not tell another."""
COLUMNS = 64
"""Columns that are looked at, the first ones."""
MOST = 50
"""Entries kept of each list, the strongest first."""
LEAST = 0.3
"""Correlation from which on it is worth a line."""
CHANCE = 0.01
"""How probable it may be that of all pairs of columns that have nothing to do with each other one seems correlated."""
DIGITS = 4
"""Of a correlation: more would depend on the order of adding."""
EVIDENCE, SLIPS = 30, 0.01
"""Rows that have a partner with the same value in the telling column, and the share of these that may disagree."""
ALL_ALIKE = 1e-12
"""Deviation, as a share of the largest number, that is nothing but rounding."""
ALIKE = 0.95
"""Rows in which columns are missing together, as a share of those in which either is."""
FEWEST = 10
"""Rows in which a column must be missing so that something can be said of it."""


class Seen(NamedTuple):
    """One column in the rows that are looked at (n,): its numbers, NaN where none; its values as something equal only
    to themselves, and as codes from 0; which rows hold a value. numbers is None where it has none."""

    numbers: Floats | None
    values: Prints
    codes: Ints
    held: Mask


def across(drawn: dict[str, Drawn]) -> Across:
    """Return what columns tell of each other, from what they hold in the drawn rows, in the order of ranks."""
    seen = {name: see(own) for name, own in list(drawn.items())[:COLUMNS]}
    seen = {name: column for name, column in seen.items() if column.held.any()}
    rows = max((len(column.held) for column in seen.values()), default=0)
    if rows < FEWEST:
        return Across(rows=rows, columns=len(seen))
    return Across(
        rows=rows,
        columns=len(seen),
        correlations=correlations(seen),
        dependencies=dependencies(seen),
        missing_together=missing_together(seen),
    )


def see(drawn: Drawn) -> Seen:
    """Return one column in the rows that are looked at."""
    numbers = drawn.moments if drawn.numbers is None else drawn.numbers
    numbers = None if numbers is None else numbers[:ROWS]
    if drawn.prints is None:
        none = np.full(0, np.nan) if numbers is None else numbers
        bits = none.view(np.uint64)
        return Seen(numbers, bits, coded(bits), ~np.isnan(none))
    prints = drawn.prints[:ROWS]
    held = prints != NONE
    usable = numbers is not None and np.isnan(numbers[held]).sum() <= SLIPS * held.sum()
    return Seen(numbers if usable else None, prints, coded(prints), held)


def coded(values: Array) -> Ints:
    """Return values (n,) as numbers from 0 to one less than there are distinct ones."""
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def correlations(seen: dict[str, Seen]) -> tuple[Correlation, ...]:
    """Return the correlated pairs of columns of numbers, the strongest first.

    Ranks tell whether chance explains a pair: one wild row would make a correlation of the values themselves.
    """
    numbers = {name: column.numbers for name, column in seen.items() if column.numbers is not None}
    names = [name for name, x in numbers.items() if np.isfinite(x).sum() >= FEWEST]
    if len(names) < 2:
        return ()
    table = np.column_stack([numbers[name] for name in names])
    plain = together(np.column_stack([scaled(x) for x in table.T]))
    ranked = together(np.column_stack([scaled(ranks(x)) for x in table.T]))
    real = beyond_chance(ranked, table)
    found = [
        Correlation(a=names[i], b=names[j], pearson=plain[i, j], spearman=ranked[i, j])
        for i, j in combinations(range(len(names)), 2)
        if real[i, j] and max(abs(plain[i, j]), abs(ranked[i, j])) >= LEAST
    ]
    return tuple(sorted(found, key=lambda pair: -max(abs(pair.pearson), abs(pair.spearman)))[:MOST])


def together(x: Floats) -> Floats:
    """Return the correlations (c, c) of columns (n, c), each of the rows where both are known; 0 where it is none."""
    known = np.isfinite(x).astype(np.float64)
    x = np.where(known > 0, x, 0.0)

    def sums(a: Floats, b: Floats) -> Floats:
        return np.asarray(np.einsum("ia,ib->ab", a, b), np.float64)  # no BLAS: its sums depend on the machine

    n, first, square = sums(known, known), sums(x, known), sums(x * x, known)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = sums(x, x) / n - first * first.T / n**2
        spread = square / n - (first / n) ** 2
        found = covariance / np.sqrt(spread * spread.T)
    good = np.isfinite(found) & (n >= FEWEST)
    return np.round(np.clip(np.where(good, found, 0.0), -1, 1), DIGITS)


def beyond_chance(ranked: Floats, x: Floats) -> Mask:
    """Return which rank correlations (c, c) of columns (n, c) chance does not explain, however many pairs there are.

    Where most rows have the same value, the others are what can go together: they, and as many of those, count.

    Source: Wallace, Bounds on Normal Approximations to Student's and the Chi-Square Distributions (1959), for the test
    of a correlation by Student's t; the bound for all pairs is Bonferroni's.
    """
    pairs = len(ranked) * (len(ranked) - 1) / 2
    known = np.isfinite(x).astype(np.float64)
    others = np.array([len(held) - np.unique(held, return_counts=True)[1].max() for held in map(finite, x.T)])
    rows = np.minimum(np.einsum("ia,ib->ab", known, known), 2 * np.minimum.outer(others, others))
    freedom = np.maximum(rows - 2, 0)
    left = np.maximum(1 - ranked**2, 1 / np.maximum(rows, 1) ** 2)  # a few rows agree entirely now and then
    size = np.sqrt(-freedom * np.log(left)) * (8 * freedom + 1) / (8 * freedom + 3)
    return np.asarray(size > NormalDist().inv_cdf(1 - CHANCE / pairs / 2), bool)


def finite(x: Floats) -> Floats:
    """Return those of numbers (n,) that are finite."""
    return x[np.isfinite(x)]


def scaled(x: Floats) -> Floats:
    """Return numbers (n,) around 0 with deviation 1, NaN where they are not finite or all alike."""
    x = np.where(np.isfinite(x), x, np.nan)
    largest = np.nanmax(np.abs(x))
    centred = x / largest if largest > 0 else x
    centred = centred - np.nanmean(centred)
    width = np.nanmax(np.abs(centred))
    if width <= ALL_ALIKE:
        return np.full(len(x), np.nan)
    centred = centred / width
    return np.asarray(centred / np.sqrt(np.nanmean(centred * centred)), np.float64)


def ranks(x: Floats) -> Floats:
    """Return the ranks of finite numbers (n,), equal ones sharing theirs; NaN elsewhere."""
    known = np.flatnonzero(np.isfinite(x))
    found = np.full(len(x), np.nan)
    _, place, sizes = np.unique(x[known], return_inverse=True, return_counts=True)
    found[known] = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return found


def dependencies(seen: dict[str, Seen]) -> tuple[Dependency, ...]:
    """Return which columns tell others: first those that tell each other."""
    found: dict[tuple[str, str], float] = {}
    varied = [name for name, column in seen.items() if column.codes.max() > 0]
    small = {name: coded(seen[name].codes[:SCREEN]) for name in varied}
    for a in varied:
        for b in varied:
            if a == b:
                continue
            if np.array_equal(seen[a].values, seen[b].values):
                found[a, b] = 0.0
            elif tells(small[a], small[b]) is not None:
                share = tells(seen[a].codes, seen[b].codes)
                found |= {} if share is None else {(a, b): share}
    listed = [
        Dependency(a=a, b=b, repeats=(b, a) in found, errors=share)
        for (a, b), share in found.items()
        if (b, a) not in found or varied.index(a) < varied.index(b)
    ]
    return tuple(sorted(listed, key=lambda one: (not one.repeats, one.errors))[:MOST])


def tells(a: Ints, b: Ints) -> float | None:
    """Return the share of rows (n,) where b is not as in the most rows with the same a, None if a does not tell b.

    It does if hardly any of the rows that have a partner with the same a differ from it, and many would by chance.
    """
    evidence = len(a) - int(a.max()) - 1
    by_chance = len(b) - int(np.bincount(b).max())
    if evidence < EVIDENCE or by_chance < EVIDENCE:
        return None
    slips = errors(a, b)
    return slips / len(a) if slips <= SLIPS * min(evidence, by_chance) else None


def missing_together(seen: dict[str, Seen]) -> tuple[Together, ...]:
    """Return groups of columns that are missing in the same rows, those with most such rows first."""
    gaps = {name: ~column.held for name, column in seen.items() if (~column.held).sum() >= FEWEST}
    groups: list[list[str]] = []
    for name, gap in gaps.items():
        for group in groups:
            first = gaps[group[0]]
            if (gap & first).sum() >= ALIKE * (gap | first).sum():
                group.append(name)
                break
        else:
            groups.append([name])
    found = [
        Together(columns=tuple(group), share=float(np.logical_and.reduce([gaps[name] for name in group]).mean()))
        for group in groups
        if len(group) > 1
    ]
    return tuple(sorted(found, key=lambda group: -group.share)[:MOST])
