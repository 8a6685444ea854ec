"""Where a project is at home: the folder of its document, its store, and its name there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landmark.core.errors import UserError
from landmark.store.processes import end_the_dead
from landmark.store.sql import has_store, open_store
from landmark.store.store import Store

DOCUMENT = "landmark.yaml"
OWN = "sqlite"
"""The address of a store that lies in the project's folder, and is nobody else's."""


@dataclass(frozen=True)
class Home:
    """A project's folder, its store, and what it is called."""

    folder: Path
    store: Store
    name: str
    shared: bool = False

    def own(self) -> dict[str, Any]:
        """Return by what the store finds this project's records where others may keep theirs beside them."""
        return {"project": self.name} if self.shared else {}

    def model(self, told: str) -> str:
        """Return where a model file is, seen from the working directory of today and not of the run that told it."""
        return os.path.relpath(self.folder / "models" / Path(told).name)


def home(document: str | Path = DOCUMENT) -> Home:
    """Return the home of a document; a table given in memory left a store but no document in its folder.

    Raises: UserError where neither is, Mistakes with everything that is wrong with the document.
    """
    place = Path(document)
    place = place / DOCUMENT if place.is_dir() else place
    if place.exists() or place.name != DOCUMENT:
        from landmark.config import load

        project = load(place)
        return _opened(project.folder, project.name, project.document.store)
    if not has_store(place.parent):
        fix = "go to the folder where landmark train was run, or name its document with -c FILE"
        raise UserError("store", "there is no store here", seen=str(place.parent.absolute()), fix=fix)
    return _opened(place.parent, _name(place.parent))


def home_beside(file: Path, document: str | Path | None = None) -> Home:
    """Return the home of a file: that of its document, else the file's own folder, where a store is made if none is.

    Raises: as `home`.
    """
    if document is None and not (file.parent / DOCUMENT).exists():
        return _opened(file.parent, _name(file.parent))
    return home(document or file.parent / DOCUMENT)


def archive_of(document: str | Path = DOCUMENT) -> Path:
    """Return where the answers of a project are kept, unless a place is named: beside its store."""
    place = Path(document)
    return (place if place.is_dir() else place.parent) / ".landmark" / "archive.sqlite"


def home_at_hand(document: str | Path = DOCUMENT) -> Home | None:
    """Return the home of a document, or None where nobody named one and none is here. Raises: as `home`."""
    unnamed = Path(document) == Path(DOCUMENT)
    return home(document) if not unnamed or Path(DOCUMENT).exists() or has_store(Path()) else None


def _opened(folder: Path, name: str, address: str = OWN) -> Home:
    store = open_store(folder, address)
    end_the_dead(store)
    return Home(folder, store, name, address != OWN)


def _name(folder: Path) -> str:
    """Return the name of a project without a document: that of its folder."""
    return folder.absolute().name or "table"
