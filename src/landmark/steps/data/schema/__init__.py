"""Step `schema`: what every column is, and why, from training rows and what the document declares.

First the codes for "no value" are settled, because a column of numbers with a '?' in it is a column of
numbers; then what each column is for; then its type, declared or the likeliest; last its options, which are
the column's whole contract at the border.
"""

from __future__ import annotations

from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split, training_rows
from landmark.artifacts.table import Table
from landmark.core.errors import Mistakes, UserError, did_you_mean
from landmark.steps.data.schema.collisions import refuse_collisions
from landmark.steps.data.schema.columns import singles
from landmark.steps.data.schema.inference import infer, infer_output
from landmark.steps.data.schema.inputs import at_least_one_input, strongest
from landmark.steps.data.schema.missing import settle_missing
from landmark.steps.data.schema.pairs import paired
from landmark.steps.data.schema.room import Room, sources

__all__ = ["infer", "infer_output", "schema"]


def schema(table: Table, split: Split, profile: Profile, question: Question) -> Schema:
    """Return the contract of every column.

    Raises: UserError (several at once) where a declaration does not fit, no input is left, or the names of
    two answers collide.
    """
    declared = {name: dict(options) for name, options in question.columns.items()}
    for output in question.outputs:
        declared[output.name] = {**declared.get(output.name, {}), **output.options, "use": "target"}
    rows = training_rows(table, split)
    inputs = frozenset(question.inputs or ())
    room = Room(rows, split.train, dict(profile.train.columns), question, declared, table.missing, inputs)
    check_names(room, split)
    settle_missing(room)
    columns = {column.name: column for column in paired(room, singles(room))}
    if room.mistakes:
        raise Mistakes(room.mistakes) if len(room.mistakes) > 1 else room.mistakes[0]
    weights = [name for name, column in columns.items() if column.use == "weight"]
    if len(weights) > 1:
        raise UserError("columns", "more than one weight", seen=weights, fix="keep one `use: weight`")
    columns = at_least_one_input(room, strongest(room, columns))
    refuse_collisions(room, columns)
    return Schema(columns=columns, findings=tuple(room.findings))


def check_names(room: Room, split: Split) -> None:
    """Note every name in the document that is no column, and give the split's own column its use."""
    known = set(room.rows.column_names)
    for name, declared in room.declared.items():
        for source in sources(name, declared):
            if source not in known:
                fix = did_you_mean(source, known)
                room.mistakes.append(UserError(f"columns.{name}", f"'{source}' is not a column of the table", fix=fix))
    asked = [("inputs", name) for name in room.question.inputs or () if name not in room.declared]
    for section, name in dict.fromkeys([*asked, *(("slices", n) for names in room.question.slices for n in names)]):
        if name not in known:
            fix = did_you_mean(name, known)
            room.mistakes.append(UserError(section, f"'{name}' is not a column of the table", fix=fix))
    if room.mistakes:
        raise Mistakes(room.mistakes) if len(room.mistakes) > 1 else room.mistakes[0]
    uses = {"column": "ignore", "group": "identifier", "hash": "identifier"}
    if split.by in uses and split.column is not None and split.column not in room.outputs:
        room.declared[split.column] = {"use": uses[split.by], **room.declared.get(split.column, {})}
