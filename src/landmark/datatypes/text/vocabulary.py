"""Learns alphabet, words and n-grams from training texts, by running parts of the transform itself."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from landmark.core.table import Array, Ints, Strings
from landmark.datatypes.text.state import BETWEEN, BITS, WORD_BITS, Grams, State, pack_characters
from landmark.datatypes.text.transform import WORD, characters_of, letters_table
from landmark.graph.builder import Graph
from landmark.graph.run import chunks, session

CHARACTERS = 10_000_000
"""Characters that are enough to learn from; of more, texts are sampled by their checksum, whatever their order."""

ALWAYS = "0123456789abcdefghijklmnopqrstuvwxyz!?"
"""Letters and signs that are known even when no training text holds them: facts about a text are made of them."""

CHUNK = 1000


def learn(texts: Strings, sizes: tuple[int, ...], max_characters: int, max_phrases: int) -> State:
    """Return what is to be known of texts (n,), none of them missing."""
    if not len(texts):
        return State(documents=0, sizes=sizes)
    texts = _sample(texts)
    alphabet = _alphabet(texts)
    characters = _characters(texts, alphabet, sizes, max_characters)
    words, spelt, phrases = _phrases(texts, max_phrases)
    return State(
        documents=len(texts),
        sizes=sizes,
        alphabet=alphabet,
        characters=characters,
        words=words,
        spellings=tuple(spelt),
        spelt=tuple(spelt.values()),
        phrases=phrases,
    )


def _sample(texts: Strings) -> Strings:
    """Return all texts, or those of the lowest checksums that hold about CHARACTERS characters together."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    if lengths.sum() <= CHARACTERS:
        return texts
    checks = np.fromiter((zlib.crc32(text.encode()) for text in texts), np.int64, len(texts))
    order = np.argsort(checks, kind="stable")
    return texts[np.sort(order[: max(int(np.searchsorted(np.cumsum(lengths[order]), CHARACTERS)), 1)])]


def _alphabet(texts: Strings) -> tuple[str, ...]:
    """Return the most frequent letters, digits and signs, each with the variants of case that occur or may."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    counts = np.bincount(points, minlength=1)
    letters = dict.fromkeys(ALWAYS, 0)
    for point in np.flatnonzero(counts):
        character = chr(point)
        if character.isprintable() and not character.isspace():
            letter = character.lower()[0]
            letters[letter] = letters.get(letter, 0) + int(counts[point])
    kept = sorted(letters, key=lambda letter: (-letters[letter], letter))[: (1 << BITS) - 1]
    return tuple(letter + "".join(_variants(letter)) for letter in kept)


def _variants(letter: str) -> list[str]:
    """Return the single characters, other than letter, whose lower case is letter."""
    return sorted(
        {v for v in (letter.upper(), letter.title()) if len(v) == 1 and v != letter and v.lower()[0] == letter}
    )


def _characters(texts: Strings, alphabet: tuple[str, ...], sizes: tuple[int, ...], most: int) -> Grams:
    """Return the n-grams without two blanks in a row that at least three texts hold."""
    g = Graph()
    characters = characters_of(g, g.input("text", "string", ("N",)), [s for letter in alphabet for s in letter])
    g.output("letters", g.gather(letters_table(alphabet), characters, "int64"), "int64", ("N", "length"))
    counted = []
    for letters in _run(g, texts):
        padded = np.pad(letters, ((0, 0), (1, max(sizes) - 1)), constant_values=BETWEEN)
        counted += [_documents(_without_gaps(padded, n)) for n in sizes]
    return _most_frequent(counted, least=3, most=most)


def _without_gaps(letters: Ints, n: int) -> Ints:
    """Return the packed n-grams of letters (rows, length), 0 for those with two blanks in a row."""
    packed = pack_characters(letters, n)
    gaps = (letters[:, :-1] == BETWEEN) & (letters[:, 1:] == BETWEEN)
    for start in range(n - 1):
        packed[gaps[:, start : start + packed.shape[1]]] = 0
    return packed


def _phrases(texts: Strings, most: int) -> tuple[tuple[str, ...], dict[str, int], Grams]:
    """Return words, the word id of each spelling, and the words and pairs of words that at least two texts hold."""
    g = Graph()
    text = g.input("text", "string", ("N",))
    tokens = g.op("Tokenizer", text, domain="com.microsoft", mark=0, mincharnum=1, pad_value="", tokenexp=WORD)
    g.output("words", tokens, "string", ("N", "length"))
    found = list(_run(g, texts))
    coded = pa.array(np.concatenate([chunk.ravel() for chunk in found]), pa.string()).dictionary_encode()
    spellings = coded.dictionary.to_pylist()
    folded = [spelling.lower() for spelling in spellings]
    every = {word: i for i, word in enumerate(sorted({*folded} - {""}), 1)}
    ids = np.array([every.get(word, 0) for word in folded], np.int64)[coded.indices.to_numpy()]
    parts = np.split(ids, np.cumsum([chunk.size for chunk in found])[:-1])
    counted = [_documents(_pairs(part.reshape(chunk.shape))) for part, chunk in zip(parts, found, strict=True)]
    return _renumbered(_most_frequent(counted, least=2, most=most), list(every), spellings)


def _pairs(ids: Ints) -> Ints:
    """Return words (rows, length) and pairs of words, packed; 0 where there is no further word."""
    pairs = (ids[:, :-1] << WORD_BITS) + ids[:, 1:]
    return np.concatenate([ids, np.where(ids[:, 1:] == 0, 0, pairs)], axis=1)


def _renumbered(
    phrases: Grams, every: list[str], spellings: list[str]
) -> tuple[tuple[str, ...], dict[str, int], Grams]:
    """Return only the words that some phrase needs, and the phrases with their new numbers."""
    split = [divmod(key, 1 << WORD_BITS) for key in phrases.keys]
    needed = sorted({word for pair in split for word in pair} - {0})
    new = {0: 0} | {word: i for i, word in enumerate(needed, 1)}
    keys = tuple((new[first] << WORD_BITS) + new[second] for first, second in split)
    words = tuple(every[word - 1] for word in needed)
    known = {word: i for i, word in enumerate(words, 1)}
    variants = {*spellings, *(change(word) for word in words for change in (str.lower, str.upper, str.capitalize))}
    spelt = {spelling: known[spelling.lower()] for spelling in sorted(variants) if spelling.lower() in known}
    return words, spelt, Grams(keys=keys, documents=phrases.documents)


def _run(g: Graph, texts: Strings) -> Iterator[Array]:
    """Yield the output of g for a chunk of texts at a time; short texts stand with short ones."""
    engine = session(g.build())
    for chunk in chunks({"text": np.array(sorted(texts, key=len), dtype=object)}, CHUNK):
        yield engine.run(None, chunk)[0]


def _documents(grams: Ints) -> tuple[Ints, Ints]:
    """Return the distinct n-grams but 0 of a chunk (rows, length), sorted, and how many rows hold each."""
    ordered = np.sort(grams, axis=1)
    fresh = np.ones(ordered.shape, bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    held = ordered[fresh & (ordered != 0)]
    return _summed(held, np.ones_like(held))


def _summed(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys, sorted, and the sum of the counts of each."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[starts], np.add.reduceat(counts[order], starts) if len(starts) else counts


def _most_frequent(counted: Sequence[tuple[Ints, Ints]], least: int, most: int) -> Grams:
    """Return the n-grams that the most documents hold, at least `least`; of equals those of the lowest key."""
    keys, documents = _summed(*(np.concatenate([part[i] for part in counted]) for i in range(2)))
    kept = np.lexsort((keys, -documents))[:most]
    kept = kept[documents[kept] >= least]
    return Grams(keys=tuple(keys[kept].tolist()), documents=tuple(documents[kept].tolist()))
