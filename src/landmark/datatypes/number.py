"""A quantity: more of it means something, and 2.5 lies between 2 and 3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Task
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.kinds import Kind
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, Floats, only
from landmark.core.units import convert
from landmark.datatypes import Likeness
from landmark.graph.builder import Graph

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(None, float("nan"), float("inf"), float("-inf"), -0.0, 0.0, 1.7976931348623157e308, 5e-324, 2**53 + 1),
    *("", " ", "1e5000", "nan", "-Infinity", "1,5", "12 cm", "0x1F", "१२", "\x00", "1\x002", "ı", "1" * 10_000),
    *(True, -1, "+7.5e-3", "é", "🙂", "a\u0301", "\u202e321", [1.0, 2.0], b"3"),
)
NOTHING = frozenset({"?", "-", "--", ".", "na", "n/a", "n.a.", "#n/a", "null", "none", "nil", "missing", "unknown"})
"""Texts that mean no value where everything else in the column is a number."""

_WITH_UNIT = re.compile(r"\s*[+-]?[0-9]{1,40}(?:[.][0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?\s*(\S(?:.{0,60}\S)?)\s*")


class Options(ColumnOptions):
    """What may be said of a column of numbers."""

    unit: str | None = Field(None, description="the unit the values are in, as s, kg, USD or USD/kWh")
    kind: Kind | None = Field(
        None,
        description="what is measured: a probability is 0 to 1, a count whole and not below 0, a duration not below 0, "
        "a temperature not below absolute zero, a coordinate within half a turn (a latitude: a quarter) if in degrees; "
        "other values are reported, and taken as they are. An identifier is not learnt from",
    )


class State(Artifact):
    """Nothing is learnt: scaling and filling belong to the model."""


class TargetState(Artifact):
    """The range of the target in the training rows; 0 to 0 where all are missing."""

    lowest: float
    highest: float


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column holds quantities: all but a few words for nothing read as numbers."""
    (profile,) = profiles
    if profile.physical.startswith("duration"):
        return Likeness(0.95, "durations, read in seconds")
    if not profile.values:
        return Likeness(0.2, "no value at all")
    words = tuple(stray.text for stray in profile.strays if stray.text.strip().lower() in NOTHING)
    share = profile.numbers
    if words and share >= 0.5:
        gone = sum(stray.count for stray in profile.strays if stray.text in words)
        share = min(share * profile.values / max(profile.values - gone, 1), 1.0)
    zeros = sum(len(text) > 1 and text[0] == "0" and text.isdigit() for text, _ in profile.top)
    if zeros > 0.2 * max(len(profile.top), 1):
        return Likeness(0.3 * share, "digits with leading zeros: a code rather than a quantity")
    why = f"{share:.0%} of the values read as numbers"
    return Likeness(0.9 * share**4, why, {"missing": words} if words and share >= 0.5 else {})


def fit(columns: Columns, options: Options) -> State:
    """Return the empty state."""
    return State()


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as float64 (n,): NaN is missing, infinities stay, durations are in seconds."""
    name, array = only(columns)
    values, odd = cells.numbers(array, options.missing)
    if strict:
        truths = pa.types.is_boolean(array.type) and cells.family(options.physical) != "boolean"
        cells.refuse(name, array, odd | ~np.isnan(values) if truths else odd, "a number", partial(_mend, options.unit))
    return {name: values}


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give VALUES (n, 1), as they are."""
    ((column, value),) = inputs.items()
    return [Feature(name=name, role=Role.VALUES, value=g.column(value), size=1, columns=(column,), labels=(name,))]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n waiting times with a long tail, a twentieth of them missing."""
    values = np.round(rng.lognormal(3.0, 1.0, n), 2)
    return {names[0]: pa.array(values, mask=rng.random(n) < 0.05)}


def learn(columns: Columns, options: Options) -> TargetState:
    """Return the range of the target."""
    values = _finite(columns, options)
    known = values[~np.isnan(values)] if not np.isnan(values).all() else np.zeros(1)
    return TargetState(lowest=float(known.min()), highest=float(known.max()))


def task(state: TargetState) -> Task:
    """Return that this is a regression."""
    return Task(kind="regression")


def encode(columns: Columns, options: Options, state: TargetState) -> Array:
    """Return truth float64 (n,), NaN where missing, unreadable or infinite."""
    return _finite(columns, options)


def decode(g: Graph, name: str, prediction: Value, state: TargetState) -> dict[str, Value]:
    """Give `name` -> the value float64 (n,), from the prediction (n, 1)."""
    return {name: g.op("Squeeze", prediction, g.constant([1], "int64"))}


def present(name: str, tensors: dict[str, Array], options: Options, labels: Sequence[str]) -> Columns:
    """Return `name` -> float64 (n,)."""
    return {name: pa.array(np.asarray(tensors[name], np.float64))}


def _mend(unit: str | None, column: str, value: Any) -> str | None:
    """Return what to do about a cell of a number with a unit behind it, if the column's unit measures the same."""
    written = _WITH_UNIT.fullmatch(value) if unit is not None and isinstance(value, str) else None
    if unit is None or written is None:
        return None
    try:
        convert(np.empty(0), written[1], unit)
    except UserError:
        return None
    return f"write the number alone; its unit is said by landmark predict --unit {column}={written[1]}"


def _finite(columns: Columns, options: Options) -> Floats:
    values, _ = cells.numbers(only(columns)[1], options.missing)
    return np.where(np.isfinite(values), values, np.nan)
