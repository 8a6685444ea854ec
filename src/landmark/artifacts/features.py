"""Features by role: what data types give and models take, so that neither knows the other.

VALUES   float64 (n, size), NaN = missing
CODES    int64 (n,) below size; 0 = missing, 1 = unseen
TOKENS   int64 (n, length) below size, 0 = padding, 1 = unseen; with float64 (n, length) weights beside
SERIES   float32 (n, time, channels)
PIXELS   uint8 (n, height, width, channels)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

from landmark.core.table import Array, Floats

Value: TypeAlias = str
"""The name of a tensor inside a graph."""

Shape: TypeAlias = tuple[str | int, ...]
"""Dimensions; a text is a free one."""

MISSING, UNSEEN, FIRST = 0, 1, 2
"""The reserved codes, and the first code of a vocabulary."""


class Role(StrEnum):
    """How a model may use a feature."""

    VALUES = "values"
    CODES = "codes"
    TOKENS = "tokens"
    SERIES = "series"
    PIXELS = "pixels"


KIND = {Role.VALUES: "float64", Role.CODES: "int64", Role.TOKENS: "int64", Role.SERIES: "float32", Role.PIXELS: "uint8"}


class Feature(BaseModel):
    """One tensor of the transform graph with its role: what a data type's `graph` returns.

    `value` is the tensor's name in the graph, `weight` that of the weights beside TOKENS. `size` is the
    width of VALUES, the vocabulary of CODES and TOKENS with the two reserved codes, the channels of SERIES
    and PIXELS. `labels` names what a person would point at: one for each of the `size` columns or codes from
    FIRST on, where they are known. `columns` are the source columns it was made of; `part`, set by the
    transform step, the input of the schema. `turn` marks two
    neighbouring VALUES that span a plane, whose axes have no meaning of their own (a place on a map).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: Role
    value: Value
    size: int
    columns: tuple[str, ...]
    part: str = ""
    labels: tuple[str, ...] = ()
    weight: Value | None = None
    shape: tuple[int, ...] = ()
    turn: bool = False

    def tensors(self) -> list[tuple[Value, str, Shape]]:
        """Return name, kind and shape of each tensor the feature consists of."""
        free: dict[Role, Shape] = {
            Role.VALUES: ("N", self.size),
            Role.CODES: ("N",),
            Role.TOKENS: ("N", f"{self.name}.length"),
            Role.SERIES: ("N", *self.shape),
            Role.PIXELS: ("N", *self.shape),
        }
        main = [(self.value, KIND[self.role], free[self.role])]
        return main if self.weight is None else [*main, (self.weight, "float64", free[self.role])]


@dataclass(frozen=True)
class Batch:
    """The features of n rows as arrays: what a model is fitted on.

    An array by feature name: as in the role's definition, but TOKENS are one sparse matrix (n, size) of
    summed weights (`scipy.sparse.csr_array`), which is what every model makes of them. `scores` holds what
    lower rungs predict for these rows, out of fold where they are training rows.
    """

    features: tuple[Feature, ...]
    arrays: dict[str, Any]
    rows: int
    scores: dict[str, Floats] = field(default_factory=dict)

    def of(self, role: Role) -> list[Feature]:
        """Return the features of one role."""
        return [feature for feature in self.features if feature.role == role]

    def take(self, rows: Array) -> Batch:
        """Return the batch of some rows."""
        arrays = {name: array[rows] for name, array in self.arrays.items()}
        return Batch(self.features, arrays, len(rows), {name: score[rows] for name, score in self.scores.items()})
