"""Step `evaluation`: every metric with its interval, beside its landmarks, whole and by slice."""

from __future__ import annotations

from landmark.artifacts.candidates import Candidates, Choice
from landmark.artifacts.evaluation import Evaluation, Previous
from landmark.artifacts.question import Question
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context


def evaluation(
    table: Table,
    split: Split,
    schema: Schema,
    transform: Transform,
    candidates: Candidates,
    choice: Choice,
    previous: Previous,
    question: Question,
    context: Context,
) -> Evaluation:
    """Return the judgement of the chosen rung of every output on the judging rows."""
    raise AssertionError
