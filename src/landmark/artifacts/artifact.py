"""The one way an artifact becomes a file: a zip of one JSON record and the arrays, tables and bytes it names.

Numbers go to `.npy` (without object arrays), tables to Arrow IPC, bytes stay bytes. The same artifact gives
the same file: members in a fixed order, no compression, no clock.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

EPOCH = (1980, 1, 1, 0, 0, 0)
RECORD = "record.json"


class Artifact(BaseModel):
    """Base of all artifacts: a frozen record that may hold arrays, tables and bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, protected_namespaces=())


Kind = TypeVar("Kind", bound=Artifact)


def write(artifact: Artifact, path: Path) -> None:
    """Write artifact to path, which must not exist yet."""
    parts: dict[str, Any] = {}
    record = _strip(artifact.model_dump(mode="python"), parts)
    text = json.dumps(record, ensure_ascii=False)
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED, allowZip64=True) as file:
        file.writestr(zipfile.ZipInfo(RECORD, EPOCH), text)
        for name, part in parts.items():
            with file.open(zipfile.ZipInfo(name, EPOCH), "w", force_zip64=True) as member:
                _put(part, member)


def read(kind: type[Kind], path: Path) -> Kind:
    """Return the artifact of that kind kept at path. Nothing is unpickled."""
    with zipfile.ZipFile(path) as file:
        record = json.loads(file.read(RECORD))
        parts = {name: _get(name, file.read(name)) for name in file.namelist() if name != RECORD}
    return kind.model_validate(_fill(record, parts))


def _strip(value: Any, parts: dict[str, Any]) -> Any:
    """Return value with every array, table and bytes replaced by the name of its part."""
    ending = {np.ndarray: "npy", pa.Table: "arrow", bytes: "bin"}.get(type(value))
    if ending is not None:
        name = f"{len(parts):04}.{ending}"
        parts[name] = value
        return {"$part": name}
    if isinstance(value, dict):
        return {str(key): _strip(item, parts) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strip(item, parts) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _fill(value: Any, parts: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$part"} and isinstance(value["$part"], str):
            return parts[value["$part"]]
        return {key: _fill(item, parts) for key, item in value.items()}
    return [_fill(item, parts) for item in value] if isinstance(value, list) else value


def _put(part: Any, member: Any) -> None:
    if isinstance(part, bytes):
        member.write(part)
    elif isinstance(part, np.ndarray):
        np.lib.format.write_array(member, part, allow_pickle=False)
    else:
        with pa.ipc.new_stream(member, part.schema) as stream:
            stream.write_table(part)


def _get(name: str, content: bytes) -> Any:
    if name.endswith(".npy"):
        return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if name.endswith(".arrow"):
        return pa.ipc.open_stream(pa.BufferReader(content)).read_all()
    return content
