"""How a linear model takes each role: numbers as z-scores and normal scores, codes and tokens as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from landmark.artifacts.features import MISSING, UNSEEN, Batch, Feature, Role, Value
from landmark.core.table import Floats, Ints
from landmark.graph.builder import Graph

KNOTS = 101
"""Places at which the normal score is known; straight lines between."""

SAMPLE = 100_000
"""Rows that are enough for quantiles."""

HUGE = 1e150
"""Numbers beyond count as infinite, which is the same as HUGE: its square is still a number."""

FAR = 8.0
"""No number counts more than this many standard deviations."""

TABLE_CELLS = 8_000_000
"""Most weights of one vocabulary, over all classes: 32 MB. Beyond, the tokens of most rows are kept."""


@dataclass(frozen=True)
class Numbers:
    """All VALUES features side by side, (n, d): a z-score, a normal score and a missing flag of each column.

    `knots` and `scores` (d, m) hold the piecewise linear normal score, `last` (d,) the last segment of each
    column; `kept` names the columns of the three blocks (n, 3 d) that say anything on training rows.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    fill: Floats
    mean: Floats
    scale: Floats
    knots: Floats
    scores: Floats
    last: Ints
    kept: Ints

    def columns(self, batch: Batch) -> Floats:
        """Return z-scores, normal scores and missing flags (n, 3 d)."""
        x = stacked(self.names, batch)
        gone = np.isnan(x)
        x = np.clip(np.where(gone, self.fill, x), -HUGE, HUGE)
        z = np.clip((x - self.mean) / self.scale, -FAR, FAR)
        return np.concatenate([z, self._normal(x), gone], axis=1)

    def _normal(self, x: Floats) -> Floats:
        """Return the normal score (n, d) of finite x (n, d)."""
        out = np.empty_like(x)
        for j, (knots, scores) in enumerate(zip(self.knots, self.scores, strict=True)):
            column = np.clip(x[:, j], knots[0], knots[self.last[j] + 1])
            at = np.minimum(np.searchsorted(knots[1:], column, side="right"), self.last[j])
            share = (column - knots[at]) / (knots[at + 1] - knots[at])
            out[:, j] = scores[at] + share * (scores[at + 1] - scores[at])
        return out

    def graph(self, g: Graph, features: dict[str, Feature]) -> Value:
        """Return z-scores, normal scores and missing flags (n, 3 d) of features that stand in g."""
        x = g.concat([features[name].value for name in self.names])
        gone = g.op("IsNaN", x)
        x = _clip(g, g.op("Where", gone, g.constant(self.fill), x), np.full_like(self.fill, HUGE))
        z = g.op("Div", g.op("Sub", x, g.constant(self.mean)), g.constant(self.scale))
        z = _clip(g, z, np.full_like(self.fill, FAR))
        return g.concat([z, self._normal_graph(g, x), g.cast(gone, "float64")])

    def _normal_graph(self, g: Graph, x: Value) -> Value:
        """Return the normal scores: the segment is found by bisection, row by row and in little memory."""
        columns, width = self.knots.shape
        first = np.arange(columns) * width
        ends = self.knots[np.arange(columns), self.last + 1]
        x = g.op("Min", g.op("Max", x, g.constant(self.knots[:, 0])), g.constant(ends))
        table, stop = g.constant(self.knots.ravel()), g.constant(first + self.last, "int64")
        at = g.op("Cast", g.op("Sub", x, x), to=7)  # int64 zeros (n, d): x is finite here
        at = g.op("Add", at, g.constant(first, "int64"))
        for step in (1 << bit for bit in reversed(range(int(self.last.max()).bit_length()))):
            ahead = g.op("Min", g.op("Add", at, g.constant(step, "int64")), stop)
            reached = g.op("GreaterOrEqual", x, g.op("Gather", table, ahead))
            at = g.op("Where", reached, ahead, at)
        after = g.op("Add", at, g.constant(1, "int64"))
        low, score = g.op("Gather", table, at), g.gather(self.scores.ravel(), at)
        width_here = g.op("Sub", g.op("Gather", table, after), low)
        share = g.op("Div", g.op("Sub", x, low), width_here)
        rise = g.op("Sub", g.gather(self.scores.ravel(), after), score)
        return g.op("Add", score, g.op("Mul", share, rise))


def _clip(g: Graph, x: Value, bound: Floats) -> Value:
    return g.op("Max", g.op("Min", x, g.constant(bound)), g.constant(-bound))


def stacked(names: Sequence[str], batch: Batch) -> Floats:
    """Return VALUES features side by side, float64 (n, d)."""
    return np.concatenate([np.asarray(batch.arrays[name], np.float64) for name in names], axis=1)


def learn_numbers(batch: Batch) -> Numbers | None:
    """Return how the VALUES features of training rows are adapted; None when there is none."""
    features = sorted(batch.of(Role.VALUES), key=lambda feature: feature.name)
    if not sum(feature.size for feature in features):
        return None
    names = tuple(feature.name for feature in features)
    x = stacked(names, batch)
    lines = [_learn_column(x[:, j]) for j in range(x.shape[1])]
    fill, mean, scale = (np.array([line[i] for line in lines]) for i in range(3))
    width = max(len(line[3]) for line in lines)
    knots = np.array([np.pad(line[3], (0, width - len(line[3])), constant_values=np.inf) for line in lines])
    scores = np.array([np.pad(line[4], (0, width - len(line[4]))) for line in lines])
    last = np.array([len(line[3]) - 2 for line in lines], np.int64)
    sizes = tuple(feature.size for feature in features)
    draft = Numbers(names, sizes, fill, mean, scale, knots, scores, last, np.empty(0, np.int64))
    return Numbers(names, sizes, fill, mean, scale, knots, scores, last, _telling(draft, batch))


def _learn_column(x: Floats) -> tuple[float, float, float, Floats, Floats]:
    """Return median, mean, spread, knots and their normal scores of one column (n,), NaN = missing."""
    from scipy.special import ndtri

    known = np.clip(x[~np.isnan(x)], -HUGE, HUGE)
    if not len(known):
        known = np.zeros(1)
    inner = known[np.abs(known) < HUGE]
    mean, scale = (float(inner.mean()), float(inner.std())) if len(inner) else (0.0, 1.0)
    line = np.sort(known[:: -(-len(known) // SAMPLE)])
    median = float(line[len(line) // 2])
    knots = np.unique(line[np.linspace(0, len(line) - 1, KNOTS).astype(np.int64)])
    low, high = np.searchsorted(line, knots, side="left"), np.searchsorted(line, knots, side="right")
    scores = ndtri((low + high) / (2 * len(line)))
    if len(knots) == 1:
        knots, scores = np.array([knots[0], np.nextafter(knots[0], np.inf)]), np.zeros(2)
    return median, mean, scale if scale > 0 else 1.0, knots, scores


def _telling(numbers: Numbers, batch: Batch) -> Ints:
    """Return which of the three blocks' columns vary on training rows, and say something new.

    A normal score of two knots is the z-score again.
    """
    design = numbers.columns(batch)
    varies = np.ptp(design, axis=0) > 0 if len(design) else np.zeros(design.shape[1], bool)
    new = np.concatenate([np.ones_like(numbers.last), numbers.last > 0, np.ones_like(numbers.last)])
    return np.flatnonzero(varies & new.astype(bool))


@dataclass(frozen=True)
class Lookup:
    """A CODES or TOKENS feature: `rows` int64 (size,) says which row of a weight table a code has; row 0 is zero."""

    name: str
    role: Role
    rows: Ints

    @property
    def columns(self) -> int:
        """Return the rows of the table, but the first."""
        return int(self.rows.max())

    def design(self, batch: Batch) -> Any:
        """Return the columns as a sparse matrix float64 (n, columns)."""
        from scipy.sparse import csr_array

        array = batch.arrays[self.name]
        if self.role == Role.TOKENS:
            kept = np.flatnonzero(self.rows)
            return csr_array(array[:, kept[np.argsort(self.rows[kept])]])
        at = self.rows[array]
        known = at > 0
        starts = np.concatenate([[0], np.cumsum(known)])
        return csr_array((np.ones(starts[-1]), at[known] - 1, starts), shape=(batch.rows, self.columns))

    def margin(self, batch: Batch, table: Any) -> Floats:
        """Return what the feature adds to the margin (n, k), from its table (columns + 1, k)."""
        array = batch.arrays[self.name]
        wide = table.astype(np.float64)
        margin: Floats = array @ wide[self.rows] if self.role == Role.TOKENS else wide[self.rows[array]]
        return margin

    def graph(self, g: Graph, feature: Feature, table: Any) -> Value:
        """Return the same of the feature in g."""
        at = g.gather(self.rows, feature.value, "int64")
        told = g.gather(table, at, str(table.dtype))
        told = told if table.dtype == np.float64 else g.cast(told, "float64")
        if feature.weight is None:
            return told
        axis = g.constant([1], "int64")
        return g.op("Squeeze", g.op("MatMul", g.op("Unsqueeze", feature.weight, axis), told), axis)


def learn_codes(feature: Feature, batch: Batch) -> Lookup:
    """Return the columns of a CODES feature: missing, frequent codes, and one for the rare and the unseen."""
    counts = np.bincount(batch.arrays[feature.name], minlength=feature.size)
    own = counts >= max(2, batch.rows // 2000)
    own[MISSING] = counts[MISSING] > 0
    own[UNSEEN] |= (counts > 0)[~own].any()
    rows = np.where(own, np.cumsum(own), 0)
    rows[UNSEEN:] = np.where(own[UNSEEN:], rows[UNSEEN:], rows[UNSEEN])
    return Lookup(feature.name, Role.CODES, rows.astype(np.int64))


def learn_tokens(feature: Feature, batch: Batch, width: int) -> Lookup:
    """Return the columns of a TOKENS feature: those that training rows hold, most frequent first where too many."""
    held = np.asarray((batch.arrays[feature.name] != 0).sum(axis=0)).ravel()
    held[MISSING] = 0
    most = max(TABLE_CELLS // width, 1)
    kept = np.sort(np.argsort(-held, kind="stable")[:most])
    rows = np.zeros(feature.size, np.int64)
    rows[kept[held[kept] > 0]] = np.arange(1, int((held[kept] > 0).sum()) + 1)
    return Lookup(feature.name, Role.TOKENS, rows)
