"""Several of a few kinds at once: tags, genres, symptoms. Order and repetition within a row mean nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import FIRST, MISSING, UNSEEN, Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Task
from landmark.core import cells
from landmark.core.errors import UserError
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, Ints, Mask, is_text, only, whole, without
from landmark.datatypes import Likeness
from landmark.graph.builder import Graph

COLUMNS = 1
STRANGE: tuple[Any, ...] = (
    *(
        None,
        [],
        [""],
        [None],
        ["never seen"],
        ["red", "red", " red "],
        ["x" * 10_000],
        ["a\x00b", "\x00"],
        ["\ue000", "\ue001"],
    ),
    *(
        [f"tag {i}" for i in range(1000)],
        ["é", "e\u0301", "ı", "İ", "🙂", "\u202eabc", "\n"],
        [1, 2],
        [1.0],
        [True],
        [["red"]],
    ),
    *(
        "",
        " ",
        "|",
        "||red||",
        "red|red",
        "red| blue",
        "[",
        '["red", "blue"]',
        "[1, null, [2]]",
        "[" * 5000,
        "red;blue",
        5,
    ),
)
PADDING = "\ue001"
"""The text that fills rows up to the longest one; like cells.MISSING it is a private-use character."""

DELIMITERS = "|;,/"
FEW = 64  # rows below which plain Python is faster than Arrow
NOWHERE = "(missing)"
"""What the code of a row without a value is called."""


class Options(ColumnOptions):
    """What may be said of a column of sets."""

    delimiter: str | None = Field(None, min_length=1, description="what stands between items where a set is one text")
    max_values: int = Field(2000, ge=1, description="items with a code of their own, the most frequent ones")
    min_count: int = Field(2, ge=1, description="training rows that an item needs for a code of its own")
    max_items: int = Field(256, ge=1, description="items of one row that are looked at")


class State(Artifact):
    """The items with a code of their own, most frequent first."""

    vocabulary: tuple[str, ...]


class TargetState(Artifact):
    """The labels a row may carry, sorted."""

    labels: tuple[str, ...]


class Items(NamedTuple):
    """Distinct items of n rows: text (m,) and the row of each, in order; masks (n,) of missing and unreadable."""

    texts: pa.Array
    rows: Ints
    missing: Mask
    odd: Mask


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column holds sets: lists, or texts whose parts repeat in other company."""
    (profile,) = profiles
    if profile.lists or profile.physical.startswith(("list", "large_list", "fixed_size_list")):
        vector = cells.family(profile.physical) == "number"
        return Likeness(0.4 if vector else 0.97, "lists of numbers" if vector else "lists")
    if profile.numbers > 0.5 or sum(profile.dates.values()) > 0.5 or profile.distinct < 4:
        return Likeness(0.0, "values with one part")
    found = [
        (_repetition(profile, delimiter), delimiter) for delimiter in DELIMITERS if delimiter in profile.delimiters
    ]
    score, delimiter = max(found, default=(0.0, ""))
    why = f"parts between '{delimiter}' repeat" if score else "no delimiter between parts that repeat"
    return Likeness(score, why, {"delimiter": delimiter} if score else {})


def fit(columns: Columns, options: Options) -> State:
    """Return the items that min_count rows hold, by count, then by text; rarer ones train the code of the unseen."""
    counted = cells.counts(_items(only(columns)[1], options).texts, options.min_count)
    return State(vocabulary=tuple(item for item, _ in counted[: options.max_values]))


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as text (n, longest): distinct items, then PADDING; cells.MISSING first where no value.

    A set without items is a value. The second dimension is free, and 0 where there are no rows.
    """
    name, array = only(columns)
    items = _items(array, options)
    if strict:
        cells.refuse(name, array, items.odd, "a list of single values")
    places = np.arange(len(items.rows)) - np.searchsorted(items.rows, items.rows)
    few = places < options.max_items
    length = int(places[few].max(initial=0)) + 1 if len(array) else 0
    table = np.full((len(array), length), PADDING, dtype=object)
    table[items.rows[few], places[few]] = cells.tensor(items.texts)[few]
    table[items.missing, :1] = cells.MISSING
    return {name: table}


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give TOKENS of weight 1 and VALUES (n, 1), the number of items.

    Codes are 0 padding, 1 unseen or rare, 2 a row without a value, from 3 on the vocabulary.
    """
    ((column, value),) = inputs.items()
    size = FIRST + 1 + len(state.vocabulary)
    keys = [PADDING, cells.MISSING, *state.vocabulary]
    codes = g.lookup(value, keys, [MISSING, *range(FIRST, size)], UNSEEN)
    weights = g.gather([0.0, *[1.0] * (size - 1)], codes)
    counted = g.gather([0.0, 1.0, np.nan, *[1.0] * (size - 3)], codes)
    count = g.op("ReduceSum", counted, g.constant([1], "int64"), keepdims=1)
    labels = (NOWHERE, *state.vocabulary)
    return [
        Feature(name=name, role=Role.TOKENS, value=codes, weight=weights, size=size, columns=(column,), labels=labels),
        Feature(
            name=f"{name}.count", role=Role.VALUES, value=count, size=1, columns=(column,), labels=(f"{name}.count",)
        ),
    ]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n sets of none to four colours as text with '|' between them, a twentieth missing."""
    colours = ("red", "blue", "green", "yellow", "türkis", "black")
    rows = ["|".join(rng.permutation(colours)[: rng.integers(1, 5)]) for _ in range(n)]
    return {names[0]: pa.array(rows, pa.string(), mask=rng.random(n) < 0.05)}


def learn(columns: Columns, options: Options) -> TargetState:
    """Return all labels, at most max_values of them. Raises: UserError where there is none."""
    name, array = only(columns)
    labels = [label for label, _ in cells.counts(_items(array, options).texts)][: options.max_values]
    if not labels:
        raise UserError(f"columns.{name}", "no row carries a label", fix="check the delimiter")
    return TargetState(labels=cells.sort_labels(labels))


def task(state: TargetState) -> Task:
    """Return the labels."""
    return Task(kind="multilabel", labels=state.labels)


def encode(columns: Columns, options: Options, state: TargetState) -> Array:
    """Return truth int64 (n, labels) of 0 and 1, a row of -1 where missing; labels never seen are left out."""
    items = _items(only(columns)[1], options)
    places = cells.codes(items.texts, state.labels)
    known = places < len(state.labels)
    flags = np.zeros((len(items.missing), len(state.labels)), np.int64)
    flags[items.rows[known], places[known]] = 1
    flags[items.missing] = -1
    return flags


def decode(g: Graph, name: str, prediction: Value, state: TargetState) -> dict[str, Value]:
    """Give `name` -> flags int64 (n, labels), 1 from a probability of one half, and `name.p` -> probabilities."""
    flags = g.cast(g.op("GreaterOrEqual", prediction, g.constant(0.5)), "int64")
    return {name: flags, f"{name}.p": prediction}


def present(name: str, tensors: dict[str, Array], options: Options, labels: Sequence[str]) -> Columns:
    """Return `name` -> the sets, as lists or as text with the delimiter, like the training column, and
    `name.p.<label>` -> float64 (n,)."""
    flags = np.asarray(tensors[name])
    rows, places = np.nonzero(flags == 1)
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(flags)))]).astype(np.int32)
    own = pa.array(labels, pa.string()) if options.delimiter else cells.restore(labels, options.physical)
    lists = pa.ListArray.from_arrays(pa.array(ends), own.take(pa.array(places)))
    shown = pc.binary_join(lists, options.delimiter) if options.delimiter else lists
    return {name: shown} | cells.probabilities(name, tensors, labels)


def _repetition(profile: ColumnProfile, delimiter: str) -> float:
    """Return how surely a delimiter parts items, 0..0.95: the parts of the commonest values repeat, are short,
    and stand at no fixed place, as the parts of a name or an address do."""
    rows = [[part.strip() for part in text.split(delimiter)] for text, _ in profile.top]
    parts = Counter(part for row in rows for part in set(row))
    first, later = {row[0] for row in rows}, {part for row in rows for part in row[1:]}
    if not later or profile.delimiters[delimiter] < 0.2 or max(map(len, parts)) > 60:
        return 0.0
    repeated = 1 - len(parts) / sum(parts.values())
    moved = len(first & later) / min(len(first), len(later))
    return round(0.95 * min(1.0, 2 * repeated) * min(1.0, 2 * moved), 4) if repeated >= 0.3 and moved >= 0.2 else 0.0


def _items(array: pa.Array, options: Options) -> Items:
    """Return the distinct items of every row."""
    array = whole(array)
    if len(array) <= FEW and cells.family(options.physical) == "text" and _is_plain(array.type):
        return _few_items(array, options)
    if is_text(array.type):
        array = without(array.cast(pa.string()), ("", *options.missing))
    missing = ~np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
    if is_text(array.type):
        array = cells.lists(array, options.delimiter)
    kind = array.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        flat = array.flatten()
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(array)), lengths)
    else:  # one value is a set of one
        flat, rows = array, np.arange(len(array))
    texts, unreadable = cells.texts(flat, options.physical)
    odd = np.zeros(len(array), bool)
    odd[rows[unreadable]] = True
    texts = without(pc.utf8_trim_whitespace(texts), ("",))
    coded = texts.dictionary_encode()
    given = np.flatnonzero(np.asarray(texts.is_valid().to_numpy(zero_copy_only=False)))
    codes = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)[given].astype(np.int64)
    _, first = np.unique(rows[given] * max(len(coded.dictionary), 1) + codes, return_index=True)
    kept = given[np.sort(first)]
    return Items(texts.take(pa.array(kept)), rows[kept], missing | odd, odd)


def _is_plain(kind: pa.DataType) -> bool:
    return is_text(kind) or ((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and is_text(kind.value_type))


def _few_items(array: pa.Array, options: Options) -> Items:
    """Return the same as `_items`, of few texts or lists of texts, without the cost of starting a dozen kernels."""
    gone = {None, "", *options.missing}
    found: list[str] = []
    rows: list[int] = []
    missing = np.zeros(len(array), bool)
    for row, cell in enumerate(array.to_pylist()):
        if not isinstance(cell, list) and cell in gone:
            missing[row] = True
            continue
        items = cell if isinstance(cell, list) else cells.parts(cell, options.delimiter)
        own = dict.fromkeys(item.replace("\0", "\ufffd").strip() for item in items or () if item)
        own.pop("", None)
        found += own
        rows += [row] * len(own)
    return Items(pa.array(found, pa.string()), np.array(rows, np.int64), missing, np.zeros(len(array), bool))
