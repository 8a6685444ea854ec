"""The constant is the weighted mean, and certain of nothing."""

from __future__ import annotations

import numpy as np
import pytest

from landmark.artifacts.features import Batch, Feature, Role
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.table import Array, Floats
from landmark.graph.builder import Graph
from landmark.graph.run import session
from landmark.models import Sample, constant

FEATURES = {
    Role.VALUES: (Feature(name="f", role=Role.VALUES, value="f", size=2, columns=("f",)), (3, 2), "float64"),
    Role.CODES: (Feature(name="f", role=Role.CODES, value="f", size=9, columns=("f",)), (3,), "int64"),
    Role.TOKENS: (Feature(name="f", role=Role.TOKENS, value="f", size=9, columns=("f",), weight="w"), (3, 0), "int64"),
    Role.SERIES: (
        Feature(name="f", role=Role.SERIES, value="f", size=1, columns=("f",), shape=(4, 1)),
        (3, 4, 1),
        "float32",
    ),
    Role.PIXELS: (
        Feature(name="f", role=Role.PIXELS, value="f", size=3, columns=("f",), shape=(2, 2, 3)),
        (3, 2, 2, 3),
        "uint8",
    ),
}


def mean(task: Task, y: Array, weight: Floats) -> Floats:
    batch = Batch((FEATURES[Role.CODES][0],), {"f": np.zeros(len(y), np.int64)}, len(y))
    sample = Sample(batch, y, weight)
    fitted = constant.fit(sample, sample, task, constant.Options(), Context(), None)
    return np.asarray(fitted.predict(batch)[0])


def test_weighted_means() -> None:
    heavy = np.array([1.0, 3.0])
    assert mean(Task(kind="regression"), np.array([0.0, 4.0]), heavy).tolist() == [3.0]
    binary = mean(Task(kind="binary", labels=("a", "b")), np.array([0, 1]), heavy)
    np.testing.assert_allclose(binary, [0.25, 0.75], atol=0.01)
    flags = mean(Task(kind="multilabel", labels=("a", "b")), np.array([[1, 1], [0, 1]]), heavy)
    np.testing.assert_allclose(flags, [0.25, 1.0], atol=0.01)


def test_a_label_without_rows_is_possible() -> None:
    shares = mean(Task(kind="multiclass", labels=("a", "b", "c")), np.zeros(50, np.int64), np.ones(50))
    assert shares.sum() == pytest.approx(1.0) and 0 < shares.min() < 0.001
    flags = mean(Task(kind="multilabel", labels=("a",)), np.ones((50, 1), np.int64), np.ones(50))
    assert 0.999 < flags[0] < 1.0


@pytest.mark.parametrize("role", list(FEATURES))
def test_rows_are_counted_on_any_feature(role: Role) -> None:
    feature, shape, kind = FEATURES[role]
    g = Graph()
    g.declare([feature])
    fitted = constant.Constant((0.25, 0.75))
    g.output("p", fitted.graph(g, [feature]), "float64", ("N", 2))
    filled = np.full(shape, np.nan if kind.startswith("float") else 1).astype(kind)
    feeds = {"f": filled, "w": np.zeros(shape)} if feature.weight else {"f": filled}
    (got,) = session(g.build()).run(None, feeds)
    assert got.tolist() == [[0.25, 0.75]] * 3
