"""Step `profile`: one pass over the training rows, and one, apart, over the judging rows."""

from __future__ import annotations

from landmark.artifacts.profile import Profile
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.core.context import Context


def profile(table: Table, split: Split, context: Context) -> Profile:
    """Return what is to be known of every column before its type is decided."""
    raise AssertionError
