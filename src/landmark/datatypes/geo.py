"""A place on the map: latitude and longitude in degrees, two columns and one feature."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns
from landmark.datatypes import Likeness
from landmark.graph.builder import Graph

COLUMNS = 2
STRANGE: tuple[Any, ...] = (
    *((None, None), (None, 13.4), (52.5, None), (91.0, 0.0), (0.0, 181.0), (-90.0, -180.0), (90.0, 180.0), (-0.0, 0.0)),
    *(
        (float("nan"), 0.0),
        (0.0, float("inf")),
        (float("-inf"), 0.0),
        (1e300, -1e300),
        (5e-324, 0.0),
        (52, 13),
        (True, 1),
    ),
    *(
        ("52.5", "13.4"),
        ("", ""),
        ("52,5", "13.4"),
        ("52°30'N", "13°24'E"),
        ("\x00", "🙂"),
        ("١", "e\u0301"),
        ("1" * 10_000, "0"),
    ),
    *((b"52", b"13"), ([52.5], [13.4])),
)
LIMITS = (90.0, 180.0)
NAMES = (r"(.*[_. -])?(lat|latitude)([_. -].*)?", r"(.*[_. -])?(lon|lng|long|longitude)([_. -].*)?")


class Options(ColumnOptions):
    """What may be said of a place; its columns are latitude, then longitude."""


class State(Artifact):
    """Nothing is learnt."""


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely two columns are latitude and longitude, in this order: by their names and ranges."""
    for profile, pattern, limit in zip(profiles, NAMES, LIMITS, strict=True):
        if not re.fullmatch(pattern, profile.name.strip().lower()):
            return Likeness(0.0, f"'{profile.name}' is not the name of a coordinate")
        low, high = profile.minimum, profile.maximum
        if profile.numbers < 0.95 or low is None or high is None or low < -limit or high > limit:
            return Likeness(0.1, f"'{profile.name}' is not within {limit:.0f} degrees")
        if profile.integers == 1:
            return Likeness(0.3, f"'{profile.name}' holds whole numbers only")
    return Likeness(0.96, "named latitude and longitude, and within their ranges")


def fit(columns: Columns, options: Options) -> State:
    """Return the empty state. Raises: UserError where the columns stand in the wrong order."""
    (first, latitude), (second, longitude) = columns.items()
    a, b = (cells.numbers(array, options.missing)[0] for array in (latitude, longitude))
    if np.sum(np.abs(a) > LIMITS[0]) > np.sum(np.abs(a) <= LIMITS[0]) and np.all(np.abs(b[~np.isnan(b)]) <= LIMITS[0]):
        raise UserError(
            f"columns.{first}", "not within 90 degrees", fix=f"latitude first: columns: [{second}, {first}]"
        )
    return State()


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return both columns (n,) as float64 (n,), NaN missing."""
    tensors: dict[str, Array] = {}
    for (name, array), limit in zip(columns.items(), LIMITS, strict=True):
        values, odd = cells.numbers(array, options.missing)
        if strict:
            cells.refuse(name, array, odd | (np.abs(values) > limit), f"degrees between -{limit:.0f} and {limit:.0f}")
        tensors[name] = values
    return tensors


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give VALUES (n, 2) that span a plane; both are NaN where one is missing or off the globe."""
    inside = [
        g.op("LessOrEqual", g.op("Abs", v), g.constant(most)) for v, most in zip(inputs.values(), LIMITS, strict=True)
    ]
    both = g.op(
        "Where", g.column(g.op("And", *inside)), g.concat([g.column(v) for v in inputs.values()]), g.constant(np.nan)
    )
    columns = tuple(inputs)
    return [Feature(name=name, role=Role.VALUES, value=both, size=2, columns=columns, labels=columns, turn=True)]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n places in and around three towns, a twentieth missing."""
    towns = np.array([[52.52, 13.405], [48.137, 11.575], [50.937, 6.96]])[rng.integers(0, 3, n)]
    places, gone = np.round(towns + rng.normal(0, 0.2, (n, 2)), 5), rng.random(n) < 0.05
    return {name: pa.array(places[:, i], mask=gone) for i, name in enumerate(names)}
