"""Which code made an artifact: what was done before is taken over only when the same code would do it again."""

from __future__ import annotations

import inspect
import secrets
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from landmark.core.digest import of_bytes, of_json

LIBRARIES = ("lightgbm", "numpy", "onnx", "onnxruntime", "pillow", "pyarrow", "scipy")
"""Whose version may change a result."""


def of(function: Callable[..., Any]) -> str:
    """Return the digest of all code that decides what function returns.

    That is every file of Landmark, of the packages that plug into it and of the function's own package, and the
    versions of the libraries that compute. It says "changed" too often (a new line in a report changes it) and
    never too seldom: a rule that a person can keep in mind.
    """
    home = function.__module__.partition(".")[0]
    sources = {package: _of_package(package) for package in {"landmark", home, *_plug_ins()}}
    own = "" if sources[home] else _text(function)
    return of_json({"sources": sources, "own": own, "libraries": _libraries()})


def _text(function: Callable[..., Any]) -> str:
    """Return the text of a function without a file of its own, as one typed into a notebook is."""
    try:
        return inspect.getsource(function)
    except OSError:  # nobody can tell whether it is the same function again, so it never is
        return secrets.token_hex()


@cache
def _of_package(name: str) -> str:
    """Return the digest of every Python file of a package or single module, or nothing when it has no file."""
    digests = {place: of_bytes(file.read_bytes()) for place, file in _files(name)}
    return of_json(digests) if digests else ""


def _files(name: str) -> Iterator[tuple[str, Path]]:
    if name == "__main__":  # a script or a notebook: its module is not found by its name
        return
    spec = find_spec(name)
    for folder in [] if spec is None else spec.submodule_search_locations or []:
        for file in Path(folder).rglob("*.py"):
            yield file.relative_to(folder).as_posix(), file
    if spec is not None and spec.origin is not None and not spec.submodule_search_locations:
        yield name, Path(spec.origin)


@cache
def _plug_ins() -> frozenset[str]:
    """Return the packages that add variants to a family of Landmark."""
    points = [point for installed in distributions() for point in installed.entry_points]
    return frozenset(point.module.partition(".")[0] for point in points if point.group.startswith("landmark."))


@cache
def _libraries() -> dict[str, str]:
    return {"python": ".".join(map(str, sys.version_info[:2]))} | {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # an optional one
        return ""
