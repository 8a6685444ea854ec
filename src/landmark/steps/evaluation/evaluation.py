"""Step `evaluation`: every metric with its interval, beside its landmarks, whole and by slice.

Predictions come from the very graphs that will serve, run on the judging rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.candidates import Candidates, Choice, OutputCandidates
from landmark.artifacts.evaluation import Evaluation, Interval, OutputEvaluation, Previous, SliceScore
from landmark.artifacts.question import Output, Question
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.errors import UserError
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Array, Floats, columns_of
from landmark.datatypes import DATATYPES, options_of, wire_all
from landmark.graph.batch import predict
from landmark.graph.check import open_model
from landmark.graph.compose import scorer
from landmark.graph.run import Feeds, run
from landmark.metrics import metrics_of
from landmark.statistics.resample import bootstrap
from landmark.statistics.slices import named_slices

LEAST_ROWS = 10
"""A slice of fewer rows is left out: its interval would say nothing."""


@dataclass(frozen=True)
class Court:
    """The judging rows, ready to judge any output."""

    rows: pa.Table
    training: pa.Table
    feeds: Feeds
    slices: dict[str, Array]
    previous: Previous
    context: Context


def evaluation(
    table: Table,
    split: Split,
    schema: Schema,
    transform: Transform,
    candidates: Candidates,
    choice: Choice,
    previous: Previous,
    question: Question,
    context: Context,
) -> Evaluation:
    """Return the judgement of the chosen rung of every output on the judging rows."""
    rows, training = judging_rows(table, split), training_rows(table, split)
    feeds, slices = wire_all(schema.features, rows, False), named_slices(question.slices, training, rows)
    court = Court(rows, training, feeds, slices, previous, context)
    asked = {output.name: output for output in question.outputs}
    outputs, findings = {}, list[Finding]()
    for i, target in enumerate(schema.targets):
        context.progress(f"evaluation of {target.name}", i / len(schema.targets))
        tried, chosen = candidates.outputs[target.name], choice.outputs[target.name].model
        outputs[target.name] = judge(court, target, asked[target.name], tried, chosen, transform)
        findings += remarks(target.name, outputs[target.name], chosen)
    return Evaluation(outputs=outputs, findings=tuple(findings))


def judge(
    court: Court, target: Column, asked: Output, tried: OutputCandidates, chosen: str, transform: Transform
) -> OutputEvaluation:
    """Return the judgement of one output."""
    kind, task = metrics_of(tried.task), tried.task
    metric, seed = asked.metric or kind.DEFAULT, court.context.seed_for("bootstrap", target.name)
    truth = encoded(target, tried.target, court.rows)
    known = np.flatnonzero(np.isfinite(truth) if truth.dtype.kind == "f" else truth.reshape(len(truth), -1)[:, 0] >= 0)
    y, even = truth[known], np.ones(len(known))
    feeds = {name: array[known] for name, array in court.feeds.items()}
    predictions = {
        c.model: predict(scorer(transform, c.head, task.width), transform.features, feeds) for c in tried.candidates
    }

    def score(prediction: Floats, members: Array | slice = slice(None)) -> Interval:
        mine, theirs = y[members], prediction[members]
        return bootstrap(lambda w: float(kind.score(metric, mine, theirs, w)), even[members], seed)

    answer = predictions[chosen]
    before = predicted_before(court.previous, target.name, task.labels, court.rows)
    drawn = kind.prior(task, encoded(target, tried.target, court.training)[tried.rows], len(known), court.context.generator("prior", target.name))
    members = {name: np.flatnonzero(member[known]) for name, member in court.slices.items()}
    members = {name: rows for name, rows in members.items() if len(rows) >= LEAST_ROWS}
    return OutputEvaluation(
        metric=metric,
        greater_is_better=kind.METRICS[metric],
        unit=target.options.get("unit") or "",
        rows=len(known),
        test={name: float(kind.score(name, y, answer, even)) for name in kind.METRICS},
        interval=score(answer),
        landmarks={
            "constant": score(predictions["constant"]).value,
            "random": float(kind.score(metric, y, drawn, even)),
            "best_column": score(predictions["rule"]).value if "rule" in predictions else None,
            "previous": None if before is None else float(kind.score(metric, y, before[known], even)),
            "people": asked.people.get(metric),
        },
        slices=tuple(SliceScore(where=name, rows=len(rows), score=score(answer, rows)) for name, rows in members.items()),
        candidates={model: score(prediction) for model, prediction in predictions.items()},
        losses=kind.losses(y, answer),
        previous_losses=None if before is None else kind.losses(y, before[known]),
        slice_rows=members,
        confusion=confusion(y, answer) if task.kind in ("binary", "multiclass") else None,
    )


def encoded(target: Column, state: dict[str, Any], rows: pa.Table) -> Array:
    """Return the truth of rows, encoded by what was learnt from training rows."""
    datatype, options = DATATYPES[target.type], options_of(target)
    return datatype.encode(columns_of(rows, target.columns), options, datatype.TargetState.model_validate(state))


def predicted_before(previous: Previous, output: str, labels: tuple[str, ...], rows: pa.Table) -> Floats | None:
    """Return what the previous model says of rows, its labels in the order of today's; None if it cannot."""
    if previous.model is None:
        return None
    opened = open_model(previous.model)
    entry = opened.manifest.outputs.get(output)
    if entry is None:
        return None
    try:
        feeds = wire_all(opened.manifest.columns.values(), rows, False)
    except (UserError, KeyError):
        return None
    if not labels:
        return np.asarray(run(opened.session, feeds, [output])[0], np.float64)[:, None]
    own = run(opened.session, feeds, [f"{output}.p"], 128)[0]
    place = {label: i for i, label in enumerate(entry.labels)}
    known = [place.get(label) for label in labels]
    return np.stack([own[:, i] if i is not None else np.zeros(len(own)) for i in known], axis=1)


def confusion(y: Array, prediction: Floats) -> tuple[tuple[int, ...], ...]:
    """Return counts by true label (rows) and predicted label (columns); labels never seen are left out."""
    width = prediction.shape[1]
    known = y < width
    flat = np.bincount(y[known] * width + np.argmax(prediction[known], axis=1), minlength=width * width)
    return tuple(tuple(int(n) for n in row) for row in flat.reshape(width, width))


def remarks(output: str, judged: OutputEvaluation, chosen: str) -> list[Finding]:
    """Return what a reader should notice before believing the number."""
    found = []
    if chosen == "constant":
        found.append(warn("no-signal", output, "no model beat the constant", "look for columns that carry the answer"))
    elif judged.landmarks["constant"] is not None:
        gain = judged.interval.low - judged.landmarks["constant"], judged.landmarks["constant"] - judged.interval.high
        if (gain[0] if judged.greater_is_better else gain[1]) <= 0:
            seen = f"the interval of {judged.metric} reaches the constant's {judged.landmarks['constant']:.4g}"
            found.append(warn("not-better-than-constant", output, seen, "more judging rows, or better columns"))
    people = judged.landmarks["people"]
    if people is not None and (judged.interval.value < people) == judged.greater_is_better:
        found.append(note("below-people", output, f"people reach {people:.4g}, the model {judged.interval.value:.4g}"))
    return found


