"""Pictures that cannot be read: damaged files, and paths that lead to no file in the document's folder."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B4"
FALSE_ALARMS = 0.0
MUCH = 0.1
"""Share of the cells that hold something, of which no more may be unreadable."""
LOOK = 500
"""Training rows whose pictures are decoded to tell."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of pictures of which more than a tenth cannot be read, and the first such row."""
    for column, source in evidence.sources():
        if column.type != "image":
            continue
        values = evidence.values(column, source, evidence.train)
        given = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
        looked = given[np.linspace(0, len(given) - 1, min(LOOK, len(given))).astype(np.int64)]
        odd = np.zeros(len(values), bool)
        odd[looked] = [not readable(cell) for cell in values.take(pa.array(looked)).to_pylist()]
        if odd.sum() > MUCH * len(looked):
            seen = f"{odd.sum()} of {len(looked)} pictures that were looked at cannot be read"
            todo = "write paths from the document's folder, and keep the files below it, undamaged"
            yield warn("unreadable-images", source, seen, todo, evidence.train_row(odd))


def readable(cell: object) -> bool:
    """Return whether a cell is a picture: a data URL, or bytes that open as one; a path that was not read is none."""
    from PIL import Image

    if not isinstance(cell, bytes):
        return isinstance(cell, str) and cell.startswith("data:image/")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, on damaged metadata and on size
            with Image.open(io.BytesIO(cell)) as image:
                image.draft("RGB", (8, 8))
                image.load()
    except Exception:  # on damaged files Pillow raises whatever its decoders do
        return False
    return True
