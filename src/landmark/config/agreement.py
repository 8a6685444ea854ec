"""Whether the sections of a document agree, as far as that can be told without the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from landmark.config.document import WHOLE, Document
from landmark.config.question import declared, metric_of, unit_of
from landmark.config.variants import output_kinds, type_word
from landmark.config.yaml12 import Marked, Place
from landmark.core.errors import UserError, did_you_mean
from landmark.core.units import check_unit, convert
from landmark.metrics import METRICS
from landmark.steps.data.readiness import unknown_codes

INPUT_USES = ("feature", "exposure", "protected")
Disagreement: TypeAlias = tuple[Place, str, str]
Check: TypeAlias = Callable[[Document], Iterator[Disagreement]]


def disagreements(document: Document, marked: Marked, alone: bool = False) -> list[UserError]:
    """Return every contradiction between sections, with line, path and the next action.

    alone: the outputs are not known, so that only what stands by itself can be told.
    """
    checks = ALONE if alone else (*ALONE, *TOGETHER)
    return [
        UserError(marked.where(place), what, seen=marked.seen(place), fix=fix)
        for check in checks
        for place, what, fix in check(document)
    ]


def _outputs(document: Document) -> list[str]:
    return [output.name for output in document.outputs]


def _twice(names: Iterable[str]) -> list[tuple[int, str]]:
    """Return the places and names that repeat an earlier one."""
    first: dict[str, int] = {}
    return [(n, name) for n, name in enumerate(names) if first.setdefault(name, n) != n]


def _names(document: Document) -> Iterator[Disagreement]:
    for n, name in _twice(_outputs(document)):
        yield ("outputs", n), f"'{name}' is there already", "name every output once"


def _inputs(document: Document) -> Iterator[Disagreement]:
    inputs = document.inputs or ()
    for n, name in _twice(inputs):
        yield ("inputs", n), f"'{name}' is there already", "name every input once"
    for n, name in enumerate(inputs):
        use = document.columns[name].use if name in document.columns else "feature"
        if name in _outputs(document):
            yield ("inputs", n), f"'{name}' is to be predicted, so it cannot be an input", "take it out of inputs"
        elif use not in INPUT_USES:
            yield ("inputs", n), f"'{name}' is used as {use}, so it cannot be an input", f"see columns: {name}: use"


def _output_columns(document: Document) -> Iterator[Disagreement]:
    """Yield where `columns` and `outputs` say different things of the same column."""
    for n, output in enumerate(document.outputs):
        if output.name not in document.columns or output.name in _outputs(document)[:n]:
            continue
        column, own = declared(document.columns[output.name]), declared(output)
        for key in column.keys() & own.keys() - {"use"}:
            if column[key] != own[key]:
                seen = f"'{output.name}' has {key} {own[key]} here and {column[key]} in columns"
                yield ("outputs", n, key), seen, "say it once"
        if column.get("use", "target") != "target":
            yield ("columns", output.name, "use"), "it is to be predicted", "take out use, or take it out of outputs"
        kind, known = type_word(column), output_kinds()
        if kind not in known:
            what = f"a column of type {kind} cannot be predicted"
            yield ("columns", output.name, "type"), what, did_you_mean(kind, filter(None, known))


def _uses(document: Document) -> Iterator[Disagreement]:
    weights = [name for name, column in document.columns.items() if column.use == "weight"]
    for name in weights[1:]:
        yield ("columns", name, "use"), f"'{weights[0]}' is the weight already", "one column can weigh the rows"
    for name, column in document.columns.items():
        if column.use == "target" and name not in _outputs(document):
            yield ("columns", name, "use"), "it is not among the outputs", f"write outputs: [{name}]"


def _units(document: Document) -> Iterator[Disagreement]:
    """Yield units that are none: pint knows them, and is loaded only where one is declared."""
    said: list[tuple[Place, Any]] = [(("columns", name), column) for name, column in document.columns.items()]
    said += [(("outputs", n), output) for n, output in enumerate(document.outputs)]
    for place, column in said:
        unit = getattr(column, "unit", None)
        try:
            if unit is not None:
                check_unit(unit)
        except UserError as wrong:
            yield (*place, "unit"), wrong.what, wrong.fix


def _given_units(document: Document) -> Iterator[Disagreement]:
    """Yield columns that come in a unit which cannot become the one they are declared in."""
    for name, given in document.data.units.items():
        unit = unit_of(document, name)["unit"]
        place = ("data", "units", name)
        if unit is None:
            yield place, f"'{name}' has no unit to be turned into", f"columns: {{{name}: {{type: number, unit: ...}}}}"
            continue
        try:
            convert(np.empty(0), given, unit)
        except UserError as wrong:
            yield place, wrong.what, wrong.fix


def _places(document: Document) -> Iterator[Disagreement]:
    """Yield what is wrong with features that are made of several columns."""
    for name, column in document.columns.items():
        parts: tuple[str, ...] = getattr(column, "columns", ())
        for n, part in _twice(parts):
            yield ("columns", name, "columns", n), f"'{part}' is there already", f"name {len(parts)} columns"
        for n, part in enumerate(parts):
            if part in _outputs(document):
                place = ("columns", name, "columns", n)
                yield place, f"'{part}' is to be predicted, so no feature can hold it", "take it out"


def _objective(document: Document) -> Iterator[Disagreement]:
    objective, names = document.objective, _outputs(document)
    if objective.output is not None and objective.output not in names:
        yield ("objective", "output"), f"'{objective.output}' is no output", did_you_mean(objective.output, names)
    if objective.metric and objective.output is None and len(names) > 1:
        fix = f"add output: {names[0]}, or give the metric with the output"
        yield ("objective", "metric"), "there are several outputs, and it does not say which is meant", fix
    for output in document.outputs:
        if output.name == objective.output and output.metric and objective.metric not in (None, output.metric):
            seen = f"'{output.name}' has the metric {output.metric} in outputs"
            yield ("objective", "metric"), seen, "say it once"


def _people(document: Document) -> Iterator[Disagreement]:
    """Yield people's scores that belong to no output, or to no metric that is known."""
    outputs = {output.name: output for output in document.outputs}
    for name, scores in document.landmarks.people.items():
        place: Place = ("landmarks", "people", name) if name != WHOLE else ("landmarks", "people")
        if name == WHOLE and len(outputs) > 1:
            first = next(iter(outputs))
            yield place, "there are several outputs", f"say whose it is: people: {{{first}: {{METRIC: SCORE}}}}"
        elif name != WHOLE and name not in outputs:
            yield place, f"'{name}' is no output", did_you_mean(name, outputs)
        elif WHOLE in scores and metric_of(document, outputs.get(name, document.outputs[0])) is None:
            fix = f"name it: people: {{{name or document.outputs[0].name}: {{accuracy: {scores[WHOLE]:g}}}}}"
            yield place, "it does not say by which metric", fix


def _metrics(document: Document) -> Iterator[Disagreement]:
    known = {metric for _, task in METRICS.items() for metric in task.METRICS}
    said: list[tuple[Place, str | None]] = [(("objective", "metric"), document.objective.metric)]
    said += [(("outputs", n, "metric"), output.metric) for n, output in enumerate(document.outputs)]
    for name, scores in document.landmarks.people.items():
        said += [(("landmarks", "people", name, metric), metric) for metric in scores]
    for place, metric in said:
        if metric and metric not in known:
            yield place, f"'{metric}' is no metric", did_you_mean(metric, known)


def _codes(document: Document) -> Iterator[Disagreement]:
    for unknown in unknown_codes(document.readiness):
        yield ("readiness", *unknown.place), unknown.what, unknown.fix


def _store(document: Document) -> Iterator[Disagreement]:
    """Yield that no database is known by the store's address: SQLAlchemy knows, and is loaded only where one is."""
    if document.store == "sqlite":
        return
    from landmark.store.sql import address_of

    try:
        address_of(document.store)
    except UserError as wrong:
        yield ("store",), wrong.what, wrong.fix


def _split(document: Document) -> Iterator[Disagreement]:
    """Yield where rows are told apart by what is to be predicted: whichever judge, they would be unlike the others."""
    split = document.data.split
    if split.column in _outputs(document) and split.by not in ("auto", "random", "stratified"):
        what = f"'{split.column}' is to be predicted, so rows cannot be split by it"
        yield ("data", "split", "column"), what, f"split: {{by: stratified, column: {split.column}}}"


ALONE: tuple[Check, ...] = (_units, _metrics, _codes, _store)
TOGETHER: tuple[Check, ...] = (
    _names,
    _inputs,
    _output_columns,
    _uses,
    _given_units,
    _places,
    _split,
    _objective,
    _people,
)
