"""One self-contained HTML page about a table: how ready it is, and its columns, one set of rows over another.

Where two tables are held against each other, the columns come first that are furthest apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from landmark.artifacts.profile import TableProfile
from landmark.artifacts.readiness import LEVELS
from landmark.artifacts.schema import Schema
from landmark.reports.charts import CHOSEN, MARK
from landmark.reports.page import MOST_COLUMNS, columns_drawn, rendered
from landmark.reports.summary import NOTHING, cells, frequent
from landmark.reports.summary_words import across_lines, remarks


@dataclass(frozen=True)
class Side:
    """A set of rows, and the colour it is drawn in."""

    name: str
    profile: TableProfile
    colour: str


@dataclass(frozen=True, kw_only=True)
class DataStory:
    """What the page tells: one or two sets of rows, and of a table the shape of `check --json` where it was checked, or
    of `data summary --json` where it was summed up."""

    name: str
    sides: tuple[Side, ...]
    schema: Schema
    summary: dict[str, Any] | None = None
    seen: dict[str, Any] | None = None
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
    ordered = sorted(first.columns.values(), key=lambda column: -apart(story, column.name))
    columns = ordered[:MOST_COLUMNS]
    return rendered(
        "data.html",
        columns_drawn(columns, story.schema, beside),
        story=story,
        summary=summary,
        levels=[(level, i <= reached) for i, level in enumerate(LEVELS)],
        others=[finding for finding in summary["findings"] if finding not in held] if summary else [],
        columns=columns,
        more=max(0, len(ordered) - MOST_COLUMNS),
        beside=beside.columns if beside else {},
        lines=list(lines(story)),
        slices={value: [f"{part['rows']:,} rows" for part in parts] for value, parts in slices(story)},
        by_slice={column.name: list(by_slice(story, column.name)) for column in columns},
        notes={column.name: list(notes(story, column.name)) for column in columns},
    )


def apart(story: DataStory, name: str) -> float:
    """Return how far a column lies from the one it is held against, 0 where that is no more than chance."""
    beside = story.seen and story.seen["beside"]
    found = beside["distances"].get(name) if beside else None
    return found["apart"] if found and found["apart"] > found["by_chance"] else 0.0


def lines(story: DataStory) -> Iterator[str]:
    """Yield what is to be said of the columns together."""
    if story.seen is None:
        return
    yield from across_lines(story.seen)
    beside = story.seen["beside"]
    for here, there in ((story.seen, beside), (beside, story.seen)) if beside else ():
        own = [name for name in here["columns"] if name not in there["columns"]]
        if own:
            yield f"only in {here['data']}: {', '.join(own)}"


def slices(story: DataStory) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield every slice with what each side has of it."""
    if story.seen is None:
        return
    shown = (story.seen, story.seen["beside"])[: len(story.sides)]
    for value in dict.fromkeys(value for side in shown for value in side["slices"]):
        yield value, [side["slices"].get(value, NOTHING) for side in shown]


def by_slice(story: DataStory, name: str) -> Iterator[list[str]]:
    """Yield of each slice what each side has in a column: its mean or its most frequent value, and what is missing."""
    for _, parts in slices(story):
        found = [(part["columns"].get(name), part["rows"]) for part in parts]
        yield ["-" if column is None else in_slice(column, rows) for column, rows in found]


def in_slice(column: dict[str, Any], rows: int) -> str:
    """Return the mean of numbers and dates, or the most frequent value, and what share is missing."""
    missing, _, mean, *_ = cells(column, rows)
    told = mean if column["quantiles"] else next(frequent(column, 1), "-")
    return f"{told}; {missing} missing" if missing else told


def notes(story: DataStory, name: str) -> Iterator[str]:
    """Yield what is to be said of a column."""
    if story.seen is None:
        return
    if apart(story, name):
        yield f"{100 * apart(story, name):.1f} % apart"
    yield from remarks(story.seen["columns"][name])
