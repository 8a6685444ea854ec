"""Step `model_file`: raw typed columns in, decisions out, one file."""

from __future__ import annotations

from landmark.artifacts.candidates import Candidates, Choice
from landmark.artifacts.evaluation import Evaluation, Verdict
from landmark.artifacts.manifest import ModelFile
from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import Readiness
from landmark.artifacts.schema import Schema
from landmark.artifacts.split import Split
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform


def model_file(
    table: Table,
    split: Split,
    profile: Profile,
    schema: Schema,
    readiness: Readiness,
    transform: Transform,
    candidates: Candidates,
    choice: Choice,
    evaluation: Evaluation,
    gate: Verdict,
    question: Question,
) -> ModelFile:
    """Return the model file with its manifest and golden rows, verified by opening it."""
    raise AssertionError
