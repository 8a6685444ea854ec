"""What `data summary` prints: a line for each column of a table, or two where another table stands beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from landmark.reports.summary_words import across_lines, moment, remarks
from landmark.reports.terminal import number, show_findings

MOST_COLUMNS = 200
WIDE, NARROW = 130, 105
"""Characters of a line, and those from which down only the ends of what amounts lie between are shown."""
HEADINGS = ("column", "type", "missing", "distinct", "mean", "min", "median", "max", "what is seen")
NOTHING: dict[str, Any] = {"rows": 0, "columns": {}, "distances": {}}
"""A slice that a table does not have."""
LEFT = ("column", "type", HEADINGS[-1])


def show_summary(seen: dict[str, Any]) -> None:
    """Print the columns, what they tell of each other, and the same lines for each slice.

    Where no terminal says how wide it is, there is room for a line.
    """
    console, beside = Console(), seen["beside"]
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=WIDE)

    def show(title: str, part: dict[str, Any], other: dict[str, Any] | None) -> None:
        table = pair_table(title, part, other) if other else summary_table(title, part)
        console.print(_narrowed(table, console.width))

    show(seen["data"], seen, beside)
    if len(seen["columns"]) > MOST_COLUMNS:
        console.print(f"[dim]and {len(seen['columns']) - MOST_COLUMNS} more columns: --json shows all[/]")
    for line in across_lines(seen):
        console.print(escape(line), highlight=False)
    for value, part in seen["slices"].items():
        other = beside and {**beside, **beside["slices"].get(value, NOTHING)}
        show(value, part, other)
    show_findings(console, seen["findings"])


def summary_table(title: str, seen: dict[str, Any]) -> Table:
    """Return the columns of a summary as a table; what is not exact has a ~ before it."""
    table = _headed(f"{title}: {seen['rows']:,} rows", HEADINGS)
    for name, column in list(seen["columns"].items())[:MOST_COLUMNS]:
        table.add_row(escape(name), column["type"], *cells(column, seen["rows"]))
    return table


def pair_table(title: str, seen: dict[str, Any], beside: dict[str, Any]) -> Table:
    """Return the same where another summary stands beside it: below each column the one of its name.

    How far they lie apart is in bold where that is seldom chance.
    """
    about = f"{title}: {seen['rows']:,} rows; below, {beside['data']}: {beside['rows']:,} rows"
    table = _headed(about, (*HEADINGS[:2], "apart", *HEADINGS[2:]))
    for name, column in list(seen["columns"].items())[:MOST_COLUMNS]:
        share, other = apart(beside["distances"].get(name)), beside["columns"].get(name)
        table.add_row(escape(name), column["type"], share, *cells(column, seen["rows"]))
        if other is None:
            table.add_row("", "[bold]is not there[/]", end_section=True)
            continue
        kind = "" if other["type"] == column["type"] else other["type"]
        table.add_row("", kind, "", *cells(other, beside["rows"]), end_section=True)
    new = [name for name in beside["columns"] if name not in seen["columns"]]
    for name in new[:MOST_COLUMNS]:
        other = beside["columns"][name]
        table.add_row(f"{escape(name)} [bold](below only)[/]", other["type"], "", *cells(other, beside["rows"]))
    return table


def _headed(title: str, headings: Iterable[str]) -> Table:
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in headings:
        last = heading == HEADINGS[-1]
        table.add_column(heading, justify="left" if heading in LEFT else "right", no_wrap=not last, min_width=20 * last)
    return table


def _narrowed(table: Table, width: int) -> Table:
    """Return a table without the mean and the median where lines are short."""
    if width < NARROW:
        table.columns = [column for column in table.columns if column.header not in ("mean", "median")]
    return table


def cells(column: dict[str, Any], rows: int) -> Iterator[str]:
    """Yield the cells of a column after its name and type; where rows are weighed, by weight."""
    yield f"{100 * column['missing'] / max(rows, 1):.1f} %" if column["missing"] else ""
    yield ("" if column["exact"] else "~") + number(column["distinct"])
    weighed = column["weighted"] or {}
    if column["quantiles"]:
        quantiles = weighed.get("quantiles") or column["quantiles"]
        mean = weighed["mean"] if weighed.get("mean") is not None else column["mean"]
        middle = quantiles[len(quantiles) // 2]
        for value in (mean, column["minimum"], middle, column["maximum"]):
            yield moment(value) if column["type"] == "date" or column["gaps"] else number(value)
    elif column["lengths"]:
        sizes = column["lengths"]
        for value in (column["length_mean"], sizes[0], sizes[len(sizes) // 2], sizes[-1]):
            yield f"{number(value)} long"
    else:
        yield from ("-",) * 4
    yield escape("; ".join([*frequent(column), *remarks(column)]))


def frequent(column: dict[str, Any], most: int = 3) -> Iterator[str]:
    """Yield the most frequent values in one text, with their shares of the weight or else their counts."""
    weighed = column["weighted"] and column["weighted"]["top"]
    again = [f"{text[:20]} ({count:,})" for text, count in column["top"][:most] if count > 1]
    if again and weighed:
        again = [f"{text[:20]} ({100 * share:.1f} %)" for text, share in weighed[:most]]
    if again:
        yield ", ".join(again)
    elif column["top"]:
        yield f"{column['top'][0][0][:40]}, ..."


def apart(distance: dict[str, float] | None) -> str:
    """Return how far a column lies from the one beside it."""
    if distance is None:
        return ""
    share = f"{100 * distance['apart']:.1f} %"
    return f"[bold]{share}[/]" if distance["apart"] > distance["by_chance"] else share
