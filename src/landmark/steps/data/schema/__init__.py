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
from landmark.core.errors import refuse_all
from landmark.steps.data.schema.collisions import collisions
from landmark.steps.data.schema.columns import singles
from landmark.steps.data.schema.inference import infer, infer_output
from landmark.steps.data.schema.inputs import at_least_one_input, second_weights, strongest
from landmark.steps.data.schema.missing import settle_missing
from landmark.steps.data.schema.pairs import paired
from landmark.steps.data.schema.room import Room
from landmark.steps.data.schema.targets import foreign_metrics, tasks_of

__all__ = ["infer", "infer_output", "schema"]


def schema(table: Table, split: Split, profile: Profile, question: Question) -> Schema:
    """Return the contract of every column.

    Raises: Mistakes with every declaration and every metric that does not fit, or with every two answers of one name;
    UserError where no input is left.
    """
    room = furnished(table, split, profile, question)
    settle_missing(room)
    columns = {column.name: column for column in paired(room, singles(room))}
    tasks = tasks_of(room, columns)
    refuse_all([*room.mistakes, *foreign_metrics(room, columns, tasks), *second_weights(columns)])
    columns = at_least_one_input(room, strongest(room, columns))
    refuse_all(collisions(room, columns, tasks))
    return Schema(columns=columns, findings=tuple(room.findings))


def furnished(table: Table, split: Split, profile: Profile, question: Question) -> Room:
    """Return the room to begin in: what is declared of columns, with the uses that outputs and the split give them."""
    uses = {"column": "ignore", "group": "identifier", "hash": "identifier"}
    declared = {name: dict(options) for name, options in question.columns.items()}
    if split.by in uses and split.column is not None:
        declared[split.column] = {"use": uses[split.by], **declared.get(split.column, {})}
    for output in question.outputs:
        declared[output.name] = {**declared.get(output.name, {}), **output.options, "use": "target"}
    rows, inputs = training_rows(table, split), frozenset(question.inputs or ())
    return Room(rows, split.train, dict(profile.train.columns), question, declared, table.missing, inputs)
