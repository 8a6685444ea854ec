"""Columns of paths of pictures become columns of their bytes, so that what is learnt from is in the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from landmark.core.findings import Finding, warn
from landmark.core.table import is_text, whole

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
LOOK = 64
"""Values of a column, evenly spaced, by which it is told whether they are paths of pictures."""
LEAST = 0.5
"""Share of these that must be files, so that a column of names is not taken for one of pictures."""
MOST_BYTES = 64 * 1024 * 1024
"""A larger file is not read."""
ONE_ARRAY = 2**31 - 2**20
"""Bytes that Arrow's plain binary type holds; with more, the large one is used."""


def paths_of_pictures(table: pa.Table, folder: Path) -> tuple[str, ...]:
    """Return the text columns whose values all end like pictures, most of them files in the folder."""
    texts = [name for name in table.column_names if is_text(table.schema.field(name).type)]
    return tuple(name for name in texts if _holds_paths(table.column(name), folder))


def pictures(table: pa.Table, folder: Path, findings: list[Finding], names: tuple[str, ...] | None = None) -> pa.Table:
    """Return the table with its paths of pictures as the bytes of the files, null where there is none in the folder.

    `names` are the columns, by default those of `paths_of_pictures`. Paths start in the folder and do not leave it.
    """
    for name in paths_of_pictures(table, folder) if names is None else names:
        array = whole(table.column(name))
        if is_text(array.type):
            table = table.set_column(table.column_names.index(name), name, _read(name, array, folder, findings))
    return table


def _holds_paths(column: pa.ChunkedArray, folder: Path) -> bool:
    rows = np.linspace(0, len(column) - 1, min(4 * LOOK, len(column))).astype(np.int64)
    texts = [text.strip() for text in column.take(pa.array(rows)).to_pylist() if text and text.strip()]
    some = texts[:: max(len(texts) // LOOK, 1)]
    if not some or not all(text.lower().endswith(ENDINGS) for text in some):
        return False
    return sum(_file(text, folder.resolve()) is not None for text in some) >= LEAST * len(some)


def _file(text: str, folder: Path) -> Path | None:
    """Return the file that a path from a resolved folder names, None where it is none in it, or too large."""
    try:
        path = (folder / text.strip()).resolve()
        good = path.is_relative_to(folder) and path.is_file() and path.stat().st_size <= MOST_BYTES
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL, a loop of links
        return None
    return path if good else None


def _content(text: str, folder: Path) -> bytes | None:
    path = _file(text, folder)
    try:
        return None if path is None or not text.lower().strip().endswith(ENDINGS) else path.read_bytes()
    except OSError:
        return None


def _read(name: str, array: pa.Array, folder: Path, findings: list[Finding]) -> pa.Array:
    """Return the bytes of the files (n,) that paths (n,) name, and say how many could not be read."""
    root, texts = folder.resolve(), array.to_pylist()
    content = [_content(text, root) if text and text.strip() else None for text in texts]
    gone = [i for i, text in enumerate(texts) if text and text.strip() and content[i] is None]
    if gone:
        seen = f"{len(gone)} paths name no picture in the folder of at most 64 MB, the first '{texts[gone[0]][:120]}'"
        todo = "bring the files, or mend the paths: they start in the document's folder"
        findings.append(warn("picture-missing", name, seen, todo, gone[0] + 1))
    total = sum(len(piece) for piece in content if piece is not None)
    return pa.array(content, pa.binary() if total < ONE_ARRAY else pa.large_binary())
