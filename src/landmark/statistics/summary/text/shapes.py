"""The shapes of texts (AA-999), the scripts of their letters, and characters that seldom are meant."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.table import Ints

MOST_SHAPES, LONGEST = 5, 24
"""Shapes that are kept, and characters of a text that are looked at for one."""
LEAST = 0.05
"""Share of rows below which a shape says nothing."""
RUN = re.compile(r"([Aa9])\1+")
MOJIBAKE = tuple(letter.encode().decode("cp1252", "ignore") for letter in "äöüßéèàáñçóêÄÖÜÉ’“–\u00a0")
"""Letters and quotes in UTF-8 that were read as Windows-1252."""
INVISIBLE = frozenset("\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
PLAIN = frozenset("\t\n\r")
SCRIPTS = (
    ("Latin", "LATIN"), ("Cyrillic", "CYRILLIC"), ("Greek", "GREEK"), ("Arabic", "ARABIC"), ("Hebrew", "HEBREW"),
    ("Han", "CJK"), ("Hiragana", "HIRAGANA"), ("Katakana", "KATAKANA"), ("Hangul", "HANGUL"), ("Thai", "THAI"),
    ("Devanagari", "DEVANAGARI"), ("Bengali", "BENGALI"), ("Tamil", "TAMIL"), ("Georgian", "GEORGIAN"),
    ("Armenian", "ARMENIAN"), ("Ethiopic", "ETHIOPIC"),
)  # fmt: skip
"""Scripts by the first word of their letters' names in Unicode; any other counts as Other."""


class _Marks(dict[int, str]):
    """A for capital letters, a for others, 9 for digits, by their code points; every other character is its own."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        mark = "A" if kind == "Lu" else "a" if kind in ("Ll", "Lt", "Lm", "Lo") else "9" if kind == "Nd" else chr(code)
        return self.setdefault(code, mark)


def shapes(values: pa.Array, counts: Ints) -> tuple[tuple[str, float], ...]:
    """Return the commonest shapes of distinct texts (d,) with their shares of rows: A, a for letters, 9 for digits.

    Where lengths vary so that no exact shape is common, runs are written once, with a plus.

    >>> import numpy as np
    >>> shapes(pa.array(["AB-12", "XY-34", "b 7"]), np.array([2, 1, 1]))
    (('AA-99', 0.75), ('a 9', 0.25))
    """
    marks = _Marks()
    texts = [text[:LONGEST].translate(marks) for text in values.to_pylist()]
    exact = _commonest(texts, counts)
    if exact and sum(share for _, share in exact) >= 0.5:
        return exact
    return _commonest([RUN.sub(r"\1+", text) for text in texts], counts)


def scripts(values: pa.Array, counts: Ints) -> dict[str, float]:
    """Return the scripts of the letters in distinct texts (d,), with their shares of letters, rows counted."""
    if pc.all(pc.string_is_ascii(values), min_count=0).as_py():
        return {"Latin": 1.0} if pc.any(pc.match_substring_regex(values, "[A-Za-z]"), min_count=0).as_py() else {}
    found: Counter[str] = Counter()
    for letter, times in _characters(values, counts).items():
        if letter.isalpha():
            found[_script(letter)] += times
    total = sum(found.values())
    return {script: times / total for script, times in _ordered(found.items())} if total else {}


def strange(values: pa.Array) -> dict[str, list[int]]:
    """Return the places of distinct texts (d,) with characters that seldom are meant.

    mojibake: UTF-8 read as Windows-1252; control: characters that no printer has; invisible: of no width, or turning
    the direction; decomposed: letters and accents apart, which look like one letter and are another text.
    """
    found: dict[str, list[int]] = {}
    for place, text in enumerate(values.to_pylist()):
        if text.isascii() and text.isprintable():
            continue
        for code in _strange(text):
            found.setdefault(code, []).append(place)
    return found


def _strange(text: str) -> Iterable[str]:
    if any(mark in text for mark in MOJIBAKE):
        yield "mojibake"
    if any(unicodedata.category(c) == "Cc" and c not in PLAIN and c != "\0" for c in text):
        yield "control"
    if not INVISIBLE.isdisjoint(text):
        yield "invisible"
    if not unicodedata.is_normalized("NFC", text):
        yield "decomposed"


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return next((script for script, word in SCRIPTS if first == word), "Other")


def _characters(values: pa.Array, counts: Ints) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, times in zip(values.to_pylist(), counts.tolist(), strict=True):
        for letter, own in Counter(text).items():
            found[letter] += own * times
    return found


def _commonest(texts: list[str], counts: Ints) -> tuple[tuple[str, float], ...]:
    found: Counter[str] = Counter()
    for text, times in zip(texts, counts.tolist(), strict=True):
        found[text] += times
    total = sum(found.values())
    common = ((text, times / total) for text, times in _ordered(found.items())[:MOST_SHAPES])
    return tuple((text, share) for text, share in common if share >= LEAST)


def _ordered(items: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(items, key=lambda item: (-item[1], item[0]))
