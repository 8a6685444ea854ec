"""What Landmark notices is a Finding: never a log line, never an exception deep inside."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Level(StrEnum):
    """How much a finding matters: read it, act on it, or stop."""

    NOTE = "note"
    WARN = "warn"
    BLOCK = "block"


class Finding(BaseModel):
    """One thing noticed: a code to search for, where, what was seen, and what to do next.

    >>> print(Finding(code="unit-change", level=Level.WARN, where="wait", seen="42 -> 42000", next="declare unit: ms"))
    warn unit-change at wait: 42 -> 42000. Next: declare unit: ms
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    level: Level
    where: str
    seen: str
    next: str = ""
    row: int | None = None

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        todo = f" Next: {self.next}" if self.next else ""
        return f"{self.level} {self.code} at {self.where}{row}: {self.seen}.{todo}"

    def as_json(self) -> dict[str, Any]:
        """Return the five promised keys, and the row where one is known."""
        shape = self.model_dump(mode="json")
        return shape if self.row is not None else {k: v for k, v in shape.items() if k != "row"}


def note(code: str, where: str, seen: str, next: str = "", row: int | None = None) -> Finding:
    """Return a finding to be read."""
    return Finding(code=code, level=Level.NOTE, where=where, seen=seen, next=next, row=row)


def warn(code: str, where: str, seen: str, next: str = "", row: int | None = None) -> Finding:
    """Return a finding to be acted on."""
    return Finding(code=code, level=Level.WARN, where=where, seen=seen, next=next, row=row)


def block(code: str, where: str, seen: str, next: str = "", row: int | None = None) -> Finding:
    """Return a finding that stops what comes next."""
    return Finding(code=code, level=Level.BLOCK, where=where, seen=seen, next=next, row=row)
