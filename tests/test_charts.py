"""Pictures of columns: their areas are shares, whatever the axis, and what says nothing is not drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from landmark.artifacts.profile import ColumnProfile
from landmark.reports.charts import CHOSEN, MARK, column_chart, density
from landmark.statistics.summary import column


def drawn(known: ColumnProfile, kind: str, beside: ColumnProfile | None = None) -> Any:
    """Return the picture of a column that has one."""
    plot = column_chart(known, kind, beside)
    assert plot is not None
    return plot


@pytest.mark.parametrize("log", [False, True])
def test_areas_are_shares(log: bool) -> None:
    known = column("x", pa.array(np.random.default_rng(0).lognormal(1, 1, 2000)))
    edges, heights = density(known.quantiles, log)
    widths = np.diff(np.log(edges) if log else edges)
    assert float(widths @ heights) == pytest.approx(0.98)


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


def test_what_hardly_repeats_is_not_drawn() -> None:
    names = [f"name {i}" for i in range(100)]
    assert column_chart(column("x", pa.array(names)), "text") is None
    assert column_chart(column("x", pa.array(names[:40] * 3)), "text") is not None
