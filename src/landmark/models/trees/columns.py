"""How trees take features: every role becomes columns of one matrix, the same in training and in the graph.

Trees compare a column with thresholds that lie between training values, so the last bit of a column matters: what
is a sum (a projection, the score of another model) is rounded to a grid, far finer than 255 bins, on which both
ways of adding up agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from landmark.artifacts.features import MISSING, UNSEEN, Batch, Feature, Role, Value
from landmark.core.table import Floats, Ints
from landmark.graph.builder import Graph

ANGLES = (30.0, 60.0)
"""Degrees by which a plane is turned. Housing, RMSE and CPU: none 44.1k, 1.0; two 41.6k, 1.15; five 41.4k, 1.55."""
NATIVE = 64
"""The largest code that is split on as a category; a thousand of them made the graph 7 times slower than LightGBM."""
STATISTICS = 8
"""Labels, the most frequent, whose share is kept for every code of a larger vocabulary."""
PARTS = 5
"""Parts of the training rows, each of which is encoded by what the others say."""
FINE = 4096
"""Steps of the rounding grid in one standard deviation."""
ROWS, EACH = 20_000, 50
"""Bags, at most, from which the directions of a projection are learnt; and at least, for each direction."""
TINY = 1e-300


class Part(Protocol):
    """Some columns of the matrix, made of one feature."""

    @property
    def feature(self) -> str:
        """The name of the feature."""

    @property
    def width(self) -> int:
        """The number of columns."""

    def columns(self, batch: Batch) -> Floats:
        """Return the columns (n, width)."""

    def graph(self, g: Graph, feature: Feature) -> Value:
        """Add the same columns to g."""


@dataclass(frozen=True)
class Plain:
    """VALUES as they are, and planes turned as well. What no training row lacks is its median when it is missing."""

    feature: str
    size: int
    turn: bool
    fill: tuple[float, ...]

    @property
    def width(self) -> int:
        """The values, and two coordinates for each plane and angle."""
        return self.size + (self.size // 2 * 2 * len(ANGLES) if self.turn else 0)

    def columns(self, batch: Batch) -> Floats:
        """Return the values, then the turned coordinates."""
        x = batch.arrays[self.feature]
        x = np.where(np.isnan(x), np.array(self.fill), x)
        with np.errstate(invalid="ignore", over="ignore"):
            turned = [x[:, [i]] * a + x[:, [i + 1]] * b for i, a, b in self._turns()]
        return np.hstack([x, *turned])

    def graph(self, g: Graph, feature: Feature) -> Value:
        """Multiply and add; a matrix product might keep more digits than that."""
        x = filled(g, feature.value, self.fill)
        columns = [x]
        for i, a, b in self._turns():
            first, second = (g.op("Gather", x, g.constant([j], "int64"), axis=1) for j in (i, i + 1))
            columns.append(g.op("Add", g.op("Mul", first, g.constant(a)), g.op("Mul", second, g.constant(b))))
        return g.concat(columns)

    @property
    def is_filled_only(self) -> bool:
        """Whether the columns are the values, filled: many such features take as many operators as one."""
        return not self._turns()

    def _turns(self) -> list[tuple[int, Floats, Floats]]:
        """Return for each plane its first column, and both coordinates as factors of its two columns."""
        if not self.turn:
            return []
        angles = np.deg2rad(ANGLES)
        a, b = np.append(np.cos(angles), -np.sin(angles)), np.append(np.sin(angles), np.cos(angles))
        return [(i, a, b) for i in range(0, self.size - 1, 2)]


def filled(g: Graph, x: Value, fill: tuple[float, ...]) -> Value:
    """Add x (n, columns) with each NaN replaced by what its column is filled with; a NaN stands for NaN."""
    return x if np.isnan(fill).all() else g.op("Where", g.op("IsNaN", x), g.constant([fill]), x)


@dataclass(frozen=True)
class Native:
    """CODES as categories; a missing one is NaN, an unseen one is in no set that training made."""

    feature: str
    width: int = 1

    def columns(self, batch: Batch) -> Floats:
        """Return the code, NaN where missing."""
        codes = batch.arrays[self.feature]
        return np.where(codes == MISSING, np.nan, codes)[:, None]

    def graph(self, g: Graph, feature: Feature) -> Value:
        """Compare and cast."""
        missing = g.op("Equal", feature.value, g.constant(MISSING, "int64"))
        return g.column(g.op("Where", missing, g.constant(np.nan), g.cast(feature.value, "float64")))


@dataclass(frozen=True, eq=False)
class Encoded:
    """CODES of a large vocabulary by what the target is like among their rows, and by their share of rows."""

    feature: str
    labels: tuple[int, ...]
    table: Floats

    @property
    def width(self) -> int:
        """A statistic for each of the labels, and the share."""
        return int(self.table.shape[1])

    def columns(self, batch: Batch) -> Floats:
        """Return the table's row of every code."""
        return np.asarray(self.table[batch.arrays[self.feature]], np.float64)

    def graph(self, g: Graph, feature: Feature) -> Value:
        """Look up."""
        return g.gather(self.table, feature.value)


@dataclass(frozen=True, eq=False)
class Projected:
    """TOKENS as the position of the bag along a few directions, rounded to a step for each.

    The table (codes, width) is float32, which is half of the file; the sums are float64 of its very values.
    """

    feature: str
    table: npt.NDArray[np.float32]
    steps: Floats

    @property
    def width(self) -> int:
        """The directions."""
        return int(self.table.shape[1])

    def columns(self, batch: Batch) -> Floats:
        """Return the bag times the directions."""
        return rounded(np.asarray(batch.arrays[self.feature] @ self.table.astype(np.float64)), self.steps)

    def graph(self, g: Graph, feature: Feature) -> Value:
        """Sum the rows of the table, each times its weight."""
        assert feature.weight is not None, "TOKENS come with weights"
        weight = g.op("Unsqueeze", feature.weight, g.constant([2], "int64"))
        rows = g.op("Mul", g.cast(g.gather(self.table, feature.value, "float32"), "float64"), weight)
        return round_graph(g, g.op("ReduceSum", rows, g.constant([1], "int64"), keepdims=0), self.steps)


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model below says: of two labels the second's probability, else all it says."""

    model: str
    steps: Floats

    @property
    def width(self) -> int:
        """The number of scores."""
        return len(self.steps)

    def columns(self, prediction: Floats) -> Floats:
        """Return the scores (n, width) of a prediction."""
        return rounded(prediction[:, -self.width :], self.steps)

    def graph(self, g: Graph, prediction: Value, width: int) -> Value:
        """Add the same scores to g."""
        own = g.constant(list(range(width - self.width, width)), "int64")
        return round_graph(g, g.op("Gather", prediction, own, axis=1), self.steps)


@dataclass(frozen=True)
class Layout:
    """The columns of the matrix: the parts of the features one after the other, then the scores."""

    parts: tuple[Part, ...]
    scores: Scores | None

    @property
    def width(self) -> int:
        """The number of columns."""
        return sum(part.width for part in self.parts) + (self.scores.width if self.scores else 0)

    def graph(self, g: Graph, features: Mapping[str, Feature]) -> list[Value]:
        """Add the columns of all parts to g, side by side in order."""
        found: list[Value] = []
        for plain, parts in groupby(self.parts, lambda part: isinstance(part, Plain) and part.is_filled_only):
            if plain:
                own = [part for part in parts if isinstance(part, Plain)]
                values = g.concat([features[part.feature].value for part in own])
                found.append(filled(g, values, tuple(fill for part in own for fill in part.fill)))
            else:
                found += [part.graph(g, features[part.feature]) for part in parts]
        return found

    @property
    def categories(self) -> list[int]:
        """The columns that are split on as categories."""
        starts = np.cumsum([0, *(part.width for part in self.parts)])
        return [int(start) for start, part in zip(starts, self.parts, strict=False) if isinstance(part, Native)]

    def told(self, batch: Batch) -> Floats | None:
        """Return what the model below says of rows out of fold (n, labels), if its scores are columns."""
        return batch.scores[self.scores.model] if self.scores else None

    def matrix(self, batch: Batch, said: Floats | None) -> Floats:
        """Return all columns (n, width); said is the prediction of the model below (n, labels)."""
        columns = [part.columns(batch) for part in self.parts]
        if self.scores is not None and said is not None:
            columns.append(self.scores.columns(said))
        return np.hstack(columns)


def rounded(values: Floats, steps: Floats) -> Floats:
    """Return values (n, width) as whole multiples of a power of two for each column."""
    return np.asarray(np.rint(values / steps) * steps)


def round_graph(g: Graph, values: Value, steps: Floats) -> Value:
    """Add the same rounding to g."""
    by = g.constant([steps])
    return g.op("Mul", g.op("Round", g.op("Div", values, by)), by)


def steps_of(values: Floats) -> Floats:
    """Return a power of two for each column, FINE of which make a standard deviation, up to a factor of 2."""
    with np.errstate(all="ignore"):
        spread = np.nanstd(values, axis=0) if len(values) else np.ones(values.shape[1])
    usable = np.isfinite(spread) & (spread > 1e-200)
    return np.asarray(np.exp2(np.floor(np.log2(np.where(usable, spread, 1.0)))) / FINE)


# --- learning -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Teaching:
    """Training rows as the parts are learnt from them: `truth` (n, labels), and who encodes whom `parts` (n,)."""

    batch: Batch
    truth: Floats
    weight: Floats
    parts: Ints
    smooth: float
    token_width: int
    rng: np.random.Generator


def learn(teaching: Teaching, scores: Scores | None) -> Layout:
    """Return the parts of all features that trees can use, and the scores beside them."""
    makers = {Role.VALUES: plain, Role.CODES: coded, Role.TOKENS: projected}
    usable = [feature for feature in teaching.batch.features if feature.role in makers]
    return Layout(tuple(makers[feature.role](feature, teaching) for feature in usable), scores)


def relearn(layout: Layout, teaching: Teaching) -> Layout:
    """Return the layout with what looks at the target learnt anew; the rest does not depend on the fold."""
    parts = [
        replace(part, table=statistics(part, teaching)) if isinstance(part, Encoded) else part for part in layout.parts
    ]
    return Layout(tuple(parts), layout.scores)


def teaching_matrix(layout: Layout, teaching: Teaching, said: Floats | None) -> Floats:
    """Return the columns of training rows, none of which is encoded with the help of its own target."""
    x = layout.matrix(teaching.batch, said)
    start = 0
    for part in layout.parts:
        if isinstance(part, Encoded):
            x[:, start : start + part.width] = out_of_fold(part, teaching)
        start += part.width
    return x


def plain(feature: Feature, teaching: Teaching) -> Part:
    """Return VALUES with the medians of columns that are never missing."""
    x = teaching.batch.arrays[feature.name]
    gaps = np.isnan(x).any(axis=0)
    fill = [np.nan if gap or not len(x) else float(np.median(column)) for gap, column in zip(gaps, x.T, strict=True)]
    return Plain(feature.name, feature.size, feature.turn, tuple(fill))


def coded(feature: Feature, teaching: Teaching) -> Part:
    """Return CODES as categories, or as statistics where they are too many for that."""
    if feature.size <= NATIVE + 1:
        return Native(feature.name)
    often = np.argsort(-(teaching.weight @ teaching.truth), kind="stable")[:STATISTICS]
    part = Encoded(feature.name, tuple(often.tolist()), np.zeros((feature.size, len(often) + 1)))
    return replace(part, table=statistics(part, teaching))


def statistics(part: Encoded, teaching: Teaching, without: int = -1) -> Floats:
    """Return for every code the smoothed mean truth of each label, leaving out a part of the rows, and its share."""
    codes, size = teaching.batch.arrays[part.feature], len(part.table)
    weight = np.where(teaching.parts == without, 0.0, teaching.weight)
    mass = np.bincount(codes, weights=weight, minlength=size)
    columns = []
    for label in part.labels:
        truth = weight * teaching.truth[:, label]
        mean = truth.sum() / max(weight.sum(), TINY)
        sums = np.bincount(codes, weights=truth, minlength=size)
        columns.append((sums + teaching.smooth * mean) / (mass + teaching.smooth))
    share = np.bincount(codes, weights=teaching.weight, minlength=size) / max(teaching.weight.sum(), TINY)
    return np.column_stack([*columns, share])


def out_of_fold(part: Encoded, teaching: Teaching) -> Floats:
    """Return the encoding of training rows, each by the rows of the other parts."""
    codes = teaching.batch.arrays[part.feature]
    columns = np.empty((len(codes), part.width))
    for number in np.unique(teaching.parts):
        own = teaching.parts == number
        columns[own] = statistics(part, teaching, int(number))[codes[own]]
    return columns


def projected(feature: Feature, teaching: Teaching) -> Part:
    """Return TOKENS along the directions in which bags differ most; a small vocabulary as it is."""
    bags = teaching.batch.arrays[feature.name]
    if feature.size - UNSEEN <= teaching.token_width:
        told = np.eye(feature.size)[:, UNSEEN:]
    else:
        some = np.sort(teaching.rng.permutation(bags.shape[0])[:ROWS])
        width = max(1, min(teaching.token_width, bags.shape[0] // EACH))
        told = directions(bags[some], width, teaching.rng)
    table = told.astype(np.float32)
    return Projected(feature.name, table, steps_of(np.asarray(bags @ table.astype(np.float64))))


def directions(bags: Any, width: int, rng: np.random.Generator) -> Floats:
    """Return the leading right singular vectors (size, width) of a sparse matrix (n, size).

    Source: Halko, Martinsson, Tropp, Finding structure with randomness, SIAM Review 53 (2011), algorithm 4.4.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # more threads spin: twenty times the CPU time
        basis = np.linalg.qr(bags @ rng.normal(size=(bags.shape[1], width + 10)))[0]
        for _ in range(4):
            basis = np.linalg.qr(bags @ np.linalg.qr(bags.T @ basis)[0])[0]
        return np.asarray(np.linalg.svd((bags.T @ basis).T, full_matrices=False)[2][:width].T)
