"""Columns that name what several rows are about: a person, a household, a machine."""

from __future__ import annotations

from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.schema import Column
from landmark.statistics.identifiers import named_like_one

MOST_ROWS, FEWEST = 20, 10
"""Rows that a subject has at most on average, unless its column is called like a key; and subjects there must be."""
REPEATED = 0.9
"""Share of the values up to which they differ; with more different ones, hardly any subject has two rows."""
WORDS = 2.0
"""Words from which a value is a text rather than a name."""


def may_name_subjects(column: Column, profile: ColumnProfile) -> bool:
    """Return whether a column may name subjects of several rows each: a code or a name, each in a few rows."""
    if column.use not in ("feature", "identifier", "protected") or column.type not in ("category", "text", "number"):
        return False
    called = named_like_one(profile.name)
    coded = profile.integers == 1 and called if column.type == "number" else profile.words_mean < WORDS
    few = called or profile.values <= MOST_ROWS * profile.distinct
    return coded and few and FEWEST <= profile.distinct <= REPEATED * profile.values
