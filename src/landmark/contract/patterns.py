"""The shape that all texts of a column share, as a regular expression: AB-1234 is [A-Z]{2}-[0-9]{4}."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.contract.expressions.functions import whole_pattern

FEWEST = 100
"""Different texts from which a shape may be told."""
LOOK = 2000
"""Different texts whose shape is worked out; the pattern is then tried on all."""
MOST_PARTS = 12
LONGEST = 64
SIGNS = frozenset(r".^$*+?{}[]\|()")
"""Characters that mean something in a regular expression."""
CLASSES = (("[0-9]", str.isdecimal), ("[A-Z]", str.isupper), ("[a-z]", str.islower))


def pattern(values: pa.Array) -> tuple[str, str] | None:
    """Return the pattern of different texts (d,), and why; None where they do not share one that says anything.

    >>> pattern(pa.array([f"AB-{n:04}" for n in range(200)]))[0]
    '[A-Z]{2}-[0-9]{4}'
    """
    if len(values) < FEWEST:
        return None
    some = values.take(pa.array(np.linspace(0, len(values) - 1, min(LOOK, len(values))).astype(np.int64))).to_pylist()
    if max(map(len, some)) > LONGEST:
        return None
    shapes = [shape(text) for text in some]
    kinds = {tuple(part for part, _ in each) for each in shapes}
    if len(kinds) != 1 or len(shapes[0]) > MOST_PARTS or not all(text.isascii() for text in some):
        return None
    lengths = list(zip(*([length for _, length in each] for each in shapes), strict=True))
    parts = [part for part, _ in shapes[0]]
    if not _says_something(parts, lengths):
        return None
    made = "".join(_part(part, own) for part, own in zip(parts, lengths, strict=True))
    fits = pc.match_substring_regex(values, whole_pattern(made))
    return (made, f"all {len(values)} different texts have it") if pc.all(fits).as_py() else None


def shape(text: str) -> list[tuple[str, int]]:
    """Return the runs of a text: what each is of, and how long it is.

    >>> shape("AB-12")
    [('[A-Z]', 2), ('-', 1), ('[0-9]', 2)]
    """
    return [(part, len(list(run))) for part, run in groupby(map(_class, text))]


def _class(character: str) -> str:
    if not character.isascii():
        return character
    return next((name for name, test in CLASSES if test(character)), character)


def _says_something(parts: list[str], lengths: list[tuple[int, ...]]) -> bool:
    """Return whether parts are more than one word or number of any length: a sign between them, or a fixed length."""
    classes = [name for name, _ in CLASSES]
    fixed = [len(set(own)) == 1 for own in lengths]
    return any(name in classes for name in parts) and (len(parts) > 1 or fixed[0])


def _part(part: str, lengths: tuple[int, ...]) -> str:
    """Return one part as a regular expression: of the one length it has, or of any where it has several."""
    own = part if len(part) > 1 or part not in SIGNS else f"\\{part}"
    counted = Counter(lengths)
    if len(counted) > 1:
        return f"{own}+"
    (length,) = counted
    return own if length == 1 else f"{own}{{{length}}}"
