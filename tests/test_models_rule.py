"""The best single column is found, said in words, and not flattered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from landmark.artifacts.features import Batch, Feature, Role
from landmark.artifacts.question import Task
from landmark.core.context import Context
from landmark.core.table import Array, Ints
from landmark.models import Sample, rule

BINARY = Task(kind="binary", labels=("no", "yes"))
NUMBER = Task(kind="regression")


def fit(task: Task, y: Array, *columns: tuple[Feature, Any], seed: int = 0, ties: Ints | None = None) -> rule.Rule:
    batch = Batch(tuple(f for f, _ in columns), {f.name: a for f, a in columns}, len(y))
    sample = Sample(batch, y, np.ones(len(y)), ties)
    return rule.fit(sample, sample, task, rule.Options(), Context(seed=seed), None)


def values(name: str, array: Array) -> tuple[Feature, Array]:
    return Feature(name=name, role=Role.VALUES, value=name, size=1, columns=(name,)), array[:, None]


def codes(name: str, array: Array, *labels: str) -> tuple[Feature, Array]:
    return Feature(name=name, role=Role.CODES, value=name, size=len(labels) + 2, columns=(name,), labels=labels), array


def noise(n: int, number: int) -> list[tuple[Feature, Array]]:
    rng = np.random.default_rng(3)
    return [values(f"noise{i}", rng.normal(size=n)) for i in range(number)]


def test_a_category_in_words() -> None:
    rng = np.random.default_rng(0)
    sex = rng.integers(2, 4, 1000)
    y = (rng.random(1000) < np.where(sex == 3, 0.75, 0.2)).astype(np.int64)
    sex[:30] = 0
    found = fit(BINARY, y, *noise(1000, 3), codes("sex", sex, "male", "female"))
    assert found.settings["column"] == "sex"
    missing, male, female = found.settings["rule"]
    assert (missing[:14], male[:15], female[:17]) == ("sex is missing", "sex = male: yes", "sex = female: yes")
    assert found.table[3, 1] == pytest.approx(0.75, abs=0.05) and found.table[2, 1] == pytest.approx(0.2, abs=0.05)
    np.testing.assert_allclose(found.table[1], found.prior)  # never seen: what is said without the column


def test_a_threshold_with_a_branch_for_missing_values() -> None:
    rng = np.random.default_rng(0)
    age = rng.integers(0, 90, 2000).astype(float)
    y = np.where(age >= 30, 5000.0, 1000.0) + rng.normal(size=2000)
    age[::10], y[::10] = np.nan, 9000.0
    found = fit(NUMBER, y, *noise(2000, 3), values("age", age))
    assert found.settings["column"] == "age"
    assert any(edge == 30.0 for edge in found.look.edges)
    assert found.settings["rule"][0].startswith("age is missing: 8,")
    probe = Batch((found_feature("age"),), {"age": np.array([[29.0], [30.0], [np.nan], [-np.inf], [np.inf]])}, 5)
    np.testing.assert_allclose(found.predict(probe)[:, 0], [1000, 5000, 9000, 1000, 5000], rtol=0.1)


def found_feature(name: str) -> Feature:
    return Feature(name=name, role=Role.VALUES, value=name, size=1, columns=(name,))


def test_the_most_telling_token() -> None:
    rng = np.random.default_rng(0)
    bags = rng.random((600, 30)) < 0.2
    bags[:, 0] = False
    y = (bags[:, 7] ^ (rng.random(600) < 0.1)).astype(np.int64)
    feature = Feature(
        name="text",
        role=Role.TOKENS,
        value="t",
        weight="w",
        size=30,
        columns=("text",),
        labels=tuple("abcdefghijklmnopqrstuvwxyzäö"),
    )
    found = fit(BINARY, y, (feature, csr_array(bags.astype(float))), *noise(600, 2))
    assert found.look.at == 7
    assert [line.split(":")[0] for line in found.settings["rule"]] == ["text without f", "text with f"]


def test_many_columns_of_noise_do_not_look_better_than_the_mean() -> None:
    """What is chosen on the rows it is judged by would beat the mean; what is held out must not."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300)
    columns = [*noise(300, 40), *[codes(f"c{i}", rng.integers(2, 60, 300), *map(str, range(58))) for i in range(10)]]
    folds = np.arange(300) % 5
    gains = []
    for part in range(5):
        teach, judge = folds != part, folds == part
        found = fit(BINARY, y[teach], *[(f, a[teach]) for f, a in columns])
        batch = Batch(tuple(f for f, _ in columns), {f.name: a[judge] for f, a in columns}, int(judge.sum()))
        said = found.predict(batch)[np.arange(judge.sum()), y[judge]]
        gains.append(np.mean(np.log(said) - np.log(np.where(y[judge] == 1, y[teach].mean(), 1 - y[teach].mean()))))
    assert np.mean(gains) < 0.01


def test_many_codes_do_not_beat_a_column_that_tells() -> None:
    """A column of five rows a value knows more of the rows it was taught than it will know of others."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 2000)
    weak = np.where(rng.random(2000) < 0.58, y, 1 - y) + 2
    key = np.arange(2000) % 400 + 2
    assert fit(BINARY, y, codes("key", key, *map(str, range(400))), codes("weak", weak, "a", "b")).column == "weak"


def test_large_numbers_lose_no_digits() -> None:
    rng = np.random.default_rng(0)
    kind = rng.integers(2, 4, 400)
    y = 1e12 + kind
    found = fit(NUMBER, y, *noise(400, 2), codes("kind", kind, "a", "b"))
    assert found.column == "kind"
    np.testing.assert_allclose(found.table[2:, 0] - 1e12, [2.0, 3.0], atol=0.1)


@pytest.mark.parametrize("task", [BINARY, NUMBER, Task(kind="multilabel", labels=("a", "b"))], ids=lambda t: t.kind)
def test_columns_that_say_nothing(task: Task) -> None:
    empty, same = np.full(50, np.nan), np.ones(50)
    y = np.zeros((50, 2) if task.kind == "multilabel" else 50, np.float64 if task.kind == "regression" else np.int64)
    found = fit(task, y, values("empty", empty), values("same", same))
    assert np.isfinite(found.table).all()
    assert found.settings["rule"]


def test_parts_of_a_feature_are_named() -> None:
    place = Feature(name="place", role=Role.VALUES, value="p", size=2, columns=("lat", "lon"), labels=("lat", "lon"))
    text = Feature(name="body", role=Role.VALUES, value="b", size=2, columns=("body",), labels=("length", "words"))
    assert rule.column_name(place, 1) == "lon"
    assert rule.column_name(text, 1) == "body (words)"


def test_of_a_large_table_some_rows_choose_the_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "CELLS", 4 * 1000)
    rng = np.random.default_rng(0)
    sex = rng.integers(2, 4, 5000)
    found = fit(BINARY, (sex == 3).astype(np.int64), *noise(5000, 2), codes("sex", sex, "m", "f"))
    assert found.column == "sex" and found.table[3, 1] > 0.99


def test_pictures_are_no_look_ups() -> None:
    photo = Feature(name="photo", role=Role.PIXELS, value="photo", size=3, columns=("photo",), shape=(2, 2, 3))
    said = rule.suits(BINARY, [photo], 100, rule.Options())
    assert said is not None and said.code == "no-usable-role"


def test_a_name_of_the_group_tells_nothing_of_other_groups() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(60), 20)
    y = rng.integers(0, 2, 60)[group]
    told = values("x", y + rng.normal(size=len(y))), codes("shop", group + 2, *map(str, range(60)))
    assert fit(BINARY, y, *told, ties=group).settings["column"] == "x"
    assert fit(BINARY, y, *told).settings["column"] == "shop"
