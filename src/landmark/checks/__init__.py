"""Readiness checks that need no model. One file per check; the file's name is the finding's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.core.families import Family
from landmark.core.findings import Finding


@dataclass(frozen=True)
class Evidence:
    """All that a check may look at. `train` and `test` are raw rows; nothing a check learns is kept."""

    question: Question
    split: Split
    profile: Profile
    schema: Schema
    train: pa.Table
    test: pa.Table


class Check(Protocol):
    """What a module in this folder provides."""

    @property
    def HOLDS_AT(self) -> ReadinessLevel:
        """The level the table stays at while this check finds something worse than a note."""

    def check(self, evidence: Evidence) -> Iterable[Finding]:
        """Yield what was found, with column, row and the next action."""


CHECKS: Family[Any] = Family("landmark.checks")
