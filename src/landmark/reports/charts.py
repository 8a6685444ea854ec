"""Charts that work offline, on paper and on a phone. Bokeh draws; nothing here decides what is true.

Colours are of the Okabe-Ito palette, which people with colour-blindness can tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from landmark.artifacts.evaluation import Interval, OutputEvaluation
from landmark.artifacts.profile import PROBABILITIES, ColumnProfile

CHOSEN, OTHER, MARK, FAINT = "#0072B2", "#8A8F98", "#D55E00", "#E3E6EA"
ROW, FRAME = 26, 70
"""Pixels of one row of a chart of rows, and of what stands around the rows."""
MOST_CLASSES = 20
LETTER, NARROW = 7, 300
"""Pixels of a letter, and of what a telephone leaves for a chart."""
QUANTITIES = ("number", "date", "geo")
"""Data types that are drawn as densities."""
REPEATS, LONG_TAIL = 0.5, 12
"""Share of different values from which hardly one repeats; and the 99th percentile by the median of a long tail."""
MOST_MARKS = 5
"""Marks on a logarithmic axis."""
MOST_BARS = 30
"""Bars that can be told apart side by side: as many whole numbers, and none narrower than its share of the axis."""


def candidates_chart(judged: OutputEvaluation, chosen: str) -> Any:
    """Return the main metric of every rung with its interval, and the landmarks as dashed lines."""
    names = list(judged.candidates)[::-1]
    scores = [judged.candidates[name] for name in names]
    plot = _rows(names, f"{judged.metric}{f' ({judged.unit})' if judged.unit else ''} on the judging rows")
    colors = [CHOSEN if name == chosen else OTHER for name in names]
    plot.segment([s.low for s in scores], names, [s.high for s in scores], names, line_width=3, color=colors)
    plot.scatter([s.value for s in scores], names, size=10, color=colors)
    marks = {name: judged.landmarks.get(name) for name in ("random", "people", "previous")}
    _mark(plot, {name: x for name, x in marks.items() if x is not None and np.isfinite(x)}, scores)
    return plot


def _mark(plot: Any, marks: Mapping[str, float], scores: Sequence[Interval]) -> None:
    """Draw landmarks as dashed lines, on an axis that reaches from the lowest to the highest of all."""
    from bokeh.models import Label, Range1d, Span

    ends = np.array([*marks.values(), *(x for s in scores for x in (s.low, s.value, s.high))])
    low, high = np.nanmin(ends), np.nanmax(ends)
    room = 0.05 * (high - low) or 1.0
    plot.x_range = Range1d(low - room, high + room)
    look = {"text_color": MARK, "text_font_size": "12px", "y_units": "screen"}
    for i, (name, x) in enumerate(marks.items()):
        side = "left" if x < (low + high) / 2 else "right"
        plot.add_layout(Span(location=x, dimension="height", line_color=MARK, line_dash="dashed"))
        plot.add_layout(Label(x=x, y=4 + 14 * (i % 2), text=f" {name} ", text_align=side, **look))


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
    fits = max(map(len, names)) * LETTER <= min(side, NARROW) / len(names)
    plot.xaxis.major_label_orientation = "horizontal" if fits else 0.9
    plot.grid.visible = False
    return plot


def column_chart(column: ColumnProfile, kind: str, beside: ColumnProfile | None = None) -> Any | None:
    """Return a small picture of one column of a data type: bars of whole numbers, a density of others, the most
    frequent values, or, where hardly a value repeats, a density of their lengths.

    `beside` is the same column of other rows, drawn over it; both are shares, by weight where rows are weighed, so that
    sizes do not matter. None where a picture would say nothing: nothing repeats, and all is of one length.
    """
    both = [column] if beside is None else [column, beside]
    known = [whole_numbers(side) for side in both] if kind in QUANTITIES and kind != "date" else [{}]
    together = all(known) and span_of(known) < MOST_BARS
    if known[0] and (together or not is_varied(column)):
        return _trimmed(_bars(*known))
    if kind in QUANTITIES and is_varied(column):
        return _trimmed(_densities(both, kind == "date"))
    if column.top and column.distinct < column.values * REPEATS:
        return _trimmed(_frequencies(column, beside))
    sizes = [of_lengths(side) for side in both if side.lengths]
    return _trimmed(_densities(sizes, False, "lengths of ")) if column.lengths and is_varied(sizes[0]) else None


def _trimmed(plot: Any) -> Any:
    plot.grid.visible = False
    plot.outline_line_color = None
    plot.xaxis.axis_label_text_font_size = "11px"
    return plot


def whole_numbers(column: ColumnProfile) -> dict[float, float]:
    """Return whole number -> share of the values, in their order; nothing where they are other numbers, or many."""
    span = np.inf if column.maximum is None or column.minimum is None else column.maximum - column.minimum
    if column.integers < 1 or column.distinct > len(column.top) or not span < MOST_BARS:
        return {}
    return dict(sorted((float(text), share) for text, share in column.shares))


def span_of(known: Sequence[Mapping[float, float]]) -> float:
    """Return how far the numbers of one side or of two reach, together."""
    return max(map(max, known)) - min(map(min, known))


def is_varied(column: ColumnProfile) -> bool:
    """Return whether numbers have a density: not all of them, but for the outermost, are one."""
    return len(set(column.quantiles_told[1:-1])) > 1


def of_lengths(column: ColumnProfile) -> ColumnProfile:
    """Return the lengths of a column's values as a column of numbers."""
    lengths = tuple(map(float, column.lengths))
    return column.model_copy(update={"quantiles": lengths, "negatives": 0, "weighted": None})


def _bars(known: Mapping[float, float], beside: Mapping[float, float] | None = None) -> Any:
    from bokeh.models import BasicTicker

    plot = _small()
    plot.xaxis.ticker = BasicTicker(mantissas=[1, 2, 5], min_interval=1, num_minor_ticks=0, desired_num_ticks=4)
    plot.vbar(x=list(known), top=list(known.values()), width=0.8, color=CHOSEN, alpha=0.75)
    if beside:
        plot.scatter(list(beside), list(beside.values()), size=9, color=MARK, marker="diamond")
    return plot


def _densities(sides: Sequence[ColumnProfile], dates: bool, what: str = "") -> Any:
    """Draw the densities of one set of rows, or of two over each other: of what, if not of the values themselves.

    The axis is logarithmic where one value in a hundred of either is very much larger than the smaller median; it then
    begins above zero. What share of the first's values is drawn is said.
    """
    from bokeh.models import BasicTickFormatter, FixedTicker

    log = not dates and is_long(sides) and density(*binned(sides[0]), True)[0] != []
    plot = _small(x_axis_type="datetime" if dates else "log" if log else "linear")
    (edges, heights), *rest = (density(*binned(side, dates), log) for side in sides)
    others, levels = rest[0] if rest else ([], [])
    if log:
        ends = [*edges, *others]
        plot.xaxis.ticker = FixedTicker(ticks=round_marks(min(ends), max(ends)))
        plot.xaxis.formatter = BasicTickFormatter()
    plot.quad(left=edges[:-1], right=edges[1:], bottom=0, top=heights, color=CHOSEN, alpha=0.75, line_color="white")
    if others:
        x = [edge for pair in pairwise(others) for edge in pair]
        y = [level for level in levels for _ in range(2)]
        plot.line([x[0], *x, x[-1]], [0, *y, 0], color=MARK, line_width=2)
    drawn = float(np.diff(places(edges, log)) @ heights)
    plot.xaxis.axis_label = f"{what}{100 * drawn:.0f} % of the values{', logarithmic' if log else ''}"
    return plot


def is_long(sides: Sequence[ColumnProfile]) -> bool:
    """Return whether a logarithmic axis shows numbers best, those of all sides together."""
    known = [side.quantiles_told for side in sides if side.quantiles_told]
    middles, highs = ([numbers[PROBABILITIES.index(p)] for numbers in known] for p in (0.5, 0.99))
    least = min((middle for middle in middles if middle > 0), default=0.0)
    return middles[0] > 0 and max(highs) > LONG_TAIL * least and not any(side.negatives for side in sides)


def round_marks(low: float, high: float) -> list[float]:
    """Return a few round numbers within a logarithmic axis: the usual marks crowd where it spans few powers of ten.

    >>> round_marks(7, 250), round_marks(0.02, 30_000)
    ([10.0, 20.0, 50.0, 100.0, 200.0], [0.1, 10.0, 1000.0])
    """
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    fine = [m * 10.0**k for k in powers for m in (1, 2, 5) if low <= m * 10.0**k <= high]
    whole = [10.0**k for k in powers if low <= 10.0**k <= high]
    return fine if len(fine) <= MOST_MARKS else whole[:: -(-len(whole) // MOST_MARKS)]


def _small(**more: Any) -> Any:
    """Return the frame of a picture whose heights are shares."""
    from bokeh.plotting import figure

    plot = figure(height=124, sizing_mode="stretch_width", toolbar_location=None, tools="", **more)
    plot.yaxis.visible = False
    plot.y_range.start = 0
    plot.xaxis.ticker.desired_num_ticks = 4
    return plot


def _frequencies(column: ColumnProfile, beside: ColumnProfile | None) -> Any:
    from bokeh.plotting import figure

    top = dict((_cut(text), share) for text, share in column.shares[:6])
    plot = figure(
        y_range=list(top)[::-1],
        height=24 * len(top) + 34,
        sizing_mode="stretch_width",
        toolbar_location=None,
        tools="",
    )
    plot.hbar(y=list(top), right=list(top.values()), height=0.7, color=CHOSEN, alpha=0.75)
    if beside is not None:
        others = {_cut(text): share for text, share in beside.shares}
        plot.scatter([others.get(text, 0.0) for text in top], list(top), size=9, color=MARK, marker="diamond")
    plot.x_range.start = 0
    plot.xaxis.ticker.desired_num_ticks = 4
    return plot


def _cut(text: str) -> str:
    return text if len(text) <= 18 else text[:17] + "…"


def binned(column: ColumnProfile, dates: bool = False) -> tuple[list[float], list[float]]:
    """Return the edges (n + 1,) of bins and the share of the values in each (n,), in milliseconds for dates.

    The outermost per cent at either end is left out, so that one wild value does not flatten the rest.
    """
    unit = 1000.0 if dates else 1.0  # dates are in microseconds, an axis of dates in milliseconds
    inner = [(p, q / unit) for p, q in zip(PROBABILITIES, column.quantiles_told, strict=False) if 0.0 < p < 1.0]
    return [q for _, q in inner], [b - a for (a, _), (b, _) in pairwise(inner)]


def density(edges: Sequence[float], shares: Sequence[float], log: bool = False) -> tuple[list[float], list[float]]:
    """Return edges and heights of a histogram whose areas, as drawn, are shares (n,) of bins between edges (n + 1,).

    A bin too narrow to be seen is joined with those after it: as a hairline, it would flatten all others. Bins that a
    logarithmic axis cannot show are left out. Both are empty where nothing has any width.
    """
    first = next((i for i, edge in enumerate(edges) if not log or edge > 0), len(edges))
    ends, parts = places(edges[first:], log), shares[first:]
    if not len(ends) or ends[0] == ends[-1]:
        return [], []
    least, kept, summed, share = (ends[-1] - ends[0]) / MOST_BARS, [0], list[float](), 0.0
    for i, part in enumerate(parts, 1):
        share += part
        if ends[i] - ends[kept[-1]] >= least:
            kept, summed, share = [*kept, i], [*summed, share], 0.0
    kept[-1], summed[-1] = len(parts), summed[-1] + share
    return [edges[first + i] for i in kept], list(np.asarray(summed) / np.diff(ends[kept]))


def places(edges: Sequence[float], log: bool) -> Any:
    """Return where edges (n,) stand on an axis."""
    return np.log(edges) if log else np.asarray(edges, np.float64)


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
