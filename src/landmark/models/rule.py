"""The best single column, as a look-up a person could keep on a card: what every model must beat to matter.

Every column becomes codes: a category is one already, a number is cut into a few bins, a bag holds a token or
not. The column, and where to cut it, are chosen by the loss of rows held out of the training rows; all that this
needs are sums by cell, fold and label, so that no column is visited twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from landmark.artifacts.features import FIRST, MISSING, Batch, Feature, Role, Value
from landmark.artifacts.question import Task, TaskKind
from landmark.core.context import Context
from landmark.core.findings import Finding, note
from landmark.core.options import Options as Settings
from landmark.core.table import Array, Floats, Ints
from landmark.graph.builder import Graph
from landmark.models import Fitted, Lower, Sample

COST = 10
LANDMARK = "best_column"
ROLES = (Role.VALUES, Role.CODES, Role.TOKENS)
SMOOTH = 10.0
"""Rows' worth of the overall mean that is mixed into every code."""
PSEUDO = 0.01
"""Rows added to each label, so that no share is 0."""
GRID = 128
"""Bins between whose borders a number may be cut."""
INNER = 5
"""Parts of the training rows, each of which judges what the others taught."""
CELLS = 20_000_000
"""Rows times labels that are looked at to choose the column; of larger tables a random part."""
LINES = 8
"""Lines of a rule that are put into words."""

Sums: TypeAlias = Floats
"""By cell: the weight, the weighted square of a number, the weighted truth of each label (..., cells, 2 + width)."""


class Options(Settings):
    """A rule has nothing to set."""


@dataclass(frozen=True)
class Look:
    """One column as codes. VALUES: the code is the number of `edges` reached; TOKENS: whether token `at` is there."""

    feature: str
    role: Role
    at: int = 0
    edges: tuple[float, ...] = ()

    def codes(self, batch: Batch) -> Ints:
        """Return the code of every row (n,)."""
        array = batch.arrays[self.feature]
        if self.role == Role.CODES:
            return np.asarray(array, np.int64)
        if self.role == Role.TOKENS:
            return np.asarray(array[:, [self.at]].toarray()[:, 0] != 0, np.int64)
        return reached(array[:, self.at], np.array(self.edges))

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Add the codes to g; return int64 (n,)."""
        (feature,) = [feature for feature in features if feature.name == self.feature]
        if self.role == Role.CODES:
            return feature.value
        row = g.constant([1], "int64")
        if self.role == Role.TOKENS:
            assert feature.weight is not None, "TOKENS come with weights"
            here = g.op("Equal", feature.value, g.constant(self.at, "int64"))
            weight = g.op("ReduceSum", g.op("Where", here, feature.weight, g.constant(0.0)), row, keepdims=0)
            return g.cast(g.op("Not", g.op("Equal", weight, g.constant(0.0))), "int64")
        value = g.op("Gather", feature.value, g.constant([self.at], "int64"), axis=1)
        above = g.op("GreaterOrEqual", value, g.constant([self.edges]))
        return g.op("ReduceSum", g.cast(above, "int64"), row, keepdims=0)


def reached(values: Floats, edges: Floats) -> Ints:
    """Return how many of the ascending edges each value is at or above (n,); NaN reaches none, not even -inf."""
    return np.where(np.isnan(values), MISSING, np.searchsorted(edges, values, side="right")).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Rule:
    """A look-up: `table` (codes, width) says the prediction, `prior` (width,) what is said of a code never seen."""

    kind: TaskKind
    look: Look
    table: Floats
    prior: Floats
    column: str
    words: tuple[str, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """Return the column, and the rule in words."""
        return {"column": self.column, "rule": list(self.words)}

    def predict(self, batch: Batch) -> Floats:
        """Return the table's row of every code (n, width)."""
        return np.asarray(self.table[self.look.codes(batch)], np.float64)

    def graph(self, g: Graph, features: Sequence[Feature]) -> Value:
        """Add the look-up; return (n, width)."""
        return g.gather(self.table, self.look.graph(g, features))

    def explain(self, batch: Batch) -> Floats:
        """Return how far the one column moves the number, or the log odds of each label, from the prior."""
        contributions = np.zeros((batch.rows, len(batch.features), self.table.shape[1]))
        at = [feature.name for feature in batch.features].index(self.look.feature)
        contributions[:, at] = self._margin(self.predict(batch)) - self._margin(self.prior)
        return contributions

    def _margin(self, prediction: Floats) -> Floats:
        return prediction if self.kind == "regression" else np.log(prediction) - np.log1p(-prediction)


def suits(task: Task, features: Sequence[Feature], rows: int, options: Options) -> Finding | None:
    """Return None if there is a column that can be looked up."""
    if any(feature.role in ROLES for feature in features):
        return None
    seen = "no column is a number, a category or a bag: pictures and series are no look-ups"
    return note("no-usable-role", "rule", seen, "add a column that can be looked up, if there is one")


def fit(train: Sample, valid: Sample, task: Task, options: Options, context: Context, like: Fitted | None) -> Rule:
    """Return the column with the lowest held-out loss within the training rows.

    The later folds choose again: a column chosen with the help of rows that judge would flatter itself.
    """
    centre, unit = measure(train, task.kind)
    channels = channels_of(train, task, centre, unit)
    seen = some_rows(len(train.y), task.width, context)
    sample = train.take(seen)
    parts = sample.parts(INNER, context.seed_for("rule", "parts"))
    tried = [
        (held_out(sums, look.role, task.kind), look, sums)
        for look, sums in looks(sample.batch, channels[:, seen], parts)
    ]
    _, look, sums = min(tried, key=lambda item: item[0])
    look = settle(look, sums.sum(axis=0), task.kind)
    codes = look.codes(train.batch)
    (feature,) = [feature for feature in train.batch.features if feature.name == look.feature]
    size = feature.size if look.role == Role.CODES else max(len(look.edges) + 1, 2)
    totals = add_up(codes, channels, size)
    prior = prior_of(totals, task.kind)
    table = means(totals, prior) * unit + centre
    words = in_words(feature, look, totals[:, 0], table, task)
    return Rule(task.kind, look, table, prior * unit + centre, column_name(feature, look.at), words)


def finish(
    folds: Sequence[Fitted], train: Sample, task: Task, options: Options, context: Context, lower: Lower
) -> Rule:
    """Return the rule of all training rows."""
    return fit(train, train, task, options, context, None)


def space(task: Task) -> dict[str, Any]:
    """Return nothing to search."""
    return {}


# --- sums ---------------------------------------------------------------------------------------------------------


def measure(train: Sample, kind: TaskKind) -> tuple[float, float]:
    """Return the mean of a number and its largest distance from it, in which sums lose no digits; else 0 and 1."""
    if kind != "regression":
        return 0.0, 1.0
    y = np.asarray(train.y, np.float64)
    centre = float(np.average(y, weights=train.weight))
    return centre, float(np.abs(y - centre).max()) or 1.0


def some_rows(rows: int, width: int, context: Context) -> Ints:
    """Return the rows on which the column is chosen: all of them, or a random part of a large table."""
    most = max(CELLS // (width + 2), 1000)
    if rows <= most:
        return np.arange(rows)
    return np.sort(context.generator("rule", "rows").choice(rows, most, replace=False))


def channels_of(sample: Sample, task: Task, centre: float, unit: float) -> Floats:
    """Return what is summed of every row (2 + width, n): weight, weighted square, weighted truth."""
    truth = (np.asarray(sample.y, np.float64).reshape(len(sample.y), -1).T - centre) / unit
    if task.kind in ("binary", "multiclass"):
        truth = (np.asarray(sample.y, np.int64) == np.arange(task.width)[:, None]).astype(np.float64)
    square = np.square(truth[0]) if task.kind == "regression" else np.zeros(len(sample.y))
    return np.vstack([np.ones(len(sample.y)), square, truth]) * sample.weight


def add_up(cells: Ints, channels: Floats, size: int) -> Sums:
    """Return the sums of the channels over the rows of every cell (size, 2 + width)."""
    return np.stack([np.bincount(cells, weights=channel, minlength=size) for channel in channels], axis=1)


def looks(batch: Batch, channels: Floats, folds: Ints) -> Iterator[tuple[Look, Sums]]:
    """Yield every column with its sums (folds, cells, 2 + width); a number's cells are the bins of a grid."""
    parts = int(folds.max()) + 1
    for feature in batch.features:
        array = batch.arrays[feature.name]
        if feature.role == Role.CODES:
            sums = add_up(folds * feature.size + array, channels, parts * feature.size)
            yield Look(feature.name, Role.CODES), sums.reshape(parts, feature.size, -1)
        elif feature.role == Role.VALUES:
            for at in range(feature.size):
                edges = grid(array[:, at])
                cells = folds * (len(edges) + 1) + reached(array[:, at], edges)
                sums = add_up(cells, channels, parts * (len(edges) + 1)).reshape(parts, len(edges) + 1, -1)
                yield Look(feature.name, Role.VALUES, at, tuple(edges.tolist())), sums
        elif feature.role == Role.TOKENS:
            here = array != 0
            rows = [np.flatnonzero(folds == part) for part in range(parts)]
            held = np.stack([here[part].T @ channels[:, part].T for part in rows])
            everything = np.stack([channels[:, part].sum(axis=1) for part in rows])[:, None]
            yield Look(feature.name, Role.TOKENS), np.concatenate([held, everything], axis=1)


def grid(values: Floats) -> Floats:
    """Return -inf and the distinct quantiles above the least value, each a value that occurs."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.array([-np.inf])
    quantiles = np.quantile(known, np.linspace(0, 1, GRID + 1), method="nearest")
    return np.append(-np.inf, np.unique(quantiles[quantiles > known.min()]))


# --- choice -------------------------------------------------------------------------------------------------------


def prior_of(totals: Sums, kind: TaskKind) -> Floats:
    """Return the overall mean (width,); a share of a label is never 0 or 1."""
    weight, truth = totals[:, 0].sum(), totals[:, 2:].sum(axis=0)
    if kind == "regression":
        return np.asarray(truth / weight)
    return np.asarray((truth + PSEUDO) / (weight + PSEUDO * (2 if kind == "multilabel" else len(truth))))


def means(sums: Sums, prior: Floats) -> Floats:
    """Return the mean of every cell (..., width), drawn towards the prior where there are few rows."""
    return np.asarray((sums[..., 2:] + SMOOTH * prior) / (sums[..., :1] + SMOOTH))


def loss(sums: Sums, said: Floats, kind: TaskKind) -> Floats:
    """Return the loss of what is said of every cell (...,), summed over its rows."""
    weight, square, truth = sums[..., :1], sums[..., 1], sums[..., 2:]
    if kind == "regression":
        return np.asarray(square + (said * (said * weight - 2 * truth))[..., 0])
    if kind == "multilabel":
        return -np.asarray((truth * np.log(said) + (weight - truth) * np.log1p(-said)).mean(axis=-1))
    return -np.asarray((truth * np.log(said)).sum(axis=-1))


def held_out(sums: Sums, role: Role, kind: TaskKind) -> float:
    """Return the loss of a column over all folds, each judged by what the others taught: codes, cuts and means."""
    total, lost = sums.sum(axis=0), 0.0
    for part in sums:
        taught = total - part
        chosen = choose(taught, role, kind)
        codes = group(taught, role, chosen)
        said = means(codes, prior_of(codes, kind))
        lost += float(loss(group(part, role, chosen), said, kind).sum())
    return lost


def choose(sums: Sums, role: Role, kind: TaskKind) -> Ints:
    """Return the cells at which a number is cut, or the token that tells most; a category needs no choice."""
    if role == Role.CODES:
        return np.zeros(0, np.int64)
    prior = prior_of(sums[-1:] if role == Role.TOKENS else sums, kind)

    def lost(part: Sums) -> Floats:
        return loss(part, means(part, prior), kind)

    if role == Role.TOKENS:
        return np.array([np.argmin(lost(sums[:-1]) + lost(sums[-1] - sums[:-1]))])
    below = np.concatenate([np.zeros((1, sums.shape[1])), np.cumsum(sums[1:], axis=0)])
    bounds = np.array([0, len(below) - 1])
    places = np.arange(1, len(below) - 1)
    while len(places) and len(bounds) < LINES + 1:
        after = np.searchsorted(bounds, places)
        left, right = below[bounds[after - 1]], below[bounds[after]]
        gain = lost(right - left) - lost(below[places] - left) - lost(right - below[places])
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        bounds = np.sort(np.append(bounds, places[best]))
        places = np.delete(places, best)
    return np.asarray(bounds[1:-1])


def group(sums: Sums, role: Role, chosen: Ints) -> Sums:
    """Return the sums of the codes that a choice makes of the cells (codes, 2 + width)."""
    if role == Role.CODES:
        return sums
    if role == Role.TOKENS:
        return np.concatenate([sums[-1:] - sums[chosen], sums[chosen]])
    if len(sums) == 1:  # nothing but missing values
        return sums
    return np.concatenate([sums[:1], np.add.reduceat(sums[1:], np.append(0, chosen))])


def settle(look: Look, totals: Sums, kind: TaskKind) -> Look:
    """Return the column with the choice made on all rows."""
    chosen = choose(totals, look.role, kind)
    if look.role == Role.TOKENS:
        return Look(look.feature, look.role, int(chosen[0]))
    return Look(look.feature, look.role, look.at, (look.edges[:1] + tuple(look.edges[i] for i in chosen)))


# --- words --------------------------------------------------------------------------------------------------------


def column_name(feature: Feature, at: int) -> str:
    """Return the name of the column, or of the part of it, that a person would point at."""
    column = " and ".join(feature.columns)
    if feature.role != Role.VALUES or not feature.labels:
        return column
    label = feature.labels[at]
    return label if any(label.startswith(name) for name in feature.columns) else f"{column} ({label})"


def in_words(feature: Feature, look: Look, weight: Floats, table: Floats, task: Task) -> tuple[str, ...]:
    """Return the codes of most rows, and what is said of each: `sex = female: yes 74 %`."""
    codes = [int(code) for code in np.argsort(-weight, kind="stable")[:LINES] if weight[code] > 0]
    return tuple(f"{where(feature, look, code)}: {says(table[code], task)}" for code in sorted(codes))


def where(feature: Feature, look: Look, code: int) -> str:
    """Return the words for one code."""
    name = column_name(feature, look.at)
    if look.role == Role.TOKENS:
        return f"{name} {'with' if code else 'without'} {label_of(feature, look.at)}"
    if code == MISSING:
        return f"{name} is missing"
    if look.role == Role.CODES:
        return f"{name} = {label_of(feature, code)}"
    low, high = ((*look.edges, np.inf)[code + i] for i in (-1, 0))
    if np.isinf(low):
        return f"{name} < {high:.6g}" if np.isfinite(high) else f"{name} is there"
    return f"{low:.6g} <= {name} < {high:.6g}" if np.isfinite(high) else f"{name} >= {low:.6g}"


def label_of(feature: Feature, code: int) -> str:
    """Return the value that a code stands for."""
    if code < FIRST:
        return "(new)"
    return feature.labels[code - FIRST] if code - FIRST < len(feature.labels) else f"number {code}"


def says(prediction: Array, task: Task) -> str:
    """Return a prediction (width,) in words: the number, or the likeliest label, of two the second."""
    values = np.asarray(prediction, np.float64)
    if task.kind == "regression":
        return f"{values[0]:,.0f}" if abs(values[0]) >= 1000 else f"{values[0]:.4g}"
    best = 1 if task.kind == "binary" else int(np.argmax(values))
    return f"{task.labels[best]} {values[best]:.0%}".replace("%", " %")
