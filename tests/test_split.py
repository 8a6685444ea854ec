"""Which rows judge is decided by the rule that was asked for, the same on every run, and nothing overlaps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import question, table, walk
from hypothesis import example, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from landmark.artifacts.question import Output
from landmark.artifacts.split import Split
from landmark.core.context import Context
from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Level
from landmark.steps.data.split import Options, split


def parted(
    columns: dict[str, Any], outputs: tuple[Any, ...] = ("y",), given: Any = None, seed: int = 0, **options: Any
) -> Split:
    """Return the split of columns, by options; `given` are judging rows of their own."""
    return split(table(columns, given), question(outputs), Options.model_validate(options), Context(seed=seed))


def rows_of(n: int = 100, **columns: Any) -> dict[str, Any]:
    """Return n rows with a binary y."""
    return {"y": ["no", "yes"] * (n // 2), **columns}


@pytest.mark.parametrize("by", ["random", "stratified", "time", "group", "hash", "column"])
@drawn(st.data())
@settings(max_examples=25, deadline=None)
def test_every_usable_row_teaches_or_judges(by: str, data: st.DataObject) -> None:
    n = data.draw(st.integers(40, 90))
    y = data.draw(st.lists(st.sampled_from(["no", "yes", None]), min_size=n, max_size=n))
    y[:12] = ["no", "yes"] * 6
    keys = [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(n)]
    part = ["train" if i % 3 else "test" for i in range(n)]
    columns = {"y": y, "k": part if by == "column" else keys}
    found = parted(columns, by=by, column=None if by in ("random", "stratified") else "k", test=0.3)
    usable = [i for i in range(n) if y[i] is not None]
    assert sorted([*found.train, *found.test]) == usable
    assert len(found.test) and len(found.train)
    again = parted(columns, by=by, column=None if by in ("random", "stratified") else "k", test=0.3)
    assert np.array_equal(found.train, again.train) and np.array_equal(found.test, again.test)


def test_the_share_is_what_was_asked_for() -> None:
    assert [len(parted(rows_of(200), by="random", test=share).test) for share in (0.2, "35%")] == [40, 70]
    assert len(parted(rows_of(200)).test) == 40


def test_the_seed_draws_other_rows() -> None:
    one, other = (parted(rows_of(200), by="random", seed=seed).test for seed in (1, 2))
    assert not np.array_equal(one, other)


@drawn(st.lists(st.integers(1, 40), min_size=2, max_size=8), st.integers(0, 5))
@example([1, 1, 1, 1, 14], 0)
@settings(max_examples=50, deadline=None)
def test_every_label_has_its_share_and_one_row_that_teaches(sizes: list[int], seed: int) -> None:
    y = [f"k{label}" for label, size in enumerate(sizes) for _ in range(size)]
    if len(y) < 12 or len(sizes) > len(y) / 2:
        return
    judge = parted({"y": y}, by="stratified", seed=seed).test
    share = round(0.2 * len(y)) / len(y)
    assert abs(len(judge) - share * len(y)) <= 1
    for label, size in enumerate(sizes):
        taken = sum(y[i] == f"k{label}" for i in judge)
        assert abs(taken - share * size) <= 1 and taken < size


def different(n: int, labels: int = 3) -> dict[str, list[Any]]:
    """Return n rows of which no two are alike, their labels as even as can be."""
    return {"y": [f"k{i % labels}" for i in range(n)], "x": [f"row {i}" for i in range(n)]}


def judges_of(columns: dict[str, list[Any]], by: str, **more: Any) -> set[str]:
    """Return the `x` of the rows that judge."""
    return {columns["x"][i] for i in parted(columns, by=by, **more).test}


@pytest.mark.parametrize(("by", "thresholds"), [("random", 1), ("stratified", 3)])
def test_rows_keep_their_side_when_a_table_grows(by: str, thresholds: int) -> None:
    """What moves is between two thresholds: the 20 % points of the draws of n rows, and of these and 30 % more.

    They lie sqrt(0.2 * 0.8 * (1 / n - 1 / 1.3 n)) apart, as a standard deviation; several values have each their own.
    """
    n, grown = 10_000, 13_000
    columns = different(grown)
    before = judges_of({name: cells[:n] for name, cells in columns.items()}, by)
    mixed = np.random.default_rng(0).permutation(grown)
    after = judges_of({name: [cells[i] for i in mixed] for name, cells in columns.items()}, by)
    taught = set(columns["x"][:n]) - before
    most = 4 * np.sqrt(0.2 * 0.8 * (1 / n - 1 / grown)) * np.sqrt(thresholds) * n
    assert len(before) == 2000 and len(after) == 2600
    assert len(before - after) <= most and len(taught & after) <= most
    assert most < (0.04 * len(before) if by == "random" else 0.07 * len(before))


@pytest.mark.parametrize("by", ["random", "stratified"])
@drawn(st.integers(20, 60), st.integers(2, 5), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_and_columns_changes_no_side(by: str, n: int, labels: int, rng: Any) -> None:
    columns = different(n, labels)
    mixed = rng.sample(range(n), n)
    turned = {name: [columns[name][i] for i in mixed] for name in ("x", "y")}
    assert judges_of(turned, by) == judges_of(columns, by)


def test_rows_that_are_alike_are_drawn_one_by_one() -> None:
    judge = parted(rows_of(2000), by="random").test
    yes, place = np.mean(judge % 2), np.mean(judge) / 2000
    assert len(judge) == 400 and abs(yes - 0.5) < 4 * 0.5 / 20 and abs(place - 0.5) < 4 * 0.29 / 20


@pytest.mark.parametrize("by", ["random", "stratified"])
def test_nothing_is_drawn_where_judging_rows_are_given(by: str) -> None:
    found = parted(rows_of(), given={"y": ["no"] * 5}, by=by)
    assert (found.by, found.train.tolist(), len(found.test)) == ("given", list(range(100)), 0)


def test_auto_takes_labels_where_they_repeat_and_given_rows_where_there_are_some() -> None:
    numbers = [str(i / 7) for i in range(100)]
    assert parted(rows_of()).by == "stratified"
    assert parted({"y": numbers}).by == "random"
    assert parted({"y": [f"k{i % 60}" for i in range(600)]}).by == "random"
    given_rows = parted(rows_of(), given={"y": ["no"] * 5})
    assert (given_rows.by, len(given_rows.train), len(given_rows.test)) == ("given", 100, 0)


def test_the_latest_rows_judge_and_teaching_rows_stand_in_time_order() -> None:
    days = [date(2024, 1, 1) + timedelta(days=(i * 37) % 100) for i in range(100)]
    typed = parted(rows_of(day=pa.array(days)), by="time", column="day")
    texts = parted(rows_of(day=[d.strftime("%d.%m.%Y") for d in days]), by="time", column="day")
    numbers = parted(rows_of(day=[str(d.toordinal()) for d in days]), by="time", column="day")
    for found in (typed, texts, numbers):
        ordered = [days[i] for i in found.train]
        assert ordered == sorted(ordered)
        assert max(ordered) < min(days[i] for i in found.test)
        assert len(found.test) == 20 and found.by == "time"


def test_rows_of_one_moment_stay_on_one_side_and_in_one_window() -> None:
    days = [f"2024-01-{1 + i // 25:02}" for i in range(100)]
    found = parted(rows_of(day=days), by="time", column="day")
    assert len(found.test) == 25
    assert len({(days[i], int(g)) for i, g in zip(found.train, found.groups, strict=True)}) == 3


def test_rows_without_a_time_teach_first_and_are_named() -> None:
    days = [None if i % 10 == 3 else f"2024-02-{1 + i % 28:02}" for i in range(100)]
    found = parted(rows_of(day=days), by="time", column="day")
    assert [days[i] for i in found.train[:10]] == [None] * 10
    assert all(days[i] for i in found.test)
    (said,) = found.findings
    assert (said.code, said.level, said.row) == ("undated-rows", Level.WARN, 4)


def test_given_judging_rows_leave_the_time_order_to_the_folds() -> None:
    days = [f"2024-01-{28 - i % 28:02}" for i in range(100)]
    found = parted(rows_of(day=days), given=rows_of(4, day=days[:4]), by="time", column="day")
    assert found.by == "time" and len(found.test) == 0 and len(found.train) == 100
    assert [days[i] for i in found.train] == sorted(days)


def test_groups_stay_whole() -> None:
    groups = [f"g{i % 17}" if i % 20 else None for i in range(100)]
    found = parted(rows_of(g=groups), by="group", column="g")
    assert not ({groups[i] for i in found.train} & {groups[i] for i in found.test}) - {None}
    assert 10 <= len(found.test) <= 30
    ties = dict(zip(found.train.tolist(), found.groups.tolist(), strict=True))
    assert len({(groups[i], tie) for i, tie in ties.items() if groups[i]}) == len({groups[i] for i in ties} - {None})
    assert len({tie for i, tie in ties.items() if groups[i] is None}) == sum(groups[i] is None for i in ties)
    assert [f.code for f in found.findings] == ["ungrouped-rows"]


def test_two_large_groups_can_still_be_parted() -> None:
    found = parted(rows_of(g=["a"] * 60 + ["b"] * 40), by="group", column="g")
    assert sorted(map(len, (found.train, found.test))) == [40, 60]


@drawn(st.integers(0, 200))
@settings(max_examples=10, deadline=None)
def test_a_key_keeps_its_side_when_rows_are_added(more: int) -> None:
    keys = [f"user {i % 150}" for i in range(200 + more)]
    sides = []
    for n in (200, 200 + more):
        judge = set(
            parted({"y": ["no", "yes"] * (n // 2) + ["no"] * (n % 2), "k": keys[:n]}, by="hash", column="k").test
        )
        sides.append({keys[i]: i in judge for i in range(n)})
        assert all(sides[-1][keys[i]] == (i in judge) for i in range(n))
    assert sides[0].items() <= sides[1].items()


def test_a_column_says_who_judges() -> None:
    part = ["Training", "val", " test"] * 30
    found = parted(rows_of(90, p=part), by="column", column="p")
    assert {part[i] for i in found.test} == {" test"} and len(found.train) == 60
    only_two = parted(rows_of(90, p=["train", "train", "dev"] * 30), by="column", column="p")
    assert len(only_two.test) == 30


def test_rows_without_a_truth_are_left_out_and_said() -> None:
    y: list[str | None] = ["no", "yes"] * 50
    y[5], y[6] = "", None
    found = parted({"y": y})
    (said,) = found.findings
    assert {5, 6}.isdisjoint({*found.train, *found.test})
    assert (said.code, said.where, said.row, said.level) == ("target-missing", "y", 6, Level.NOTE)
    many = parted({"y": [None if i % 5 < 2 else "ny"[i % 2] for i in range(100)]})
    assert many.findings[0].level == Level.WARN and "40 of 100" in many.findings[0].seen


def test_one_known_output_makes_a_row_usable() -> None:
    z = [None if i < 90 else str(i) for i in range(100)]
    found = parted({"y": [*["no", "yes"] * 45, *[None] * 10], "z": z}, ("y", "z"), by="random", seed=3)
    assert len(found.train) + len(found.test) == 100


def test_declared_codes_are_no_truth() -> None:
    said = Output(name="y", options={"missing": ["?"]})
    found = parted({"y": ["no", "yes", "?", "?"] * 25}, (said,))
    assert len(found.train) + len(found.test) == 50


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        (rows_of(), {"outputs": ("yy",)}, ("outputs", "'yy' is not a column", "did you mean 'y'")),
        ({"y": [None] * 50}, {}, ("outputs.y", "'y' has no value in any row")),
        ({"y": ["x"] * 50}, {}, ("outputs.y", "the same value in every row", "seen: x")),
        ({"y": ["x", None] * 50}, {}, ("outputs.y", "the same value")),
        (rows_of(8), {}, ("fewer than 10 usable rows", "8")),
        ({"y": [None] * 90 + ["a", "b"] * 4}, {}, ("fewer than 10 usable rows", "8")),
        (rows_of(), {"by": "time"}, ("data.split", "needs a column")),
        ({"a^y": ["1^0", "2^1"] * 50}, {}, ("outputs", "'y' is not a column", 'declare data.format: {delimiter: "^"}')),
        (rows_of(), {"by": "time", "column": "dey"}, ("data.split.column", "'dey' is not a column")),
        (
            rows_of(d=["2024-01-01"] * 98 + ["soon", "x"]),
            {"by": "time", "column": "d"},
            ("d, row 99", "soon", "declare"),
        ),
        (rows_of(d=["2024-01-01"] * 100), {"by": "time", "column": "d"}, ("one moment only",)),
        (rows_of(g=["a"] * 100), {"by": "group", "column": "g"}, ("one group only",)),
        (rows_of(g=["a"] * 100), {"by": "hash", "column": "g"}, ("fall on one side",)),
        (rows_of(p=["train"] * 99 + ["tets"]), {"by": "column", "column": "p"}, ("p, row 100", "tets", "'test'")),
        (rows_of(p=["train"] * 100), {"by": "column", "column": "p"}, ("one part only",)),
        ({"y": [str(i) for i in range(50)]}, {"by": "stratified"}, ("hardly repeat", "random")),
        (
            {"y": ["a"] * 50 + ["b"] * 50, "d": [str(i) for i in range(100)]},
            {"by": "time", "column": "d", "test": 0.5},
            ("outputs.y", "the same value in every training row"),
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_split_is_refused_with_the_place(
    columns: dict[str, Any], options: dict[str, Any], words: tuple[str, ...]
) -> None:
    outputs = options.get("outputs", ("y",))
    rules = Options.model_validate({name: value for name, value in options.items() if name != "outputs"})
    with pytest.raises(UserError) as refused:
        split(table(columns), question(outputs), rules, Context())
    assert refused.value.exit_code == 2
    assert all(word in refused.value.line() for word in words), refused.value.line()


def test_every_name_that_is_no_column_is_told_at_once_with_its_place() -> None:
    columns = {"place": {"type": "geo", "columns": ["lat", "lom"]}, "wiat": {"type": "number"}}
    asked = question(
        ("y", "zz"),
        inputs=("place", "plaice", "lat"),
        columns=columns,
        slices=(("y",), ("w.p",), ("lat", "lonn")),
        sample="yy",
    )
    rows = rows_of(lat=["1"] * 100, lon=["2"] * 100, wait=["3"] * 100)
    with pytest.raises(Mistakes) as refused:
        split(table(rows), asked, Options(by="time", column="wiit"), Context())
    told = {mistake.where: mistake.fix for mistake in refused.value.mistakes}
    assert told.keys() == {
        *("outputs[1]", "inputs[1]", "columns.place.columns[1]", "columns.wiat", "slices[1]", "slices[2][1]"),
        *("data.sample.column", "data.split.column"),
    }
    assert told["inputs[1]"] == "did you mean 'place'?" and told["columns.wiat"] == "did you mean 'wait'?"
    assert told["slices[2][1]"] == "did you mean 'lon'?" and "place" not in told["outputs[1]"]


def test_what_is_wrong_with_the_rule_is_told_with_the_names() -> None:
    with pytest.raises(Mistakes) as refused:
        split(table(rows_of()), question(("yy",)), Options(by="group"), Context())
    assert [mistake.where for mistake in refused.value.mistakes] == ["outputs[0]", "data.split"]


def test_every_output_without_two_values_is_told_at_once() -> None:
    with pytest.raises(Mistakes) as refused:
        parted(rows_of(one=["same"] * 100, none=[None] * 100), ("one", "y", "none"))
    assert [mistake.where for mistake in refused.value.mistakes] == ["outputs.one", "outputs.none"]


def test_judging_rows_cannot_come_from_two_places() -> None:
    columns = rows_of(p=["train", "test"] * 50)
    with pytest.raises(UserError, match="keep one of them"):
        split(table(columns, columns), question(("y",)), Options(by="column", column="p"), Context())


def test_groups_keep_their_side_when_rows_are_added() -> None:
    def judging(n: int) -> set[str]:
        groups = [f"g{i % (n // 5)}" for i in range(n)]
        made = walk(
            {"y": ["a", "b"] * (n // 2), "g": groups, "x": list("pqrst") * (n // 5)}, by={"by": "group", "column": "g"}
        )
        return {groups[row] for row in made.split.test}

    before, after = judging(1000), judging(1100)
    assert len(before & after) >= 0.9 * len(before)
    assert len([g for g in after - before if int(g[1:]) < 200]) <= 0.1 * len(before)
