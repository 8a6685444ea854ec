"""Charts that work offline, on paper and on a phone. Bokeh draws; nothing here decides what is true.

Colours are of the Okabe-Ito palette, which people with colour-blindness can tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from landmark.artifacts.evaluation import OutputEvaluation
from landmark.artifacts.profile import PROBABILITIES, ColumnProfile

CHOSEN, OTHER, MARK, FAINT = "#0072B2", "#8A8F98", "#D55E00", "#E3E6EA"
ROW, FRAME = 26, 70
"""Pixels of one row of a chart of rows, and of what stands around the rows."""
MOST_CLASSES = 20
QUANTITIES = ("number", "date", "geo")
"""Data types that are drawn as densities."""
REPEATS, LONG_TAIL = 0.5, 50
"""Share of different values from which hardly one repeats; and the 99th percentile by the median of a long tail."""


def candidates_chart(judged: OutputEvaluation, chosen: str) -> Any:
    """Return the main metric of every rung with its interval, and the landmarks as dashed lines."""
    names = list(judged.candidates)[::-1]
    scores = [judged.candidates[name] for name in names]
    plot = _rows(names, f"{judged.metric}{f' ({judged.unit})' if judged.unit else ''} on the judging rows")
    colors = [CHOSEN if name == chosen else OTHER for name in names]
    plot.segment([s.low for s in scores], names, [s.high for s in scores], names, line_width=3, color=colors)
    plot.scatter([s.value for s in scores], names, size=10, color=colors)
    marks = {name: value for name, value in judged.landmarks.items() if name in ("random", "people", "previous")}
    from bokeh.models import Label, Span

    for i, (name, value) in enumerate((n, v) for n, v in marks.items() if v is not None and np.isfinite(v)):
        plot.add_layout(Span(location=value, dimension="height", line_color=MARK, line_dash="dashed"))
        plot.add_layout(
            Label(
                x=value, y=4 + 14 * (i % 2), y_units="screen", text=f" {name}", text_color=MARK, text_font_size="12px"
            )
        )
    return plot


def slices_chart(judged: OutputEvaluation) -> Any:
    """Return the main metric of every slice with its interval; the line is the whole."""
    from bokeh.models import Span

    parts = sorted(judged.slices, key=lambda part: part.score.value)[:40]
    names = [f"{part.where} ({part.rows})" for part in parts]
    plot = _rows(names, f"{judged.metric} by slice (rows)")
    plot.segment([p.score.low for p in parts], names, [p.score.high for p in parts], names, line_width=3, color=OTHER)
    plot.scatter([p.score.value for p in parts], names, size=9, color=CHOSEN)
    plot.add_layout(Span(location=judged.interval.value, dimension="height", line_color=MARK, line_dash="dashed"))
    return plot


def confusion_chart(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> Any:
    """Return true label by predicted label, each row as shares of its true label."""
    from bokeh.plotting import figure

    table = np.asarray(counts, np.float64)
    keep = np.sort(np.argsort(-table.sum(axis=1))[:MOST_CLASSES])
    table, names = table[np.ix_(keep, keep)], [labels[i] for i in keep]
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = 90 + 30 * len(names)
    plot = figure(
        x_range=names,
        y_range=names[::-1],
        height=min(side, 640),
        sizing_mode="stretch_width",
        max_width=side + 160,
        tools="hover",
        toolbar_location=None,
        tooltips=[("true", "@y"), ("said", "@x"), ("rows", "@n")],
        x_axis_label="said",
        y_axis_label="true",
    )
    cells = [(x, y, share[j, i], int(table[j, i])) for j, y in enumerate(names) for i, x in enumerate(names)]
    x, y, alpha, n = (list(values) for values in zip(*cells, strict=True))
    source = {
        "x": x,
        "y": y,
        "a": alpha,
        "n": n,
        "t": [str(k) if k and len(names) <= 12 else "" for k in n],
        "c": ["white" if a > 0.5 else "#222" for a in alpha],
    }
    from bokeh.models import ColumnDataSource

    data = ColumnDataSource(source)
    plot.rect("x", "y", 0.96, 0.96, source=data, fill_color=CHOSEN, fill_alpha="a", line_color=FAINT)
    plot.text(
        "x",
        "y",
        text="t",
        text_color="c",
        source=data,
        text_align="center",
        text_baseline="middle",
        text_font_size="12px",
    )
    plot.xaxis.major_label_orientation = 0.9
    plot.grid.visible = False
    return plot


def column_chart(column: ColumnProfile, kind: str, beside: ColumnProfile | None = None) -> Any | None:
    """Return a small picture of one column of a data type: a density of numbers, or the most frequent values.

    `beside` is the same column of other rows, drawn over it; both are shares, so that sizes do not matter. None
    where a picture would say nothing: hardly a value repeats.
    """
    if kind in QUANTITIES and len(set(column.quantiles)) > 2:
        plot = _densities(column, kind == "date", beside)
    elif column.top and column.distinct < column.values * REPEATS:
        plot = _frequencies(column, beside)
    else:
        return None
    plot.grid.visible = False
    plot.outline_line_color = None
    plot.xaxis.ticker.desired_num_ticks = 4
    return plot


def _densities(column: ColumnProfile, dates: bool, beside: ColumnProfile | None) -> Any:
    """Draw densities, on a logarithmic axis where one value in a hundred is very much larger than the median."""
    from bokeh.plotting import figure

    low, middle, high = (column.quantiles[PROBABILITIES.index(p)] for p in (0.01, 0.5, 0.99))
    log = not dates and low > 0 and high > LONG_TAIL * middle
    axis = "datetime" if dates else "log" if log else "linear"
    plot = figure(height=110, sizing_mode="stretch_width", toolbar_location=None, tools="", x_axis_type=axis)
    unit = 1000.0 if dates else 1.0  # dates are in microseconds, an axis of dates in milliseconds
    edges, heights = density([q / unit for q in column.quantiles], log)
    plot.quad(left=edges[:-1], right=edges[1:], bottom=0, top=heights, color=CHOSEN, alpha=0.75, line_color="white")
    if beside is not None and len(set(beside.quantiles)) > 2 and not (log and beside.quantiles[1] <= 0):
        edges, heights = density([q / unit for q in beside.quantiles], log)
        x = [edge for pair in pairwise(edges) for edge in pair]
        y = [height for height in heights for _ in range(2)]
        plot.line([x[0], *x, x[-1]], [0, *y, 0], color=MARK, line_width=2)
    plot.yaxis.visible = False
    return plot


def _frequencies(column: ColumnProfile, beside: ColumnProfile | None) -> Any:
    from bokeh.plotting import figure

    top = dict((_cut(text), count / max(column.values, 1)) for text, count in column.top[:6])
    plot = figure(
        y_range=list(top)[::-1],
        height=24 * len(top) + 34,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
    )
    plot.hbar(y=list(top), right=list(top.values()), height=0.7, color=CHOSEN, alpha=0.75)
    if beside is not None:
        others = {_cut(text): count / max(beside.values, 1) for text, count in beside.top}
        plot.scatter([others.get(text, 0.0) for text in top], list(top), size=9, color=MARK, marker="diamond")
    plot.x_range.start = 0
    return plot


def _cut(text: str) -> str:
    return text if len(text) <= 18 else text[:17] + "…"


def density(quantiles: Sequence[float], log: bool = False) -> tuple[list[float], list[float]]:
    """Return edges and heights of a histogram whose areas, as drawn, are the shares between the stored quantiles.

    The outermost per cent at either end is left out, so that one wild value does not flatten the rest.
    """
    inner = [(p, q) for p, q in zip(PROBABILITIES, quantiles, strict=True) if 0.0 < p < 1.0]
    edges, heights, start = [inner[0][1]], list[float](), inner[0]
    for p, q in inner[1:]:
        if q > start[1]:
            heights.append((p - start[0]) / (np.log(q / start[1]) if log else q - start[1]))
            edges.append(q)
            start = (p, q)
    return edges, heights


def _rows(names: Sequence[str], label: str) -> Any:
    from bokeh.plotting import figure

    plot = figure(
        y_range=list(names),
        height=FRAME + ROW * max(len(names), 2),
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
        x_axis_label=label,
    )
    plot.ygrid.grid_line_color = None
    plot.xgrid.grid_line_color = FAINT
    plot.outline_line_color = None
    plot.yaxis.major_label_text_font_size = "13px"
    plot.xaxis.ticker.desired_num_ticks = 5
    return plot
