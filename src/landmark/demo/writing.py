"""Tickets as people write them: sentences with several wordings, greetings, idle talk and slips of the keyboard."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

import numpy as np
import pyarrow as pa

from landmark.demo.issues import (
    ACTIONS,
    APPS,
    ASKS,
    CLOSINGS,
    COUNTRIES,
    FILLERS,
    GREETINGS,
    ISSUES,
    PLANS,
    TAGS,
    VAGUE_SENTENCES,
    VAGUE_SUBJECTS,
)
from landmark.demo.law import START, Tickets

SUBJECTS = (*chain.from_iterable(issue.subjects for issue in ISSUES), *VAGUE_SUBJECTS)
SENTENCES = (*chain.from_iterable(issue.sentences for issue in ISSUES), *VAGUE_SENTENCES)
REQUESTS = tuple(chain.from_iterable(ASKS))
GREETED, CLOSED, IDLE, LOWER, SLIP = 0.4, 0.4, 0.2, 0.1, 0.012
"""Shares of tickets with a greeting, a closing, idle talk, without capitals; of words with two letters swapped."""


def as_table(tickets: Tickets, rng: np.random.Generator) -> pa.Table:
    """Return tickets as a person would export them; rng chooses among wordings, none of which tells anything."""
    rows = range(tickets.rows)
    width = max(5, len(str(tickets.rows)))
    lower = rng.random(tickets.rows) < LOWER
    bodies = [_body(tickets, i, rng) for i in rows]
    tags = [[tag for tag, there in zip(TAGS, row, strict=True) if there] for row in tickets.tags.tolist()]
    moments = START.astype("datetime64[us]") + tickets.second.astype("timedelta64[s]")
    return pa.table(
        {
            "ticket_id": [f"T-{i + 1:0{width}}" for i in rows],
            "created_at": pa.array(moments, pa.timestamp("us")),
            "app": _named(list(APPS), tickets.app),
            "country": _named(list(COUNTRIES), tickets.country),
            "plan": _named(list(PLANS), tickets.plan),
            "wait": pa.array(tickets.wait, from_pandas=True),
            "tags": pa.array(tags, pa.list_(pa.string())),
            "subject": [worded(SUBJECTS[i], rng) for i in tickets.subject],
            "body": [text.lower() if low else text for text, low in zip(bodies, lower, strict=True)],
            "issue_type": _named([issue.name for issue in ISSUES], tickets.issue),
            "action": _named(list(ACTIONS), tickets.action),
            "refund": tickets.refund,
        }
    )


def worded(sentence: str, rng: np.random.Generator) -> str:
    """Return a sentence in one of its wordings.

    >>> worded("I was {billed|charged} twice", np.random.default_rng(1))
    'I was billed twice'
    """
    parts = _parts(sentence)
    return "".join(part[int(rng.integers(len(part)))] if len(part) > 1 else part[0] for part in parts)


def wordings(sentence: str) -> set[str]:
    """Return all that a sentence can look like.

    >>> sorted(wordings("{a|b} c"))
    ['a c', 'b c']
    """
    texts = {""}
    for part in _parts(sentence):
        texts = {text + choice for text in texts for choice in part}
    return texts


@cache
def _parts(sentence: str) -> tuple[tuple[str, ...], ...]:
    pieces = re.split(r"\{([^}]*)\}", sentence)
    return tuple(tuple(piece.split("|")) if i % 2 else (piece,) for i, piece in enumerate(pieces))


def _body(tickets: Tickets, row: int, rng: np.random.Generator) -> str:
    said = [SENTENCES[i] for i in tickets.sentences[row] if i >= 0]
    if tickets.ask[row] >= 0:
        said.append(REQUESTS[tickets.ask[row]])
    if rng.random() < IDLE:
        said.insert(int(rng.integers(len(said) + 1)), FILLERS[int(rng.integers(len(FILLERS)))])
    text = ". ".join(_slipped(worded(sentence, rng), rng) for sentence in said) + "."
    if rng.random() < GREETED:
        text = f"{GREETINGS[int(rng.integers(len(GREETINGS)))]}, {text}"
    if rng.random() < CLOSED:
        text = f"{text} {CLOSINGS[int(rng.integers(len(CLOSINGS)))]}"
    return text


def _slipped(text: str, rng: np.random.Generator) -> str:
    """Return text with two inner letters of some long words swapped."""
    words = text.split(" ")
    for i in np.flatnonzero(rng.random(len(words)) < SLIP):
        word = words[i]
        if len(word) > 4 and word.isalpha():
            at = int(rng.integers(1, len(word) - 2))
            words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _named(names: list[str], places: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> pa.Array:
    return pa.array(names).take(pa.array(places))
