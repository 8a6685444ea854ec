"""States as plain values and back: to be kept, or sent to where they are merged. Nothing is pickled.

A record becomes a mapping with its class's name under "$"; only the classes listed here come back. States of the same
blocks become the same values, whatever was added or merged in which order.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.artifact import Artifact
from landmark.statistics.summary.columns.binaries import Binaries, Headers
from landmark.statistics.summary.columns.flags import Flags, Value
from landmark.statistics.summary.columns.lists import Lists
from landmark.statistics.summary.columns.numbers import Numbers
from landmark.statistics.summary.columns.picture_headers import Picture
from landmark.statistics.summary.columns.texts import Texts
from landmark.statistics.summary.columns.times import Times
from landmark.statistics.summary.drawn_rows import Drawn, Gather
from landmark.statistics.summary.sums.calendar import Calendar
from landmark.statistics.summary.sums.counts import Counts
from landmark.statistics.summary.sums.distinct_values import Kinds
from landmark.statistics.summary.sums.exact_sums import Exact
from landmark.statistics.summary.sums.first_seen import First
from landmark.statistics.summary.sums.power_sums import Moments
from landmark.statistics.summary.sums.sketches import Hits, Sample
from landmark.statistics.summary.sums.spread import Lead, Order, Spread
from landmark.statistics.summary.sums.weights import Weighing
from landmark.statistics.summary.table_state import TableState

RECORDS: tuple[type, ...] = (
    *(Calendar, Binaries, Counts, Drawn, First, Flags, Gather, Headers, Hits, Kinds, Lead, Lists, Moments),
    *(Numbers, Order, Picture, Sample, Spread, TableState, Texts, Times, Value, Weighing),
)
KNOWN = {kind.__name__: kind for kind in RECORDS}
CLASS = "$"


class Summed(Artifact):
    """The state of a table, as plain values and arrays."""

    state: dict[str, Any]


def packed(state: Any) -> Any:
    """Return a state as mappings, lists, texts, numbers and arrays."""
    if isinstance(state, Counts):
        state.settle()
    if isinstance(state, Gather):
        state.settle()
    if isinstance(state, Exact):
        exact = state.reduced()
        return {CLASS: "Exact", "whole": hex(exact.whole), "shift": exact.shift}
    if type(state).__name__ in KNOWN:
        return {CLASS: type(state).__name__} | {name: packed(value) for name, value in _parts(state).items()}
    if isinstance(state, pa.Schema):
        return {CLASS: "Schema", "content": state.serialize().to_pybytes()}
    if isinstance(state, pa.DataType):
        return {CLASS: "DataType", "content": pa.schema([("", state)]).serialize().to_pybytes()}
    if isinstance(state, np.ndarray) and state.dtype == object:
        return {CLASS: "Texts of values", "texts": state.tolist()}
    if isinstance(state, dict):
        return {CLASS: "dict", "keys": sorted(state), "values": [packed(state[key]) for key in sorted(state)]}
    if isinstance(state, (list, tuple)):
        return {CLASS: type(state).__name__, "items": [packed(item) for item in state]}
    return state.item() if isinstance(state, np.generic) else state


def unpacked(value: Any) -> Any:
    """Return the state that was packed so. Raises KeyError for a class that is no state."""
    if not isinstance(value, dict):
        return value
    parts = {key: part for key, part in value.items() if key != CLASS}
    kind = value[CLASS]
    match kind:
        case "Exact":
            return Exact(int(parts["whole"], 16), parts["shift"])
        case "Schema" | "DataType":
            schema = pa.ipc.read_schema(pa.py_buffer(parts["content"]))
            return schema if kind == "Schema" else schema.field(0).type
        case "Texts of values":
            texts = np.empty(len(parts["texts"]), object)
            texts[:] = parts["texts"]
            return texts
        case "dict":
            return dict(zip(parts["keys"], map(unpacked, parts["values"]), strict=True))
        case "list" | "tuple":
            items = map(unpacked, parts["items"])
            return list(items) if kind == "list" else tuple(items)
    return KNOWN[kind](**{name: unpacked(part) for name, part in parts.items()})


def _parts(state: Any) -> dict[str, Any]:
    """Return the fields of a record, but for what only makes it faster."""
    if is_dataclass(state):
        return {one.name: getattr(state, one.name) for one in fields(state) if one.compare}
    return dict(state._asdict())
