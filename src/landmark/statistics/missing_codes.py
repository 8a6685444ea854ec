"""Texts that stand for no value: found where the rest of a column, or of the table, proves it."""

from __future__ import annotations

from collections.abc import Iterable

from landmark.artifacts.profile import ColumnProfile

MARKS = frozenset({"", "?", "??", "???", "-", "--", "---", ".", "..", "...", "_", "*", "**", "#", "–", "—"})
"""Tokens without a letter or a digit, blanks around left out."""
WORDS = frozenset(
    {"na", "n/a", "n.a.", "n.a", "#n/a", "<na>", "nan", "nat", "null", "nil", "none", "(null)", "\\n", "#null!"}
    | {"missing", "unknown", "not available", "not applicable", "undefined", "unspecified"}
)
FEWEST_OTHERS = 2
"""Other values that a column of kinds must have before a mark in it can mean nothing: '+' and '-' are two kinds."""


def is_token(text: str) -> bool:
    """Return whether a text is known to be written where there is no value."""
    word = text.strip().lower()
    return word in MARKS or word in WORDS


def among_readable(profile: ColumnProfile) -> tuple[str, ...]:
    """Return the tokens of a column in which all else reads as numbers, or as dates of one format.

    One text more that does not read so, and nothing is proven: the column may be of another type.
    """
    read = max(profile.numbers, *profile.dates.values()) if profile.dates else profile.numbers
    unread = sum(stray.count for stray in profile.strays)
    tokens = tuple(stray.text for stray in profile.strays if is_token(stray.text))
    proven = read > 0 and len(tokens) == len(profile.strays) and unread + round(read * profile.values) == profile.values
    return tokens if proven else ()


def among_kinds(profile: ColumnProfile, seen: Iterable[str], elsewhere: frozenset[str]) -> tuple[str, ...]:
    """Return which of the texts `seen` in a column of other texts are a mark, or a token proven elsewhere."""
    tokens = [text for text in seen if is_token(text)]
    marks = [text for text in tokens if text.strip() in MARKS]
    signs = [text for text, _ in profile.top if text not in marks and not any(c.isalnum() for c in text)]
    if signs or profile.distinct - len(marks) < FEWEST_OTHERS:
        marks = []
    return tuple(text for text in tokens if text in marks or text in elsewhere)
