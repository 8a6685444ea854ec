"""What every store can do, in ten verbs, and the records it gives back.

A store remembers runs, what each step of a run made of what, what people said of it, and what was noticed. It keeps
the artifacts themselves by the digest of their content, so that an artifact's name proves what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from landmark.artifacts.artifact import Artifact, Kind

URI: TypeAlias = str
"""`sha256:` and the 64 hexadecimal digits of an artifact's file."""

Json: TypeAlias = dict[str, Any]
Record = TypeVar("Record")


@dataclass(frozen=True)
class Run:
    """One walk through a list of steps: what was asked, and how it went. Times are UTC, as ISO 8601 text."""

    id: str
    project: str
    kind: str
    version: str
    document: Json
    status: str
    result: Json | None
    began: str
    ended: str | None


@dataclass(frozen=True)
class Execution:
    """How a run came by one artifact: its step made it, it was recalled from an earlier run, or it was given."""

    run: str
    step: str
    key: str | None
    uri: URI
    how: Literal["made", "recalled", "given"]
    wall_s: float
    cpu_s: float
    at: str


@dataclass(frozen=True)
class Kept:
    """An artifact in the store: the name of its class, and the size of its file."""

    uri: URI
    kind: str
    size_bytes: int
    at: str


@dataclass(frozen=True)
class Mark:
    """What somebody said of an artifact: signed, rejected, blessed, refused, live."""

    uri: URI
    mark: str
    by: str
    note: str
    at: str


@dataclass(frozen=True)
class Event:
    """Something that happened in a run."""

    run: str
    event: str
    detail: Json
    at: str


@dataclass(frozen=True)
class Edge:
    """One step of lineage: `child` was made by `step` in `run`, from `parent` as its parameter `name`."""

    child: URI
    parent: URI
    name: str
    step: str
    run: str


@dataclass(frozen=True)
class Spent:
    """What a step cost, in seconds."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


class Store(Protocol):
    """The memory of a project. Any number of processes may use one store at the same time.

    Each verb is done entirely or not at all, whatever happens to the process.
    """

    def begin(self, project: str, document: Json, version: str, kind: str = "train") -> str:
        """Open a run and return its id: short, unique in the store, in the order of beginning."""

    def keep(
        self,
        run: str,
        step: str,
        key: str | None,
        artifact: Artifact | URI,
        parents: Mapping[str, URI],
        spent: Spent = Spent(),
    ) -> URI:
        """Keep what a step gave, with its parents by parameter name; return its URI.

        A URI in place of an artifact says that the run took it over from an earlier one. A key of None says
        that it was given to the run from outside, so that no step can be asked for it again.
        """

    def recall(self, kind: type[Kind], uri: URI) -> Kind:
        """Return a kept artifact. Raises: UserError when it is not there or is no longer what it was."""

    def parents(self, uri: URI, run: str | None = None) -> list[Edge]:
        """Return what the artifact was made from: in one run, or in all that made or recalled it."""

    def children(self, uri: URI, run: str | None = None) -> list[Edge]:
        """Return what was made from the artifact: in one run, or in all."""

    def latest(self, step: str, key: str) -> URI | None:
        """Return what the step gave last time under this key, if it can still be recalled."""

    def mark(self, uri: URI, mark: str, by: str, note: str = "") -> None:
        """Write down what somebody said of an artifact. Raises: UserError when the store does not know it."""

    def find(self, record: type[Record], *, limit: int | None = None, **where: Any) -> list[Record]:
        """Return the records whose fields have these values, newest first.

        A Run's `id` may be the beginning of one. Whatever belongs to a run can also be asked for by `project`;
        a Kept or a Mark also by the `run`, `step` and `project` whose artifact it is.
        """

    def note(self, run: str, event: str, detail: Json) -> None:
        """Write down that something happened in a run."""

    def end(self, run: str, status: str, result: Json | None = None) -> None:
        """Say how a run ended. Said again, the last word counts; a result is replaced only by another."""
