"""One of a few kinds: a text or a code whose values repeat and have no order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import FIRST, MISSING, UNSEEN, Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Task
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.options import ColumnOptions
from landmark.core.table import Columns, only
from landmark.datatypes import Likeness, decode_label, encode_label, present_label, wire_label
from landmark.graph.builder import Graph

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(None, "", " ", "never seen", "Berlin ", "BERLIN", "x" * 100_000, "a\x00b", "\x00", "\ue000", "\ufffd", "\n"),
    *("Istanbul", "İstanbul", "ıstanbul", "é", "e\u0301", "👩‍👩‍👧", "شارع", "\u202eabc", "ﬁ", "ß", "nan", "None", "-0"),
    *(1, -0.0, 1e300, 2**63, float("nan"), float("inf"), True, b"Berlin", b"\xff\xfe", ["Berlin"]),
)


class Options(ColumnOptions):
    """What may be said of a column of kinds."""

    max_values: int = Field(1000, ge=1, description="values with a code of their own, the most frequent ones")
    min_count: int = Field(2, ge=1, description="training rows that a value needs for a code of its own")
    decimals: bool = Field(False, description="whole numbers are written 1.0 in the source")


class State(Artifact):
    """The values with a code of their own, most frequent first."""

    vocabulary: tuple[str, ...]


class TargetState(Artifact):
    """All labels in the training rows, sorted: by number where all are numbers, else by text."""

    labels: tuple[str, ...]


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column names kinds: its values repeat, and they are no quantities."""
    (profile,) = profiles
    if profile.lists or not profile.values:
        return Likeness(0.0 if profile.lists else 0.1, "lists" if profile.lists else "no value at all")
    texts = [text for text, _ in profile.top]
    options = {"decimals": True} if cells.written_with_decimals(texts, profile.physical) else {}
    share = profile.distinct / profile.values
    why = f"{profile.distinct} different values in {profile.values} rows"
    coded = sum(bool(re.fullmatch("0[0-9]+", text)) for text in texts) > 0.2 * max(len(texts), 1)
    if profile.numbers > 0.95 and not coded:
        few = profile.integers == profile.numbers and profile.distinct <= min(20, profile.values / 20)
        return Likeness(
            0.5 if few else 0.05, why + (", all whole numbers" if few else ", and they are numbers"), options
        )
    long = profile.words_mean > 4 and profile.distinct > 50
    return Likeness(0.85 * (1 - share) * (0.5 if long else 1.0), why, options)


def fit(columns: Columns, options: Options) -> State:
    """Return the vocabulary: by count, then by text.

    Values rarer than min_count share the code of the unseen, so that there are rows to learn it from, and no
    model learns one row by heart. Models that need more rows for a value (one-hot) cut further themselves.
    """
    texts, _ = cells.texts(only(columns)[1], options.physical, options.missing, options.decimals)
    counted = cells.counts(texts, options.min_count)
    return State(vocabulary=tuple(label for label, _ in counted[: options.max_values]))


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give CODES (n,): 0 missing, 1 unseen or rare, from 2 on the vocabulary."""
    ((column, value),) = inputs.items()
    codes = [MISSING, *range(FIRST, FIRST + len(state.vocabulary))]
    code = g.lookup(value, [cells.MISSING, *state.vocabulary], codes, UNSEEN)
    size = FIRST + len(state.vocabulary)
    return [Feature(name=name, role=Role.CODES, value=code, size=size, columns=(column,), labels=state.vocabulary)]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n towns, the first of them most often, a twentieth missing."""
    towns = np.array(["Berlin", "Ankara", "São Paulo", "İstanbul", "Köln", "Kraków", "東京", "Oslo"])
    picked = towns[np.minimum(rng.geometric(0.35, n) - 1, len(towns) - 1)]
    return {names[0]: pa.array(picked, pa.string(), mask=rng.random(n) < 0.05)}


def learn(columns: Columns, options: Options) -> TargetState:
    """Return all labels, however rare. Raises: UserError where there are fewer than two."""
    name, array = only(columns)
    texts, _ = cells.texts(array, options.physical, options.missing, options.decimals)
    labels = [label for label, _ in cells.counts(texts)]
    if len(labels) < 2:
        raise UserError(f"columns.{name}", "fewer than two values to tell apart", seen=labels)
    return TargetState(labels=cells.sort_labels(labels))


def task(state: TargetState) -> Task:
    """Return the labels."""
    return Task(kind="multiclass", labels=state.labels)


wire, encode, decode, present = wire_label, encode_label, decode_label, present_label
