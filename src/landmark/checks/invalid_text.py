"""A NUL, or the mark that stands for bytes in another encoding: such text was damaged on its way."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "B3"
WHAT = {
    "nul": ("a NUL character, which browsers cut off", "remove it at the source"),
    "invalid": ("U+FFFD, in place of bytes that are not text in this encoding", "declare data.format.encoding"),
}


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the columns and rows where such a character was first seen, in training and in judging rows."""
    for part, profile in (("training", evidence.profile.train), ("judging", evidence.profile.test)):
        for name, known in profile.columns.items():
            for code, (what, todo) in WHAT.items():
                if code in known.oddities:
                    seen = f"{what}, in {part} rows: {known.oddities[code].text!r}"
                    yield warn("invalid-text", name, seen, todo, known.oddities[code].row)
