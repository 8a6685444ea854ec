"""How far a distribution is from the reference: its size, and whether chance explains it.

A distribution is told by counts: rows without a value, and rows by label or by interval. The distance is that of
Jensen and Shannon, 0 (the same) to 1 (nothing in common). A distance alone means nothing in a small table, where
chance makes one, and a test alone means nothing in a large one, where every trifle is beyond chance: a finding
needs both.

Source: Lin, Divergence Measures Based on the Shannon Entropy (1991); Press et al., Numerical Recipes (2007), 14.3,
for two samples of unequal size; Wilson & Hilferty, The Distribution of Chi-square (1931).
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import ColumnReference
from landmark.core.table import Floats, Ints
from landmark.statistics.distances import Shape
from landmark.statistics.units import Conversion, change

BINS = 10
MOST_LABELS = 20
CHANCE = 1e-3
"""How improbable a difference must be, over all columns together."""
FEWEST, FEWEST_EDGES = 50, 5
"""Rows below which no distribution is judged, and edges below which no unit is."""


def reference(values: pa.Array, missing: int, labels: bool) -> ColumnReference | None:
    """Return how values (n,) are distributed: numbers by tenths, labels by the most frequent, else lengths by tenths.

    None where there is nothing to count.
    """
    values = values.drop_null()
    if not len(values):
        return None
    if labels:
        counted = pa.Table.from_struct_array(pc.value_counts(values))
        top = counted.sort_by([("counts", "descending"), ("values", "ascending")]).slice(0, MOST_LABELS)
        names = tuple(top["values"].to_pylist())
        made = ColumnReference(missing=missing, labels=names, counts=(0,) * (len(names) + 1))
    else:
        numeric = pa.types.is_floating(values.type)
        x = amounts(values)
        if not len(x):
            return None
        edges = np.unique(np.quantile(x, np.arange(1, BINS) / BINS, method="lower"))
        of = "values" if numeric else "lengths"
        made = ColumnReference.model_validate(
            {"of": of, "missing": missing, "edges": edges.tolist(), "counts": [0] * (len(edges) + 1)}
        )
    return made.model_copy(update={"counts": tuple(counts(made, values).tolist())})


def counts(known: ColumnReference, values: pa.Array) -> Ints:
    """Return how many of values (n,) have each label or lie in each interval of a reference."""
    values = values.drop_null()
    if known.labels:
        places = pc.fill_null(pc.index_in(values, value_set=pa.array(known.labels, pa.string())), len(known.labels))
        return np.bincount(places.to_numpy(), minlength=len(known.labels) + 1)
    x = amounts(values)
    below = [np.count_nonzero(x <= edge) for edge in known.edges]  # a tenth of the time of a search for each value
    return np.diff([0, *below, len(x)])


def amounts(values: pa.Array) -> Floats:
    """Return finite numbers (n,) as they are, of texts, lists and bytes their lengths; float64."""
    kind = values.type
    if pa.types.is_floating(kind):
        x = values.to_numpy(zero_copy_only=False)
        return np.asarray(x[np.isfinite(x)], np.float64)
    size = pc.list_value_length if pa.types.is_list(kind) else pc.binary_length
    sizes = pc.utf8_length(values) if pa.types.is_string(kind) else size(values)
    return np.asarray(sizes.to_numpy(zero_copy_only=False), np.float64)


def other_unit(known: ColumnReference, x: Floats, unit: str | None, limit: float) -> Conversion | None:
    """Return the conversion of units that, undone, puts numbers (n,) where a reference is; None where none does.

    Both are known by the same few quantiles alone, so that what is between these is the same on both sides. How numbers
    were written is not known, so that a small factor may as well be growth, and is not named.
    """
    if known.of != "values" or known.labels or len(known.edges) < FEWEST_EDGES or len(x) < FEWEST:
        return None
    shares, rows = np.cumsum(known.counts)[:-1] / sum(known.counts), sum(known.counts)
    before = Shape.stored(np.asarray(known.edges), rows, shares)
    found = change(before, Shape.stored(np.quantile(x, shares, method="lower"), len(x), shares), unit)
    if found is None or (found.conversion.small and not found.conversion.shift):
        return None
    first, second = np.array(known.counts), counts(known, pa.array(found.conversion.undone(x)))
    return found.conversion if distance(first, second) <= limit or chance(first, second) > CHANCE else None


def distance(first: Ints, second: Ints) -> float:
    """Return the Jensen-Shannon distance of two distributions given as counts (k,).

    >>> distance(np.array([5, 5]), np.array([10, 10])), distance(np.array([1, 0]), np.array([0, 1]))
    (0.0, 1.0)
    """
    p, q = first / first.sum(), second / second.sum()
    middle = (p + q) / 2
    divergence = sum(float((side[side > 0] * np.log2(side[side > 0] / middle[side > 0])).sum()) / 2 for side in (p, q))
    return math.sqrt(min(max(divergence, 0.0), 1.0))


def chance(first: Ints, second: Ints) -> float:
    """Return how probable it is that two samples of one distribution, given as counts (k,), differ so much."""
    used = (first + second) > 0
    a, b = first[used].astype(np.float64), second[used].astype(np.float64)
    freedom = len(a) - 1
    if freedom < 1:
        return 1.0
    ratio = math.sqrt(b.sum() / a.sum())
    square = float((np.square(a * ratio - b / ratio) / (a + b)).sum())
    spread = 2 / (9 * freedom)
    z = ((square / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))
