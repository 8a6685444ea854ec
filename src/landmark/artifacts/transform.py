"""The one transform: from typed columns to features by role."""

from __future__ import annotations

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature
from landmark.core.findings import Finding


class Transform(Artifact):
    """An ONNX graph from the wire tensors of all input columns to the tensors of all features."""

    model: bytes
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...] = ()
