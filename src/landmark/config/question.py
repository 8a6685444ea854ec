"""The question a document asks: what the steps need to know of it, in one artifact."""

from __future__ import annotations

from typing import Any

from landmark.artifacts.question import Output, Question
from landmark.config.document import WHOLE, Document, Landmarks
from landmark.core.options import Options

OWN = {"name", "metric"}
"""What an output says of itself and not of its column."""


def question(document: Document, digest: str) -> Question:
    """Return the question of a resolved document; of columns, what is declared and nothing else."""
    return Question(
        name=document.name,
        outputs=tuple(_output(document, output) for output in document.outputs),
        inputs=document.inputs,
        columns={name: declared(options) for name, options in document.columns.items()},
        slices=document.slices,
        sample=document.data.sample.column if document.data.sample else None,
        document=digest,
    )


def declared(options: Options) -> dict[str, Any]:
    """Return what a person said of a column, as JSON: what is left unsaid is found in the data.

    A default that the document does not name must not look like a decision.
    """
    return options.model_dump(mode="json", exclude_unset=True)


def metric_of(document: Document, output: Any) -> str | None:
    """Return the metric an output is shown by first, None where that is left to its task.

    Where none is named, it is the only one by which people's score is given: else nothing would stand beside it.
    """
    objective, scores = document.objective, tuple(_people(document, output))
    meant = objective.output == output.name or (objective.output is None and len(document.outputs) == 1)
    metric: str | None = output.metric
    return metric or (meant and objective.metric) or (scores[0] if len(scores) == 1 else "") or None


def unit_of(document: Document, name: str) -> dict[str, Any]:
    """Return the unit that is declared of a column, or None, and its texts for no value; an output says its own."""
    said = [output for output in document.outputs if output.name == name]
    said += [document.columns[name]] if name in document.columns else []
    unit = next((own.unit for own in said if getattr(own, "unit", None)), None)
    return {"unit": unit, "missing": tuple(text for own in said for text in own.missing)}


def people(document: Document) -> Landmarks:
    """Return people's scores with output and metric named, in the order of outputs."""
    found = dict[str, dict[str, float]]()
    for output in document.outputs:
        scores = _people(document, output)
        if scores:
            found[output.name] = {name or str(metric_of(document, output)): score for name, score in scores.items()}
    return Landmarks(people=found)


def _people(document: Document, output: Any) -> dict[str, float]:
    """Return people's scores of one output; a bare one is of WHOLE, and so is that of the only output."""
    given = document.landmarks.people
    return given.get(output.name) or given.get(WHOLE, {})


def _output(document: Document, output: Any) -> Output:
    """Return one output: what `columns` says of it and what it says itself are one declaration."""
    said = declared(document.columns[output.name]) if output.name in document.columns else {}
    return Output(
        name=output.name,
        options={key: value for key, value in (said | declared(output)).items() if key not in OWN | {"use"}},
        people=document.landmarks.people.get(output.name, {}),
        metric=metric_of(document, output),
    )
