"""Step `ladder`: climb from the constant upwards, every rung scored out of fold.

The climb is lazy: before a dearer rung is fitted on all folds it is tried on the first one, and left there
when it does not lower the loss of the rows it is tested on. Nothing here sees a judging row.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import Field

from landmark.artifacts.candidates import Candidate, Candidates, OutputCandidates
from landmark.artifacts.question import Task
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, training_rows
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Clock, Context
from landmark.core.errors import UserError
from landmark.core.findings import Finding, note
from landmark.core.options import Options as Settings
from landmark.core.table import Array, Floats, Ints, columns_of
from landmark.datatypes import DATATYPES, known_rows, options_of, truth_of, wire_all
from landmark.graph.batch import batch_of
from landmark.graph.builder import Graph
from landmark.graph.compose import head, scorer
from landmark.graph.run import Feeds, session
from landmark.metrics import metrics_of
from landmark.models import MODELS, Fitted, Lower, Sample
from landmark.models import ladder as rungs
from landmark.statistics.resample import folds, paired
from landmark.steps import shares, weights_of

ALWAYS = 20
"""Rungs up to this cost are fitted on all folds without a trial: they are landmarks as much as candidates."""
LOOKS = 30
"""Single-row runs whose median is the latency."""


class Options(Settings):
    """Which rungs are tried, how often the training rows are folded, and each rung's own settings."""

    allow: tuple[str, ...] = Field((), description="names of models; empty: all that suit")
    folds: int = Field(5, ge=2, le=20)
    settings: dict[str, dict[str, Any]] = Field({}, description="model -> its Options")


@dataclass
class Climb:
    """One output on its way up: its rows, its folds, and what stands so far."""

    task: Task
    sample: Sample
    parts: list[tuple[Ints, Ints]]
    context: Context
    groups: Ints | None = None
    lower: Lower = field(default_factory=Lower)
    best: Floats | None = None

    @property
    def loss(self) -> Any:
        """Return the metrics of the task, whose proper score chooses."""
        return metrics_of(self.task)


def ladder(
    table: Table, split: Split, schema: Schema, transform: Transform, options: Options, context: Context
) -> Candidates:
    """Return every rung tried for every output."""
    rows = training_rows(table, split)
    feeds = wire_all(schema.features, rows, False)
    batch = batch_of(transform, feeds)
    weight = weights_of(schema, rows)
    first = {name: array[:1] for name, array in feeds.items()}
    outputs = {}
    for target in schema.targets:
        state, task, y = truth(target, rows)
        known = known_rows(y)
        if not len(known):
            what = f"no training row has a value that reads as {target.type}"
            raise UserError(f"outputs.{target.name}", what, fix="declare another type, or mend the column")
        own = shares(schema, weight, known, target.name, "training")
        ties = None if split.groups is None else np.asarray(split.groups[known], np.int64)
        sample = Sample(batch.take(known), y[known], own, ties, ordered=split.by == "time")
        parts = folds(split, y[known], task.kind, options.folds, context.seed_for("folds", target.name), known)
        climb = Climb(task, sample, parts, context, groups_of(split, known))
        tried, passed_over = go_up(climb, target.name, options, transform, first)
        outputs[target.name] = OutputCandidates(
            task=task,
            loss=climb.loss.LOSS,
            target=state.model_dump(mode="json"),
            rows=known,
            weight=sample.weight,
            groups=climb.groups,
            candidates=tuple(tried),
            passed_over=tuple(passed_over),
        )
    return Candidates(outputs=outputs)


def truth(target: Column, rows: Any) -> tuple[Any, Task, Array]:
    """Return the state, the task and the encoded truth of a target, learnt from training rows."""
    datatype, columns = DATATYPES[target.type], columns_of(rows, target.columns)
    state = datatype.learn(columns, options_of(target))
    return state, datatype.task(state), truth_of(target, state, columns)


def groups_of(split: Split, rows: Ints) -> Ints | None:
    """Return the groups (m,) of some training rows, as far as the split is by group and there are several."""
    if split.by != "group" or split.groups is None or len(np.unique(split.groups[rows])) < 2:
        return None
    return np.asarray(split.groups[rows], np.int64)


def go_up(
    climb: Climb, output: str, options: Options, transform: Transform, first: Feeds
) -> tuple[list[Candidate], list[Finding]]:
    """Return the rungs fitted, cheapest first, and why others were not."""
    tried: list[Candidate] = []
    passed_over: list[Finding] = []
    names = [n for n in rungs() if not options.allow or n in options.allow or MODELS[n].LANDMARK]
    for i, name in enumerate(names):
        climb.context.progress(f"{output}: {name}", i / len(names))
        settings = MODELS[name].Options.model_validate(options.settings.get(name, {}))
        refusal = MODELS[name].suits(climb.task, climb.sample.batch.features, climb.sample.batch.rows, settings)
        rung = refusal or fit_rung(climb, name, settings, transform, first, trial=name not in options.allow)
        if isinstance(rung, Finding):
            passed_over.append(rung)
        else:
            may = not options.allow or name in options.allow
            tried.append(rung if may else rung.model_copy(update={"eligible": False}))
    return tried, passed_over


def fit_rung(
    climb: Climb, name: str, settings: Any, transform: Transform, first: Feeds, trial: bool
) -> Candidate | Finding:
    """Return a rung fitted on every fold and on all rows, or why it was left after the first fold."""
    model, clock, sample = MODELS[name], Clock(), climb.sample
    prediction = np.full((sample.batch.rows, climb.task.width), np.nan)
    fitted: list[Fitted] = []
    for number, (teach, judge) in enumerate(climb.parts):
        with clock.running():
            parts = [sample.take(rows) for rows in (teach, judge)]
            like = fitted[0] if fitted else None
            fitted.append(model.fit(parts[0], parts[1], climb.task, settings, climb.context, like))
            prediction[judge] = fitted[-1].predict(parts[1].batch)
        losses = climb.loss.losses(sample.y[judge], prediction[judge])
        if number == 0 and trial and model.COST > ALWAYS and climb.best is not None:
            gain = float(np.average(climb.best[judge] - losses, weights=sample.weight[judge]))
            if gain <= 0:
                return note(
                    "rung-left-early",
                    name,
                    f"its loss on the first fold was {-gain:.4g} above a simpler rung's ({clock.cpu_s:.1f} CPU s)",
                    f"to fit it on all folds nevertheless: models: {{allow: [{name}]}}",
                )
    with clock.running():
        final = model.finish(fitted, sample, climb.task, settings, climb.context, climb.lower)
    return stand(climb, name, final, prediction, clock, transform, first)


def stand(
    climb: Climb, name: str, final: Fitted, prediction: Floats, clock: Clock, transform: Transform, first: Feeds
) -> Candidate:
    """Return a fitted rung as a candidate, and let the rungs above build on it.

    Raises: UserError naming a rung that predicts no number for a row.
    """
    sample, judged = climb.sample, np.unique(np.concatenate([judge for _, judge in climb.parts]))
    lost = int((~np.isfinite(prediction[judged]).all(axis=1)).sum())
    if lost:
        what = f"it gives no number for {lost} of {len(judged)} rows"
        raise UserError(f"models.{name}", what, fix="leave it out: models: {allow: [...]}, or change its settings")
    losses = np.full(sample.batch.rows, np.nan)
    losses[judged] = climb.loss.losses(sample.y[judged], prediction[judged])
    weight = sample.weight[judged]
    if climb.best is None or np.average(losses[judged], weights=weight) < np.average(
        climb.best[judged], weights=weight
    ):
        climb.best = losses
    climb.lower.fitted[name] = final
    sample.batch.scores[name] = prediction
    g = Graph()
    g.declare(sample.batch.features)
    top = head(final.graph(g, sample.batch.features), g, climb.task.width)
    whole = scorer(transform, top, climb.task.width)
    groups = None if climb.groups is None else climb.groups[judged]
    mean, error = paired(losses[judged], np.zeros(len(judged)), weight, groups)
    return Candidate(
        model=name,
        landmark=MODELS[name].LANDMARK,
        score=mean,
        standard_error=error,
        train_cpu_s=clock.cpu_s,
        latency_us=latency(whole, first),
        size_bytes=len(whole),
        losses=losses,
        head=top,
        settings=final.settings,
    )


def latency(model: bytes, first: Feeds) -> float:
    """Return the median time of one row through the whole graph, in microseconds."""
    engine = session(model)
    own = {tensor.name: first[tensor.name] for tensor in engine.get_inputs()}
    seconds = []
    for _ in range(LOOKS):
        start = time.perf_counter()
        engine.run(None, own)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1e6
