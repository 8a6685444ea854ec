"""Step `choice`: the simplest rung within one standard error of the best."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from landmark.artifacts.candidates import Candidate, Candidates, Choice, OutputCandidates, OutputChoice
from landmark.core.findings import Finding, warn
from landmark.core.options import Options as Settings
from landmark.statistics.resample import paired


class Options(Settings):
    """What a model may cost in use; a rung that costs more is shown and not chosen."""

    latency_ms: float | None = Field(None, gt=0, description="of a single row")
    size_mb: float | None = Field(None, gt=0, description="of the model file")
    train_cpu_s: float | None = Field(None, gt=0, description="CPU seconds of all its folds and the final fit")


def choice(ladder: Candidates, options: Options) -> Choice:
    """Return the rung taken for each output, and the price of the next."""
    outputs, findings = {}, list[Finding]()
    for name, output in ladder.outputs.items():
        outputs[name] = choose(output, options)
        over = [c.model for c in output.candidates if breaks(c, options)]
        if outputs[name].model in over:
            seen = f"no candidate keeps the limits; the cheapest, {outputs[name].model}, is taken"
            findings.append(warn("limits-not-met", name, seen, "raise the limits"))
        elif over:
            findings.append(warn("limit", name, f"not chosen, over a limit: {', '.join(over)}", "see limits"))
    return Choice(outputs=outputs, findings=tuple(findings))


SIGNAL = 2.5
"""Standard errors by which something must beat the constant. One would be exceeded by chance in a sixth of all tables
without any signal, more often with several rungs tried; two and a half, with three rungs, in about one in fifty."""


def choose(output: OutputCandidates, options: Options) -> OutputChoice:
    """Return the cheapest rung whose paired loss is within one standard error of the best rung's.

    The constant stays until it is beaten by SIGNAL standard errors: that there is anything to learn is a claim too.
    """
    allowed = [c for c in output.candidates if c.eligible] or list(output.candidates[:1])
    able = [c for c in allowed if not breaks(c, options)] or allowed[:1]
    best = min(able, key=lambda c: c.score)
    for rung in able:
        gain, error = difference(rung, best, output)
        if rung is best or not gain > (SIGNAL if rung.landmark == "constant" else 1.0) * error:
            break
    taken = able.index(rung)
    why = (
        "it has the lowest loss"
        if rung is best
        else f"{best.model} is better by {gain:.3g} only, within its standard error {error:.3g}"
    )
    if taken:
        below, doubt = difference(able[taken - 1], rung, output)
        why += f"; {able[taken - 1].model}, one rung below, loses {below:.3g} (standard error {doubt:.3g})"
    above = next((c for c in output.candidates[output.candidates.index(rung) + 1 :]), None)
    return OutputChoice(
        model=rung.model,
        why=why,
        next_model=above and above.model,
        next_gain=above and difference(rung, above, output)[0],
        next_price=price(rung, above) if above else "",
    )


def breaks(candidate: Candidate, limits: Options) -> bool:
    """Return whether a candidate costs more than is allowed."""
    pairs = (
        (candidate.latency_us / 1e3, limits.latency_ms),
        (candidate.size_bytes / 1e6, limits.size_mb),
        (candidate.train_cpu_s, limits.train_cpu_s),
    )
    return any(limit is not None and cost > limit for cost, limit in pairs)


def difference(worse: Candidate, better: Candidate, output: OutputCandidates) -> tuple[float, float]:
    """Return how much lower the loss of `better` is, and the standard error of that, row by row or group by group."""
    both = np.isfinite(worse.losses) & np.isfinite(better.losses)
    groups = None if output.groups is None else output.groups[both]
    return paired(worse.losses[both], better.losses[both], output.weight[both], groups)


def price(rung: Candidate, above: Candidate) -> str:
    """Return what the next rung costs, as ratios a person can weigh."""
    parts = (
        ("latency", above.latency_us / max(rung.latency_us, 1e-9)),
        ("size", above.size_bytes / max(rung.size_bytes, 1)),
        ("training CPU", above.train_cpu_s / max(rung.train_cpu_s, 1e-3)),
    )
    return ", ".join(f"{ratio:.2g}x {name}" for name, ratio in parts)
