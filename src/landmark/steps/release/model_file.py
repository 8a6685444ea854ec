"""Step `model_file`: raw typed columns in, decisions out, one file.

Nothing in it depends on the clock or on a place, so the same data, document and version give the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from landmark import __version__
from landmark.artifacts.candidates import Candidates, Choice, OutputCandidates
from landmark.artifacts.evaluation import Evaluation, Verdict
from landmark.artifacts.features import Value
from landmark.artifacts.manifest import ColumnEntry, Golden, Manifest, ModelFile, OutputEntry
from landmark.artifacts.profile import Profile
from landmark.artifacts.question import Question
from landmark.artifacts.readiness import Readiness
from landmark.artifacts.schema import Column, Schema
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.artifacts.transform import Transform
from landmark.core.digest import of_json
from landmark.core.findings import Finding, warn
from landmark.core.seeds import generator
from landmark.core.table import Columns, columns_of
from landmark.datatypes import DATATYPES, wire_all
from landmark.graph.builder import Graph
from landmark.graph.check import open_model, seal
from landmark.graph.compose import attach, corridor, parse, serialize
from landmark.graph.golden import as_json
from landmark.graph.run import session
from landmark.statistics.summary import compact
from landmark.steps import usual

GOLDEN_ROWS = 8
GOLDEN_SEED = 20_26


def model_file(
    table: Table,
    split: Split,
    profile: Profile,
    schema: Schema,
    readiness: Readiness,
    transform: Transform,
    ladder: Candidates,
    choice: Choice,
    evaluation: Evaluation,
    gate: Verdict,
    question: Question,
) -> ModelFile:
    """Return the model file with its manifest and golden rows, verified by opening it."""
    graph, tensors = corridor(transform)
    for i, target in enumerate(schema.targets):
        tried, taken = ladder.outputs[target.name], choice.outputs[target.name].model
        (chosen,) = [c for c in tried.candidates if c.model == taken]
        prediction = attach(graph, tensors, chosen.head, f"h{i}")
        answer(graph, target, prediction, tried)
    model = graph.build()
    taught = training_rows(table, split)
    columns = {column.name: column_entry(column, transform, profile, taught) for column in schema.features}
    findings = (*readiness.findings, *evaluation.findings)
    manifest = Manifest(
        name=question.name,
        version=__version__,
        data=table.digest,
        run=of_json({"data": table.digest, "document": question.document, "version": __version__}),
        source=table.kind,
        source_format=table.format,
        rows={"train": len(split.train), "test": judging_rows(table, split).num_rows},
        sample=table.sample,
        columns=columns,
        outputs=output_entries(schema.targets, ladder, choice, evaluation),
        sliced=evaluation.sliced,
        level=gate.level,
        signed_level=gate.signed_level,
        findings=tuple(Finding.model_validate(finding) for finding in findings),
        waivers=readiness.waivers,
        gate={"passed": gate.passed, "findings": [finding.as_json() for finding in gate.findings]},
        golden=golden(serialize(graph), columns.values()),
    )
    content = seal(model, manifest)
    return ModelFile(content=content, manifest=open_model(content).manifest, findings=too_large(content, choice))


def too_large(content: bytes, choice: Choice) -> tuple[Finding, ...]:
    """Return what is to be said where a file exceeds its limit: rungs were chosen before it stood as a whole."""
    size = len(content) / 1e6
    if choice.size_mb is None or size <= choice.size_mb:
        return ()
    seen = f"the model file has {size:.3g} MB with its manifest, the limit is {choice.size_mb:.3g} MB"
    return (warn("limits-not-met", "model_file", seen, "raise limits.size_mb, or allow smaller models only"),)


def answer(graph: Graph, target: Column, prediction: Value, tried: OutputCandidates) -> None:
    """Give the decision of one output, and its probabilities, to the outside."""
    datatype, task = DATATYPES[target.type], tried.task
    state = datatype.TargetState.model_validate(tried.target)
    flat = ("N",) if task.kind != "multilabel" else ("N", task.width)
    for name, value in datatype.decode(graph, target.name, prediction, state).items():
        if name == target.name:
            graph.output(name, value, task.decision, flat)
        else:
            graph.output(name, value, "float64", ("N", task.width))


def column_entry(column: Column, transform: Transform, profile: Profile, taught: pa.Table) -> ColumnEntry:
    """Return what the file says of one input; `taught` are the training rows.

    An exposure has one value in service. The evaluation judges with the value that each row really had.
    """
    return ColumnEntry(
        type=column.type,
        columns=column.columns,
        options=column.options,
        tensors=tuple(tensor.name for tensor in parse(transform.parts[column.name]).graph.input),
        fixed=usual(column, columns_of(taught, column.columns)) if column.use == "exposure" else {},
        profile={name: compact(profile.train.columns[name]) for name in column.columns},
    )


def output_entries(
    targets: Iterable[Column], candidates: Candidates, choice: Choice, evaluation: Evaluation
) -> dict[str, OutputEntry]:
    """Return what the file says of its answers."""
    entries = {}
    for target in targets:
        judged, tried = evaluation.outputs[target.name], candidates.outputs[target.name]
        entries[target.name] = OutputEntry(
            type=target.type,
            task=tried.task.kind,
            options=target.options,
            labels=tried.task.labels,
            state=tried.target,
            model=choice.outputs[target.name].model,
            metric=judged.metric,
            test=judged.test,
            interval=judged.interval,
            landmarks=judged.landmarks,
            slices=tuple(part.model_dump(mode="json") for part in judged.slices),
        )
    return entries


def golden(model: bytes, columns: Collection[ColumnEntry]) -> Golden:
    """Return rows made by the data types, never copied from the data, and the answers to them."""
    made: Columns = {}
    for column in columns:
        rng = generator(GOLDEN_SEED, *column.columns)
        made |= DATATYPES[column.type].example(rng, GOLDEN_ROWS, column.columns)
    feeds = wire_all(columns, pa.table(made), False)
    engine = session(model)
    names = [output.name for output in engine.get_outputs()]
    answers = dict(zip(names, engine.run(names, {t.name: feeds[t.name] for t in engine.get_inputs()}), strict=True))
    return Golden(
        rows={name: as_json(array) for name, array in feeds.items()},
        answers={name: as_json(array) for name, array in answers.items()},
    )
