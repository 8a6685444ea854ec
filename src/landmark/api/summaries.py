"""What one pass over a table sees, alone or beside another table: as JSON, and as a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landmark import __version__
from landmark.api.holding import opened_table
from landmark.artifacts.profile import TableProfile
from landmark.artifacts.schema import Column, Schema
from landmark.core.context import Progress, silent
from landmark.core.findings import Finding
from landmark.files.whole import whole_file
from landmark.reports.data_page import DataStory, data_page, sides
from landmark.reports.shapes import beside_json, findings_json, summary_json
from landmark.runners.local import Threads
from landmark.sources import kind_of
from landmark.statistics.summary import profile_stream
from landmark.steps.data.schema import infer


def summary(
    data: Any,
    format: dict[str, Any] | None = None,
    slice_by: str | None = None,
    weight: str | None = None,
    beside: Any = None,
    page: Path | None = None,
    progress: Progress = silent,
    threads: int | None = None,
) -> dict[str, Any]:
    """Return what one pass over a table of any size sees, column by column: what `data summary --json` prints.

    The table is a path, a query, a mapping of columns, or a pandas, Polars or Arrow table. `slice_by` is a column for
    whose values the same is said apart, `weight` one by which rows count, `beside` another table that the first is held
    against, `page` a file for all this as one HTML page. The answer does not depend on the number of threads, by
    default as many as there are processors.
    Raises: UserError where there is no such column, or a table cannot be read.
    """
    workers = threads or os.cpu_count() or 1

    def summed(table: Any, own: dict[str, Any] | None) -> tuple[TableProfile, dict[str, Any]]:
        findings: list[Finding] = []
        opened, where = opened_table(table, own, findings, coded=True)
        seen = profile_stream(opened.batches, opened.schema, Threads(workers), workers, progress, weight, slice_by)
        types = {name: infer(column)[0] for name, column in seen.columns.items()}
        return seen, {**summary_json(where, seen, types), "findings": findings_json(findings)}

    seen, told = summed(data, format)
    second = None
    if beside is not None:
        other, second_told = summed(beside, format if _kind(beside) == _kind(data) else None)
        told["beside"], second = beside_json(second_told, seen, other), (second_told["data"], other)
    if page is not None:
        types = {name: column["type"] for name, column in told["columns"].items()}
        schema = Schema(columns={name: Column(name=name, type=kind, columns=(name,)) for name, kind in types.items()})
        shown, made = sides((told["data"], seen), second), {"Landmark": __version__}
        story = DataStory(name=told["data"], sides=shown, schema=schema, seen=told, made=made)
        with whole_file(page) as file:
            file.write(data_page(story).encode())
    return told


def _kind(data: Any) -> str | None:
    """Return the kind of source that a format would be of; None for a table in memory, which has none."""
    place = str(data) if isinstance(data, Path) else data
    return kind_of(place) if isinstance(place, str) or (isinstance(place, Mapping) and "sql" in place) else None
