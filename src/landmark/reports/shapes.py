"""The JSON shapes that `--json` promises, made of artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from landmark.artifacts.candidates import Candidate, Candidates, Choice
from landmark.artifacts.contract import Validations
from landmark.artifacts.evaluation import Evaluation, OutputEvaluation, Verdict
from landmark.artifacts.profile import TableProfile
from landmark.artifacts.readiness import MEANING, Readiness, Waiver, waiver_of
from landmark.artifacts.schema import Schema
from landmark.core.findings import Finding, Level
from landmark.statistics.profile_distances import distance

ORDER = {Level.BLOCK: 0, Level.WARN: 1, Level.NOTE: 2}


def findings_json(findings: Iterable[Finding], waivers: Sequence[Waiver] = ()) -> list[dict[str, Any]]:
    """Return findings, the gravest first, each once; those that somebody answers for say who and why, and come last."""
    once = [(finding, waiver_of(finding, waivers)) for finding in dict.fromkeys(findings)]
    ordered = sorted(once, key=lambda pair: (pair[1] is not None, ORDER[pair[0].level]))
    return [
        f.as_json() | ({} if waiver is None else {"waived": {"by": waiver.by, "why": waiver.why}})
        for f, waiver in ordered
    ]


def check_json(readiness: Readiness, schema: Schema) -> dict[str, Any]:
    """Return what `check --json` prints: besides what is promised, what holds the level, and where mending leads."""
    return {
        "level": readiness.level,
        "meaning": MEANING[readiness.level],
        "next": {"level": readiness.next_level, "findings": findings_json(readiness.standing)},
        "waivers": [waiver.model_dump(mode="json") for waiver in readiness.waivers],
        "findings": findings_json(readiness.findings, readiness.waivers),
        "columns": {
            name: {"type": column.type, "use": column.use, "why": column.why, **column.options}
            for name, column in schema.columns.items()
        },
    }


def contract_json(held: Validations, version: str | None) -> dict[str, Any] | None:
    """Return which version of the contract rows were held against, and whether they keep it; None without one."""
    if held.train is None or held.test is None:
        return None
    return {"version": version, "kept": held.train.kept, "kept_by_judging_rows": held.test.kept}


def told_json(readiness: Readiness, held: Validations, version: str | None) -> dict[str, Any]:
    """Return what `check --json` and `train --json` say of the rows: a sample, where they are one, and the contract."""
    drawn = [found.seen for found in readiness.findings if (found.code, found.where) == ("sample", "data.sample")]
    return {"sample": drawn[0] if drawn else None, "contract": contract_json(held, version)}


def output_json(judged: OutputEvaluation, tried: Any, choice: Any) -> dict[str, Any]:
    """Return one output of `train --json`."""
    return {
        "task": tried.task.kind,
        "chosen": choice.model,
        "why": choice.why,
        "next": {"model": choice.next_model, "gain": choice.next_gain, "price": choice.next_price},
        "metric": judged.metric,
        "greater_is_better": judged.greater_is_better,
        "unit": judged.unit,
        "test": judged.test,
        "rows": judged.rows,
        "interval": [judged.interval.low, judged.interval.high],
        "landmarks": judged.landmarks,
        "loss": tried.loss,
        "candidates": [candidate_json(candidate, judged) for candidate in tried.candidates],
        "passed_over": findings_json(tried.passed_over),
        "slices": slices_json(judged),
    }


def candidate_json(candidate: Candidate, judged: OutputEvaluation) -> dict[str, Any]:
    """Return one rung: its out-of-fold score and its price, and its metric on the judging rows."""
    test = judged.candidates.get(candidate.model)
    return {
        "model": candidate.model,
        "landmark": candidate.landmark,
        "score": candidate.score,
        "standard_error": candidate.standard_error,
        "train_cpu_s": candidate.train_cpu_s,
        "latency_us": candidate.latency_us,
        "size_bytes": candidate.size_bytes,
        "test": test and test.value,
        "interval": test and [test.low, test.high],
        "settings": candidate.settings,
    }


def slices_json(judged: OutputEvaluation) -> list[dict[str, Any]]:
    """Return the named slices of one output."""
    return [
        {
            "where": part.where,
            "rows": part.rows,
            "value": part.score.value,
            "interval": [part.score.low, part.score.high],
        }
        for part in judged.slices
    ]


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return what `evaluate --json` prints."""
    return {
        "outputs": {
            name: {
                "metric": judged.metric,
                "unit": judged.unit,
                "rows": judged.rows,
                "test": judged.test,
                "interval": [judged.interval.low, judged.interval.high],
                "landmarks": judged.landmarks,
                "slices": slices_json(judged),
            }
            for name, judged in evaluation.outputs.items()
        },
        "findings": findings_json(evaluation.findings),
    }


def train_json(
    run: str,
    model: str,
    candidates: Candidates,
    choice: Choice,
    evaluation: Evaluation,
    verdict: Verdict,
    findings: Iterable[Finding],
    waivers: Sequence[Waiver] = (),
) -> dict[str, Any]:
    """Return what `train --json` prints."""
    return {
        "run": run,
        "model": model,
        "level": verdict.level,
        "signed_level": verdict.signed_level,
        "outputs": {
            name: output_json(judged, candidates.outputs[name], choice.outputs[name])
            for name, judged in evaluation.outputs.items()
        },
        "gate": {"passed": verdict.passed, "findings": findings_json(verdict.findings)},
        "findings": findings_json(findings, waivers),
    }


def summary_json(data: str, profile: TableProfile, types: dict[str, str]) -> dict[str, Any]:
    """Return what `data summary --json` prints of a table; slices have the columns' facts alone."""
    return {
        "data": data,
        "rows": profile.rows,
        "duplicates": profile.duplicates if profile.duplicates_known else None,
        "sorted_by": list(profile.sorted_by),
        "weight": profile.weight,
        "unweighed": profile.unweighed,
        "columns": columns_json(profile, types),
        "across": profile.across.model_dump(mode="json"),
        "slices": {
            value: {"rows": part.rows, "columns": columns_json(part, types)} for value, part in profile.slices.items()
        },
        "beside": None,
    }


def beside_json(seen: dict[str, Any], profile: TableProfile, other: TableProfile) -> dict[str, Any]:
    """Return the summary of another table with how far its columns, and those of its slices, lie from a profile's."""
    nothing = TableProfile(rows=0, columns={})
    slices = {
        value: {**part, "distances": distances_json(profile.slices.get(value, nothing), other.slices[value])}
        for value, part in seen["slices"].items()
    }
    return {**seen, "slices": slices, "distances": distances_json(profile, other)}


def distances_json(one: TableProfile, other: TableProfile) -> dict[str, Any]:
    """Return how far apart the columns are that two tables share, where they can be compared."""
    both = {
        name: distance(column, other.columns[name]) for name, column in one.columns.items() if name in other.columns
    }
    return {name: found._asdict() for name, found in both.items() if found is not None}


def columns_json(profile: TableProfile, types: dict[str, str]) -> dict[str, Any]:
    """Return the columns of a summary."""
    return {
        name: {"type": types[name], **column.model_dump(mode="json", exclude={"name"})}
        for name, column in profile.columns.items()
    }
