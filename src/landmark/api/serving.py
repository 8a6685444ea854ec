"""`serve`: answer over HTTP with models nobody rejected, and say aloud which have no name on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from landmark.api.history import marks_of
from landmark.api.home import DOCUMENT, home_at_hand
from landmark.artifacts.manifest import Manifest
from landmark.serving import app
from landmark.store.store import Mark

ARCHIVE = Path(".landmark/archive.sqlite")


def serve(
    models: Mapping[str, Path] | Sequence[Path],
    host: str = "127.0.0.1",
    port: int = 8000,
    archive: Path = ARCHIVE,
    mode: str = "durable",
    document: str | Path = DOCUMENT,
) -> None:
    """Serve model files until the process is told to end; what people said of them is in the document's store.

    Raises: UserError when a model file is refused, a person rejected it, or the port or the archive cannot be opened.
    """

    def told(manifest: Manifest) -> Sequence[Mark] | None:
        at = home_at_hand(document)  # let go again: a server keeps no connection to the store
        return None if at is None else marks_of(at.store, manifest)

    app.serve(models, host, port, archive, mode, told)
