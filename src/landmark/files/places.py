"""Where files lie: a path, a pattern, a folder or an address of an object store becomes a sorted list of places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.fs as pafs

from landmark.core.errors import UserError, did_you_mean

_WILD = re.compile(r"[*?\[]")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")


class Place(NamedTuple):
    """One file: the file system it lies on, its path there, and how a person wrote or would write it."""

    filesystem: Any
    path: str
    name: str


def places(where: str, folder: Path) -> list[Place]:
    """Return the files that `where` means, sorted by path; relative paths start at folder.

    A folder means the files directly in it; `**` in a pattern reaches deeper. Names that begin with a dot or
    an underscore are marks of other programs (`_SUCCESS`), not data.

    Raises: UserError when there is none, or the place cannot be reached.
    """
    try:
        filesystem, path = _resolved(where, folder)
        found = _matching(filesystem, path) if _WILD.search(path) else _plain(filesystem, path)
    except (OSError, pa.ArrowException) as reason:
        raise UserError(shown(where), "cannot be reached", seen=_first_line(reason), fix=_REACH) from None
    if not found:
        raise UserError(shown(where), "there is no such file", fix=_nearest(where, folder))
    start = len(_base(path)) + 1
    single = found == [path]
    return [Place(filesystem, one, shown(where) if single else one[start:]) for one in sorted(found)]


def as_they_are(where: Any, folder: Path) -> dict[str, list[int]] | None:
    """Return the local files that `where` means, each with size, times of change and number; None for all else.

    Raises: as `places`.
    """
    if not isinstance(where, str) or _ADDRESS.match(where):
        return None
    known = {place.path: Path(place.path).stat() for place in places(where, folder)}
    return {name: [each.st_size, each.st_mtime_ns, each.st_ctime_ns, each.st_ino] for name, each in known.items()}


def is_among(path: Path, where: str, folder: Path) -> bool:
    """Return whether a local file is one that `where` means, or would be once it is there."""
    try:
        filesystem, meant = _resolved(where, folder)
    except (OSError, pa.ArrowException):
        return False
    own = path.resolve()
    if not isinstance(filesystem, pafs.LocalFileSystem):
        return False
    if _WILD.search(meant):
        base = Path(_base(meant)).resolve()
        rest = meant[len(_base(meant)) :]
        return bool(re.fullmatch(_regex(base.as_posix() + rest), own.as_posix()))
    return Path(meant).resolve() in (own, own.parent)


_REACH = "check the address, the network and the rights to read"


def shown(where: str) -> str:
    """Return an address without the name and password it may carry.

    >>> shown("s3://key:secret@bucket/a.parquet")
    's3://***@bucket/a.parquet'
    """
    return re.sub(r"(://)[^/@\s]*@", r"\1***@", where)


def _resolved(where: str, folder: Path) -> tuple[Any, str]:
    """Return the file system and the path on it."""
    if where.startswith(("http://", "https://")):
        raise UserError(shown(where), "web addresses are not read", fix="download the file and name its path")
    if _ADDRESS.match(where):
        plain = _WILD.search(where)
        known = where[: plain.start()].rpartition("/")[0] if plain else where
        filesystem, path = pafs.FileSystem.from_uri(known)
        return filesystem, path + where[len(known) :]
    return pafs.LocalFileSystem(), (folder.absolute() / where).as_posix()


def _plain(filesystem: Any, path: str) -> list[str]:
    info = filesystem.get_file_info(path)
    if info.type == pafs.FileType.Directory:
        inside = filesystem.get_file_info(pafs.FileSelector(path))
        return [entry.path for entry in inside if entry.type == pafs.FileType.File and _is_data(entry.base_name)]
    return [path] if info.type == pafs.FileType.File else []


def _matching(filesystem: Any, path: str) -> list[str]:
    base = _base(path)
    selector = pafs.FileSelector(base, allow_not_found=True, recursive="/" in path[len(base) + 1 :])
    pattern = re.compile(_regex(path))
    entries = filesystem.get_file_info(selector)
    files = [entry.path for entry in entries if entry.type == pafs.FileType.File and _is_data(entry.base_name)]
    return [name for name in files if pattern.fullmatch(name)]


def _base(path: str) -> str:
    """Return the folder above the first part with a wildcard, or above the file."""
    wild = _WILD.search(path)
    return (path[: wild.start()] if wild else path).rpartition("/")[0]


def _regex(pattern: str) -> str:
    """Return a glob pattern as a regular expression.

    >>> bool(re.fullmatch(_regex("/a/**/*.csv"), "/a/b/c/d.csv")), bool(re.fullmatch(_regex("/a/*.csv"), "/a/b/d.csv"))
    (True, False)
    """
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return "".join(meanings.get(part, part if part.startswith("[") else re.escape(part)) for part in parts)


def _is_data(name: str) -> bool:
    return not name.startswith((".", "_"))


def _nearest(where: str, folder: Path) -> str:
    """Return which file near the one that is not there may be meant."""
    above = folder / where
    known = [entry.name for entry in above.parent.iterdir()] if above.parent.is_dir() else []
    return did_you_mean(above.name, known) or "check the path; relative ones start at the document's folder"


def _first_line(reason: BaseException) -> str:
    return shown(str(reason).partition("\n")[0])
