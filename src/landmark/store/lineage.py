"""Where an artifact came from and what came of it, walked edge by edge.

In Python, not by a recursive query: those became seventy times slower once SQLite had gathered statistics, and a
lineage is a few dozen edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from landmark.store.store import URI, Edge, Mark, Store


def ancestry(store: Store, uri: URI, run: str | None = None) -> list[Edge]:
    """Return every edge above an artifact, nearest first, each once; within one run, or through all."""
    return _walk(uri, lambda at: store.parents(at, run), lambda edge: edge.parent)


def descent(store: Store, uri: URI, run: str | None = None) -> list[Edge]:
    """Return every edge below an artifact, nearest first, each once; within one run, or through all."""
    return _walk(uri, lambda at: store.children(at, run), lambda edge: edge.child)


def in_force(store: Store, project: str, step: str = "model_file") -> URI | None:
    """Return the artifact of `step` that was signed last in a project and not rejected since."""
    last: dict[URI, Mark] = {}
    for word in _words(store.find(Mark, project=project, step=step)):
        last.setdefault(word.uri, word)
    return next((uri for uri, word in last.items() if word.mark == "signed"), None)


def last_word(marks: Iterable[Mark]) -> Mark | None:
    """Return what a person said last of an artifact, signed or rejected, from its marks, newest first."""
    return next(_words(marks), None)


def _words(marks: Iterable[Mark]) -> Iterator[Mark]:
    return (mark for mark in marks if mark.mark in ("signed", "rejected"))


def _walk(start: URI, edges: Callable[[URI], list[Edge]], beyond: Callable[[Edge], URI]) -> list[Edge]:
    seen, ahead, found = {start}, [start], []
    for at in ahead:
        for edge in edges(at):
            found.append(edge)
            if beyond(edge) not in seen:
                seen.add(beyond(edge))
                ahead.append(beyond(edge))
    return found
