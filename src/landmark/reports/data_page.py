"""One self-contained HTML page about a table: how ready it is, and its columns, one set of rows over another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from landmark.artifacts.profile import TableProfile
from landmark.artifacts.readiness import LEVELS
from landmark.artifacts.schema import Schema
from landmark.reports.charts import CHOSEN, MARK
from landmark.reports.page import MOST_COLUMNS, columns_drawn, rendered


@dataclass(frozen=True)
class Side:
    """A set of rows, and the colour it is drawn in."""

    name: str
    profile: TableProfile
    colour: str


@dataclass(frozen=True)
class DataStory:
    """What the page tells: one or two sets of rows, and the shape of `check --json` where the table was checked."""

    name: str
    sides: tuple[Side, ...]
    schema: Schema
    summary: dict[str, Any] | None = None
    made: dict[str, str] = field(default_factory=dict)


def sides(first: tuple[str, TableProfile], second: tuple[str, TableProfile] | None = None) -> tuple[Side, ...]:
    """Return one or two named sets of rows, each in its colour."""
    given = [first, *([second] if second is not None and second[1].rows else [])]
    return tuple(Side(name, profile, colour) for (name, profile), colour in zip(given, (CHOSEN, MARK), strict=False))


def data_page(story: DataStory) -> str:
    """Return the page as HTML; scripts and pictures are inside, nothing is loaded from anywhere."""
    first, *rest = (side.profile for side in story.sides)
    beside, summary = rest[0] if rest else None, story.summary
    held = summary["next"]["findings"] if summary else []
    reached = LEVELS.index(summary["level"]) if summary else -1
    return rendered(
        "data.html",
        columns_drawn(first, story.schema, beside),
        story=story,
        summary=summary,
        levels=[(level, i <= reached) for i, level in enumerate(LEVELS)],
        others=[finding for finding in summary["findings"] if finding not in held] if summary else [],
        columns=list(first.columns.values())[:MOST_COLUMNS],
        more=max(0, len(first.columns) - MOST_COLUMNS),
        beside=beside.columns if beside else {},
    )
