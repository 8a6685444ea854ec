"""Step `transform`: fit every feature on training rows and write the one transform, as a graph."""

from __future__ import annotations

from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform


def transform(table: Table, split: Split, schema: Schema) -> Transform:
    """Return the graph from raw typed columns to features by role; no target is seen."""
    raise AssertionError
