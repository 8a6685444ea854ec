"""What columns say of a target together: two kinds that tell it, and numbers that add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from landmark.core.table import Floats, Ints

SCREEN, TOLD, BETTER = 2000, 0.9, 3.0
"""Rows on which all pairs are tried; share of the errors that a pair must spare, on other rows than it was learnt on;
and how many times fewer errors it must leave than its better half alone."""
CELLS = 4
"""Rows that there must be for each combination of two kinds."""
EXACT, NEARLY, ONES = 1e-9, 3e-4, 0.02
"""Share of the target that a sum leaves when it is the target, when it is but for noise, and how near its weights
must then be to 1."""
MOST_SUMMED, MOST_ROWS = 50, 2000
"""Columns that may be part of a sum, those that go with the target most, and rows it is sought in."""


def telling_pairs(kinds: dict[str, Ints], labels: Ints) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of columns of kinds (n,) that tell labels (n,) together, and how much, where neither does alone.

    >>> a, b, c = np.random.default_rng(0).integers(0, 2, (3, 400))
    >>> list(telling_pairs({"a": a, "b": b, "c": c}, a ^ b))
    [('a', 'b', 1.0)]
    """
    some = np.linspace(0, len(labels) - 1, min(SCREEN, len(labels))).astype(np.int64)
    sizes = {name: int(codes.max(initial=0)) + 1 for name, codes in kinds.items()}
    alone: dict[str, float] = {}
    for one, other in combinations(kinds, 2):
        if sizes[one] * sizes[other] * CELLS > len(labels):
            continue
        joint = kinds[one] * sizes[other] + kinds[other]
        if spared(joint[some], labels[some]) < TOLD / 2:
            continue
        told = spared(joint, labels)
        for name in (one, other):
            alone.setdefault(name, spared(kinds[name], labels))
        if told >= TOLD and (1 - told) * BETTER <= 1 - max(alone[one], alone[other]):
            yield one, other, told


def spared(groups: Ints, labels: Ints) -> float:
    """Return the share of the errors of always saying the commonest label that are spared when each group says its own.

    What a group says is learnt on every other row, and tried on the rest.
    """
    halves = np.arange(len(labels)) % 2 == 0
    width, size = int(labels.max(initial=0)) + 1, int(groups.max(initial=0)) + 1
    wrong, usual = 0, 0
    for half in (halves, ~halves):
        counts = np.bincount(groups[half] * width + labels[half], minlength=size * width).reshape(size, width)
        commonest = int(counts.sum(axis=0).argmax())
        says = np.where(counts.any(axis=1), counts.argmax(axis=1), commonest)
        wrong += int(np.count_nonzero(says[groups[~half]] != labels[~half]))
        usual += int(np.count_nonzero(labels[~half] != commonest))
    return 1 - wrong / usual if usual else 0.0


def summands(numbers: dict[str, Floats], target: Floats) -> tuple[str, ...]:
    """Return the columns (n,) that add up to the target (n,), () where none do.

    Exactly, each with some weight; or but for a little noise, each with the weight 1. Found by least squares on
    columns scaled to length 1.

    >>> x, y, z = np.random.default_rng(0).normal(size=(3, 99))
    >>> summands({"x": x, "y": y, "z": z}, x + 2 * z), summands({"x": x, "y": y, "z": z}, x + 1.3 * y + z / 100)
    (('x', 'z'), ('x', 'y', 'z'))
    >>> noise = np.random.default_rng(1).normal(size=99) / 100
    >>> summands({"x": x, "y": y, "z": z}, x + y + noise), summands({"x": x, "y": y, "z": z}, x + 2 * y + noise)
    (('x', 'y'), ())
    """
    look = np.linspace(0, len(target) - 1, min(MOST_ROWS, len(target))).astype(np.int64)
    wanted = scaled(target[look])
    columns = {name: scaled(x[look]) for name, x in numbers.items() if not np.isnan(x).any()}
    near = sorted(columns, key=lambda name: -abs(float(columns[name] @ wanted)))[:MOST_SUMMED]
    names = [name for name in columns if name in near]
    if len(names) < 2 or len(look) < 2 * len(names) or not np.any(wanted):
        return ()
    weights, left = solved(columns, names, wanted)
    if left > NEARLY:
        return ()
    least = 1e-4 if left <= EXACT else 1e-2
    parts = tuple(name for name, weight in zip(names, weights, strict=True) if abs(weight) > least)
    if left <= EXACT or len(parts) < 2:
        return parts if left <= EXACT else ()
    weights, left = solved(columns, list(parts), wanted)
    spans = np.array([length(numbers[name][look]) for name in parts])
    ones = np.abs(weights * length(target[look]) / spans - 1) <= ONES
    return parts if left <= NEARLY and ones.all() else ()


def solved(columns: dict[str, Floats], names: list[str], wanted: Floats) -> tuple[Floats, float]:
    """Return the weights of the named columns in their best sum, and the share of the target that it leaves."""
    table = np.column_stack([columns[name] for name in names])
    weights, *_ = np.linalg.lstsq(table, wanted, rcond=1e-9)
    return np.asarray(weights, np.float64), float(np.square(wanted - table @ weights).sum())


def length(x: Floats) -> float:
    """Return the length of x (n,) around its mean; scaled first, for squares may overflow."""
    scale = float(np.abs(x).max(initial=0)) or 1.0
    centred = x / scale - np.mean(x / scale)
    return float(np.sqrt(centred @ centred)) * scale


def scaled(x: Floats) -> Floats:
    """Return x (n,) around 0 with length 1; zeros where it is constant."""
    scale = float(np.abs(x).max(initial=0)) or 1.0
    centred = x / scale - np.mean(x / scale)
    size = float(np.sqrt(centred @ centred))
    return centred / size if size > 0 else centred
