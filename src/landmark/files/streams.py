"""A file as a stream of plain UTF-8 bytes: decompressed by what it contains, without a mark, recoded."""

from __future__ import annotations

import codecs
import io
from typing import Any

from landmark.core.errors import UserError
from landmark.files.places import Place

CHUNK = 1 << 20
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_NOT_TEXT = {
    b"PAR1": ("a Parquet file", "name it .parquet"),
    b"ARROW1": ("an Arrow file", "name it .arrow"),
    b"PK\x03\x04": ("a zip archive or a workbook", "unpack it, or save the sheet as CSV"),
}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def opened(place: Place, encoding: str = "utf-8") -> io.BufferedReader:
    """Return the text of a file as UTF-8 bytes. A byte order mark says more than the declared encoding.

    Bytes that are not text in the encoding come through as bytes that are not UTF-8, so that whoever reads the
    cells can say which cell it was.

    Raises: UserError when the file is of a kind that is not text.
    """
    stream = _decompressed(place)
    start = stream.peek(4)[:6]
    for magic, (what, fix) in _NOT_TEXT.items():
        if start.startswith(magic):
            raise UserError(place.name, f"this is {what}, not text", fix=fix)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if marked == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        return stream
    name = codecs.lookup(marked or encoding).name
    return stream if name in ("utf-8", "ascii") else io.BufferedReader(_Recoded(stream, name), CHUNK)


def _decompressed(place: Place) -> io.BufferedReader:
    with place.filesystem.open_input_stream(place.path, compression=None) as file:
        start = file.read(4)
    kind = next((kind for magic, kind in _COMPRESSIONS.items() if start.startswith(magic)), None)
    return io.BufferedReader(place.filesystem.open_input_stream(place.path, compression=kind), CHUNK)


class Tap(io.RawIOBase):
    """A stream that can be shut while somebody reads ahead of us in a thread of their own: they see its end."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream, self._shut = stream, False

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, target: Any) -> int:
        """Read what comes next; nothing once it is shut."""
        return 0 if self._shut else self._stream.readinto(target)

    def shut(self) -> None:
        """Let the end be here."""
        self._shut = True


class _Recoded(io.RawIOBase):
    """Text of another encoding as UTF-8, in pieces; a byte that is no text in it passes as it is."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        wide = encoding.startswith(("utf-16", "utf-32"))  # there a wrong unit is more than one byte
        self._stream, self._ready = stream, b""
        self._decoder = codecs.getincrementaldecoder(encoding)("replace" if wide else "surrogateescape")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._ready:
            piece = self._stream.read(CHUNK)
            self._ready = self._decoder.decode(piece, final=not piece).encode("utf-8", "surrogateescape")
            if not piece:
                break
        given = self._ready[: len(target)]
        self._ready = self._ready[len(given) :]
        target[: len(given)] = given
        return len(given)
