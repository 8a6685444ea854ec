"""Tensors as JSON, exactly: golden rows are replayed by machines that share nothing with this one."""

from __future__ import annotations

from typing import Any

import numpy as np

from landmark.core.table import Array

NOT_JSON = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


def as_json(array: Array) -> dict[str, Any]:
    """Return kind, shape and flat values; what JSON lacks is spelt out as text.

    >>> as_json(np.array([1.5, np.nan]))
    {'kind': 'float64', 'shape': [2], 'values': [1.5, 'NaN']}
    """
    kind = "string" if array.dtype == object else array.dtype.name
    values = array.ravel().tolist()
    if kind.startswith("float"):
        values = [value if np.isfinite(value) else _spelt(value) for value in values]
    return {"kind": kind, "shape": list(array.shape), "values": values}


def from_json(tensor: dict[str, Any]) -> Array:
    """Return the tensor that `as_json` wrote. Raises: ValueError or KeyError for anything else."""
    kind = tensor["kind"]
    values = [NOT_JSON[v] if kind != "string" and isinstance(v, str) else v for v in tensor["values"]]
    return np.array(values, dtype=object if kind == "string" else kind).reshape(tensor["shape"])


def _spelt(value: float) -> str:
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
