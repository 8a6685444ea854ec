"""How ready the data is, decided by evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.core.findings import Finding, Level

ReadinessLevel = Literal["C4", "C3", "C2", "C1", "B4", "B3", "B2", "B1", "A4", "A3", "A2", "A1"]
LEVELS: tuple[ReadinessLevel, ...] = ("C4", "C3", "C2", "C1", "B4", "B3", "B2", "B1", "A4", "A3", "A2", "A1")
MEANING: dict[ReadinessLevel, str] = {
    "C4": "named, and not found",
    "C3": "found, and not reached",
    "C2": "reached, and not in a structure that can be read",
    "C1": "read into one table",
    "B4": "looked at",
    "B3": "its types and its marks for no value are known",
    "B2": "its values can be what they say they are",
    "B1": "its limits are known",
    "A4": "there is a question it may answer",
    "A3": "it is fit to answer the question",
    "A2": "a model beats what is trivial",
    "A1": "a person has signed for its use",
}
"""What a table at a level is. Source: N. Lawrence, Data Readiness Levels (2017); the sublevels of B and A are ours."""


class Waiver(Artifact):
    """A finding that a named person takes responsibility for, at one place or wherever it is found."""

    code: str = Field(min_length=1)
    where: str | None = Field(
        None, min_length=1, description="the column, as the finding names it; by default wherever it is found"
    )
    by: str = Field(min_length=1, description="who takes it")
    why: str = Field(min_length=1, description="what they know that the check does not")


FAILED = "check-failed"
"""The code of a finding that a check failed, which is its place: what it looks for is not known."""


class Readiness(Artifact):
    """The level reached, the findings that hold it there, and all waivers that were given."""

    level: ReadinessLevel
    findings: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    holds: dict[str, ReadinessLevel] = Field(
        {}, description="code of a finding -> the level it holds the table at; of a check that failed, its place"
    )
    faults: dict[str, str] = Field({}, description="check that failed -> its traceback")

    @property
    def standing(self) -> list[Finding]:
        """Return what holds the table at its level: nobody has answered for it, and it is worse than a note."""
        return [finding for finding, level in self._held() if level == self.level]

    @property
    def next_level(self) -> ReadinessLevel:
        """Return the level once all that holds the table at this one is mended; A3 is the highest without a model."""
        left = [LEVELS.index(level) for _, level in self._held()]
        return LEVELS[min([*(n for n in left if n > LEVELS.index(self.level)), LEVELS.index("A3")])]

    def _held(self) -> Iterator[tuple[Finding, ReadinessLevel]]:
        """Yield the findings that hold the table somewhere and that nobody answers for, with the level."""
        for finding in self.findings:
            level = self.holds.get(key_of(finding))
            if level is not None and finding.level != Level.NOTE and not is_waived(finding, self.waivers):
                yield finding, level


def key_of(finding: Finding) -> str:
    """Return by what a finding's level is kept: its code, and the check's own name where a check failed."""
    return finding.where if finding.code == FAILED else finding.code


def is_waived(finding: Finding, waivers: Iterable[Waiver]) -> bool:
    """Return whether somebody has taken responsibility for a finding, at its place."""
    return waiver_of(finding, waivers) is not None


def waiver_of(finding: Finding, waivers: Iterable[Waiver]) -> Waiver | None:
    """Return by what somebody has taken responsibility for a finding, at its place; None where nobody has."""
    fitting = (w for w in waivers if w.code == finding.code and w.where in (None, finding.where))
    return next(fitting, None)
