"""Which lines suit which type of column, and what a column seems to hold when nobody has said it."""

from __future__ import annotations

import pyarrow as pa

from landmark.artifacts.contract import ColumnTerms, Word
from landmark.artifacts.profile import ColumnProfile
from landmark.contract.reading import PICTURE, is_list
from landmark.core.table import is_text, whole
from landmark.statistics.summary import column as profiled

ANY = frozenset(
    {
        "type",
        "stored",
        "missing",
        "unread",
        "only",
        "optional",
        "present",
        "filled",
        "unique",
        "distinct",
        "tells",
        "slips",
        "skew",
    }
)
_TEXT = ANY | {"kind", "values", "others", "length", "pattern"}
LINES: dict[Word, frozenset[str]] = {
    "number": ANY | {"unit", "kind", "values", "others", "whole", "infinite", "least", "most", "sorted"},
    "date": ANY | {"formats", "least", "most", "sorted", "every", "fresh"},
    "set": ANY | {"delimiter", "values", "others", "items"},
    "image": ANY | {"length"},
    "binary": _TEXT,
    "category": _TEXT,
    "text": _TEXT,
}
"""The lines that mean something for a type."""
MOSTLY = 0.95
"""Share of values that must read as a type for it to be guessed."""
FEW_KINDS = 20


def fitting(terms: ColumnTerms, type: Word) -> ColumnTerms:
    """Return terms under another type, without the lines that mean nothing there."""
    kept = {line: value for line, value in terms.model_dump(exclude_defaults=True).items() if line in LINES[type]}
    return ColumnTerms.model_validate(kept | {"type": type})


def guessed(name: str, column: pa.ChunkedArray | pa.Array, text: bool) -> ColumnTerms:
    """Return the type of a column by its values alone, and how it is stored; `text`: its source writes all as text."""
    array = whole(column)
    stored = None if text else str(array.type)
    kind = array.type
    if is_list(kind):
        return ColumnTerms(type="set", stored=stored)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        pictures = any(value is not None and PICTURE.match(value) for value in array.slice(0, 100).to_pylist())
        return ColumnTerms(type="image" if pictures else "text", stored=stored)
    if pa.types.is_boolean(kind):
        return ColumnTerms(type="binary", stored=stored)
    if pa.types.is_temporal(kind):
        return ColumnTerms(type="number" if pa.types.is_duration(kind) else "date", stored=stored)
    if not is_text(kind):
        return ColumnTerms(type="number", stored=stored)
    return _of_texts(profiled(name, array), stored)


def _of_texts(profile: ColumnProfile, stored: str | None) -> ColumnTerms:
    if not profile.values:
        return ColumnTerms(type="text", stored=stored)
    if profile.numbers >= MOSTLY:
        return ColumnTerms(type="number", stored=stored)
    formats = sorted((form for form in profile.dates if profile.dates[form] > 0), key=lambda form: -profile.dates[form])
    if formats and sum(profile.dates.values()) >= MOSTLY:
        return ColumnTerms(type="date", stored=stored, formats=tuple(formats))
    few = profile.distinct <= max(FEW_KINDS, profile.values / 10)
    return ColumnTerms(type="category" if few else "text", stored=stored)
