"""Step `readiness`: the level the data has reached, decided by evidence."""

from __future__ import annotations

from pydantic import Field

from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import Readiness, ReadinessLevel, Waiver
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.core.options import Options as Settings


class Options(Settings):
    """The level without which training stops, and the findings somebody answers for."""

    require: ReadinessLevel | None = None
    waive: tuple[Waiver, ...] = ()
    block: tuple[str, ...] = Field((), description="codes of findings that stop training")


def readiness(
    table: Table, split: Split, profile: Profile, schema: Schema, question: Question, options: Options
) -> Readiness:
    """Return the level and everything that was found. Raises: NotReady below the required level."""
    raise AssertionError
