"""Neighbouring columns that together are something else than two numbers: a place on a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from landmark.artifacts.schema import Column
from landmark.core.table import has
from landmark.datatypes import DATATYPES
from landmark.steps.data.schema.columns import made
from landmark.steps.data.schema.room import Room

JOINED = 0.5
"""A pair of columns less likely than this stays two."""


def paired(room: Room, columns: list[Column]) -> Iterator[Column]:
    """Yield the columns, with neighbouring columns of numbers joined where together they are something else."""
    doubles = {name: datatype for name, datatype in DATATYPES.items() if datatype.COLUMNS == 2}
    i = 0
    while i < len(columns):
        pair = columns[i : i + 2]
        free = all(c.type == "number" and c.use == "feature" and not room.declared.get(c.name) for c in pair)
        joined = pair_of(room, pair, doubles) if len(pair) == 2 and free else None
        yield joined or pair[0]
        i += 2 if joined else 1


def pair_of(room: Room, pair: list[Column], doubles: dict[str, Any]) -> Column | None:
    """Return the feature that two columns make, in the likelier order, or None."""
    for kind, datatype in doubles.items():
        for first, second in (pair, pair[::-1]):
            like = datatype.likeness([room.profiles[first.name], room.profiles[second.name]])
            name = f"{first.name}+{second.name}"
            if like.score >= JOINED and not has(room.rows, name):
                room.declared[name] = {"columns": [first.name, second.name]}
                return made(room, name, kind, like, "feature")
    return None
