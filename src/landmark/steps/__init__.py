"""A step turns artifacts into an artifact: one file, one pure function, one artifact.

A step's needs are read from its annotations. Artifacts come from earlier steps; `options` is the step's own
section of the document; `context` surrounds it. No step knows another, the store, or where it runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_type_hints

import numpy as np
import pyarrow as pa

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.schema import Schema
from landmark.core.context import Context
from landmark.core.errors import UserError
from landmark.core.options import Options
from landmark.core.table import Array, Floats
from landmark.datatypes import wire_all


@dataclass(frozen=True)
class Step:
    """A function of artifacts: what it needs by parameter name, and what it gives."""

    name: str
    needs: dict[str, type[Artifact]]
    options: type[Options] | None
    gives: type[Artifact]
    run: Callable[..., Artifact]
    wants_context: bool


def step(function: Callable[..., Artifact]) -> Step:
    """Return function as a step, by its name and annotations."""
    hints = get_type_hints(function)
    gives = hints.pop("return")
    options = hints.pop("options", None)
    context = hints.pop("context", None)
    needs = {name: hints[name] for name in inspect.signature(function).parameters if name in hints}
    wrong = [name for name, kind in needs.items() if not issubclass(kind, Artifact)]
    assert not wrong and context in (None, Context), f"{function.__name__}: {wrong} are no artifacts"
    return Step(function.__name__, needs, options, gives, function, context is not None)


def weights_of(schema: Schema, rows: pa.Table) -> Floats:
    """Return the weight of each row (n,): 1, or the weight column; a missing or negative weight is 0.

    Raises: UserError naming the weight column where the rows lack it, or a cell is no number.
    """
    columns = schema.using("weight")
    assert len(columns) <= 1, "the schema admits one weight column"
    if not columns:
        return np.ones(rows.num_rows)
    (name,) = columns[0].columns
    if name not in rows.column_names:
        raise UserError(name, "the judging rows lack the weight column", fix="add it, with 1 for rows that count once")
    values = wire_all(columns, rows, True)[name].astype(np.float64)
    return np.where(np.isfinite(values) & (values > 0), values, 0.0)


def shares(schema: Schema, weight: Floats, rows: Array, output: str, which: str) -> Floats:
    """Return the weights (m,) of the rows of one output, 1 on average.

    Raises: UserError naming the weight column where no row has any.
    """
    own = weight[rows]
    if not own.any():
        (column,) = schema.using("weight")
        what = f"no {which} row with a value of '{output}' has a weight above 0"
        raise UserError(column.name, what, fix=f"columns: {{{column.name}: {{use: ignore}}}}, or weights above 0")
    return np.asarray(own / own.mean())
