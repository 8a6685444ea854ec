"""Reads the bytes of a model before anything else does: which fields stand where, and how many.

A parser makes an object of a hundred bytes out of two: twenty megabytes of empty nodes become two gigabytes. And
what no reader here needs (subgraphs, functions, external data, sparse tensors, typed arrays, notes to a runtime) has
no business in the file. So only the fields that the builder writes may occur, and only so many.

Source: onnx.proto of ONNX 1.17; protobuf.dev, Encoding.
"""

from __future__ import annotations

import re
from typing import TypeAlias

NUMBER, FLOAT, TEXT, RAW = "number", "float", "text", "raw"
"""What a field can hold: a variable-length integer, four bytes, UTF-8, any bytes; or a message, by its name."""

WIRE = {NUMBER: 0, FLOAT: 5}
"""Wire types; all else is bytes of a length."""
LENGTHY = 2

Fields: TypeAlias = dict[int, str]
"""Field number -> what it holds."""

MESSAGES: dict[str, Fields] = {
    "model": {1: NUMBER, 2: TEXT, 7: "graph", 8: "opset", 14: "entry"},
    "opset": {1: TEXT, 2: NUMBER},
    "entry": {1: TEXT, 2: TEXT},
    "graph": {1: "node", 2: TEXT, 5: "tensor", 11: "value", 12: "value"},
    "node": {1: TEXT, 2: TEXT, 3: TEXT, 4: TEXT, 5: "attribute", 7: TEXT},
    "attribute": {1: TEXT, 2: FLOAT, 3: NUMBER, 4: TEXT, 5: "tensor", 7: FLOAT, 8: NUMBER, 9: TEXT, 20: NUMBER},
    "tensor": {1: NUMBER, 2: NUMBER, 6: TEXT, 8: TEXT, 9: RAW},
    "value": {1: TEXT, 2: "type"},
    "type": {1: "tensor_type"},
    "tensor_type": {1: NUMBER, 2: "shape"},
    "shape": {1: "dimension"},
    "dimension": {1: NUMBER, 2: TEXT},
}
MOST_MESSAGES, MOST_FIELDS = 200_000, 1_000_000
"""A run of equal numeric fields counts once."""


class Unsound(Exception):
    """What is wrong with the inside of a model file."""


def scan(content: bytes) -> None:
    """Read every field once, without making an object of it. Raises: Unsound."""
    seen, messages, todo = 0, 0, [("model", 0, len(content))]
    while todo:
        name, at, end = todo.pop()
        messages += 1
        while at < end:
            seen += 1
            if seen > MOST_FIELDS or messages + len(todo) > MOST_MESSAGES:
                raise Unsound("more parts than any model file has")
            kind, at, start = _field(content, at, end, name)
            if kind in MESSAGES:
                todo.append((kind, start, at))


def _field(content: bytes, at: int, end: int, name: str) -> tuple[str, int, int]:
    """Return what the field at a place holds, where it ends and where its value starts. Raises: Unsound."""
    tag, start = _varint(content, at, end)
    kind = MESSAGES[name].get(tag >> 3)
    if kind is None or tag & 7 != WIRE.get(kind, LENGTHY):
        raise Unsound(f"its {name} has a field {tag >> 3}, which no model file has")
    if kind in WIRE:
        return kind, _run(content, at, start, end, kind), start
    size, start = _varint(content, start, end)
    if start + size > end:
        raise Unsound(f"its {name} is longer than the file")
    if kind == TEXT:
        _decoded(content[start : start + size], name)
    return kind, start + size, start


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unsound(f"a text in its {name} is no UTF-8") from error


def _run(content: bytes, at: int, start: int, end: int, kind: str) -> int:
    """Return where a run of numeric fields with the same tag ends; tables of trees are a million of them."""
    body = rb".{4}" if kind == FLOAT else rb"[\x80-\xff]{0,9}[\x00-\x7f]"
    run = re.compile(b"(?:" + re.escape(content[at:start]) + body + b")+", re.DOTALL).match(content, at, end)
    if run is None:
        raise Unsound("a number without an end")
    return run.end()


def _varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a variable-length integer of 64 bits, at most, and where it ends."""
    if at < end and content[at] < 0x80:
        return content[at], at + 1
    value = 0
    for i in range(10):
        if at + i >= end:
            break
        byte = content[at + i]
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, at + i + 1
    raise Unsound("a number without an end")
