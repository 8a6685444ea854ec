"""What is learnt from: not more columns than can be, and at least one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmark.artifacts.schema import Column
from landmark.core.errors import UserError
from landmark.core.findings import warn
from landmark.core.options import Use
from landmark.core.table import take, whole
from landmark.statistics import association
from landmark.steps.data.schema.room import Room

MOST_INPUTS, KEPT_INPUTS = 5000, 2000
"""A table of more input columns than the first keeps as many as the second."""
LOOK = 2000
"""Training rows on which the columns of such a table are compared."""


def strongest(room: Room, columns: dict[str, Column]) -> dict[str, Column]:
    """Return the columns, with those of a very wide table that tell least of the first target left out."""
    inputs = [column for column in columns.values() if column.use == "feature"]
    if len(inputs) <= MOST_INPUTS or room.question.inputs is not None:
        return columns
    look = np.linspace(0, room.rows.num_rows - 1, min(LOOK, room.rows.num_rows)).astype(np.int64)
    rows = take(room.rows, look)
    first = columns[room.outputs[0]]
    target = association.directions(whole(rows.column(first.columns[0])), first.type == "number")
    told = np.array([max(association.strength(whole(rows.column(c)), target) for c in i.columns) for i in inputs])
    left = {inputs[int(i)].name for i in np.argsort(-told, kind="stable")[KEPT_INPUTS:]}
    seen = f"{len(inputs)} input columns; the {KEPT_INPUTS} that tell most of '{first.name}' in training rows are kept"
    room.findings.append(warn("too-many-columns", "inputs", seen, "name the columns to learn from: inputs: [...]"))
    why = "left out: too many columns, and it tells little of the target"
    return {name: used(column, "ignore", why) if name in left else column for name, column in columns.items()}


def at_least_one_input(room: Room, columns: dict[str, Column]) -> dict[str, Column]:
    """Return the columns, with what was taken for an identifier an input again where nothing else is left.

    Raises: UserError where still no input is left.
    """
    uses = {column.use for column in columns.values()}
    if uses & {"feature", "protected"}:
        return columns
    keys = [name for name, column in columns.items() if column.use == "identifier" and not room.declared.get(name)]
    if not keys:
        fix = "bring a column that is neither constant nor empty, or name one: inputs: [...]"
        raise UserError("inputs", "no input column is left", seen=list(columns)[:20], fix=fix)
    seen = "no other input is left, so that what looks like an identifier is learnt from"
    room.findings.append(warn("identifier-only", ", ".join(keys), seen, "bring columns that say something of a row"))
    return columns | {name: used(columns[name], "feature", "nothing else is left") for name in keys}


def second_weights(columns: dict[str, Column]) -> Iterator[UserError]:
    """Yield every column that would weigh the rows besides the first that does."""
    weights = [name for name, column in columns.items() if column.use == "weight"]
    for name in weights[1:]:
        what = f"more than one weight: '{weights[0]}' is one"
        yield UserError(f"columns.{name}.use", what, fix="keep one `use: weight`")


def used(column: Column, use: Use, why: str) -> Column:
    """Return a column with another use."""
    options = {**column.options, "use": use}
    return column.model_copy(update={"use": use, "options": options, "why": f"{column.why}; {why}"})
