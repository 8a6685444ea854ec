"""A step turns artifacts into an artifact: one file, one pure function, one artifact.

A step's needs are read from its annotations. Artifacts come from earlier steps; `options` is the step's own
section of the document; `context` surrounds it. No step knows another, the store, or where it runs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import numpy as np
import pyarrow as pa

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.schema import Column, Schema
from landmark.core.context import Context
from landmark.core.errors import UserError
from landmark.core.options import Options
from landmark.core.table import Array, Columns, Floats, as_text, has, held, without
from landmark.datatypes import DATATYPES, options_of, wire_all


@dataclass(frozen=True)
class Step:
    """A function of artifacts: what it needs by parameter name, and what it gives.

    A step that reads the world may have a function `world` beside it. From the options, and from what the step has made
    where it has made something, it returns what tells, without reading all of it, whether the world is as it was; None
    where nothing tells.
    """

    name: str
    needs: dict[str, type[Artifact]]
    options: type[Options] | None
    gives: type[Artifact]
    run: Callable[..., Artifact]
    wants_context: bool
    world: Callable[..., Any] | None = None


def step(function: Callable[..., Artifact]) -> Step:
    """Return function as a step, by its name and annotations."""
    hints = get_type_hints(function)
    gives = hints.pop("return")
    options = hints.pop("options", None)
    context = hints.pop("context", None)
    needs = {name: hints[name] for name in inspect.signature(function).parameters if name in hints}
    wrong = [name for name, kind in needs.items() if not issubclass(kind, Artifact)]
    assert not wrong and context in (None, Context), f"{function.__name__}: {wrong} are no artifacts"
    world = getattr(sys.modules[function.__module__], "world", None)
    return Step(function.__name__, needs, options, gives, function, context is not None, world)


def weights_of(schema: Schema, rows: pa.Table) -> Floats:
    """Return the weight of each row (n,): 1, or the weight column; a missing or negative weight is 0.

    Raises: UserError naming the weight column where the rows lack it, or a cell is no number.
    """
    columns = schema.using("weight")
    assert len(columns) <= 1, "the schema admits one weight column"
    if not columns:
        return np.ones(rows.num_rows)
    (name,) = columns[0].columns
    if not has(rows, name):
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


def usual(column: Column, values: Columns) -> dict[str, str | None]:
    """Return the value that an exposure has in service, as text, from its training rows `values` (n,).

    It is the median of a number (of two, the lower: there is no row of position 1.5), else what is most frequent;
    None where no row has a value. Raises: UserError where the type does not read the text, as it will in service.
    """
    datatype, options = DATATYPES[column.type], options_of(column)
    if column.type == "number":
        tensors = datatype.wire(values, options, False)
        texts = {name: middle(tensors[name]) for name in values}
    else:
        texts = {name: most_frequent(without(array, options.missing)) for name, array in values.items()}
    datatype.wire({name: pa.array([text], pa.string()) for name, text in texts.items()}, options, True)
    return texts


def middle(values: Floats) -> str | None:
    """Return the lower median of the finite values as text, or None."""
    finite = values[np.isfinite(values)]
    return repr(float(np.quantile(finite, 0.5, method="lower"))) if len(finite) else None


def most_frequent(array: pa.Array) -> str | None:
    """Return the most frequent value as text, of equals the one first seen; None where there is no value.

    >>> most_frequent(pa.array(["02", None, "1", "1", "02", ""]))
    '02'
    """
    texts = as_text(array.filter(pa.array(held(array))))
    if len(texts) == 0:
        return None
    counted = texts.value_counts()
    return str(counted.field("values")[int(np.argmax(counted.field("counts").to_numpy()))].as_py())
