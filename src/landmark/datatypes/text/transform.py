"""The transform of text as a graph: characters and words to packed n-grams, n-grams to a weighted bag.

Everything is exact and row-wise. Characters are folded by a table, not by a locale. Equal n-grams of a row are
counted after sorting, so that a row costs length times log(length) and a batch no more memory than its n-grams.
Logarithms come from a table, and the norm from a running sum, because neither `Log` nor `ReduceSum` gives the
same last bit at batch 1 and at batch 1000.
"""

from __future__ import annotations

import numpy as np

from landmark.artifacts.features import FIRST, Feature, Role, Value
from landmark.core.cells import MISSING
from landmark.core.table import Floats
from landmark.datatypes.text.state import BETWEEN, BITS, WORD_BITS, Grams, State
from landmark.graph.builder import Graph

WORD = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    r"|(?:[^\P{L}\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|\p{N}|\p{M})+"
)
"""A run of letters, digits and marks; a single character in scripts that write no blanks between words."""

MOST = 4096
"""An n-gram counts no further than this within one row."""

PADDING, UNKNOWN, KNOWN = 0, 1, 2
"""Ids in the tables of spellings: beyond the end of the text, not in the table, and the first entry."""

FACTS = ("length", "words", "upper case", "digits", "!", "?")


def transform(g: Graph, name: str, column: str, text: Value, state: State) -> list[Feature]:
    """Give VALUES (n, 6) and, where training rows had any, TOKENS of character n-grams and of words."""
    spellings = [spelling for letter in state.alphabet for spelling in letter]
    characters = characters_of(g, text, spellings)
    words = words_of(g, text, state.spellings, state.spelt)
    values = _facts(g, text, characters, spellings, words)
    features = [Feature(name=name, role=Role.VALUES, value=values, size=len(FACTS), columns=(column,), labels=FACTS)]
    letters = g.gather(letters_table(state.alphabet), characters, "int64")
    bags = (
        ("characters", [character_grams(g, letters, n) for n in state.sizes], state.characters, state.character_labels),
        ("words", word_grams(g, words), state.phrases, state.phrase_labels),
    )
    for kind, grams, vocabulary, labels in bags:
        if vocabulary.keys:
            codes, weights = _bag(g, g.concat(grams), vocabulary, vocabulary.rarity(state.documents))
            features.append(
                Feature(
                    name=f"{name}.{kind}",
                    role=Role.TOKENS,
                    value=codes,
                    weight=weights,
                    size=FIRST + len(labels),
                    columns=(column,),
                    labels=labels,
                )
            )
    return features


def characters_of(g: Graph, text: Value, spellings: list[str]) -> Value:
    """Return the characters (n, length) of text (n,) as ids: PADDING, UNKNOWN, or KNOWN plus the place in spellings."""
    ids = range(KNOWN, KNOWN + len(spellings))
    return _tokens(g, text, {"separators": [""]}, spellings, list(ids))


def words_of(g: Graph, text: Value, spellings: tuple[str, ...], spelt: tuple[int, ...]) -> Value:
    """Return the words (n, length) of text (n,) as ids: PADDING, UNKNOWN, or KNOWN - 1 plus the word's own id."""
    return _tokens(g, text, {"tokenexp": WORD}, list(spellings), [KNOWN - 1 + word for word in spelt])


def _tokens(g: Graph, text: Value, how: dict[str, object], keys: list[str], ids: list[int]) -> Value:
    """Return the tokens of text (n,) as ids (n, length), length at least 1.

    An empty row is put behind the rows and taken away again: of no rows the tokenizer gives no second dimension.
    """
    rows = g.op("Concat", text, g.constant([""], "string"), axis=0)
    tokens = g.op("Tokenizer", rows, domain="com.microsoft", mark=0, mincharnum=1, pad_value="", **how)
    coded = g.lookup(tokens, ["", *keys], [PADDING, *ids], UNKNOWN)
    return _pad(g, _slice(g, coded, 0, -1, axis=0), 0, 1)


def letters_table(alphabet: tuple[str, ...]) -> list[int]:
    """Return the letter id of each id that `characters_of` gives."""
    return [BETWEEN] * KNOWN + [i for i, letter in enumerate(alphabet, 1) for _ in letter]


def character_grams(g: Graph, letters: Value, n: int) -> Value:
    """Return the n-grams (rows, length) of letter ids (rows, length), packed as `state.pack_characters` packs them."""
    padded = _pad(g, letters, 1, n - 1)
    packed, base = g.constant([[n]], "int64"), g.constant(1 << BITS, "int64")
    for start in range(n):
        letter = _slice(g, padded, start, start + 1 - n or None, axis=1)
        packed = g.op("Add", g.op("Mul", packed, base), letter)
    return packed


def word_grams(g: Graph, words: Value) -> list[Value]:
    """Return words and pairs of words (n, length), packed; 0 where one is not known."""
    ids = g.op("Max", g.op("Sub", words, g.constant(KNOWN - 1, "int64")), g.constant(0, "int64"))
    following = _slice(g, _pad(g, ids, 0, 1), 1, None, axis=1)
    both = g.op("Mul", g.op("Mul", ids, g.constant(1 << WORD_BITS, "int64")), g.op("Sign", following))
    return [ids, g.op("Add", both, g.op("Mul", following, g.op("Sign", both)))]


def _facts(g: Graph, text: Value, characters: Value, spellings: list[str], words: Value) -> Value:
    """Return the FACTS (n, 6); NaN where there is no text."""
    known = ["", "", *spellings]
    marks = [
        [float(i != PADDING), float(s.isupper()), float(s.isdigit()), float(s == "!"), float(s == "?")]
        for i, s in enumerate(known)
    ]
    sums = g.op("ReduceSum", g.gather(np.array(marks, np.int64), characters, "int64"), _axis(g, 1), keepdims=0)
    count = g.op("ReduceSum", g.op("Sign", words), _axis(g, 1), keepdims=1)
    length, cased, marked = (_slice(g, sums, start, stop, axis=1) for start, stop in ((0, 1), (1, 3), (3, 5)))
    whole = g.cast(g.op("Max", length, g.constant(1, "int64")), "float64")
    shares = g.op("Div", g.cast(cased, "float64"), whole)
    facts = [g.cast(length, "float64"), g.cast(count, "float64"), shares, g.cast(marked, "float64")]
    missing = g.op("Equal", g.lookup(text, [MISSING], [1], 0), g.constant(1, "int64"))
    return g.op("Where", g.column(missing), g.constant(np.nan), g.concat(facts))


def _bag(g: Graph, grams: Value, vocabulary: Grams, rarity: Floats) -> tuple[Value, Value]:
    """Return distinct codes (n, most) of packed n-grams (n, length), and their sublinear tf-idf weights of norm 1.

    Codes of a row stand in falling order, then padding.
    """
    codes = g.lookup(grams, vocabulary.keys, list(range(FIRST, FIRST + len(vocabulary.keys))), 0)
    distinct, counts = _count(g, codes)
    often = g.op("Min", counts, g.constant(MOST, "int64"))
    frequency = g.gather(np.concatenate([[0.0], 1 + np.log(np.arange(1, MOST + 1))]), often)
    weights = g.op("Mul", frequency, g.gather(np.concatenate([np.zeros(FIRST), rarity]), distinct))
    running = g.op("CumSum", g.op("Mul", weights, weights), g.constant(1, "int64"))
    norm = g.op("Sqrt", _slice(g, running, -1, None, axis=1))
    nothing = g.op("Equal", norm, g.constant(0.0))
    return distinct, g.op("Div", weights, g.op("Where", nothing, g.constant(1.0), norm))


def _count(g: Graph, codes: Value) -> tuple[Value, Value]:
    """Return the distinct values (n, most) of codes (n, length) in falling order, 0 at the end, and their counts.

    Equal codes stand together once sorted: each is added to the place of its run.
    """
    ordered = g.ops("TopK", codes, g.op("Shape", codes, start=1), count=2, axis=1)[0]
    before = _pad(g, _slice(g, ordered, 0, -1, axis=1), 1, 0, with_=-1)
    fresh = g.cast(g.op("Not", g.op("Equal", ordered, before)), "int64")
    runs = g.op("Sub", g.op("CumSum", fresh, g.constant(1, "int64")), g.constant(1, "int64"))
    zeros = g.op("Sub", codes, codes)
    ones = g.op("Add", zeros, g.constant(1, "int64"))
    counts = g.op("ScatterElements", zeros, runs, ones, axis=1, reduction="add")
    distinct = g.op("ScatterElements", zeros, runs, ordered, axis=1)
    used = g.op("ReduceSum", g.op("Sign", distinct), _axis(g, 1), keepdims=0)
    most = g.op("ReduceMax", g.concat([used, g.constant([1], "int64")], axis=0), _axis(g, 0), keepdims=1)
    first = _axis(g, 0)
    return g.op("Slice", distinct, first, most, _axis(g, 1)), g.op("Slice", counts, first, most, _axis(g, 1))


def _axis(g: Graph, axis: int) -> Value:
    return g.constant([axis], "int64")


def _slice(g: Graph, value: Value, start: int, stop: int | None, axis: int) -> Value:
    end = np.iinfo(np.int64).max if stop is None else stop
    return g.op("Slice", value, _axis(g, start), _axis(g, end), _axis(g, axis))


def _pad(g: Graph, value: Value, before: int, after: int, with_: int = 0) -> Value:
    """Return int64 (n, length) with constants before and after each row."""
    return g.op("Pad", value, g.constant([0, before, 0, after], "int64"), g.constant(with_, "int64"))
