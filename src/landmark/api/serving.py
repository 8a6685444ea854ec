"""`serve`: answer over HTTP with models nobody rejected, and say aloud which have no name on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from landmark.api.history import marks_of
from landmark.api.home import DOCUMENT, archive_of, home_at_hand
from landmark.artifacts.manifest import Manifest
from landmark.reports.shapes import findings_json
from landmark.serving import app
from landmark.store.store import Mark


def serve(
    models: Mapping[str, Path] | Sequence[Path],
    host: str = "127.0.0.1",
    port: int = 8000,
    archive: Path | None = None,
    mode: str = "durable",
    document: str | Path = DOCUMENT,
    ready: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Serve model files until the process is told to end; what people said of them is in the document's store.

    The archive lies beside that store unless it is named. Once connections are taken, standard error says so, and
    `ready` is given what `serve --json` prints.
    Raises: UserError when a model file is refused, a person rejected it, or the port or the archive cannot be opened.
    """

    def told(manifest: Manifest) -> Sequence[Mark] | None:
        at = home_at_hand(document)  # let go again: a server keeps no connection to the store
        return None if at is None else marks_of(at.store, manifest)

    def begun(application: app.App, address: str) -> None:
        app.said(application, address)
        if ready is not None:
            ready(served_json(application, address))

    app.serve(models, host, port, archive or archive_of(document), mode, told, begun)


def served_json(application: app.App, address: str) -> dict[str, Any]:
    """Return what answers where, and what speaks against it."""
    models = {name: predictor.manifest.digest for name, predictor in application.models.items()}
    return {"address": address, "models": models, "findings": findings_json(application.findings())}
