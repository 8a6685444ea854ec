"""The one transform: from typed columns to features by role."""

from __future__ import annotations

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature
from landmark.core.findings import Finding


class Transform(Artifact):
    """One ONNX graph for each input of the schema: from its wire tensors to the tensors of its features.

    Kept apart so that a column of text can run on its distinct values in training; the model file holds them
    side by side in one graph.
    """

    parts: dict[str, bytes]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...] = ()
