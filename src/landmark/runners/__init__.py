"""A runner carries out steps: it hands artifacts on, keeps them, and does nothing twice. One file per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from landmark.artifacts.artifact import Artifact, Kind
from landmark.core.context import Context
from landmark.core.families import Family
from landmark.core.options import Options
from landmark.steps import Step
from landmark.store.store import URI, Json, Store


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked to do: the steps in their order, what they start from, and for which project.

    `options` are by the name of the step; one that is not named has its defaults. `document` is what a person asked,
    as the store shall remember it.
    """

    steps: Sequence[Step]
    given: Mapping[str, Artifact]
    options: Mapping[str, Options]
    project: str
    document: Json
    kind: str = "train"


@dataclass
class RunResult:
    """The artifacts of a run by the name of the step that gave them: at hand, or recalled when asked for.

    `made` names the steps that were carried out; the others had been done before.
    """

    run: str
    store: Store
    uris: dict[str, URI] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    at_hand: dict[str, Artifact] = field(default_factory=dict, repr=False)

    def get(self, name: str, kind: type[Kind]) -> Kind:
        """Return the artifact of that name and kind."""
        if name not in self.at_hand:
            self.at_hand[name] = self.store.recall(kind, self.uris[name])
        artifact = self.at_hand[name]
        assert isinstance(artifact, kind), f"{name} is a {type(artifact).__name__}, no {kind.__name__}"
        return artifact


class Runner(Protocol):
    """What a module in this folder provides."""

    def run(
        self, request: RunRequest, store: Store, context: Context, finish: Callable[[RunResult], Json] = ...
    ) -> RunResult:
        """Carry out the steps of a request in their order, then `finish`; the run ends with what that says.

        Raises: UserError of the step that could not go on; what was finished before it is kept.
        """


RUNNERS: Family[Any] = Family("landmark.runners")
