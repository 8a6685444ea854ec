"""Landmark: declarative machine learning you can defend, from raw columns to a monitored model.

A data type turns a column into numbers, a model turns numbers into a prediction, a step turns artifacts
into an artifact.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_LAZY = {
    "check": "landmark.api",
    "evaluate": "landmark.api",
    "load": "landmark.api",
    "train": "landmark.api",
    "schema": "landmark.api",
    "summary": "landmark.api",
    "validate": "landmark.api",
    "accept": "landmark.api",
    "UserError": "landmark.core.errors",
}
__all__ = ["UserError", "__version__", "accept", "check", "evaluate", "load", "schema", "summary", "train", "validate"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `import landmark` itself costs nothing."""
    if name not in _LAZY:
        raise AttributeError(f"module 'landmark' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """Return the verbs with what is there already."""
    return sorted({*globals(), *__all__})
