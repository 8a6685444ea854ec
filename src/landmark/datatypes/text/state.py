"""What is learnt of a column of text: its alphabet, its words, and the n-grams that are worth a code."""

from __future__ import annotations

import numpy as np

from landmark.artifacts.artifact import Artifact
from landmark.core.table import Floats, Ints

BITS = 12
"""Bits of a character within a packed n-gram: alphabets of 4,095 letters, n-grams of up to five."""

WORD_BITS = 31
"""Bits of a word within a packed pair of words."""

BETWEEN = 0
"""The id of all that is no known character: blanks, control characters, and what is beyond the end."""


class Grams(Artifact):
    """A vocabulary of packed n-grams, with the number of training documents that hold each."""

    keys: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()

    def rarity(self, documents: int) -> Floats:
        """Return the smoothed inverse document frequency of each n-gram.

        Source: Manning, Raghavan & Schütze, Introduction to Information Retrieval (2008), ch. 6.2.
        """
        return np.log((1 + documents) / (1 + np.array(self.documents, np.float64))) + 1


class State(Artifact):
    """The transform of a column of text.

    `alphabet`: one text for each letter, its lower case first and then the variants that mean the same;
    letter i has the id i + 1. `words` in lower case, word i has the id i + 1; `spellings` are the variants of
    words, with the id of the word in `spelt`. `sizes` are the n of character n-grams, `documents` is the number
    of texts learnt from.
    """

    documents: int
    sizes: tuple[int, ...]
    alphabet: tuple[str, ...] = ()
    characters: Grams = Grams()
    words: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    spelt: tuple[int, ...] = ()
    phrases: Grams = Grams()

    @property
    def character_labels(self) -> tuple[str, ...]:
        """Return the character n-grams as text."""
        letters = " " + "".join(letter[0] for letter in self.alphabet)
        return tuple("".join(letters[i] for i in unpack_characters(key)) for key in self.characters.keys)

    @property
    def phrase_labels(self) -> tuple[str, ...]:
        """Return the words and pairs of words as text."""
        words = ("", *self.words)
        return tuple(" ".join(words[i] for i in divmod(key, 1 << WORD_BITS) if i) for key in self.phrases.keys)


def pack_characters(letters: Ints, n: int) -> Ints:
    """Return the n-grams int64 (rows, length - n + 1) of letter ids (rows, length); n itself is in the topmost bits.

    >>> [unpack_characters(key) for key in pack_characters(np.array([[7, 0, 4095, 2]]), 3)[0].tolist()]
    [[7, 0, 4095], [0, 4095, 2]]
    """
    length = letters.shape[1] - n + 1
    packed = np.full((len(letters), length), n, np.int64)
    for start in range(n):
        packed = (packed << BITS) + letters[:, start : start + length]
    return packed


def unpack_characters(key: int) -> list[int]:
    """Return the letter ids of one packed n-gram."""
    letters: list[int] = []
    while key >> (BITS * (len(letters) + 1)):
        letters.insert(0, (key >> (BITS * len(letters))) & ((1 << BITS) - 1))
    return letters
