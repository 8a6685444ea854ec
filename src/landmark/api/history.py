"""What happened: runs, models, lineage, signatures; a step alone, a run again, a page about either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from landmark.api.home import DOCUMENT, Home, home, home_at_hand
from landmark.api.pages import page_of, page_of_check
from landmark.artifacts.manifest import Manifest, ModelFile
from landmark.core.context import Context, Progress, silent
from landmark.core.errors import UserError
from landmark.files.whole import whole_file
from landmark.graph.check import open_model
from landmark.pipeline import ALL, MEASURED
from landmark.runners import RunResult, local
from landmark.serving.predictor import load
from landmark.store.lineage import ancestry, last_word
from landmark.store.store import URI, Event, Execution, Mark, Run, Store


def runs(document: str | Path = DOCUMENT, everyone: bool = False) -> list[dict[str, Any]]:
    """Return the runs of a project, newest first; of `everyone`, those of all projects that share its store."""
    at = home(document)
    return [
        {
            "run": run.id,
            **({"project": run.project} if everyone else {}),
            **{"kind": run.kind, "status": run.status, "started": run.began, "model": _model(at, run)},
        }
        for run in at.store.find(Run, **({} if everyone else at.own()))
    ]


def models(document: str | Path = DOCUMENT) -> list[dict[str, Any]]:
    """Return the models of a project, newest first, each once, with what people said of them.

    Those of other projects that share its store are not among them: their files lie elsewhere.
    """
    at, found = home(document), dict[str, dict[str, Any]]()
    for run in at.store.find(Run, kind="train", **at.own()):
        result, model = run.result or {}, _model(at, run)
        if model and model not in found:
            marks = at.store.find(Mark, uri=result["artifacts"]["model_file"])
            found[model] = {
                "model": model,
                "made": run.began,
                "run": run.id,
                "chosen": ", ".join(f"{name}: {output['chosen']}" for name, output in result["outputs"].items()),
                "level": result["signed_level" if _is_signed(marks) else "level"],
                "gate": "passed" if result["gate"]["passed"] else "refused",
                "marks": ", ".join(f"{mark.mark} by {mark.by}" for mark in marks),
            }
    return list(found.values())


def model_json(model: str | Path, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Return the manifest of a model file, with times and signatures where its store is at hand.

    Raises: RefusedFile for what could not be served either.
    """
    manifest = load(model).manifest
    shape: dict[str, Any] = manifest.model_dump(mode="json")
    at = home_at_hand(document)
    if at is None:
        return shape
    marks = marks_of(at.store, manifest) or []
    shape["marks"] = [{"mark": mark.mark, "by": mark.by, "note": mark.note, "at": mark.at} for mark in marks]
    shape["level"] = manifest.signed_level if _is_signed(marks) else manifest.level
    return shape


def mark(model: str | Path, word: str, by: str, note: str, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Write down that a named person signed or rejected a model. Raises: UserError for a model not made here."""
    if not by.strip():
        raise UserError("--by", "a signature needs a name", fix="--by 'Ada Lovelace'")
    manifest, store = open_model(Path(model)).manifest, home(document).store
    if word == "signed" and not manifest.gate["passed"]:
        why = "; ".join(found["seen"] for found in manifest.gate["findings"] if found["level"] == "block")
        fix = "train a better one, or change the gate's rules"
        raise UserError(str(model), "the gate refused this model", seen=why, fix=fix)
    store.mark(_uri(store, manifest), word, by.strip(), note)
    return {"model": str(model), "digest": manifest.digest, "mark": word, "by": by.strip(), "note": note}


def marks_of(store: Store, manifest: Manifest) -> list[Mark] | None:
    """Return what people said of a model file, newest first; None where the store does not know it."""
    uri = _known(store, manifest)
    return None if uri is None else store.find(Mark, uri=uri)


def compare(first: str | Path, second: str | Path) -> list[dict[str, Any]]:
    """Return what differs between two model files, and their scores side by side."""
    one, two = (open_model(Path(path)).manifest for path in (first, second))
    rows: list[dict[str, Any]] = [
        {"what": "size", "first": f"{Path(first).stat().st_size:,} B", "second": f"{Path(second).stat().st_size:,} B"},
        {"what": "data", "first": one.data[:12], "second": two.data[:12]},
        {"what": "training rows", "first": one.rows["train"], "second": two.rows["train"]},
        {"what": "level", "first": one.level, "second": two.level},
    ]
    for name in dict.fromkeys((*one.columns, *two.columns)):
        types = [manifest.columns[name].type if name in manifest.columns else "-" for manifest in (one, two)]
        if types[0] != types[1]:
            rows.append({"what": f"input {name}", "first": types[0], "second": types[1]})
    for name in dict.fromkeys((*one.outputs, *two.outputs)):
        entries = [manifest.outputs.get(name) for manifest in (one, two)]
        rows.append({"what": f"{name} by", **_pair(entry and entry.model for entry in entries)})
        for metric in dict.fromkeys(metric for entry in entries if entry for metric in entry.test):
            rows.append({"what": f"{name} {metric}", **_pair(entry and entry.test.get(metric) for entry in entries)})
    return rows


def lineage(what: str, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Return every artifact that a run, a model file or an artifact was made of, with the step that made it."""
    store = home(document).store
    uri, run = _found(store, what)
    edges = ancestry(store, uri, run)
    uris = list(dict.fromkeys([uri, *(edge.parent for edge in edges)]))
    return {
        "of": what,
        "artifacts": [
            {
                "uri": each,
                "step": _step(store, each, run),
                "parents": [{"uri": e.parent, "step": e.name} for e in edges if e.child == each],
            }
            for each in uris
        ],
    }


def run_step(name: str, run: str, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Carry out one step of a run by itself, from the artifacts it has so far.

    What the document says of the data starts at the document's folder, wherever the run was begun.
    """
    at = home(document)
    found = _run(at.store, run)
    here = {"table": {"folder": str(at.folder)}}
    result = local.run_step(name, found.id, ALL, at.store, Context(), here)
    return {"run": found.id, "step": name, "artifact": result.uris[name], "made": bool(result.made)}


def reproduce(run: str, progress: Progress = silent, document: str | Path = DOCUMENT) -> dict[str, Any]:
    """Carry out a run once more from its stored data and document, and compare the model files byte by byte."""
    store = home(document).store
    found = _run(store, run)
    if found.kind != "train" or "model_file" not in (found.result or {}).get("artifacts", {}):
        raise UserError(f"run {found.id}", "it made no model file", seen=found.status, fix="landmark run list")
    before = store.recall(ModelFile, (found.result or {})["artifacts"]["model_file"])
    result = local.reproduce(found.id, ALL, store, Context(progress=progress), MEASURED)
    again = result.get("model_file", ModelFile)
    same, size = before.content == again.content, len(again.content)
    return {"run": found.id, "identical": same, "digest": again.manifest.digest, "bytes": size}


def report(what: str, out: Path, document: str | Path = DOCUMENT) -> None:
    """Write one self-contained page about a model file, or about a run that trained or checked."""
    store = home(document).store
    _, run = _found(store, what)
    if run is None:
        raise UserError(what, "no run here made it", fix="report on a model or run of this project")
    found = _run(store, run)
    if not found.result or not {"outputs", "columns"} & found.result.keys():
        raise UserError(f"run {run}", "it came to no result", seen=found.status, fix="landmark run list")
    result, told = RunResult(run, store, uris=dict(found.result["artifacts"])), found.result
    page = page_of(store, result, told) if "outputs" in told else page_of_check(result, told, found.project)
    with whole_file(out) as file:
        file.write(page.encode())


def _model(at: Home, run: Run) -> str | None:
    """Return where the model file of a run is, if it made one."""
    told = (run.result or {}).get("model")
    return at.model(told) if told else None


def _pair(values: Any) -> dict[str, Any]:
    first, second = values
    return {"first": first, "second": second}


def _is_signed(marks: list[Mark]) -> bool:
    word = last_word(marks)
    return word is not None and word.mark == "signed"


def _known(store: Store, manifest: Manifest) -> URI | None:
    """Return the artifact a model file was written from, if this store kept it."""
    made = store.find(Event, event="model")
    return next((str(event.detail["uri"]) for event in made if event.detail["digest"] == manifest.digest), None)


def _uri(store: Store, manifest: Manifest) -> URI:
    """Return the artifact a model file was written from. Raises: UserError."""
    uri = _known(store, manifest)
    if uri is None:
        fix = "go to the folder where it was trained, or name its document with -c FILE"
        raise UserError("store", "this store does not know the model", seen=manifest.digest[:12], fix=fix)
    return uri


def _run(store: Store, run: str) -> Run:
    found = store.find(Run, id=run) if run else []
    exact = [each for each in found if each.id == run]
    if len(found) > 1 and not exact:
        raise UserError("run", f"several runs begin with '{run}'", seen=", ".join(each.id for each in found[:5]))
    if not found:
        raise UserError("run", f"there is no run '{run}'", fix="landmark run list")
    return (exact or found)[0]


def _found(store: Store, what: str) -> tuple[URI, str | None]:
    """Return the artifact that a word means, and the run that made it."""
    if Path(what).suffix == ".onnx" or Path(what).is_file():
        uri = _uri(store, open_model(Path(what)).manifest)
        made = [e for e in store.find(Execution, uri=uri) if e.step == "model_file"]
        return uri, made[-1].run if made else None
    if what.startswith("sha256:"):
        return what, None
    run = _run(store, what)
    executions = store.find(Execution, run=run.id)
    if not executions:
        raise UserError(f"run {run.id}", "it has made nothing yet", fix="landmark run list")
    return executions[0].uri, run.id


def _step(store: Store, uri: URI, run: str | None) -> str:
    found = store.find(Execution, uri=uri) if run is None else store.find(Execution, uri=uri, run=run)
    return found[-1].step if found else "given"
