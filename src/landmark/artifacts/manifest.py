"""What a model file says of itself: everything but its signatures, which live in the store."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.evaluation import Interval
from landmark.artifacts.question import TaskKind
from landmark.artifacts.readiness import ReadinessLevel, Waiver
from landmark.core.findings import Finding

FORMAT = 1


class ColumnEntry(Artifact):
    """One field at the border: its type, the source columns, and the options `wire` reads."""

    type: str
    columns: tuple[str, ...]
    options: dict[str, Any]
    tensors: tuple[str, ...] = Field(description="the graph inputs it feeds")
    fixed: dict[str, str | None] = Field(
        {}, description="source column -> its value in service, where the model sets it"
    )
    profile: dict[str, dict[str, Any]] = Field({}, description="compact reference summary by source column")


class OutputEntry(Artifact):
    """One output: how its tensors are read, and how good it was found to be."""

    type: str
    task: TaskKind
    options: dict[str, Any]
    labels: tuple[str, ...] = ()
    state: dict[str, Any] = Field({}, description="what was learnt of the target: labels, range")
    model: str
    metric: str
    test: dict[str, float]
    interval: Interval
    landmarks: dict[str, float | None] = Field({}, description="constant, random, best_column, previous, people")
    slices: tuple[dict[str, Any], ...] = ()


class Golden(Artifact):
    """Rows made by the data types (never copied from the data), and what the model answers to them."""

    rows: dict[str, Any] = Field(description="tensor -> values, as JSON")
    answers: dict[str, Any] = Field(description="output tensor -> values, as JSON")


class Manifest(Artifact):
    """The manifest kept in the model file, as canonical JSON."""

    format: int = FORMAT
    name: str
    version: str = Field(description="of Landmark")
    data: str = Field(description="digest of the training data")
    run: str = Field(description="digest of data, document and version")
    rows: dict[str, int] = Field(description="train, test")
    sample: str = Field("", description="how the rows were drawn from all; empty where they are all")
    source: str = Field("", description="kind of source of the training rows")
    source_format: dict[str, Any] = Field({}, description="how that was declared to be written")
    columns: dict[str, ColumnEntry]
    outputs: dict[str, OutputEntry]
    sliced: tuple[tuple[str, ...], ...] = Field((), description="columns of the slices that successors are judged by")
    level: ReadinessLevel
    signed_level: ReadinessLevel = Field("C4", description="the level it has once a person has signed it")
    findings: tuple[Finding, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    gate: dict[str, Any] = Field({}, description="passed, findings")
    golden: Golden
    digest: str = Field("", description="sha256 over the file with this field empty")


class ModelFile(Artifact):
    """The finished model file, and what was noticed of it: a finding about the whole cannot stand inside."""

    content: bytes
    manifest: Manifest
    findings: tuple[Finding, ...] = ()
