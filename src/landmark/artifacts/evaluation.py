"""How good the model is on rows it never saw, beside the landmarks that give a number its meaning."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.readiness import ReadinessLevel
from landmark.core.findings import Finding


class Interval(Artifact):
    """A metric with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


class SliceScore(Artifact):
    """The metric on the rows where some columns have some values, as in `app = web, country = DE`."""

    where: str
    rows: int
    score: Interval


class OutputEvaluation(Artifact):
    """One output: every metric of its task on the judging rows, in the user's units.

    `losses` float64 (rows,) is the proper score of each judging row, which the gate compares in pairs;
    `previous_losses` that of the previous blessed model on the same rows, and `previous_refusal` why there are none
    although there is such a model. `weight` float64 and `groups` int64 (rows,) are those rows' own; None: each counts
    as one, and stands alone. `candidates` holds the main metric
    of every rung on the judging rows, for the picture only: they choose nothing.
    """

    metric: str
    greater_is_better: bool
    unit: str = ""
    rows: int
    test: dict[str, float]
    interval: Interval
    landmarks: dict[str, float | None] = Field(description="constant, random, best_column, previous, people")
    slices: tuple[SliceScore, ...] = ()
    candidates: dict[str, Interval] = Field({}, description="rung -> main metric")
    losses: Any = None
    previous_losses: Any = None
    previous_refusal: str | None = None
    weight: Any = None
    groups: Any = None
    slice_rows: dict[str, Any] = Field({}, description="slice -> int64 rows of `losses`")
    confusion: tuple[tuple[int, ...], ...] | None = None


class Evaluation(Artifact):
    """The judgement of every output."""

    outputs: dict[str, OutputEvaluation]
    sliced: tuple[tuple[str, ...], ...] = Field((), description="the columns of every slice judged")
    unsliced: tuple[str, ...] = Field((), description="slices of the previous model that cannot be judged again")
    findings: tuple[Finding, ...] = ()


class Previous(Artifact):
    """The last model a person signed, if there is one: what a successor must not fall behind."""

    model: bytes | None = None


class Verdict(Artifact):
    """Whether the model may replace the previous one, and why; and the level the whole has reached.

    `signed_level` is the one it has once a person signs it: A1, where nothing but that is missing.
    """

    passed: bool
    level: ReadinessLevel
    signed_level: ReadinessLevel
    findings: tuple[Finding, ...] = ()
