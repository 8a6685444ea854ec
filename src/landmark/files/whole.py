"""A file that is there entirely or not at all, whatever happens while it is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from landmark.core.errors import UserError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that becomes path, on disk, when the block ends well, and vanishes when it does not.

    Raises: UserError where the place cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with refused_kindly(path):
        part.unlink(missing_ok=True)  # of a process that was killed and had our number
        file = part.open("xb")
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with refused_kindly(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def refused_kindly(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a mistake its reader can mend."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError("output", "cannot be written", seen=f"{path}: {reason}", fix="name another place") from error
