"""What stood on the ladder, and which rung was taken."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.question import Task
from landmark.core.findings import Finding


class Candidate(Artifact):
    """One rung: its out-of-fold score, its price, and itself as a graph from features to a prediction.

    `losses` float64 (n,) is the proper score of each training row, predicted out of fold; `score` is their
    weighted mean and `standard_error` that mean's (by groups, where rows are tied). Seconds and microseconds are
    measured, and so stay out of the model file.
    """

    model: str
    landmark: str | None = Field(None, description="constant, best_column: what it stands for beside every score")
    score: float
    standard_error: float
    train_cpu_s: float
    latency_us: float
    size_bytes: int
    losses: Any
    head: bytes
    eligible: bool = Field(True, description="whether it may be chosen; a landmark that was not allowed may not")
    settings: dict[str, Any] = Field({}, description="what the fit resolved: rounds, regularisation, ...")


class OutputCandidates(Artifact):
    """All rungs tried for one output, cheapest first.

    `rows` int64 are the training rows with a known target, `weight` float64 theirs, and `groups` int64 theirs for a
    split by group.
    """

    task: Task
    loss: str
    target: dict[str, Any] = Field({}, description="the data type's state of the target")
    rows: Any
    weight: Any
    groups: Any = None
    candidates: tuple[Candidate, ...]
    passed_over: tuple[Finding, ...] = Field((), description="rungs that were not tried, and why")


class Candidates(Artifact):
    """The ladder of every output."""

    outputs: dict[str, OutputCandidates]
    findings: tuple[Finding, ...] = ()


class OutputChoice(Artifact):
    """The simplest adequate rung, and what the next one would cost and bring."""

    model: str
    why: str
    next_model: str | None = None
    next_gain: float | None = Field(None, description="how much lower the mean loss of the next rung is")
    next_price: str = ""


class Choice(Artifact):
    """The rung taken for every output."""

    outputs: dict[str, OutputChoice]
    size_mb: float | None = Field(None, description="the most that the finished file may have, where that is limited")
    findings: tuple[Finding, ...] = ()
