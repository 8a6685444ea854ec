"""Artifacts as files named by their content: equal artifacts are one file, and no file is ever half there.

A file is written under a name of its writer's own and moved to its place in one motion. What a killed process
left unfinished is removed when the folder is next opened.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from landmark.artifacts.artifact import Artifact, Kind, read, write
from landmark.core.digest import of_file
from landmark.core.errors import UserError
from landmark.store.processes import host, is_alive
from landmark.store.store import URI

FORGOTTEN_S = 3600.0
"""A file nobody has written to for so long is unfinished for good, whoever began it."""


def put(folder: Path, artifact: Artifact) -> tuple[URI, int]:
    """Write artifact into folder; return its URI and its size in bytes."""
    unfinished = folder / f"{host()}.{os.getpid()}.{secrets.token_hex(4)}.part"
    try:
        write(artifact, unfinished)
        _onto_disk(unfinished)
        uri, size = f"sha256:{of_file(unfinished)}", unfinished.stat().st_size
        place = path_of(folder, uri)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
    return uri, size


def get(folder: Path, kind: type[Kind], uri: URI) -> Kind:
    """Return the artifact of that URI. Raises: UserError when its file is gone or is not what the URI says."""
    place = path_of(folder, uri)
    if not place.is_file():
        raise UserError("store", "this artifact is not there", seen=uri, fix="run the step that made it again")
    if f"sha256:{of_file(place)}" != uri:
        raise UserError("store", f"the file of {uri} was changed", seen=place, fix="delete the file and run again")
    return read(kind, place)


def path_of(folder: Path, uri: URI) -> Path:
    """Return where the artifact of that URI lies, whether or not it is there.

    >>> path_of(Path("artifacts"), "sha256:" + "0123" * 16).parent.as_posix()
    'artifacts/01'
    """
    if not re.fullmatch("sha256:[0-9a-f]{64}", uri):
        raise UserError("store", "this is not the name of an artifact", seen=uri, fix="use sha256: and 64 digits")
    digits = uri.removeprefix("sha256:")
    return folder / digits[:2] / digits[2:]


def tidy(folder: Path) -> None:
    """Remove what killed processes left unfinished; the files of living ones stay."""
    for unfinished in folder.glob("*.part"):
        with suppress(FileNotFoundError):  # its writer may finish at this moment
            if _is_forgotten(unfinished):
                unfinished.unlink()


def _is_forgotten(unfinished: Path) -> bool:
    place, process = unfinished.name.split(".")[:2]
    if time.time() - unfinished.stat().st_mtime > FORGOTTEN_S:
        return True
    return place == host() and not is_alive(int(process))


def _onto_disk(file: Path) -> None:
    """Have the content on disk before it gets its name: after a power cut a name must not stand for nothing."""
    with file.open("r+b") as handle:
        os.fsync(handle.fileno())
