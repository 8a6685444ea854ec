"""Step `choice`: the simplest rung within one standard error of the best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pydantic import Field

from landmark.artifacts.candidates import Candidate, Candidates, Choice, OutputCandidates, OutputChoice
from landmark.core.findings import Finding, warn
from landmark.core.options import Options as Settings
from landmark.statistics.resample import paired


class Options(Settings):
    """What a model may cost in use; a rung that costs more is shown and not chosen.

    With several outputs, size and latency are of all together: the one file answers them all. Outputs take their rungs
    in the order of the document, each within what the rungs taken, and the simplest ones of those still to come, leave.
    """

    latency_ms: float | None = Field(None, gt=0, description="of a single row through the model, all outputs together")
    size_mb: float | None = Field(None, gt=0, description="of the model file, all outputs together")
    train_cpu_s: float | None = Field(
        None, gt=0, description="CPU seconds of all folds and the final fit of one rung, for one output"
    )


def choice(ladder: Candidates, options: Options) -> Choice:
    """Return the rung taken for each output, and the price of the next."""
    outputs, findings = {}, list[Finding]()
    taken = {name: eligible(output)[0] for name, output in ladder.outputs.items()}
    for name, output in ladder.outputs.items():
        room = left(options, [rung for other, rung in taken.items() if other != name])
        taken[name], outputs[name] = choose(output, room)
        over = [c.model for c in output.candidates if broken(c, room)]
        limit = "a limit" if room == options else "what other outputs leave of a limit"
        if taken[name].model in over:
            seen = f"every candidate is over {limit}; the simplest, {taken[name].model}, is taken"
            findings.append(warn("limits-not-met", name, seen, "raise the limits"))
        elif over:
            findings.append(warn("limit", name, f"not chosen, over {limit}: {', '.join(over)}", "see limits"))
    return Choice(outputs=outputs, size_mb=options.size_mb, findings=tuple(findings))


SIGNAL = 2.5
"""Standard errors by which something must beat the constant. One would be exceeded by chance in a sixth of all tables
without any signal, more often with several rungs tried; two and a half, with three rungs, in about one in fifty."""


def choose(output: OutputCandidates, limits: Options) -> tuple[Candidate, OutputChoice]:
    """Return the simplest rung whose paired loss is within one standard error of the best rung's, and why.

    The constant stays until it is beaten by SIGNAL standard errors: that there is anything to learn is a claim too.
    Where nothing keeps the limits, the simplest is taken.
    """
    able = [c for c in eligible(output) if not broken(c, limits)]
    rung, why = simplest(able, output, limits) if able else least(output, limits)
    above = next((c for c in output.candidates[output.candidates.index(rung) + 1 :]), None)
    return rung, OutputChoice(
        model=rung.model,
        why=why,
        next_model=above and above.model,
        next_gain=above and difference(rung, above, output)[0],
        next_price=price(rung, above) if above else "",
    )


def eligible(output: OutputCandidates) -> Sequence[Candidate]:
    """Return the rungs that may be chosen, simplest first; where none may, the simplest of all."""
    return [c for c in output.candidates if c.eligible] or output.candidates[:1]


def least(output: OutputCandidates, limits: Options) -> tuple[Candidate, str]:
    """Return the simplest rung, and which limits it breaks as all others do."""
    rung = eligible(output)[0]
    return rung, f"nothing that may be chosen keeps the limits, and it is the simplest: {broken(rung, limits)}"


def simplest(able: Sequence[Candidate], output: OutputCandidates, limits: Options) -> tuple[Candidate, str]:
    """Return the simplest rung, of those able, that the best of them does not surely beat, and why it is taken."""
    best = min(able, key=lambda c: c.score)
    for rung in able:
        (gain, error), doubt = difference(rung, best, output), SIGNAL if rung.landmark == "constant" else 1.0
        if rung is best or not gain > doubt * error:
            break
    better = [c for c in output.candidates if c.score < best.score]
    if rung is best:
        why = "it has the lowest loss" + (" of those that may be taken" if better else "")
    elif np.isfinite(error):
        why = f"{best.model} is better by {gain:.3g} only, within {times(doubt)} of {error:.3g}"
    else:
        why = f"{best.model} is better by {gain:.3g}, and how sure that is cannot be told"
    if able.index(rung):
        below = able[able.index(rung) - 1]
        loss, error = difference(below, rung, output)
        why += f"; {below.model}, simpler, is {'worse' if loss > 0 else 'better'} by {abs(loss):.3g}"
        why += f" (standard error {error:.3g})"
    for c in better:
        hindrance = f"breaks a limit: {broken(c, limits)}" if c.eligible else "is not among models.allow"
        why += f"; {c.model} is better by {difference(rung, c, output)[0]:.3g}, but {hindrance}"
    return rung, why


def times(count: float) -> str:
    """Return a number of standard errors in words."""
    return "one standard error" if count == 1 else f"{count:g} standard errors"


def left(limits: Options, others: Iterable[Candidate]) -> Options:
    """Return what the rungs of other outputs leave of the limits.

    A row goes through all, one after the other, so latencies add up. Of sizes the heads do: the transforms of columns
    are counted with each rung, and are in the file once.
    """
    spent = {"latency_ms": 0.0, "size_mb": 0.0}
    for rung in others:
        spent["latency_ms"] += rung.latency_us / 1e3
        spent["size_mb"] += len(rung.head) / 1e6
    given = {name: getattr(limits, name) for name in spent}
    return limits.model_copy(update={name: most and most - spent[name] for name, most in given.items()})


def broken(candidate: Candidate, limits: Options) -> str:
    """Return the limits that a candidate breaks, with its cost and what is allowed; nothing where it keeps them all."""
    costs = {
        "latency_ms": candidate.latency_us / 1e3,
        "size_mb": candidate.size_bytes / 1e6,
        "train_cpu_s": candidate.train_cpu_s,
    }
    allowed = {name: getattr(limits, name) for name in costs}
    over = [name for name, most in allowed.items() if most is not None and costs[name] > most]
    return ", ".join(f"{name} {costs[name]:.3g} > {max(allowed[name], 0):.3g}" for name in over)


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
