"""Pictures of columns: their areas are shares, whatever the axis, and what says nothing is not drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import walk

from landmark.artifacts.evaluation import Interval, OutputEvaluation
from landmark.artifacts.profile import ColumnProfile, Weighted
from landmark.reports.charts import (
    CHOSEN,
    MARK,
    binned,
    candidates_chart,
    column_chart,
    confusion_chart,
    density,
    places,
    whole_numbers,
)
from landmark.reports.data_page import DataStory, data_page, sides
from landmark.statistics.summary import column, profile_stream


def drawn(known: ColumnProfile, kind: str, beside: ColumnProfile | None = None) -> Any:
    """Return the picture of a column that has one."""
    plot = column_chart(known, kind, beside)
    assert plot is not None
    return plot


@pytest.mark.parametrize("log", [False, True])
def test_areas_are_shares(log: bool) -> None:
    known = column("x", pa.array(np.random.default_rng(0).lognormal(1, 1, 2000)))
    edges, heights = density(*binned(known), log)
    assert float(np.diff(places(edges, log)) @ heights) == pytest.approx(0.98)


def test_what_is_too_narrow_to_be_seen_is_joined() -> None:
    """A hairline of a share in no width is as high as all the rest is flat."""
    edges, heights = density([0.0, 7.2, 7.3, 7.4, 50.0, 51.0], [0.1, 0.2, 0.2, 0.4, 0.1])
    assert edges == [0.0, 7.2, 51.0]
    assert heights == pytest.approx([0.1 / 7.2, 0.9 / 43.8])
    assert density([0.0, 0.0, 2.0, 4.0], [0.5, 0.25, 0.25], log=True)[0] == [2.0, 4.0]
    assert density([3.0, 3.0], [1.0]) == density([-1.0, 0.0], [1.0], log=True) == ([], [])


def test_few_whole_numbers_are_bars_of_their_own() -> None:
    known = column("x", pa.array([0] * 70 + [1] * 20 + [6] * 10))
    glyph = drawn(known, "number", known).renderers[0]
    assert glyph.data_source.data["x"] == [0.0, 1.0, 6.0] and glyph.data_source.data["top"] == [0.7, 0.2, 0.1]
    assert (
        whole_numbers(column("x", pa.array([0.5, 1.0] * 9))) == whole_numbers(column("x", pa.array([1, 900] * 9))) == {}
    )


@pytest.mark.parametrize(
    ("zeros", "said"), [(0, "98 % of the values, logarithmic"), (30, "94 % of the values, logarithmic")]
)
def test_amounts_with_zeros_have_a_logarithmic_axis_too_and_what_is_left_out_is_said(zeros: int, said: str) -> None:
    amounts = np.concatenate([np.zeros(zeros), np.random.default_rng(0).lognormal(3, 2, 970)])
    axis = drawn(column("x", pa.array(amounts)), "number").xaxis[0]
    assert type(axis).__name__ == "LogAxis" and axis.axis_label == said


def test_landmarks_are_inside_the_chart() -> None:
    score = Interval(value=0.7, low=0.6, high=0.8)
    marks = {"people": 0.95, "random": 0.2, "previous": None}
    whole = {"metric": "accuracy", "greater_is_better": True, "rows": 9, "test": {}, "interval": score}
    plot = candidates_chart(OutputEvaluation(**whole, landmarks=marks, candidates={"linear": score}), "linear")
    assert plot.x_range.start < 0.2 and plot.x_range.end > 0.95


def test_only_long_labels_are_turned() -> None:
    plots = [confusion_chart([[3, 1], [1, 3]], labels) for labels in (("0", "1"), ("a long label indeed", "b"))]
    assert [plot.xaxis[0].major_label_orientation for plot in plots] == ["horizontal", 0.9]


def test_a_long_tail_is_drawn_on_a_logarithmic_axis_and_dates_as_dates() -> None:
    rng = np.random.default_rng(0)
    plain, tailed = column("x", pa.array(rng.normal(5, 1, 500))), column("x", pa.array(rng.lognormal(0, 3, 500)))
    days = column("d", pa.array(rng.integers(0, 10**9, 500) * 10**6, pa.timestamp("us")))
    axes = [type(drawn(c, k).xaxis[0]).__name__ for c, k in ((plain, "number"), (tailed, "number"), (days, "date"))]
    assert axes == ["LinearAxis", "LogAxis", "DatetimeAxis"]


def test_other_rows_are_drawn_over_it_in_another_colour() -> None:
    rng = np.random.default_rng(0)
    for kind, values in (("number", rng.normal(5, 1, 500)), ("category", rng.choice(["a", "b"], 500))):
        known = column("x", pa.array(values))
        colours = [
            str(getattr(r.glyph, "fill_color", None) or r.glyph.line_color) for r in drawn(known, kind, known).renderers
        ]
        assert CHOSEN in colours[0] and MARK in colours[1]


def test_what_hardly_repeats_is_drawn_by_its_lengths_if_these_differ() -> None:
    names = [f"name {i:02}" for i in range(100)]
    assert column_chart(column("x", pa.array(names)), "text") is None
    assert column_chart(column("x", pa.array(names[:40] * 3)), "text") is not None
    texts = column("x", pa.array([f"{i:03}" + "x" * (i % 40) for i in range(400)]))
    plot = drawn(texts, "text", texts)
    assert plot.xaxis[0].axis_label == "lengths of 98 % of the values" and len(plot.renderers) == 2
    assert plot.renderers[0].data_source.data["left"][0] == 3.0


@pytest.mark.parametrize("factor", [1 / 60, 60.0, 100.0])
@pytest.mark.parametrize("whole", [False, True])
def test_two_sides_that_a_great_factor_parts_can_both_be_seen(factor: float, whole: bool) -> None:
    values = np.random.default_rng(0).integers(1, 11, 600) if whole else np.random.default_rng(0).normal(5, 1, 600)
    plot = drawn(column("x", pa.array(values)), "number", column("x", pa.array(values * factor)))
    assert type(plot.xaxis[0]).__name__ == "LogAxis"
    low, high = plot.xaxis[0].ticker.ticks[0], plot.xaxis[0].ticker.ticks[-1]
    assert high / low >= 10
    quads, line = (glyph.data_source.data for glyph in plot.renderers)
    heights = max(quads["top"]), max(line["y"])
    assert max(heights) < 3 * min(heights)


def test_what_has_no_width_above_zero_has_a_linear_axis() -> None:
    values = np.array([0.0] * 20 + [5.5] * 80)
    for factor in (1.0, 100.0):
        plot = drawn(column("x", pa.array(values)), "number", column("x", pa.array(values * factor)))
        assert type(plot.xaxis[0]).__name__ == "LinearAxis" and len(plot.renderers[0].data_source.data["top"]) > 0


def test_whole_numbers_near_each_other_are_bars_on_both_sides() -> None:
    plot = drawn(column("x", pa.array([1, 2, 3] * 20)), "number", column("x", pa.array([3, 4, 9] * 20)))
    assert plot.renderers[1].data_source.data["x"] == [3.0, 4.0, 9.0]


def test_rows_that_are_weighed_are_drawn_by_weight() -> None:
    rows = pa.table({"x": [1.0, 2.0] * 30, "c": ["a", "b"] * 30, "y": np.arange(60.0) + 0.5, "w": [1.0, 3.0] * 30})
    seen = profile_stream(iter(rows.to_batches()), rows.schema, weight="w").columns
    assert drawn(seen["x"], "number").renderers[0].data_source.data["top"] == [0.25, 0.75]
    bars = drawn(seen["c"], "category").renderers[0].data_source.data
    assert dict(zip(bars["y"], bars["right"], strict=True)) == {"b": 0.75, "a": 0.25}
    heavy = seen["y"].model_copy(update={"weighted": Weighted(total=1.0, quantiles=(7.5,) * 11)})
    assert binned(heavy)[0] == [7.5] * 9


def test_a_text_has_no_mean() -> None:
    values = {"t": [str(i) for i in range(1, 61)], "n": [str(i + 0.5) for i in range(60)], "y": ["a", "b"] * 30}
    made = walk(values, columns={"t": {"type": "text"}})
    shown = data_page(DataStory(name="made here", sides=sides(("training", made.profile.train)), schema=made.schema))
    said = {name: shown.split(f"<h3>{name}</h3>")[1].split("</small>")[0] for name in values}
    assert "mean" in said["n"] and "mean" not in said["t"]
