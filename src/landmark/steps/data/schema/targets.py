"""What is to be predicted: the task of every output, known before anything is fitted, and what it must agree with."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.question import Task
from landmark.artifacts.schema import Column
from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import columns_of
from landmark.datatypes import DATATYPES, options_of
from landmark.metrics import metrics_of
from landmark.steps.data.schema.room import Room


def tasks_of(room: Room, columns: dict[str, Column]) -> dict[str, Task]:
    """Return the task of every output; where training rows leave none, that is a mistake."""
    tasks: dict[str, Task] = {}
    for column in (columns[name] for name in room.outputs if name in columns):
        datatype = DATATYPES[column.type]
        try:
            state = datatype.learn(columns_of(room.rows, column.columns), options_of(column))
        except UserError as mistake:
            room.mistakes.append(mistake)
        else:
            tasks[column.name] = datatype.task(state)
    return tasks


def foreign_metrics(room: Room, columns: dict[str, Column], tasks: dict[str, Task]) -> Iterator[UserError]:
    """Yield every metric, asked for or reached by people, that the task of its output does not have."""
    for output in room.question.outputs:
        if output.name not in tasks:
            continue
        task, column = tasks[output.name], columns[output.name]
        known = metrics_of(task).METRICS
        said = {f"outputs.{output.name}.metric": output.metric} if output.metric else {}
        said |= {f"landmarks.people.{output.name}.{name}": name for name in output.people if name != output.metric}
        for place, metric in said.items():
            if metric not in known:
                what, seen = f"'{metric}' is no metric of a {task.kind} output", f"{column.type}: {column.why}"
                yield UserError(place, what, seen=seen, fix=did_you_mean(metric, known))
