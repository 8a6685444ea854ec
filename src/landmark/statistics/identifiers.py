"""Columns that name a row and say nothing of it."""

from __future__ import annotations

import re

from landmark.artifacts.profile import ColumnProfile

NAMES = (
    r"(?i)(.*[\W_])?(id|ids|uuid|guid|key|pk|index|idx|rowid|row|rownum|row_?number|serial|unnamed: ?0"
    r"|number|num|no|nr|ref|reference|code)"
)
CAMEL = r".*[a-z0-9](Id|ID|Uuid|UUID|Guid|Key|Index|No|Nr|Number|Ref|Reference|Code)"
FEWEST = 10
"""Values below which all of them may differ by chance."""


def named_like_one(name: str) -> bool:
    """Return whether people would call a key so.

    >>> [named_like_one(name) for name in ("id", "PassengerId", "Unnamed: 0", "order_no", "paid", "number_of_calls")]
    [True, True, True, True, False, False]
    """
    return bool(name == "" or re.fullmatch(NAMES, name) or re.fullmatch(CAMEL, name))


def why_identifier(profile: ColumnProfile) -> str | None:
    """Return why a column names rows: it differs in all of them, and looks or is called like a key; else None."""
    if profile.values < FEWEST or profile.distinct < profile.values or profile.values < 0.9 * profile.count:
        return None
    if profile.counter:
        return "it counts the rows"
    if profile.keys == 1:
        return "every value is another key made by a machine"
    single = profile.integers == 1 or (profile.numbers < 1 and profile.words_mean < 1.5)
    if named_like_one(profile.name) and single:
        return f"every value differs, and it is called '{profile.name}'"
    return None
