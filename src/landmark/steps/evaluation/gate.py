"""Step `gate`: may this model replace the one before?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from landmark.artifacts.evaluation import Evaluation, Verdict
from landmark.core.options import Options as Settings


class Options(Settings):
    """What a successor must bring."""

    min_gain: float = Field(0.0, description="least gain of the mean loss over the previous model")
    max_slice_loss: float = Field(0.02, ge=0, description="most that the mean loss of a named slice may rise")
    sign_off: Literal["required", "not required"] = "required"


def gate(evaluation: Evaluation, options: Options) -> Verdict:
    """Say whether this model may replace the previous one, and why, slice by slice.

    Better overall but worse on a named slice is a refusal: the average hides harm.
    """
    raise AssertionError
