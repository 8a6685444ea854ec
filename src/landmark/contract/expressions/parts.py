"""What an expression is made of: parts, each of one kind of value, and how operators are computed on them.

Columns are Arrow arrays (n,), null where there is no value: numbers float64, moments int64 microseconds since
1970, texts string, lists of string, truth bool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

NOW = "\0now"
"""The name under which the present moment stands among the columns; no column has a NUL in its name."""
NEAR = 1e-9


class Holds(StrEnum):
    """The kinds of value an expression knows."""

    NUMBER = "number"
    TEXT = "text"
    MOMENT = "date"
    LIST = "list"
    TRUTH = "yes or no"


Columns: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[Columns], Any]


class Part(NamedTuple):
    """One node: the kind of its values (None: it was wrong, which has been said), how to compute them, and the value
    itself where it is written out."""

    holds: Holds | None
    run: Run
    written: Any = None


ARROW = {
    Holds.NUMBER: pa.float64(),
    Holds.TEXT: pa.string(),
    Holds.MOMENT: pa.int64(),
    Holds.LIST: pa.list_(pa.string()),
    Holds.TRUTH: pa.bool_(),
}


def near(a: Any, b: Any) -> Any:
    """Return where numbers (n,) are the same but for rounding."""
    scale = pc.max_element_wise(pc.abs(a), pc.abs(b), skip_nulls=False)
    close = pc.less_equal(pc.abs(pc.subtract(a, b)), pc.multiply(scale, NEAR))
    return pc.or_kleene(pc.equal(a, b), close)


def quotient(a: Any, b: Any) -> Any:
    """Return a / b (n,); nothing where b is 0."""
    none = pa.scalar(None, pa.float64())
    return pc.divide(a, pc.if_else(pc.equal(b, 0.0), none, b))


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": pc.add,
    "Sub": pc.subtract,
    "Mult": pc.multiply,
    "Div": quotient,
}
EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": pc.equal,
    "NotEq": pc.not_equal,
    "Lt": pc.less,
    "LtE": pc.less_equal,
    "Gt": pc.greater,
    "GtE": pc.greater_equal,
}
ROUNDED: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": near,
    "NotEq": lambda a, b: pc.invert(near(a, b)),
    "Lt": lambda a, b: pc.and_kleene(pc.less(a, b), pc.invert(near(a, b))),
    "LtE": lambda a, b: pc.or_kleene(pc.less(a, b), near(a, b)),
    "Gt": lambda a, b: pc.and_kleene(pc.greater(a, b), pc.invert(near(a, b))),
    "GtE": lambda a, b: pc.or_kleene(pc.greater(a, b), near(a, b)),
}


def compared(operator: str, holds: Holds) -> Callable[[Any, Any], Any] | None:
    """Return how two values of a kind are compared; None where they cannot be."""
    if holds == Holds.NUMBER:
        return ROUNDED.get(operator)
    if holds == Holds.LIST or (holds == Holds.TRUTH and operator not in ("Eq", "NotEq")):
        return None
    return EXACT.get(operator)


def among(array: Any, values: Any) -> Any:
    """Return where values (n,) are among some others; unknown where there is none."""
    known = pc.is_in(array, value_set=values)
    return pc.if_else(pc.is_valid(array), known, pa.scalar(None, pa.bool_()))


def spread(result: Any, rows: int) -> pa.Array:
    """Return a result as an array (rows,), also where it is one value for all."""
    if isinstance(result, pa.Scalar):
        return pa.repeat(result, rows)
    return result.combine_chunks() if isinstance(result, pa.ChunkedArray) else result
