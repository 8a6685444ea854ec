"""`check` and `train`: from a document, or a table in memory, to a level or a model file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landmark.api.pages import page_of
from landmark.artifacts.artifact import Artifact
from landmark.artifacts.candidates import Candidates, Choice
from landmark.artifacts.contract import Validations
from landmark.artifacts.evaluation import Evaluation, Previous, Verdict
from landmark.artifacts.manifest import Manifest, ModelFile
from landmark.artifacts.readiness import LEVELS, Readiness
from landmark.artifacts.schema import Schema
from landmark.config import Project, document_json, from_values, located
from landmark.config import load as load_document
from landmark.config.contract import standing
from landmark.core.context import Context, Progress, silent
from landmark.core.errors import NotReady, UserError
from landmark.core.findings import Finding
from landmark.files.whole import whole_file
from landmark.pipeline import ALL, DATA
from landmark.reports.shapes import check_json, told_json, train_json
from landmark.runners import RunRequest, RunResult, local
from landmark.serving.predictor import Predictor, load
from landmark.steps.data.readiness import refusal
from landmark.steps.data.table import held
from landmark.store.lineage import in_force
from landmark.store.sql import open_store
from landmark.store.store import Store

IN_MEMORY = "table in memory"


@dataclass(frozen=True)
class Checked:
    """What `check` found; `summary` is what `check --json` prints."""

    summary: dict[str, Any]
    exit_code: int

    def _repr_html_(self) -> str:
        from landmark.reports.notebook import checked_html

        return checked_html(self.summary)


@dataclass(frozen=True)
class Trained:
    """What `train` made; `summary` is what `train --json` prints, `result` holds every artifact of the run."""

    run: str
    model: Path
    summary: dict[str, Any]
    result: RunResult = field(repr=False)

    def load(self) -> Predictor:
        """Return the model file, opened."""
        return load(self.model)

    def _repr_html_(self) -> str:
        from landmark.reports.notebook import trained_html

        return trained_html(self.summary)


def check(document: Any = "landmark.yaml", progress: Progress = silent, **sections: Any) -> Checked:
    """Say how ready the data is, and what to do about it.

    `document` is a path, a mapping, or a table (pandas, Polars, Arrow) whose document is given in sections, as
    `check(frame, outputs=["y"])`. Raises: UserError for a mistake in the document or unreadable data.
    """
    project, given = asked(document, sections)
    options = project.options()
    rules: Any = options["readiness"]
    options["readiness"] = rules.model_copy(update={"require": None, "stop": False})
    store = open_store(project.folder, project.document.store)
    summary: dict[str, Any] = {}

    def finish(result: RunResult) -> dict[str, Any]:
        summary.update(run=result.run, **check_json(result.get("readiness", Readiness), result.get("schema", Schema)))
        summary.update(told(result))
        return summary

    result = carry_out(project, given, options, store, progress, "check", finish)
    return Checked(summary, NotReady.exit_code if refusal(result.get("readiness", Readiness), rules) else 0)


def train(document: Any = "landmark.yaml", progress: Progress = silent, **sections: Any) -> Trained:
    """Walk the whole corridor and write one model file, and a report beside it.

    `document` is a path, a mapping, or a table (pandas, Polars, Arrow) whose document is given in sections, as
    `train(frame, outputs=["y"])`. Raises: UserError for a mistake in the document or unreadable data, NotReady
    below the level the document requires. A model that the gate refused is written all the same, and says so.
    """
    project, given = asked(document, sections)
    store = open_store(project.folder, project.document.store)
    models = project.folder / "models"
    if models.exists() and not models.is_dir():
        raise UserError("models", "model files go to a folder of this name, and a file has it", fix="rename the file")
    options = project.options()
    summary: dict[str, Any] = {}

    def finish(result: RunResult) -> dict[str, Any]:
        summary.update(written(project, store, result))
        return summary

    result = carry_out(project, given, options, store, progress, "train", finish)
    rules: Any = options["readiness"]
    verdict, wanted = result.get("gate", Verdict), LEVELS.index(rules.require or "C4")
    if LEVELS.index(verdict.signed_level) < wanted:
        reached = f"at level {verdict.level}" + (" and may reach A2 only" if wanted == LEVELS.index("A1") else "")
        what = f"the model is {reached}, and {rules.require} is required"
        refused = NotReady("readiness", what, seen=summary["model"], fix="see the findings of landmark report")
        raise located(project, refused)
    return Trained(
        result.run, model_path(project.folder, result.get("model_file", ModelFile).manifest), summary, result
    )


def written(project: Project, store: Store, result: RunResult) -> dict[str, Any]:
    """Write the model file and the report of a run, and return what `train --json` prints."""
    file = result.get("model_file", ModelFile)
    path = model_path(project.folder, file.manifest)
    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as model:
        model.write(file.content)
    summary = train_json(
        result.run,
        os.path.relpath(path),
        result.get("ladder", Candidates),
        result.get("choice", Choice),
        result.get("evaluation", Evaluation),
        result.get("gate", Verdict),
        findings(result),
        result.get("readiness", Readiness).waivers,
    )
    summary.update(told(result))
    summary["report"] = os.path.relpath(path.with_suffix(".html"))
    store.note(result.run, "model", {"digest": file.manifest.digest, "uri": result.uris["model_file"]})
    if not file.manifest.gate["passed"]:
        why = "; ".join(finding["seen"] for finding in summary["gate"]["findings"])
        store.mark(result.uris["model_file"], "refused", "gate", why)
    with whole_file(path.with_suffix(".html")) as report:
        report.write(page_of(store, result, summary).encode())
    return summary


def told(result: RunResult) -> dict[str, Any]:
    """Return what is to be said aloud of the rows of a run."""
    return told_json(
        result.get("readiness", Readiness), result.get("validation", Validations), result.uris.get("contract")
    )


def asked(document: Any, sections: Mapping[str, Any]) -> tuple[Project, dict[str, Artifact]]:
    """Return the project, and the table where it was given in memory."""
    if isinstance(document, (str, Path)):
        if sections:
            raise UserError("train", "a document and sections beside it", seen=list(sections), fix="write them into it")
        return load_document(document), {}
    if isinstance(document, Mapping) and isinstance(document.get("data"), (str, Mapping)):
        return from_values({**document, **sections}), {}
    return from_values({"data": "memory.arrow", **sections}), {"table": held(document, IN_MEMORY)}


def carry_out(
    project: Project,
    given: dict[str, Artifact],
    options: dict[str, Any],
    store: Store,
    progress: Progress,
    kind: str,
    finish: Callable[[RunResult], dict[str, Any]] = local.nothing_more,
) -> RunResult:
    """Run the steps of `check` or `train`; a table given in memory takes the place of the step that reads one.

    Both hold the rows against the contract that stands beside the document. The run ends once `finish` has written
    what is to be written.

    Raises: UserError of the step that could not go on, with the line of the document that it is about.
    """
    contract = standing(project) if kind in ("check", "train") else None
    given |= {"question": project.question()}
    given |= {"validation": Validations()} if contract is None else {"contract": contract}
    steps = [step for step in (ALL if kind == "train" else DATA) if step.name not in given]
    if kind == "train":
        given |= {"previous": previous(store, project.name)}
    context = Context(seed=project.seed, progress=progress)
    request = RunRequest(steps, given, options, project.name, document_json(project), kind)
    try:
        return local.run(request, store, context, finish)
    except UserError as mistake:
        raise located(project, mistake).with_traceback(mistake.__traceback__) from mistake.__cause__


def previous(store: Store, project: str) -> Previous:
    """Return the model that was signed last: what a successor must not fall behind."""
    uri = in_force(store, project)
    return Previous() if uri is None else Previous(model=store.recall(ModelFile, uri).content)


def findings(result: RunResult) -> list[Finding]:
    """Return what all steps noticed, but for the gate, which is shown by itself."""
    kinds: dict[str, Any] = {
        "readiness": Readiness,
        "choice": Choice,
        "evaluation": Evaluation,
        "model_file": ModelFile,
    }
    return [finding for name, kind in kinds.items() for finding in result.get(name, kind).findings]


def model_path(folder: Path, manifest: Manifest) -> Path:
    """Return where a model file goes: its name says which project and which content."""
    return folder / "models" / f"{manifest.name}-{manifest.digest[:8]}.onnx"
