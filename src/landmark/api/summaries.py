"""What one pass over a table sees, alone or beside another table: as JSON, and as a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from landmark import __version__
from landmark.artifacts.profile import TableProfile
from landmark.artifacts.schema import Column, Schema
from landmark.core.context import Progress, silent
from landmark.core.findings import Finding
from landmark.files.whole import whole_file
from landmark.reports.data_page import DataStory, data_page, sides
from landmark.reports.shapes import beside_json, findings_json, summary_json
from landmark.runners.local import Threads
from landmark.sources import kind_of, stream
from landmark.statistics.summary import profile_stream
from landmark.steps.data.schema import infer

HERE = Path()


def summary(
    data: str,
    format: dict[str, Any] | None = None,
    slice_by: str | None = None,
    weight: str | None = None,
    beside: str | None = None,
    page: Path | None = None,
    progress: Progress = silent,
    threads: int | None = None,
) -> dict[str, Any]:
    """Return what one pass over a table of any size sees, column by column: what `data summary --json` prints.

    `slice_by` is a column for whose values the same is said apart, `weight` one by which rows count, `beside` another
    table that the first is held against, `page` a file for all this as one HTML page. The answer does not depend on the
    number of threads, by default as many as there are processors.
    Raises: UserError where there is no such column, or a table cannot be read.
    """
    workers = threads or os.cpu_count() or 1

    def summed(where: str, own: dict[str, Any]) -> tuple[TableProfile, dict[str, Any]]:
        findings: list[Finding] = []
        opened = stream(where, own, HERE, findings, coded=True)
        seen = profile_stream(opened.batches, opened.schema, Threads(workers), workers, progress, weight, slice_by)
        types = {name: infer(column)[0] for name, column in seen.columns.items()}
        return seen, {**summary_json(where, seen, types), "findings": findings_json(findings)}

    seen, told = summed(data, format or {})
    second = None
    if beside is not None:
        other, second_told = summed(beside, (format or {}) if kind_of(beside) == kind_of(data) else {})
        told["beside"], second = beside_json(second_told, seen, other), (beside, other)
    if page is not None:
        types = {name: column["type"] for name, column in told["columns"].items()}
        schema = Schema(columns={name: Column(name=name, type=kind, columns=(name,)) for name, kind in types.items()})
        shown, made = sides((data, seen), second), {"Landmark": __version__}
        story = DataStory(name=data, sides=shown, schema=schema, seen=told, made=made)
        with whole_file(page) as file:
            file.write(data_page(story).encode())
    return told
