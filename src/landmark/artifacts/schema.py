"""The contract of the columns: what each is, why, and what it is for."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.core.findings import Finding
from landmark.core.options import Use


class Column(Artifact):
    """One feature or output: a data type over one or more source columns, with its resolved options."""

    name: str
    type: str
    columns: tuple[str, ...]
    use: Use = "feature"
    options: dict[str, Any] = Field({}, description="the type's Options, fully resolved")
    why: str = Field("", description="declared, or the reason it was inferred")


class Schema(Artifact):
    """Every column of the table, once: features, outputs, and what is neither."""

    columns: dict[str, Column]
    findings: tuple[Finding, ...] = ()

    def using(self, *uses: Use) -> list[Column]:
        """Return the columns of some uses, in the order of the table."""
        return [column for column in self.columns.values() if column.use in uses]

    @property
    def features(self) -> list[Column]:
        """Return what a model may look at."""
        return self.using("feature", "exposure", "protected")

    @property
    def targets(self) -> list[Column]:
        """Return what is to be predicted."""
        return self.using("target")
