"""Step `schema`: what every column is, and why, from training rows and what the document declares."""

from __future__ import annotations

from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table


def schema(table: Table, split: Split, profile: Profile, question: Question) -> Schema:
    """Return the contract of every column."""
    raise AssertionError
