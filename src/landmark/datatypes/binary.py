"""Yes or no, in whatever words: a column of two values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Task
from landmark.core import cells
from landmark.core.errors import UserError, did_you_mean
from landmark.core.options import ColumnOptions
from landmark.core.table import Columns, only
from landmark.datatypes import Likeness, decode_label, encode_label, present_label, wire_label
from landmark.graph.builder import Graph

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 1, 0, -1, 1.0, float("nan"), float("inf"), -0.0, 10**30),
    *(
        "",
        " ",
        "YES",
        "yes ",
        "evet",
        "hayır",
        "ı",
        "İ",
        "y\x00",
        "\x00",
        "🙂",
        "e\u0301",
        "نعم",
        "\ue000",
        "x" * 100_000,
    ),
    *([True], b"yes"),
)
PAIRS = frozenset(
    {("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("0", "1"), ("0.0", "1.0"), ("-1", "1"), ("off", "on")}
    | {("negative", "positive"), ("neg", "pos"), ("absent", "present"), ("inactive", "active"), ("fail", "pass")}
    | {("ham", "spam"), ("control", "case"), ("benign", "malignant"), ("normal", "abnormal"), ("bad", "good")}
)
"""Words, in lower case, of which the second is the one that is asked for."""


class Options(ColumnOptions):
    """What may be said of a column of two values."""

    positive: str | None = Field(None, description="the label that counts as yes; its text as in the source")
    decimals: bool = Field(False, description="whole numbers are written 1.0 in the source")


class State(Artifact):
    """The labels in the training rows, the positive one last; fewer than two where fewer were seen."""

    labels: tuple[str, ...]


TargetState = State
"""What is to be known of a pair of labels is the same on both sides of a model."""


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column is yes or no: it has two values, and better so if they are words for it."""
    (profile,) = profiles
    texts = [text for text, _ in profile.top]
    options = {"decimals": True} if cells.written_with_decimals(texts, profile.physical) else {}
    if profile.distinct != 2 or profile.lists or not profile.exact:
        return Likeness(0.0, f"{profile.distinct} different values")
    if profile.booleans == 1 or (len(texts) == 2 and _pair(texts) is not None):
        return Likeness(0.98, "two values that say yes and no", options)
    if profile.numbers == 1:
        return Likeness(0.6 if profile.values < 100 else 0.85, "two different numbers", options)
    return Likeness(0.92, "two different values", options)


def fit(columns: Columns, options: Options) -> State:
    """Return the labels. Raises: UserError where there are more than two, or none is the declared positive one."""
    name, array = only(columns)
    texts, _ = cells.texts(array, options.physical, options.missing, options.decimals)
    labels = [label for label in pc.unique(texts).to_pylist() if label is not None]
    if len(labels) > 2:
        raise UserError(f"columns.{name}", "binary, but more than two values", seen=labels, fix="type: category")
    if options.positive is not None and labels and options.positive not in labels:
        fix = did_you_mean(options.positive, labels)
        raise UserError(f"columns.{name}.positive", "no training row holds this label", seen=options.positive, fix=fix)
    return State(labels=_ordered(labels, options.positive))


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give VALUES (n, 1): 1 for the positive label, 0 for the other, NaN where missing.

    A label never seen is NaN too: it answers a question of yes or no as little as silence does, and
    for silence there is training.
    """
    ((column, value),) = inputs.items()
    numbers = [1.0] if len(state.labels) == 1 else [0.0, 1.0]
    known = g.lookup(value, [cells.MISSING, *state.labels], [np.nan, *numbers[: len(state.labels)]], np.nan)
    label = f"{name} = {state.labels[-1]}" if state.labels else name
    return [Feature(name=name, role=Role.VALUES, value=g.column(known), size=1, columns=(column,), labels=(label,))]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n answers, a third of them yes, a twentieth missing."""
    return {names[0]: pa.array(np.where(rng.random(n) < 0.3, "yes", "no"), pa.string(), mask=rng.random(n) < 0.05)}


def learn(columns: Columns, options: Options) -> State:
    """Return the two labels. Raises: UserError where there is no other number of them."""
    state = fit(columns, options)
    if len(state.labels) < 2:
        raise UserError(f"columns.{only(columns)[0]}", "fewer than two values to tell apart", seen=list(state.labels))
    return state


def task(state: State) -> Task:
    """Return the two labels, the positive one last."""
    return Task(kind="binary", labels=state.labels)


wire, encode, decode, present = wire_label, encode_label, decode_label, present_label


def _pair(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return two labels in the order of the words they are, or None where they are no known words."""
    for pair in (tuple(labels), tuple(labels)[::-1]):
        if tuple(label.strip().lower() for label in pair) in PAIRS:
            return pair
    return None


def _ordered(labels: list[str], positive: str | None) -> tuple[str, ...]:
    """Return the labels with the positive one last: the declared one, or the known word, or the last in order."""
    ordered = cells.sort_labels(labels)
    if positive in ordered:
        return (*(label for label in ordered if label != positive), positive)
    return _pair(ordered) or ordered
