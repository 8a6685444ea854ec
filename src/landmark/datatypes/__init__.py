"""A data type turns a column into numbers. One file per type; the file's name is its name in the document.

A type never names a model: it gives features by role. What it learnt on training rows is its State; what a
raw value means is in its Options, so `wire` reads options only and serving needs no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from landmark.artifacts.features import Feature, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Task
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.families import Family
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, Ints, columns_of, only
from landmark.graph.builder import Graph


class Likeness(NamedTuple):
    """How surely (0..1) a column is of a type, why, and the options that its values suggest."""

    score: float
    why: str
    options: Mapping[str, Any] = MappingProxyType({})


class DataType(Protocol):
    """What a module in this folder provides. The laws (`landmark.laws`) hold it to the words below."""

    @property
    def Options(self) -> type[ColumnOptions]:
        """The only schema of this type's settings."""

    @property
    def COLUMNS(self) -> int:
        """The number of source columns that make one feature: one, or two for a place on a map."""

    @property
    def STRANGE(self) -> tuple[Any, ...]:
        """Awkward raw values every law must survive; each a value, or a tuple of one value per column."""

    def likeness(self, profiles: Sequence[ColumnProfile]) -> Likeness:
        """Say how surely these COLUMNS columns are of this type, from training rows only."""

    def fit(self, columns: Columns, options: Any) -> Any:
        """Return the State (a frozen pydantic record) learnt from training rows; no target is seen."""

    def wire(self, columns: Columns, options: Any, strict: bool) -> dict[str, Array]:
        """Return raw columns as typed tensors, rows first: float64, int64, uint8 or text (object).

        The first tensor of each column has the column's name. Rows of no length are fine: types and
        trailing dimensions are read off them. A value that cannot be read is missing, or, when strict,
        a UserError that names column, row and value.
        """

    def graph(self, g: Graph, name: str, inputs: dict[str, Value], state: Any) -> list[Feature]:
        """Add the transform of one feature to g, by row-wise operations; inputs are the tensors of `wire`."""

    def example(self, rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
        """Return n plausible rows, some of them missing, under COLUMNS column names."""


class Target(Protocol):
    """What a data type adds when it can be predicted."""

    @property
    def Options(self) -> type[ColumnOptions]:
        """The only schema of this type's settings."""

    @property
    def TargetState(self) -> type[BaseModel]:
        """What `learn` returns: a frozen record that goes through JSON."""

    def learn(self, columns: Columns, options: Any) -> Any:
        """Return the state of the target from training rows: labels, range."""

    def task(self, state: Any) -> Task:
        """Return what kind of prediction this is."""

    def encode(self, columns: Columns, options: Any, state: Any) -> Array:
        """Return truth (n,) or (n, width), as the metrics take it; NaN or -1 where it is missing.

        float64 for a regression; int64 label numbers for binary and multiclass, where a label never seen in
        training is `len(labels)`; int64 0/1 flags (n, labels) for multilabel, a row of -1 where missing.
        """

    def decode(self, g: Graph, name: str, prediction: Value, state: Any) -> dict[str, Value]:
        """Add the decision to g: `name` -> its tensor, of the task's kind, and `name.p` -> probabilities (n, width)."""

    def present(self, name: str, tensors: dict[str, Array], options: Any, labels: Sequence[str]) -> Columns:
        """Return the answers as columns: `name`, then `name.p.<label>`; labels get the training column's type."""


DATATYPES: Family[Any] = Family("landmark.datatypes")


def predictable(datatype: Any) -> bool:
    """Return whether a data type can be an output."""
    return hasattr(datatype, "decode")


class Typed(Protocol):
    """What is needed to know what a value means: a column of the schema, or an entry of a model file's manifest."""

    @property
    def type(self) -> str:
        """The name of the data type."""

    @property
    def options(self) -> dict[str, Any]:
        """The type's Options, resolved."""


class Bordered(Typed, Protocol):
    """What is needed to read raw values, too."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns."""


def options_of(column: Typed) -> Any:
    """Return the validated options of a column."""
    return DATATYPES[column.type].Options.model_validate(column.options)


def wire_all(columns: Iterable[Bordered], rows: pa.Table, strict: bool) -> dict[str, Array]:
    """Return the tensors of many columns of the same rows; the one way raw values enter a graph."""
    feeds: dict[str, Array] = {}
    for column in columns:
        feeds |= DATATYPES[column.type].wire(columns_of(rows, column.columns), options_of(column), strict)
    return feeds


def unread(column: Bordered, rows: pa.Table) -> UserError | None:
    """Return what service would say of the first value that does not read as the column's type, None where all do.

    Its `where` ends with `, row N`, counted from 1 among these rows, where one row is meant.
    """
    try:
        DATATYPES[column.type].wire(columns_of(rows, column.columns), options_of(column), True)
    except UserError as mistake:
        return mistake
    return None


# --- targets ------------------------------------------------------------------------------------------------------


def truth_of(target: Typed, state: Any, columns: Columns) -> Array:
    """Return the truth of rows as `Target.encode` gives it, by the state learnt from training rows, or its JSON."""
    datatype = DATATYPES[target.type]
    truth: Array = datatype.encode(columns, options_of(target), datatype.TargetState.model_validate(state))
    return truth


def known_rows(truth: Array) -> Ints:
    """Return the numbers (m,) of the rows that have a truth.

    >>> known_rows(np.array([0.5, np.nan])).tolist(), known_rows(np.array([[-1, -1], [0, 0]])).tolist()
    ([0], [1])
    """
    return np.flatnonzero(np.isfinite(truth) if truth.dtype.kind == "f" else truth.reshape(len(truth), -1)[:, 0] >= 0)


def wire_label(columns: Columns, options: Any, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as label texts (n,), as they were written in the training source: a type's `wire`."""
    name, array = only(columns)
    texts, odd = cells.texts(array, options.physical, options.missing, options.decimals)
    if strict:
        cells.refuse(name, array, odd, "a single value")
    return {name: cells.tensor(texts)}


def encode_label(columns: Columns, options: Any, state: Any) -> Array:
    """Return truth int64 (n,): the label's place, len(labels) for one never seen in training, -1 where missing."""
    texts, _ = cells.texts(only(columns)[1], options.physical, options.missing, options.decimals)
    return cells.codes(texts, state.labels)


def decode_label(g: Graph, name: str, prediction: Value, state: Any) -> dict[str, Value]:
    """Give `name` -> the likeliest label (n,), and `name.p` -> the probabilities (n, labels): a type's `decode`."""
    likeliest = g.op("ArgMax", prediction, axis=1, keepdims=0)
    return {
        name: g.lookup(likeliest, list(range(len(state.labels))), list(state.labels), ""),
        f"{name}.p": prediction,
    }


def present_label(name: str, tensors: dict[str, Array], options: Any, labels: Sequence[str]) -> Columns:
    """Return `name` -> labels of the training column's type, `name.p.<label>` -> float64 (n,): its `present`."""
    return {name: cells.restore(tensors[name], options.physical)} | cells.probabilities(name, tensors, labels)
