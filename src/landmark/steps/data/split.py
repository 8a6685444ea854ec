"""Step `split`: decide which rows judge, before anything is learnt from any row."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from landmark.artifacts.question import Question
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.options import Options as Settings


class Options(Settings):
    """How the judging rows are chosen."""

    by: Literal["auto", "random", "stratified", "time", "group", "hash", "column"] = "auto"
    column: str | None = Field(None, description="the time, group, key or part column")
    test: float = Field(0.2, gt=0, lt=1, description="share of rows that judge, as 0.2 or 20%")

    @field_validator("test", mode="before")
    @classmethod
    def _percent(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().endswith("%"):
            return float(value.strip()[:-1]) / 100
        return value


def split(table: Table, question: Question, options: Options, context: Context) -> Split:
    """Return row numbers that teach and row numbers that judge."""
    raise AssertionError
