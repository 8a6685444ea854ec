"""Step `ladder`: climb from the constant upwards, every rung scored out of fold."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.candidates import Candidates
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.options import Options as Settings


class Options(Settings):
    """Which rungs are tried, how often the training rows are folded, and each rung's own settings."""

    allow: tuple[str, ...] = Field((), description="names of models; empty: all that suit")
    folds: int = Field(5, ge=2, le=20)
    settings: dict[str, dict[str, Any]] = Field({}, description="model -> its Options")


def ladder(table: Table, split: Split, schema: Schema, transform: Transform, options: Options, context: Context) -> Candidates:
    """Return every rung tried for every output."""
    raise AssertionError
