"""Names in the model file: no two answers, and no two tensors, may have one."""

from __future__ import annotations

from landmark.artifacts.schema import Column, Schema
from landmark.core.errors import UserError
from landmark.core.table import columns_of
from landmark.datatypes import DATATYPES, options_of, wire_all
from landmark.graph.builder import INNER
from landmark.steps.data.schema.room import Room


def refuse_collisions(room: Room, columns: dict[str, Column]) -> None:
    """Raise where two things of the model file would have one name.

    Two answers: `y.p.x` and the label x of y. Two tensors of the graph, of inputs and outputs alike: the probabilities
    `y.p` of y and a column `y.p`, what else an image brings and a column of that name, or a name for inner tensors.
    """
    answers, tensors = dict[str, str](), dict[str, str]()
    nothing = room.rows.slice(0, 0)
    for column in Schema(columns=columns).features:
        for tensor in wire_all([column], nothing, False):
            claim(tensors, tensor, "columns", column.name, "tensor")
    for name in room.outputs:
        column = columns[name]
        datatype, options = DATATYPES[column.type], options_of(column)
        labels = datatype.task(datatype.learn(columns_of(room.rows, column.columns), options)).labels
        for answer in (name, *(f"{name}.p.{label}" for label in labels)):
            claim(answers, answer, "outputs", name, "answer")
        for tensor in (name, f"{name}.p") if labels else (name,):
            claim(tensors, tensor, "outputs", name, "tensor")


def claim(owner: dict[str, str], name: str, where: str, column: str, kind: str) -> None:
    """Let an answer or a tensor have its name. Raises: UserError where another column has it."""
    if kind == "tensor" and name.startswith(INNER):
        raise UserError(f"{where}.{column}", f"a name that begins with '{INNER}' is kept for inner tensors", seen=name)
    if name in owner:
        what = f"its {kind} '{name}' has the name of {'an' if kind == 'answer' else 'a'} {kind} of '{owner[name]}'"
        raise UserError(f"{where}.{column}", what, fix="rename the column")
    owner[name] = column
