"""From columns in a test to the artifacts of the data steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from landmark.artifacts.contract import Validations
from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Output, Question
from landmark.artifacts.readiness import Readiness
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.findings import Finding
from landmark.steps.data import profile, readiness, schema, split


class Walk(NamedTuple):
    """What the data steps made of a table."""

    table: Table
    question: Question
    split: Split
    profile: Profile
    schema: Schema

    def readiness(self, **options: Any) -> Readiness:
        """Return the readiness under some options."""
        rules = readiness.Options.model_validate(options)
        seen = (self.table, self.split, self.profile, self.schema, Validations(), self.question)
        return readiness.readiness(*seen, rules, Context())

    def found(self, code: str) -> list[Finding]:
        """Return the findings of one code."""
        return [finding for finding in self.readiness().findings if finding.code == code]


def arrow(columns: dict[str, Any]) -> pa.Table:
    """Return columns as a table: lists of texts and None as a text source gives them, arrays as they are."""
    return pa.table({k: v if isinstance(v, pa.Array) else pa.array(v, pa.string()) for k, v in columns.items()})


def table(columns: dict[str, Any], test: dict[str, Any] | None = None) -> Table:
    """Return the artifact of a table in memory."""
    rows = arrow(columns)
    text = all(kind == pa.string() for kind in rows.schema.types)
    return Table(rows=rows, test=None if test is None else arrow(test), source="made here", digest="", text=text)


def question(outputs: Sequence[str | Output], **more: Any) -> Question:
    """Return a question about some outputs."""
    asked = tuple(Output(name=output) if isinstance(output, str) else output for output in outputs)
    return Question(name="test", outputs=asked, **more)


def walk(
    values: dict[str, Any],
    outputs: Sequence[str | Output] = ("y",),
    test: dict[str, Any] | None = None,
    by: dict[str, Any] | None = None,
    seed: int = 0,
    **more: Any,
) -> Walk:
    """Return what split, profile and schema make of values by column; `more` goes into the question."""
    rows, asked, context = table(values, test), question(outputs, **more), Context(seed=seed)
    parts = split.split(rows, asked, split.Options.model_validate(by or {}), context)
    seen = profile.profile(rows, parts, context)
    return Walk(rows, asked, parts, seen, schema.schema(rows, parts, seen, asked))
