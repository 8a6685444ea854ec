"""Names in the model file: no two answers, and no two tensors, may have one."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.question import Task
from landmark.artifacts.schema import Column, Schema
from landmark.core.errors import UserError
from landmark.datatypes import wire_all
from landmark.graph.builder import INNER
from landmark.steps.data.schema.room import Room


def collisions(room: Room, columns: dict[str, Column], tasks: dict[str, Task]) -> Iterator[UserError]:
    """Yield every two things of the model file that would have one name.

    Two answers: `y.p.x` and the label x of y. Two tensors of the graph, of inputs and outputs alike: the probabilities
    `y.p` of y and a column `y.p`, what else an image brings and a column of that name, or a name for inner tensors.
    """
    answers, tensors = dict[str, str](), dict[str, str]()
    nothing = room.rows.slice(0, 0)
    for column in Schema(columns=columns).features:
        for tensor in wire_all([column], nothing, False):
            yield from claim(tensors, tensor, "columns", column.name, "tensor")
    for name, task in tasks.items():
        for answer in (name, *(f"{name}.p.{label}" for label in task.labels)):
            yield from claim(answers, answer, "outputs", name, "answer")
        for tensor in (name, f"{name}.p") if task.labels else (name,):
            yield from claim(tensors, tensor, "outputs", name, "tensor")


def claim(owner: dict[str, str], name: str, where: str, column: str, kind: str) -> Iterator[UserError]:
    """Let an answer or a tensor have its name, or yield why it cannot: another column has it."""
    if kind == "tensor" and name.startswith(INNER):
        yield UserError(f"{where}.{column}", f"a name that begins with '{INNER}' is kept for inner tensors", seen=name)
    elif name in owner:
        what = f"its {kind} '{name}' has the name of {'an' if kind == 'answer' else 'a'} {kind} of '{owner[name]}'"
        yield UserError(f"{where}.{column}", what, fix="rename the column")
    owner.setdefault(name, column)
