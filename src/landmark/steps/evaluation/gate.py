"""Step `gate`: may this model replace the one before?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from landmark.artifacts.evaluation import Evaluation, OutputEvaluation, Verdict
from landmark.artifacts.readiness import Readiness, ReadinessLevel, is_waived
from landmark.core.findings import Finding, Level, block, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import Array
from landmark.statistics.resample import paired

SURE = 1.96
"""Standard errors to either side of a 95 % interval."""
LEAST_ROWS = 30
"""A slice of fewer rows cannot refuse a model."""


class Options(Settings):
    """What a successor must bring."""

    min_gain: float = Field(
        0.0, description="least relative gain of the mean loss over the previous model; 0: not surely worse"
    )
    max_slice_loss: float = Field(
        0.02, ge=0, description="most that the mean loss of a named slice may rise, as a share"
    )
    sign_off: Literal["required"] = Field("required", description="nothing goes live without a name on it")


def gate(evaluation: Evaluation, readiness: Readiness, options: Options) -> Verdict:
    """Say whether this model may replace the previous one, and why, slice by slice.

    Better overall but worse on a named slice is a refusal: the average hides harm.
    """
    findings = [f for name, output in evaluation.outputs.items() for f in compare(name, output, options)]
    findings += [not_compared(slice) for slice in evaluation.unsliced]
    passed = not any(finding.level == Level.BLOCK for finding in findings)
    reached = level(evaluation, readiness)
    signed = "A1" if reached == "A2" and passed and attested(readiness) else reached
    return Verdict(passed=passed, level=reached, signed_level=signed, findings=tuple(findings))


def compare(name: str, output: OutputEvaluation, options: Options) -> Iterator[Finding]:
    """Yield what speaks for and against the successor of one output."""
    if output.previous_refusal is not None:
        todo = "mend that, or give the old model up and start anew: landmark model reject OLD --by NAME"
        yield block("previous-not-comparable", name, output.previous_refusal, todo)
        return
    if output.previous_losses is None:
        yield note(
            "first-model", name, "no signed model predicts it yet", "sign this one: landmark sign MODEL --by NAME"
        )
        return
    before, (low, gain, high) = gained(output, np.arange(output.rows))
    seen = f"mean loss {before:.4g} -> {before - gain:.4g}, gain {gain:.3g} (95 % interval {low:.3g} to {high:.3g})"
    asked = options.min_gain * before
    if options.min_gain > 0 and not gain >= asked:
        todo = f"the gate asks for a gain of {asked:.3g} at least: {options.min_gain:.3g} of the loss before"
        yield block("worse-than-previous", name, seen, todo)
    elif options.min_gain <= 0 and high < asked:
        yield block("worse-than-previous", name, seen, f"the gate asks that the interval reach {asked:.3g}")
    else:
        yield note("compared-with-previous", name, seen)
    for where, rows in output.slice_rows.items():
        own, (_, gain, high) = gained(output, rows)
        if len(rows) >= LEAST_ROWS and high < -options.max_slice_loss * own:
            seen = f"on {len(rows)} rows mean loss {own:.4g} -> {own - gain:.4g}"
            yield block(
                "worse-on-slice", f"{name} where {where}", seen, "look at these rows before replacing the model"
            )


def not_compared(slice: str) -> Finding:
    """Return what is to be said of a slice by which the previous model was judged, and the successor cannot be."""
    seen = "the signed model was judged by it, and the rows do not have it any more: worse there would not be seen"
    return warn("slice-not-compared", slice, seen, "bring the column back, or look at what became of these rows")


def gained(output: OutputEvaluation, rows: Array) -> tuple[float, tuple[float, float, float]]:
    """Return the mean loss of the previous model on some rows, and the gain over it between its 95 % interval's ends.

    A row counts by its weight, and rows of one group as the one thing they are.
    """
    weight = np.ones(len(rows)) if output.weight is None else output.weight[rows]
    groups = None if output.groups is None else output.groups[rows]
    gain, error = paired(output.previous_losses[rows], output.losses[rows], weight, groups)
    before = float(np.average(output.previous_losses[rows], weights=weight))
    return before, (gain - SURE * error, gain, gain + SURE * error)


def level(evaluation: Evaluation, readiness: Readiness) -> ReadinessLevel:
    """Return A2 where A3 was reached and every output beats its baselines; A1 takes a signature."""
    weak = {"no-signal", "not-better-than-constant"}
    held = any(f.code in weak and not is_waived(f, readiness.waivers) for f in evaluation.findings)
    return "A2" if readiness.level == "A3" and not held else readiness.level


def attested(readiness: Readiness) -> bool:
    """Return whether a person has answered for all that only a person can: what holds the data at A2."""
    asked = [f for f in readiness.findings if readiness.holds.get(f.code) == "A2" and f.level != Level.NOTE]
    return all(is_waived(finding, readiness.waivers) for finding in asked)
