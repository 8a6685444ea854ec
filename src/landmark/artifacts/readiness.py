"""How ready the data is, decided by evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.core.findings import Finding

ReadinessLevel = Literal["C4", "C3", "C2", "C1", "B4", "B3", "B2", "B1", "A4", "A3", "A2", "A1"]
LEVELS: tuple[ReadinessLevel, ...] = ("C4", "C3", "C2", "C1", "B4", "B3", "B2", "B1", "A4", "A3", "A2", "A1")


class Waiver(Artifact):
    """A finding that a named person takes responsibility for, at one place or wherever it is found."""

    code: str = Field(min_length=1)
    where: str | None = Field(
        None, min_length=1, description="the column, as the finding names it; by default wherever it is found"
    )
    by: str = Field(min_length=1, description="who takes it")
    why: str = Field(min_length=1, description="what they know that the check does not")


class Readiness(Artifact):
    """The level reached, the findings that hold it there, and all waivers that were given."""

    level: ReadinessLevel
    findings: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()


def is_waived(finding: Finding, waivers: Iterable[Waiver]) -> bool:
    """Return whether somebody has taken responsibility for a finding, at its place."""
    return any(waiver.code == finding.code and waiver.where in (None, finding.where) for waiver in waivers)
