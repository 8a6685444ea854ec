"""The life cycle on one page: which steps, in which order. A runner carries them out."""

from __future__ import annotations

from landmark.steps import Step, step
from landmark.steps.data.profile import profile
from landmark.steps.data.readiness import readiness
from landmark.steps.data.schema import schema
from landmark.steps.data.split import split
from landmark.steps.data.table import table
from landmark.steps.data.validation import validation
from landmark.steps.evaluation.evaluation import evaluation
from landmark.steps.evaluation.gate import gate
from landmark.steps.release.model_file import model_file
from landmark.steps.training.choice import choice
from landmark.steps.training.ladder import ladder
from landmark.steps.training.transform import transform

MEASURED: tuple[Step, ...] = (step(choice),)
"""Steps that look at what the clock has measured: a run done again takes over their result."""

DATA: tuple[Step, ...] = (step(table), step(split), step(profile), step(schema), step(validation), step(readiness))
TRAINING: tuple[Step, ...] = (step(transform), step(ladder), *MEASURED)
JUDGEMENT: tuple[Step, ...] = (step(evaluation), step(gate))
RELEASE: tuple[Step, ...] = (step(model_file),)

TRAIN: tuple[Step, ...] = TRAINING + JUDGEMENT + RELEASE
"""What follows once the data is ready."""
ALL: tuple[Step, ...] = DATA + TRAIN
