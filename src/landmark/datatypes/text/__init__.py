"""What people write: character and word n-grams, weighted, and a few facts about the text itself.

No language is assumed: letters are those that training texts hold, in whatever script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from landmark.artifacts.features import Feature, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, only
from landmark.datatypes import Likeness
from landmark.datatypes.text.state import State
from landmark.datatypes.text.transform import transform
from landmark.datatypes.text.vocabulary import learn
from landmark.graph.builder import Graph

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(
        None,
        "",
        " ",
        "\n\t \r\n",
        "a",
        "?!",
        "x" * 10_000,
        "a" * 5000 + " b",
        "no no " * 900,
        "\x00",
        "a\x00b",
        "\ue000",
    ),
    *(
        "İSTANBUL ıstanbul",
        "Straße STRASSE ẞ",
        "e\u0301 é É",
        "ﬁne ﬀ",
        "مرحبا بالعالم",
        "你好，世界",
        "ありがとう",
        "안녕하세요",
    ),
    *(
        "👩‍👩‍👧 🙂🙂",
        "\u202eabc\u202c",
        "\ufeffbom",
        "\ufffd",
        "a\u200bb",
        "ǅ ǆ Ǆ",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚",
        "١٢٣ 123 १२३",
        "None",
        "nan",
    ),
    *(
        "DON'T SHOUT!!!",
        "don’t",
        "C++ & c#",
        "a.b.c",
        "http://a.b/c?d=e&f=1",
        "-- ' \" \\ %s {0}",
        "zzzz qqqq never seen",
    ),
    *(1, -0.5, 1e300, float("nan"), True, b"bytes", b"\xff\xfe", ["a", "list"]),
)


class Options(ColumnOptions):
    """What may be said of a column of text."""

    max_chars: int = Field(4000, ge=1, le=1_000_000, description="characters of one text that are looked at")
    grams: tuple[Literal[2, 3, 4, 5], ...] = Field((3, 4), min_length=1, description="lengths of character n-grams")
    max_grams: int = Field(20_000, ge=0, description="character n-grams with a code of their own, the most frequent")
    max_words: int = Field(10_000, ge=0, description="words and pairs of words with a code of their own")


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column is text: few values repeat, or they are long, and they are no numbers or dates."""
    (profile,) = profiles
    if profile.lists or not profile.values:
        return Likeness(0.0, "lists" if profile.lists else "no value at all")
    share = profile.distinct / profile.values
    long = profile.words_mean > 4 and profile.distinct > 50
    other = max(profile.numbers, profile.booleans, *profile.dates.values(), 0.0)
    score = max(0.8 * share, 0.5 * long) * (1 - other**4)
    why = f"{profile.words_mean:.1f} words in a value, {profile.distinct} different values in {profile.values} rows"
    return Likeness(score, why)


def fit(columns: Columns, options: Options) -> State:
    """Return alphabet, words and n-grams of the texts."""
    texts = _texts(columns, options).drop_null()
    return learn(cells.tensor(texts), options.grams, options.max_grams, options.max_words)


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as text (n,), cut off at max_chars."""
    name, array = only(columns)
    if strict:
        cells.refuse(name, array, cells.texts(array, options.physical, options.missing)[1], "a text")
    return {name: cells.tensor(_texts(columns, options))}


def _texts(columns: Columns, options: Options) -> pa.Array:
    """Return cells (n,) as text (n,), cut off, null where there is none."""
    texts, _ = cells.texts(only(columns)[1], options.physical, options.missing)
    return pc.utf8_slice_codeunits(texts, 0, options.max_chars)


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give VALUES (n, 6), facts about the text, and TOKENS for its character n-grams and for its words."""
    ((column, value),) = inputs.items()
    return transform(g, name, column, value, state)


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n complaints of customers, a twentieth of them missing."""
    openings = ("My card", "The transfer", "Why is it that my order", "Hello! The app", "Ich glaube, meine Karte")
    troubles = (
        "has not arrived",
        "was declined twice",
        "keeps failing",
        "is still pending after {} days",
        "kostet {} €",
    )
    closings = ("please help", "what now?", "I want my money back!", "thanks", "it is URGENT")
    parts = [[texts[i] for i in rng.integers(0, len(texts), n)] for texts in (openings, troubles, closings)]
    days = rng.integers(2, 5000, n)
    texts = [f"{a} {b} since {d}, {c}".format(d) for a, b, c, d in zip(*parts, days, strict=True)]
    return {names[0]: pa.array(texts, pa.string(), mask=rng.random(n) < 0.05)}
