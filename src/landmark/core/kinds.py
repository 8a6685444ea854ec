"""Kinds of what numbers measure or name, and which numbers none of a kind can be."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from landmark.core.table import Floats, Mask

Kind = Literal["probability", "count", "duration", "money", "temperature", "ratio", "identifier", "coordinate"]

COLDEST = {"K": 0.0, "kelvin": 0.0, "degC": -273.15, "celsius": -273.15, "degF": -459.67, "fahrenheit": -459.67}
"""Absolute zero, by unit."""
HALF_TURN, QUARTER_TURN = 180.0, 90.0
"""No longitude is beyond the first, and no latitude beyond the second, in degrees."""
DEGREES = (None, "deg", "degree", "degrees")
LATITUDE = re.compile(r"(?i)(^|.*[^a-z])lat(itude)?($|[^a-z].*)|.*[a-z]Lat($|[A-Z_].*)")
"""Names of columns of latitudes."""


def bounds(kind: str | None, unit: str | None = None, name: str = "") -> tuple[float, float]:
    """Return the least and the greatest number of a kind in a unit, in a column of such a name; infinite without one.

    >>> bounds("temperature", "degC"), bounds("coordinate", name="lat"), bounds("probability", "%")
    ((-273.15, inf), (-90.0, 90.0), (0.0, 100.0))
    """
    if kind == "probability":
        return 0.0, 100.0 if unit in ("%", "percent") else 1.0
    if kind in ("count", "duration"):
        return 0.0, np.inf
    if kind == "temperature":
        return COLDEST.get(unit or "", -np.inf), np.inf
    if kind == "coordinate" and unit in DEGREES:
        most = QUARTER_TURN if LATITUDE.fullmatch(name) else HALF_TURN
        return -most, most
    return -np.inf, np.inf


def impossible(x: Floats, kind: str | None, unit: str | None = None, name: str = "") -> Mask:
    """Return which of numbers (n,) in a unit none of a kind can be; NaN is no number. A count has no parts.

    >>> impossible(np.array([0.5, -1.0, np.nan, 2.0]), "count").tolist()
    [True, True, False, False]
    """
    least, most = bounds(kind, unit, name)
    odd = (x < least) | (x > most)
    if kind == "count":
        odd |= np.isfinite(x) & (x != np.floor(x))
    return np.asarray(odd, bool)
