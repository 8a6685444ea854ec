"""A step turns artifacts into an artifact: one file, one pure function, one artifact.

A step's needs are read from its annotations. Artifacts come from earlier steps; `options` is the step's own
section of the document; `context` surrounds it. No step knows another, the store, or where it runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_type_hints

from landmark.artifacts.artifact import Artifact
from landmark.core.context import Context
from landmark.core.options import Options


@dataclass(frozen=True)
class Step:
    """A function of artifacts: what it needs by parameter name, and what it gives."""

    name: str
    needs: dict[str, type[Artifact]]
    options: type[Options] | None
    gives: type[Artifact]
    run: Callable[..., Artifact]
    wants_context: bool


def step(function: Callable[..., Artifact]) -> Step:
    """Return function as a step, by its name and annotations."""
    hints = get_type_hints(function)
    gives = hints.pop("return")
    options = hints.pop("options", None)
    context = hints.pop("context", None)
    needs = {name: hints[name] for name in inspect.signature(function).parameters if name in hints}
    wrong = [name for name, kind in needs.items() if not issubclass(kind, Artifact)]
    assert not wrong and context in (None, Context), f"{function.__name__}: {wrong} are no artifacts"
    return Step(function.__name__, needs, options, gives, function, context is not None)
