"""Which texts mean no value: settled first, because a column of numbers with a '?' in it is a column of numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.core.findings import note
from landmark.core.table import is_text
from landmark.statistics import missing_codes
from landmark.steps.data.schema.room import Room, sources


def settle_missing(room: Room) -> None:
    """Decide for each column which texts mean no value: the declared ones, else what is proven."""
    waiting: list[str] = []
    for name, declared in room.declared.items():
        if "missing" in declared:
            for source in sources(name, declared):
                room.exclude(source, tuple(declared["missing"]))
    for name in room.rows.column_names:
        if name in room.missing or not is_text(room.rows.schema.field(name).type):
            continue
        profile = room.profiles[name]
        tokens = missing_codes.among_readable(profile)
        if tokens:
            prove(room, name, tokens, "all else in the column is read without it")
        elif profile.numbers < 1 and profile.values:
            waiting.append(name)
    proven = frozenset(text for codes in room.missing.values() for text in codes)
    asked = pa.array(
        sorted({*proven, *missing_codes.MARKS, *(f" {mark}" for mark in missing_codes.MARKS)}), pa.string()
    )
    for name in waiting:
        array = room.array(name)
        seen = pc.unique(array.filter(pc.is_in(array, asked.cast(array.type)))).to_pylist()
        elsewhere = frozenset() if name in room.outputs else proven
        tokens = missing_codes.among_kinds(room.profiles[name], seen, elsewhere) if seen else ()
        if tokens:
            prove(room, name, tokens, "it is a mark among words, or stands for no value in another column")


def prove(room: Room, name: str, tokens: tuple[str, ...], why: str) -> None:
    """Let tokens mean no value in a column, and say so."""
    array = room.array(name)
    for token in tokens:
        where = np.flatnonzero(pc.equal(array, token).fill_null(False).to_numpy(zero_copy_only=False))
        seen = f"'{token}' in {len(where)} rows is taken as no value: {why}"
        todo = f"declare columns.{name}.missing to say otherwise"
        room.findings.append(note("missing-code", name, seen, todo, int(room.numbers[where[0]]) + 1))
    room.exclude(name, tokens)
