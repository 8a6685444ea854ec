"""Names for content: the same value has the same digest on every machine, in every run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def of_bytes(content: bytes) -> str:
    """Return the sha256 of content as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def of_json(value: Any) -> str:
    """Return the digest of a JSON value, whatever the order of its keys.

    >>> of_json({"a": 1, "b": 2}) == of_json({"b": 2, "a": 1})
    True
    """
    return of_bytes(canonical(value).encode())


def canonical(value: Any) -> str:
    """Return the one JSON text of value: sorted keys, no blanks, every float by its shortest form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=True)


def of_file(path: Path, chunk: int = 1 << 20) -> str:
    """Return the sha256 of a file, read in chunks of bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(chunk):
            digest.update(part)
    return digest.hexdigest()
