"""Step `evaluation`: every metric with its interval, beside its landmarks, whole and by slice.

Predictions come from the very graphs that will serve, run on the judging rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from landmark.artifacts.candidates import Candidates, Choice, OutputCandidates
from landmark.artifacts.evaluation import Evaluation, Interval, OutputEvaluation, Previous, SliceScore
from landmark.artifacts.manifest import OutputEntry
from landmark.artifacts.question import Output, Question, Task
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.context import Context
from landmark.core.errors import UserError, did_you_mean
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Array, Floats, Ints, columns_of
from landmark.datatypes import known_rows, truth_of, wire_all
from landmark.graph.batch import TOKEN_CHUNK, predict
from landmark.graph.check import FAULTS, open_model
from landmark.graph.compose import scorer
from landmark.graph.run import Feeds, run
from landmark.metrics import metrics_of
from landmark.statistics.resample import bootstrap
from landmark.statistics.slices import named_slices
from landmark.steps import shares, usual, weights_of

LEAST_ROWS = 10
"""A slice of fewer rows is left out: its interval would say nothing."""
MOST_NAMED = 5
"""Slices that are named in one finding."""
REFUSALS: tuple[type[Exception], ...] = (*FAULTS, UserError, KeyError)
"""What a model file raises that cannot be opened, or cannot be run on some rows."""


@dataclass(frozen=True)
class Court:
    """The judging rows, ready to judge any output."""

    rows: pa.Table
    training: pa.Table
    schema: Schema
    feeds: Feeds
    weight: Floats
    groups: Ints | None
    slices: dict[str, Array]
    previous: Previous
    context: Context


def evaluation(
    table: Table,
    split: Split,
    schema: Schema,
    transform: Transform,
    ladder: Candidates,
    choice: Choice,
    previous: Previous,
    question: Question,
    context: Context,
) -> Evaluation:
    """Return the judgement of the chosen rung of every output on the judging rows."""
    rows, training = judging_rows(table, split), training_rows(table, split)
    feeds, weight = wire_all(schema.features, rows, False), weights_of(schema, rows)
    sliced, unsliced = sliced_by(question, schema, previous, {*training.column_names} & {*rows.column_names})
    slices = named_slices(sliced, training, rows)
    court = Court(rows, training, schema, feeds, weight, split.test_groups, slices, previous, context)
    asked = {output.name: output for output in question.outputs}
    outputs, findings = {}, list(as_recorded(schema, training))
    for i, target in enumerate(schema.targets):
        context.progress(f"evaluation of {target.name}", i / len(schema.targets))
        tried, chosen = ladder.outputs[target.name], choice.outputs[target.name].model
        outputs[target.name] = judge(court, target, asked[target.name], tried, chosen, transform)
        (taken,) = [rung for rung in tried.candidates if rung.model == chosen]
        findings += remarks(target.name, outputs[target.name], taken.landmark)
        findings += beside_people(asked[target.name], outputs[target.name], metrics_of(tried.task).METRICS)
        findings += unjudged(target.name, outputs[target.name], slices)
    return Evaluation(outputs=outputs, sliced=sliced, unsliced=unsliced, findings=tuple(findings))


def sliced_by(
    question: Question, schema: Schema, previous: Previous, there: AbstractSet[str]
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Return the columns of every slice that is judged, and the slices that cannot be judged any more.

    They are those asked for, each protected column, and all that the previous model was judged by: a successor's own
    document cannot take a slice away from the gate. Of those, what is not among the columns `there` is given up.
    """
    own = tuple(dict.fromkeys((*question.slices, *(column.columns for column in schema.using("protected")))))
    before = [columns for columns in sliced_before(previous) if {*columns} not in map(set, own)]
    kept = tuple(columns for columns in before if there >= {*columns})
    return (*own, *kept), tuple(" and ".join(columns) for columns in before if columns not in kept)


def sliced_before(previous: Previous) -> tuple[tuple[str, ...], ...]:
    """Return the columns of the slices that the previous model was judged by; none where it cannot be opened."""
    try:
        return () if previous.model is None else open_model(previous.model).manifest.sliced
    except REFUSALS:  # every output that it had is told so by `held_before`
        return ()


def as_recorded(schema: Schema, training: pa.Table) -> Iterator[Finding]:
    """Yield what is to be known of every exposure: rows are judged with their own value, and served with one."""
    for column in schema.using("exposure"):
        fixed = usual(column, columns_of(training, column.columns))
        values = ", ".join("no value" if value is None else repr(value) for value in fixed.values())
        seen = f"each row is judged with the value it had, while service gives every row {values}"
        todo = f"to see how good it is at that value: slices: [{', '.join(column.columns)}]"
        yield note("exposure-as-recorded", column.name, seen, todo)


def judge(
    court: Court, target: Column, asked: Output, tried: OutputCandidates, chosen: str, transform: Transform
) -> OutputEvaluation:
    """Return the judgement of one output.

    Raises: UserError for a metric of another task, and where no judging row holds the output or has a weight.
    """
    kind, task = metrics_of(tried.task), tried.task
    metric, seed = asked.metric or kind.DEFAULT, court.context.seed_for("bootstrap", target.name)
    if metric not in kind.METRICS:
        what = f"'{metric}' is no metric of a {task.kind} output"
        raise UserError(f"outputs.{target.name}.metric", what, fix=did_you_mean(metric, kind.METRICS))
    truth = truth_of(target, tried.target, columns_of(court.rows, target.columns))
    known = known_rows(truth)
    if not len(known):
        raise UserError(f"outputs.{target.name}", "no judging row has a value", fix="bring judging rows that have one")
    y = truth[known]
    feeds = {name: array[known] for name, array in court.feeds.items()}
    predictions = {
        c.model: predict(scorer(transform, c.head, task.width), transform.features, feeds) for c in tried.candidates
    }

    weight = shares(court.schema, court.weight, known, target.name, "judging")
    bench = Bench(task, metric, y, seed, weight, None if court.groups is None else court.groups[known])
    members = {name: np.flatnonzero(member[known]) for name, member in court.slices.items()}
    before, refusal = held_before(court.previous, target.name, task, court.rows, known)
    taught = truth_of(target, tried.target, columns_of(court.training, target.columns))[tried.rows]
    drawn = kind.prior(task, taught, len(known), court.context.generator("prior", target.name), tried.weight)
    landmarks = {
        "constant": None,
        "random": bench.value(drawn),
        "best_column": None,
        "previous": None if before is None else bench.value(before),
        "people": asked.people.get(metric),
        **{rung.landmark: bench.value(predictions[rung.model]) for rung in tried.candidates if rung.landmark},
    }
    return bench.judged(predictions[chosen], members, target.options.get("unit") or "").model_copy(
        update={
            "landmarks": landmarks,
            "candidates": {model: bench.interval(prediction) for model, prediction in predictions.items()},
            "previous_losses": None if before is None else kind.losses(y, before),
            "previous_refusal": refusal,
        }
    )


@dataclass(frozen=True)
class Bench:
    """The truth of one output on some rows, against which any prediction (n, width) is held.

    `weight` (n,) is how much each row counts, None where each counts as one; `groups` (n,) ties rows that err together.
    """

    task: Task
    metric: str
    y: Array
    seed: int
    weight: Floats | None = None
    groups: Ints | None = None

    @property
    def counts(self) -> Floats:
        """Return how much each row (n,) counts."""
        return np.ones(len(self.y)) if self.weight is None else self.weight

    def value(self, prediction: Floats, metric: str | None = None) -> float:
        """Return one metric on all rows."""
        return float(metrics_of(self.task).score(metric or self.metric, self.y, prediction, self.counts))

    def interval(self, prediction: Floats, rows: Array | slice = slice(None)) -> Interval:
        """Return the main metric with its interval, on all rows or some."""
        y, own, score = self.y[rows], prediction[rows], metrics_of(self.task).score
        groups = None if self.groups is None else self.groups[rows]

        def value(weight: Floats) -> float:
            return float(score(self.metric, y, own, weight))

        return bootstrap(value, self.counts[rows], self.seed, groups=groups)

    def judged(self, prediction: Floats, members: dict[str, Array], unit: str) -> OutputEvaluation:
        """Return every metric, the interval of the main one, and the slices that have rows enough."""
        kind = metrics_of(self.task)
        large = {name: rows for name, rows in members.items() if np.count_nonzero(self.counts[rows]) >= LEAST_ROWS}
        return OutputEvaluation(
            metric=self.metric,
            greater_is_better=kind.METRICS[self.metric],
            unit=unit,
            rows=len(self.y),
            test={name: self.value(prediction, name) for name in kind.METRICS},
            interval=self.interval(prediction),
            landmarks={},
            slices=tuple(
                SliceScore(where=name, rows=len(rows), score=self.interval(prediction, rows))
                for name, rows in large.items()
            ),
            losses=kind.losses(self.y, prediction),
            weight=self.weight,
            groups=self.groups,
            slice_rows=large,
            confusion=confusion(self.y, prediction) if self.task.kind in ("binary", "multiclass") else None,
        )


def held_before(
    previous: Previous, output: str, task: Task, rows: pa.Table, known: Array
) -> tuple[Floats | None, str | None]:
    """Return what the previous model says of the known rows, or why it cannot be compared; neither for a first one."""
    if previous.model is None:
        return None, None
    try:
        before = predicted_before(previous.model, output, task, rows)
        if before is None:
            return None, None
        if not np.isfinite(before[known]).all():
            raise UserError(output, "it gives no number for some rows")
    except REFUSALS as fault:
        reason = f"a column is gone: {fault}" if isinstance(fault, KeyError) else " ".join(str(fault).split())
        return None, f"the signed model cannot be run on the judging rows: {reason}"
    return before[known], None


def predicted_before(model: bytes, output: str, task: Task, rows: pa.Table) -> Floats | None:
    """Return what a model says of rows, its labels in the order of today's; None if it never had the output.

    Raises: UserError, KeyError or a fault of the runtime where it cannot be opened or run, or had another task.
    """
    opened = open_model(model)
    entry = opened.manifest.outputs.get(output)
    if entry is None:
        return None
    one_label = ("binary", "multiclass")
    if entry.task != task.kind and not (entry.task in one_label and task.kind in one_label):
        raise UserError(f"outputs.{output}", f"it was a {entry.task} output, and is a {task.kind} output now")
    own = predicted(opened.session, entry, output, wire_all(opened.manifest.columns.values(), rows, False))
    if not task.labels:
        return own
    place = {label: i for i, label in enumerate(entry.labels)}
    known = [place.get(label) for label in task.labels]
    return np.stack([own[:, i] if i is not None else np.zeros(len(own)) for i in known], axis=1)


def predicted(session: Any, entry: OutputEntry, output: str, feeds: Feeds) -> Floats:
    """Return the prediction (n, width) that a model file makes of rows."""
    if entry.labels:
        return np.asarray(run(session, feeds, [f"{output}.p"], TOKEN_CHUNK)[0], np.float64)
    return np.asarray(run(session, feeds, [output], TOKEN_CHUNK)[0], np.float64)[:, None]


def confusion(y: Array, prediction: Floats) -> tuple[tuple[int, ...], ...]:
    """Return counts by true label (rows) and predicted label (columns); labels never seen are left out."""
    width = prediction.shape[1]
    known = y < width
    flat = np.bincount(y[known] * width + np.argmax(prediction[known], axis=1), minlength=width * width)
    return tuple(tuple(int(n) for n in row) for row in flat.reshape(width, width))


def remarks(output: str, judged: OutputEvaluation, landmark: str | None) -> list[Finding]:
    """Return what a reader should notice before believing the number; `landmark` is what the chosen rung stands for."""
    found = []
    if landmark == "constant":
        found.append(warn("no-signal", output, "no model beat the constant", "look for columns that carry the answer"))
    elif judged.landmarks["constant"] is not None:
        gain = judged.interval.low - judged.landmarks["constant"], judged.landmarks["constant"] - judged.interval.high
        if not (gain[0] if judged.greater_is_better else gain[1]) > 0:
            seen = f"the interval of {judged.metric} reaches the constant's {judged.landmarks['constant']:.4g}"
            found.append(warn("not-better-than-constant", output, seen, "more judging rows, or better columns"))
    return found


def beside_people(asked: Output, judged: OutputEvaluation, greater_is_better: Mapping[str, bool]) -> Iterator[Finding]:
    """Yield how the model stands to people: by the metric shown first where it is below them, by others in any case."""
    for metric, people in asked.people.items():
        own = judged.test[metric]
        below = own != people and (own < people) == greater_is_better[metric]
        if below or metric != judged.metric:
            seen = f"by {metric} people reach {people:.4g}, the model {own:.4g}"
            yield note("below-people" if below else "beside-people", asked.name, seen)


def unjudged(output: str, judged: OutputEvaluation, slices: Mapping[str, Array]) -> Iterator[Finding]:
    """Yield the slices of too few judging rows, about which nothing is known: silence would look like fairness."""
    small = [name for name in slices if name not in judged.slice_rows]
    if small:
        more = f" and {len(small) - MOST_NAMED} more" if len(small) > MOST_NAMED else ""
        seen = f"fewer than {LEAST_ROWS} judging rows: {'; '.join(small[:MOST_NAMED])}{more}"
        yield note("slice-not-judged", output, seen, "bring judging rows of it, or do not use the model for it")
