"""What the first bytes of a picture say: its format, width and height. Nothing is decoded."""

from __future__ import annotations

import struct
from typing import NamedTuple

START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The JPEG markers that a picture's size follows. Source: ITU-T T.81, table B.1."""
MOST_MARKERS = 64


class Picture(NamedTuple):
    """A format, and pixels where the header tells."""

    format: str
    width: int = 0
    height: int = 0


def picture(content: bytes) -> Picture | None:
    """Return what the header of a file tells; None where it is no known picture.

    >>> picture(b"GIF89a" + bytes([3, 0, 2, 0]))
    Picture(format='gif', width=3, height=2)
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("png", *_numbers(content, ">II", 16))
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return Picture("gif", *_numbers(content, "<HH", 6))
    if content.startswith(b"BM") and len(content) > 26:
        width, height = _numbers(content, "<ii", 18)
        return Picture("bmp", abs(width), abs(height))
    if content.startswith(b"\xff\xd8\xff"):
        return Picture("jpeg", *_jpeg(content))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Picture("webp", *_webp(content))
    return Picture("tiff") if content[:4] in (b"II*\0", b"MM\0*") else None


def _numbers(content: bytes, form: str, start: int) -> tuple[int, int]:
    if len(content) < start + struct.calcsize(form):
        return 0, 0
    first, second = struct.unpack_from(form, content, start)
    return first, second


def _jpeg(content: bytes) -> tuple[int, int]:
    """Return the size in the first frame header, walking from segment to segment."""
    place = 2
    for _ in range(MOST_MARKERS):
        if len(content) < place + 9 or content[place] != 0xFF:
            break
        if content[place + 1] in START_OF_FRAME:
            height, width = _numbers(content, ">HH", place + 5)
            return width, height
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    """Return the size in the first chunk. Source: RFC 9649, section 2."""
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = _numbers(content, "<HH", 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(content) >= 25:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(content) >= 30:
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    return 0, 0
