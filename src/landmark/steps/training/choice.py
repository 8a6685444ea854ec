"""Step `choice`: the simplest rung within one standard error of the best."""

from __future__ import annotations

from pydantic import Field

from landmark.artifacts.candidates import Candidates, Choice
from landmark.core.options import Options as Settings


class Options(Settings):
    """What a model may cost in use; a rung that costs more is shown and not chosen."""

    latency_ms: float | None = Field(None, gt=0, description="of a single row")
    size_mb: float | None = Field(None, gt=0)
    train_cpu_s: float | None = Field(None, gt=0)


def choice(candidates: Candidates, options: Options) -> Choice:
    """Return the rung taken for each output, and the price of the next."""
    raise AssertionError
