"""What is done with a model file or a table alone: predict, evaluate, take labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.api.holding import contract_of, opened_table, watched
from landmark.api.home import DOCUMENT, archive_of
from landmark.artifacts.evaluation import Evaluation
from landmark.artifacts.manifest import Manifest, OutputEntry
from landmark.artifacts.question import Task
from landmark.core.errors import UserError, did_you_mean
from landmark.core.findings import Finding, warn
from landmark.core.seeds import seed_for
from landmark.core.table import as_text, columns_of, is_text, whole
from landmark.datatypes import known_rows, truth_of, unread, wire_all
from landmark.files.pictures import pictures
from landmark.files.places import is_among
from landmark.reports.shapes import evaluation_json
from landmark.serving import archive as archived
from landmark.serving import tables
from landmark.serving.border import border_of, conversion
from landmark.serving.predictor import Predictor, converted, load
from landmark.serving.records import ADDRESS
from landmark.sources import kind_of, stream
from landmark.statistics.slices import named_slices
from landmark.steps.evaluation.evaluation import Bench, predicted

HERE = Path()
MOST_NAMED = 5


def predict_file(
    model: str | Path,
    data: str,
    out: Path,
    format: dict[str, Any] | None = None,
    units: Mapping[str, str] | None = None,
    schema: str | Path | None = None,
) -> tuple[int, list[Finding]]:
    """Answer every row of a table of any size and write the answers; return their number and what was noticed.

    `format` says how the table is written, as in the document; by default as in training. `units` says in which
    units columns come, where they are not the model's own. On their way the rows are held against a contract:
    `schema`, or the one of the project that made the model. Raises: UserError naming column, row and value.
    """
    if is_among(out, data, HERE):
        raise UserError("output", "the answers would replace the rows they answer", seen=str(out), fix="-o another.csv")
    predictor, findings = load(model), list[Finding]()
    opened = stream(data, written(predictor.manifest, data, format), HERE, findings)
    seen = with_pictures(predictor.manifest, opened.batches, findings)
    seen = watched(seen, contract_of(model, schema), "serving", opened.text, findings, units or {})
    return tables.write(out, predictor.predict_batches(seen, units)), findings


def with_pictures(
    manifest: Manifest, batches: Iterable[pa.RecordBatch], findings: list[Finding]
) -> Iterator[pa.RecordBatch]:
    """Yield batches with the files of pictures instead of their paths, as training saw them."""
    for batch in batches:
        names = [
            column
            for entry in manifest.columns.values()
            if entry.type == "image" and "binary" in (entry.options.get("physical") or "")
            for column in entry.columns
            if column in batch.schema.names and is_text(batch.schema.field(column).type)
        ]
        yield from (
            pictures(pa.Table.from_batches([batch]), HERE, findings, tuple(names)).to_batches() if names else [batch]
        )


def written(manifest: Manifest, data: str, format: dict[str, Any] | None) -> dict[str, Any]:
    """Return how a table is written: as is said, or as in training where it is of the same kind of source."""
    if format is not None:
        return format
    return manifest.source_format if manifest.source == kind_of(data, HERE) else {}


def read(data: str, format: dict[str, Any] | None = None) -> tuple[pa.Table, list[Finding]]:
    """Return a table of any kind of source as it came, and what its reader noticed."""
    findings: list[Finding] = []
    opened = stream(data, format or {}, HERE, findings)
    return pa.Table.from_batches(opened.batches, opened.schema), findings


def evaluate(
    model: str | Path | Predictor,
    data: Any,
    slices: Sequence[Sequence[str]] = (),
    format: dict[str, Any] | None = None,
    units: Mapping[str, str] | None = None,
    schema: str | Path | None = None,
) -> dict[str, Any]:
    """Judge a model file on a table that holds inputs and truth; return what `evaluate --json` prints.

    The model is a path or what `load` returned, the table a path, a mapping of columns, or a pandas, Polars or Arrow
    table. Every output whose column is there is judged, as a whole and by slice: those asked for, and each group of a
    protected column. `units` says in which units inputs and truth come, where they are not the model's own. The rows
    are held against a contract as in `predict_file`. Raises: UserError when one of them is something else, no output is
    there, an input is missing, or a unit measures something else.
    """
    predictor, findings = opened(model), list[Finding]()
    manifest = predictor.manifest
    how = written(manifest, str(data), format) if isinstance(data, (str, Path)) else format
    source, where = opened_table(data, how, findings)
    seen = with_pictures(manifest, source.batches, findings)
    batches = list(watched(seen, contract_of(predictor.path, schema), "training", source.text, findings))
    rows = pa.Table.from_batches(batches, None if batches else source.schema)
    rows = complete(manifest, rows, slices, where)
    present = {name: entry for name, entry in manifest.outputs.items() if name in rows.column_names}
    findings += unreadable(manifest, rows)
    others = {name: unit for name, unit in (units or {}).items() if name not in present}
    converts = border_of(manifest).other_units(others)
    feeds = converted(wire_all(manifest.columns.values(), rows, False), converts)
    protected = [entry.columns for entry in manifest.columns.values() if entry.options.get("use") == "protected"]
    members = named_slices([*map(tuple, slices), *(own for own in protected if own not in slices)], rows, rows)
    outputs = {}
    for name, entry in present.items():
        truth = truth_of(entry, entry.state, columns_of(rows, [name]))
        unit = entry.options.get("unit")
        if units and name in units:
            truth = conversion(units[name], unit, f"units.{name}")(truth)
        known = known_rows(truth)
        if not len(known):
            raise UserError(name, "every value of the output is missing", fix="evaluate on rows with a truth")
        findings += unknown_labels(name, entry, rows, truth)
        prediction = predicted(predictor.session, entry, name, {key: array[known] for key, array in feeds.items()})
        bench = Bench(Task(kind=entry.task, labels=entry.labels), entry.metric, truth[known], seed_for(0, name))
        own = {where: known_rows_of(member, known) for where, member in members.items()}
        outputs[name] = bench.judged(prediction, own, unit or "")
    return evaluation_json(Evaluation(outputs=outputs, findings=tuple(findings)))


def opened(model: str | Path | Predictor) -> Predictor:
    """Return a model in use, by its path or as it is. Raises: UserError for anything else."""
    if isinstance(model, Predictor):
        return model
    if not isinstance(model, (str, Path)):
        fix = "give the path of a model file, or what landmark.load(path) returns"
        raise UserError("model", "this is no model", seen=type(model).__name__, fix=fix)
    return load(model)


def complete(manifest: Manifest, rows: pa.Table, slices: Sequence[Sequence[str]], where: str) -> pa.Table:
    """Return rows to judge by with the columns that the model sets itself. Raises: UserError for what is not there."""
    unknown = [c for names in slices for c in names if c not in rows.column_names]
    if unknown:
        fix = did_you_mean(unknown[0], rows.column_names)
        raise UserError("--slice", f"there is no column '{unknown[0]}'", fix=fix)
    if not manifest.outputs.keys() & set(rows.column_names):
        fix = f"the truth is looked for in: {', '.join(manifest.outputs)}"
        raise UserError(where, "holds none of the model's outputs", seen=rows.column_names, fix=fix)
    for name, value in ((n, v) for entry in manifest.columns.values() for n, v in entry.fixed.items()):
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    needed = [c for entry in manifest.columns.values() for c in entry.columns]
    gone = [c for c in needed if c not in rows.column_names]
    if gone:
        raise UserError(gone[0], "the column is missing", fix=f"the model needs: {', '.join(needed)}")
    return rows


def unreadable(manifest: Manifest, rows: pa.Table) -> Iterator[Finding]:
    """Yield the inputs with a value that service would refuse: here such values count as missing."""
    for name, entry in manifest.columns.items():
        mistake = unread(entry, rows)
        if mistake is not None:
            _, _, row = mistake.where.rpartition(", row ")
            seen = f"{mistake.what}: {mistake.seen!r}; such values count as missing, and service refuses them"
            yield warn("unreadable-values", name, seen, "mend them at the source", int(row) if row.isdigit() else None)


def unknown_labels(name: str, entry: OutputEntry, rows: pa.Table, truth: Any) -> Iterator[Finding]:
    """Yield the labels among the truth (n,) of an output that the model has never seen, so that it is wrong on them."""
    strange = np.flatnonzero(truth == len(entry.labels)) if truth.ndim == 1 and entry.labels else truth[:0]
    if len(strange):
        cells = as_text(whole(rows.column(name)).take(pa.array(strange)))
        labels = pc.unique(cells).to_pylist()
        shown = ", ".join(f"'{label}'" for label in labels[:MOST_NAMED])
        seen = f"{len(strange)} rows have labels that no training row had: {shown}"
        yield warn("class-unseen", name, seen, did_you_mean(labels[0], entry.labels), int(strange[0]) + 1)


def known_rows_of(member: Any, known: Any) -> Any:
    """Return which of the known rows belong to a slice, as numbers among them."""
    return member[known].nonzero()[0]


def feedback(file: str, archive: Path | None = None, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Add late labels to an archive, by default that of the document's folder, by request id and row; say what came
    of them. Raises: UserError for a column that is no output of the models that answered.
    """
    table, _ = read(file)
    place, rows = archived.existing(archive or archive_of(document)), table.to_pylist()
    named = [name for name in table.column_names if name not in ADDRESS]
    known = archived.outputs(place, {str(row.get("request_id")) for row in rows})
    strange = [name for name in named if name not in known] if known and set(named) != {"output", "label"} else []
    if strange:
        fix = did_you_mean(strange[0], known)
        raise UserError(f"{file}, column {strange[0]}", "no model that gave these answers has this output", fix=fix)
    return dict(vars(archived.feedback(place, rows, caller=file)))


def answers(
    archive: Path | None, request: str | None, last: int, document: str | Path = DOCUMENT
) -> list[dict[str, Any]]:
    """Return the answers of an archive, by default that of the document's folder, with their labels: of one request,
    or the newest.
    """
    place = archived.existing(archive or archive_of(document))
    if request is not None:
        return archived.query(place, request)
    return list(archived.newest(place, last))
