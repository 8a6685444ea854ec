"""What the step knows while it works: training rows, what is declared of their columns, what has been settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.profile import ColumnProfile
from landmark.artifacts.question import Question
from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.table import whole, without
from landmark.statistics.summary import column as profiled


@dataclass
class Room:
    """The training rows, what is declared of their columns, and what has been settled so far."""

    rows: pa.Table
    numbers: np.ndarray[Any, np.dtype[np.int64]]
    profiles: dict[str, ColumnProfile]
    question: Question
    declared: dict[str, dict[str, Any]]
    everywhere: tuple[str, ...] = ()
    inputs: frozenset[str] = frozenset()
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    mistakes: list[UserError] = field(default_factory=list)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of the outputs."""
        return tuple(output.name for output in self.question.outputs)

    def array(self, name: str) -> pa.Array:
        """Return the training values of a source column."""
        return whole(self.rows.column(name))

    def exclude(self, name: str, codes: tuple[str, ...]) -> None:
        """Let codes mean no value in a column, and look at it again without them."""
        self.missing[name] = codes
        self.profiles[name] = profiled(name, without(self.array(name), codes), self.numbers)


def sources(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    """Return the source columns of a declared column: itself, if nothing else is said."""
    return tuple(declared.get("columns") or (name,))
