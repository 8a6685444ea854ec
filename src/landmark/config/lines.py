"""From the path a step speaks of to the line of the document that says it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from landmark.config.document import Document
from landmark.config.project import Project, tree
from landmark.config.question import metric_of
from landmark.config.yaml12 import Place, dotted
from landmark.core.errors import UserError


def located(project: Project, mistake: UserError) -> UserError:
    """Return a step's mistake, or several, with file and line, wherever the document says what it is about.

    What the document does not say (a column of the table that it never names) and what stands in no file keep their
    place as it is.
    """
    lines = {dotted(place): line for place, line in project.marked.lines.items()}
    if not lines:
        return mistake
    depths = {dotted(place): len(place) for place in _places(tree(project))}
    named = [("data.source", project.document.data.source), ("data.test", project.document.data.test)]
    sources = {said: home for home, said in named if isinstance(said, str)}

    def where(said: str) -> str:
        if said in sources:  # the file as it is named in the document
            return f"{where(sources[said])}, {said}"
        homes = [home for home in _homes(said, project.document) if _is_path(home, depths) and _beginning(home, lines)]
        if not homes:
            return said
        home = min(homes, key=lambda home: len(home) - len(_beginning(home, lines)))
        return f"{project.marked.file}:{lines[_beginning(home, lines)]} {home}"

    return mistake.moved(where)


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of a value and of everything inside it."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from _places(item, (*place, key))


def _homes(said: str, document: Document) -> Iterator[str]:
    """Yield the paths that may hold what a step says: `columns` speaks of outputs too, and of a metric
    `objective` and `landmarks`."""
    yield said
    for n, output in enumerate(document.outputs):
        for own in (f"outputs.{output.name}", f"columns.{output.name}"):
            rest = said.removeprefix(own)
            if said.startswith(own) and (not rest or rest[0] in ".["):
                yield from (f"outputs[{n}]{rest}", f"columns.{output.name}{rest}")
                if rest == ".metric" and not output.metric and metric_of(document, output):
                    yield from (f"landmarks.people.{output.name}.{metric_of(document, output)}", "objective.metric")


def _is_path(said: str, depths: dict[str, int]) -> bool:
    """Return whether a text is a path of the document: all of it is known, or two parts are ("data.csv" is a file)."""
    known = _beginning(said, depths)
    return bool(known) and (known == said or depths[known] > 1)


def _beginning(path: str, known: Container[str]) -> str:
    """Return the longest beginning of a path, whole parts only, that is known, or nothing."""
    ends = [len(path), *(n for n in range(len(path) - 1, 0, -1) if path[n] in ".[")]
    return next((path[:end] for end in ends if path[:end] in known), "")
