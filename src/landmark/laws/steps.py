"""Laws of steps: what every step keeps, whatever it does.

A law takes a `Step` and the arguments of one call, by parameter name, and asserts. `tests/test_laws_steps.py` finds
all steps by their files and runs them as it walks the corridor once.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeAlias

from landmark import steps
from landmark.artifacts.artifact import Artifact, read, write
from landmark.core.digest import of_file
from landmark.steps import Step, step

Law: TypeAlias = Callable[[Step, Mapping[str, Any]], None]

MEASURED = {"train_cpu_s": 0.0, "latency_us": 0.0}
"""What the clock measures: the only fields of an artifact that may differ between two calls."""


def every_step() -> Iterator[Step]:
    """Yield every step there is: in each part of `landmark.steps`, a module with a function of its own name."""
    for part in iter_modules(steps.__path__, "landmark.steps."):
        for found in iter_modules(import_module(part.name).__path__, f"{part.name}."):
            yield step(getattr(import_module(found.name), found.name.rpartition(".")[2]))


def fingerprint(artifact: Artifact) -> str:
    """Return the digest of an artifact's file, with everything measured left out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "artifact"
        write(timeless(artifact), path)
        return of_file(path)


def timeless(artifact: Artifact) -> Artifact:
    """Return an artifact with every measured field, however deep, at zero."""
    return artifact.model_copy(
        update={name: MEASURED.get(name, _timeless(getattr(artifact, name))) for name in type(artifact).model_fields}
    )


def _timeless(value: Any) -> Any:
    if isinstance(value, Artifact):
        return timeless(value)
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items()}
    return tuple(_timeless(item) for item in value) if isinstance(value, tuple) else value


def is_a_function_of_artifacts(own: Step, arguments: Mapping[str, Any]) -> None:
    """Every parameter is an artifact, the step's options, or the context; what it gives is an artifact."""
    assert issubclass(own.gives, Artifact)
    parameters = set(inspect.signature(own.run).parameters)
    assert parameters == {
        *own.needs,
        *(["options"] if own.options else []),
        *(["context"] if own.wants_context else []),
    }
    assert own.run.__doc__, f"{own.name} promises nothing"


def is_alone_in_its_file(own: Step, arguments: Mapping[str, Any]) -> None:
    """The file has the step's name, and the step's options are declared beside it."""
    module = sys.modules[own.run.__module__]
    assert module.__name__.rpartition(".")[2] == own.name
    assert own.options is None or own.options is module.Options


def gives_the_same_again(own: Step, arguments: Mapping[str, Any]) -> None:
    """Two calls give the same artifact, but for what the clock measures."""
    first, second = own.run(**arguments), own.run(**arguments)
    assert isinstance(first, own.gives)
    assert fingerprint(first) == fingerprint(second)


def leaves_its_needs_alone(own: Step, arguments: Mapping[str, Any]) -> None:
    """What a step is given is as it was when the step is done."""
    before = {name: fingerprint(arguments[name]) for name in own.needs}
    own.run(**arguments)
    assert before == {name: fingerprint(arguments[name]) for name in own.needs}


def comes_back_from_a_file(own: Step, arguments: Mapping[str, Any]) -> None:
    """What a step gives is the same after it was kept and recalled, and nothing in it needs unpickling."""
    given = own.run(**arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "artifact"
        write(given, path)
        assert fingerprint(read(own.gives, path)) == fingerprint(given)


LAWS: tuple[Law, ...] = (
    is_a_function_of_artifacts,
    is_alone_in_its_file,
    gives_the_same_again,
    leaves_its_needs_alone,
    comes_back_from_a_file,
)
