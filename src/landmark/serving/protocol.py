"""The words of the HTTP face: what a request may say, what an answer says, and how a mistake is told."""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeAlias

import msgspec

from landmark.core.errors import UserError

Row: TypeAlias = dict[str, Any]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a prediction: rows, the units they are in, and an id the caller may choose to join labels by."""

    rows: list[Row]
    units: dict[str, str] = {}
    request_id: str | None = None


class Truth(msgspec.Struct, forbid_unknown_fields=True):
    """The body of feedback: each label has request_id, row (where it has several) and a value for each known output."""

    labels: list[Row]


ENCODER = msgspec.json.Encoder(enc_hook=str)
QUESTION = msgspec.json.Decoder(Question | list[Row])
TRUTH = msgspec.json.Decoder(Truth | list[Row])
ID_LENGTH = 200
DIGITS = re.compile(rb"[0-9]{309}")
"""As many as a whole number has that no float holds."""


class Refusal(Exception):
    """What is answered instead of a prediction: an HTTP status and the mistake."""

    def __init__(self, status: int, error: UserError, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(error.line())
        self.status, self.error, self.headers = status, error, headers


def refusal(status: int, where: str, what: str, seen: Any = None, fix: str = "") -> Refusal:
    """Return a refusal of one mistake."""
    return Refusal(status, UserError(where, what, seen=seen, fix=fix))


def question_of(body: bytes) -> Question:
    """Return the question in a body: an object, or a bare list of rows. Raises: Refusal (400)."""
    content = _decode(QUESTION, body, '{"rows": [{"column": value}]}')
    question = content if isinstance(content, Question) else Question(rows=content)
    given = question.request_id
    if given is not None and not (0 < len(given) <= ID_LENGTH and given.isprintable()):
        raise refusal(400, "request_id", f"must be 1 to {ID_LENGTH} printable characters", given, "or leave it out")
    return question


def truth_of(body: bytes) -> list[Row]:
    """Return the labels in a body: an object, or a bare list. Raises: Refusal (400)."""
    content = _decode(TRUTH, body, '{"labels": [{"request_id": "...", "row": 0, "output": value}]}')
    return content.labels if isinstance(content, Truth) else content


def _too_large(body: bytes) -> str | None:
    """Return column and row of the first number too large for a float, which the decoder does not name, or takes."""
    try:
        content = json.loads(body, parse_int=float)
    except RecursionError:
        return None
    lists = [content] if isinstance(content, list) else [value for value in content.values() if isinstance(value, list)]
    rows = [row for rows in lists for row in rows]
    cells = ((n, *cell) for n, row in enumerate(rows, 1) if isinstance(row, dict) for cell in row.items())
    large = (f"{column}, row {n}" for n, column, value in cells if isinstance(value, float) and math.isinf(value))
    return next(large, None)


def _decode(decoder: Any, body: bytes, example: str) -> Any:
    fix = f"send {example}"
    try:
        content = decoder.decode(body)
    except msgspec.ValidationError as error:
        if "out of range" in str(error):
            _refuse_large(body)
        what, _, place = str(error).partition(" - at `$")
        raise refusal(400, f"body{place.rstrip('`')}", what[:1].lower() + what[1:], fix=fix) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refusal(400, "body", "is no JSON", str(error), fix) from None
    except RecursionError:
        raise refusal(400, "body", "is nested too deep", fix=fix) from None
    if DIGITS.search(body):
        _refuse_large(body)
    return content


def _refuse_large(body: bytes) -> None:
    """Pass where no number is too large for a float. Raises: Refusal (400)."""
    large = _too_large(body)
    if large is not None:
        raise refusal(400, large, "a number beyond what 64 bits hold", fix="mend the value, or send null") from None
