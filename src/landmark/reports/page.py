"""One self-contained HTML page about a run and its model: works offline, reads on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from landmark.artifacts.evaluation import Evaluation
from landmark.artifacts.profile import ColumnProfile, TableProfile
from landmark.artifacts.schema import Schema
from landmark.reports.charts import candidates_chart, column_chart, confusion_chart, slices_chart
from landmark.reports.terminal import above, number, size

MOST_COLUMNS = 40


@dataclass(frozen=True)
class Story:
    """Everything the page tells: the shapes of `train --json`, and the artifacts the pictures are made of."""

    name: str
    summary: dict[str, Any]
    evaluation: Evaluation
    profile: TableProfile
    schema: Schema
    labels: dict[str, tuple[str, ...]]
    lineage: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)


def page(story: Story) -> str:
    """Return the page as HTML; scripts and pictures are inside, nothing is loaded from anywhere."""
    return rendered(
        "page.html",
        drawn(story),
        story=story,
        summary=story.summary,
        headlines={name: headline(name, output) for name, output in story.summary["outputs"].items()},
        columns=list(story.profile.columns.values())[:MOST_COLUMNS],
        more=max(0, len(story.profile.columns) - MOST_COLUMNS),
    )


def rendered(template: str, pictures: dict[str, Any], **values: Any) -> str:
    """Return a template filled with values, and with pictures by their places (`divs`)."""
    from bokeh.embed import components
    from bokeh.resources import Resources
    from jinja2 import Environment, PackageLoader, select_autoescape

    script, divs = components(pictures) if pictures else ("", {})
    loader = PackageLoader("landmark.reports", "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": number, "size": size, "above": above}
    library = Resources(mode="inline", components=["bokeh"]).render()
    return environment.get_template(template).render(divs=divs, script=script, library=library, **values)


def drawn(story: Story) -> dict[str, Any]:
    """Return every chart of the page by its place."""
    charts: dict[str, Any] = {}
    for name, judged in story.evaluation.outputs.items():
        charts[f"candidates {name}"] = candidates_chart(judged, story.summary["outputs"][name]["chosen"])
        if judged.slices:
            charts[f"slices {name}"] = slices_chart(judged)
        if judged.confusion and sum(map(sum, judged.confusion)):
            charts[f"confusion {name}"] = confusion_chart(judged.confusion, story.labels[name])
    return charts | columns_drawn(list(story.profile.columns.values())[:MOST_COLUMNS], story.schema)


def columns_drawn(
    columns: Iterable[ColumnProfile], schema: Schema, beside: TableProfile | None = None
) -> dict[str, Any]:
    """Return a picture of every column that has one, with the same column of other rows over it."""
    charts: dict[str, Any] = {}
    for column in columns:
        other = None if beside is None else beside.columns.get(column.name)
        chart = column_chart(column, kind_of(column.name, schema), other)
        if chart is not None:
            charts[f"column {column.name}"] = chart
    return charts


def kind_of(source: str, schema: Schema) -> str:
    """Return the data type that a source column is read as, alone or as a part of a feature; "" for none."""
    return next((column.type for column in schema.columns.values() if source in column.columns), "")


def headline(name: str, output: dict[str, Any]) -> str:
    """Return one sentence a person remembers: the number, its interval, and what it is to be held against."""
    unit = f" {output['unit']}" if output["unit"] else ""
    low, high = output["interval"]
    test, constant = output["test"][output["metric"]], output["landmarks"]["constant"]
    return (
        f"The {output['chosen']} model predicts {name} with {output['metric']} {number(test)}{unit} "
        f"({number(low)} to {number(high)}); always giving the same answer reaches {number(constant)}{unit}."
    )
