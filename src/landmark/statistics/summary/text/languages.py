"""A hint at the language of texts: which language's small words stand in them. A hint, no more."""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa

from landmark.core.table import Ints

FEWEST_WORDS = 3
"""Words in a value, on average, below which nothing is said."""
FEWEST_FOUND, SHARE_FOUND = 5, 0.1
"""Small words that must be found at all, and their share of all words: of prose a third, of names hardly any."""
LEAST = 0.1
"""Share below which a language is not named."""
SMALL_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "Danish": "og i at det er en til på for ikke med af den der jeg har som",
        "Dutch": "de het een en van ik is dat niet op te zijn voor met aan er maar",
        "English": "the of and to in is it that for was on are with as not this you",
        "Finnish": "ja on ei se että oli hän en mutta ovat kun niin myös tämä",
        "French": "le la les de des et un une est que pas dans pour qui sur il avec",
        "German": "der die das und ist nicht ein eine ich zu den mit auf von sich wir es",
        "Italian": "il di che la e un una per non sono è con del della ma gli mi",
        "Polish": "i w nie na się z do to że jest jak ale co za od po tak",
        "Portuguese": "o de que e do da em um para não com uma os no na se mais",
        "Russian": "и в не на я что он с как это по но его к она за от",
        "Spanish": "el de que y en un por los se con las no una para es lo al",
        "Swedish": "och i att det som en på är av för med inte den till jag har om",
        "Turkish": "ve bir bu da de için ile çok ne ben o gibi daha var ama mi",
        "Ukrainian": "і в не на я що він з як це та до але його у за від",
    }.items()
}
WORD = re.compile(r"[^\W\d_]+")


def languages(values: pa.Array, counts: Ints) -> dict[str, float]:
    """Return languages with their shares of the small words found in distinct texts (d,), rows counted.

    A word that several languages have counts a part for each.

    >>> import numpy as np
    >>> languages(pa.array(["das ist nicht meine Katze und auch nicht die deine"]), np.array([3]))
    {'German': 1.0}
    """
    words: Counter[str] = Counter()
    for text, times in zip(values.to_pylist(), counts.tolist(), strict=True):
        for word in WORD.findall(text.lower()):
            words[word] += times
    found = 0
    weight = dict.fromkeys(SMALL_WORDS, 0.0)
    for word, times in words.items():
        having = [language for language, own in SMALL_WORDS.items() if word in own]
        for language in having:
            weight[language] += times / len(having)
        found += times if having else 0
    total = sum(weight.values())
    if found < max(FEWEST_FOUND, SHARE_FOUND * words.total()):
        return {}
    shares = {language: own / total for language, own in weight.items() if own / total >= LEAST}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:3])
