"""Words that differ by one slip of the hand: a letter too few, one too many, two exchanged, or the key beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

FEWEST_LETTERS, LONGEST = 5, 60
"""Letters below which one of them makes another word, `red` and `rod`; characters above which nothing is compared."""
ENDINGS = frozenset("aeiosy")
"""Letters that grammar puts at the end of a word or leaves out: dog and dogs, enfermero and enfermera."""
KEYS = {
    letter: (line, place)
    for line, keys in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for place, letter in enumerate(keys)
}
"""Letter -> its line on a keyboard, and its place in it."""


def misspelt(texts: Iterable[str], of: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each text that is one slip away from one of the known texts, with that one.

    Two texts are compared only where one of them, or both, become equal without one letter.
    Source: Damerau, A technique for computer detection and correction of spelling errors (1964); Garbe, SymSpell.

    >>> list(misspelt(["Femlae", "male", "11th", "Males"], of=["Female", "12th", "Male"]))
    [('Femlae', 'Female')]
    """
    known: defaultdict[str, list[str]] = defaultdict(list)
    for text in of:
        for shorter in shortened(text):
            known[shorter].append(text)
    for text in texts:
        near = {other for shorter in shortened(text) for other in known.get(shorter, ())}
        found = sorted(other for other in near if is_slip(text, other))
        if found:
            yield text, found[0]


def shortened(text: str) -> set[str]:
    """Return a text, and the text without each of its letters; nothing of a long one."""
    if len(text) > LONGEST:
        return set()
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


def is_slip(text: str, other: str) -> bool:
    """Return whether two texts of letters differ by one slip that makes no other word of them.

    Digits, signs, first letters, the endings of grammar and letters of distant keys tell kinds apart: A+ and A-, 2nd
    and 3rd, Gambia and Zambia, inland and island.

    >>> [is_slip("Berlim", other) for other in ("Berlin", "Merlim", "Berlims", "Berlmi", "Berlig", "Berlim")]
    [True, False, False, True, False, False]
    """
    start = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    ends = zip(text[start:][::-1], other[start:][::-1], strict=False)
    end = next((i for i, (a, b) in enumerate(ends) if a != b), min(len(text), len(other)) - start)
    a, b = (word[start : len(word) - end] for word in (text, other))
    if (
        start == 0
        or not (a + b).isalpha()
        or max(sum(map(str.isalpha, word)) for word in (text, other)) < FEWEST_LETTERS
    ):
        return False
    if len(a) == len(b) == 1:
        return are_neighbours(a, b)
    left_out = len(a + b) == 1 and not (end == 0 and (a + b).casefold() in ENDINGS)
    return left_out or (len(a) == 2 and a == b[::-1])


def are_neighbours(letter: str, other: str) -> bool:
    """Return whether two letters are on keys beside each other.

    >>> are_neighbours("n", "m"), are_neighbours("n", "h"), are_neighbours("n", "s")
    (True, True, False)
    """
    places = [KEYS.get(key.casefold()) for key in (letter, other)]
    if places[0] is None or places[1] is None:
        return False
    (line, place), (line2, place2) = places[0], places[1]
    return abs(line - line2) <= 1 and abs((place + line / 2) - (place2 + line2 / 2)) <= 1
