"""What judges a model: ties, weights, groups, refusals, and what is said beside the score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import walk

import landmark
from landmark.api import mark
from landmark.artifacts.candidates import Candidate, Candidates, OutputCandidates
from landmark.artifacts.evaluation import Evaluation, Interval, OutputEvaluation, Previous
from landmark.artifacts.question import Output, Task
from landmark.core.context import Context
from landmark.core.errors import UserError
from landmark.graph.check import open_model
from landmark.metrics import multiclass, multilabel
from landmark.reports.terminal import above
from landmark.statistics.resample import bootstrap, paired
from landmark.steps.evaluation.evaluation import (
    LEAST_ROWS,
    Bench,
    beside_people,
    evaluation,
    held_before,
    remarks,
    unjudged,
)
from landmark.steps.evaluation.gate import Options as GateOptions
from landmark.steps.evaluation.gate import compare
from landmark.steps.release.model_file import too_large
from landmark.steps.training.choice import Options as ChoiceOptions
from landmark.steps.training.choice import choice
from landmark.steps.training.ladder import Options, ladder
from landmark.steps.training.transform import transform

RNG = np.random.default_rng(0)
REGRESSION = Task(kind="regression")


def judged(losses: Any, before: Any, **more: Any) -> OutputEvaluation:
    """Return an evaluation of which only the losses matter."""
    score = Interval(value=0.7, low=0.6, high=0.8)
    landmarks = {"constant": 0.65, "people": 0.9}
    whole = {"metric": "accuracy", "greater_is_better": True, "rows": len(losses), "test": {}, "interval": score}
    return OutputEvaluation(**{**whole, "landmarks": landmarks, "losses": losses, "previous_losses": before, **more})


def codes(output: OutputEvaluation, **options: Any) -> list[str]:
    """Return the codes of what the gate finds."""
    return [f"{finding.level} {finding.code}" for finding in compare("y", output, GateOptions(**options))]


def columns(n: int = 200, **more: Any) -> dict[str, Any]:
    """Return a learnable table of typed columns."""
    x = np.random.default_rng(1).normal(size=n)
    return {"x": pa.array(x), "y": pa.array(np.where(x > 0, "yes", "no").tolist()), **more}


def test_tied_predictions_do_not_depend_on_the_order_of_rows() -> None:
    flags, tied, even = np.array([[1], [1], [0], [0]]), np.full((4, 1), 0.5), np.ones(4)
    assert multilabel.score("mean_average_precision", flags, tied, even) == 0.5
    assert multilabel.score("mean_average_precision", flags[::-1], tied, even) == 0.5
    assert multiclass.score("top_3_accuracy", np.arange(4), np.full((4, 6), 1 / 6), even) == pytest.approx(0.5)


def test_rows_of_one_group_count_as_one() -> None:
    a, groups = np.repeat(RNG.normal(size=20), 10), np.repeat(np.arange(20), 10)
    zero, even = np.zeros(200), np.ones(200)
    assert paired(a, zero, even, groups)[1] == pytest.approx(paired(a[::10], zero[::10], even[::10])[1])
    alone, tied = (bootstrap(lambda w: float(np.average(a, weights=w)), even, 0, groups=g) for g in (None, groups))
    assert tied.high - tied.low > 2 * (alone.high - alone.low)
    one = np.zeros(200, np.int64)
    assert np.isnan(paired(a, zero, even, one)[1]) and np.isnan(bootstrap(lambda w: 1.0, even, 0, groups=one).low)


def test_the_bench_counts_by_weight() -> None:
    weight = np.array([3.0, 1.0] * 20)
    bench = Bench(REGRESSION, "mae", np.array([0.0, 4.0] * 20), 0, weight)
    assert bench.value(np.zeros((40, 1))) == pytest.approx(1.0)
    assert bench.interval(np.zeros((40, 1))).value == pytest.approx(1.0)
    assert bench.judged(np.zeros((40, 1)), {}, "").weight is weight


def test_a_signed_model_that_cannot_be_run_blocks() -> None:
    rows = pa.table({"x": [1.0]})
    before, why = held_before(Previous(model=b"no model"), "y", REGRESSION, rows, np.array([0]))
    assert before is None and why is not None
    assert codes(judged(np.ones(3), None, previous_refusal=why)) == ["block previous-not-comparable"]
    assert held_before(Previous(), "y", REGRESSION, rows, np.array([0])) == (None, None)
    assert codes(judged(np.ones(3), None)) == ["note first-model"]


def test_the_gate_asks_for_the_gain_it_was_told_to() -> None:
    before = 1 + RNG.normal(0, 0.3, 400)
    after = before - 0.05 + RNG.normal(0, 1.0, 400) * 0.1
    assert codes(judged(after, before), min_gain=0.02) == ["note compared-with-previous"]
    assert codes(judged(after, before), min_gain=0.2) == ["block worse-than-previous"]
    assert codes(judged(before, after)) == ["block worse-than-previous"]
    noisy = before + RNG.normal(0.01, 5, 400)
    assert codes(judged(noisy, before)) == ["note compared-with-previous"]
    assert codes(judged(noisy, before), min_gain=0.5) == ["block worse-than-previous"]


def test_the_gate_counts_by_weight_and_by_group() -> None:
    before, after = np.ones(100), np.where(np.arange(100) < 50, 1.2, 0.5) + RNG.normal(0, 0.01, 100)
    heavy = np.where(np.arange(100) < 50, 100.0, 0.1)
    assert codes(judged(after, before)) == ["note compared-with-previous"]
    assert codes(judged(after, before, weight=heavy)) == ["block worse-than-previous"]
    shift = np.repeat([0.5, -0.3, 0.4, -0.2], 25)
    assert codes(judged(before + shift, before)) == ["block worse-than-previous"]
    assert codes(judged(before + shift, before, groups=np.repeat(np.arange(4), 25))) == ["note compared-with-previous"]


def test_worse_on_a_slice_is_a_refusal() -> None:
    before = np.ones(200)
    after = np.where(np.arange(200) < 40, 1.5, 0.5)
    found = codes(judged(after, before, slice_rows={"app = web": np.arange(40), "small": np.arange(20)}))
    assert found == ["note compared-with-previous", "block worse-on-slice"]


def rung(model: str, losses: Any, latency_us: float = 1.0, size: int = 0, **more: Any) -> Candidate:
    """Return a rung of which only losses and prices matter: a head of some bytes, and a thousand of transforms."""
    price: dict[str, Any] = {"train_cpu_s": 1.0, "latency_us": latency_us, "size_bytes": size + 1000}
    landmark = "constant" if model == "floor" else None
    score = {"score": float(losses.mean()), "standard_error": 0.0, "head": b"h" * size}
    return Candidate(model=model, landmark=landmark, losses=losses, **score, **price, **more)


def tried(*rungs: Candidate, groups: Any = None) -> OutputCandidates:
    """Return the ladder of one output."""
    n = len(rungs[0].losses)
    return OutputCandidates(
        task=REGRESSION, loss="l", rows=np.arange(n), weight=np.ones(n), groups=groups, candidates=rungs
    )


def taken(*rungs: Candidate, groups: Any = None, **limits: Any) -> tuple[str, list[str]]:
    """Return the rung taken, and the codes of the findings."""
    made = choice(Candidates(outputs={"y": tried(*rungs, groups=groups)}), ChoiceOptions(**limits))
    return made.outputs["y"].model, [finding.code for finding in made.findings]


def why(*rungs: Candidate, **limits: Any) -> str:
    """Return the reason of the choice."""
    return choice(Candidates(outputs={"y": tried(*rungs)}), ChoiceOptions(**limits)).outputs["y"].why


def test_limits_refuse_a_rung() -> None:
    floor, linear = rung("floor", np.ones(100)), rung("linear", np.zeros(100), 5000.0)
    assert taken(floor, linear) == ("linear", [])
    assert taken(floor, linear, latency_ms=1.0) == ("floor", ["limit"])
    assert taken(floor, linear, latency_ms=0.0001) == ("floor", ["limits-not-met"])


def test_the_reason_of_a_choice_is_true() -> None:
    floor, linear, slow = (
        rung(n, np.full(100, x), us) for n, x, us in (("floor", 3, 9.0), ("linear", 2, 90.0), ("trees", 1, 900.0))
    )
    assert why(floor, linear, slow) == "it has the lowest loss; linear, simpler, is worse by 1 (standard error 0)"
    assert why(floor, linear, slow, latency_ms=0.1) == (
        "it has the lowest loss of those that may be taken; floor, simpler, is worse by 1 (standard error 0); "
        "trees is better by 1, but breaks a limit: latency_ms 0.9 > 0.1"
    )
    nothing = "nothing that may be chosen keeps the limits, and it is the simplest: latency_ms 0.009 > 0.001"
    assert why(floor, linear, slow, latency_ms=0.001) == nothing
    other = slow.model_copy(update={"eligible": False})
    assert why(floor, linear, other).endswith("; trees is better by 1, but is not among models.allow")
    noise = np.tile([1.0, -1.0], 50)
    near = why(rung("floor", np.ones(100)), rung("linear", 0.85 - noise))
    assert near == "linear is better by 0.15 only, within 2.5 standard errors of 0.101"
    assert (
        why(linear, rung("trees", 1.95 - noise)) == "trees is better by 0.05 only, within one standard error of 0.101"
    )


@pytest.mark.parametrize(("gain", "said"), [(0.5, "lower the loss by 0.5"), (-0.5, "raise the loss by 0.5")])
def test_what_the_next_rung_would_change_is_said_as_it_is(gain: float, said: str) -> None:
    assert said in above({"model": "trees", "gain": gain, "price": "2x size"})


def test_limits_are_of_all_outputs_together() -> None:
    rungs = [rung("floor", np.ones(100), 10.0, 10_000), rung("linear", np.zeros(100), 500.0, 500_000)]

    def models(**limits: Any) -> list[str]:
        made = choice(Candidates(outputs={name: tried(*rungs) for name in "abc"}), ChoiceOptions(**limits))
        return [made.outputs[name].model for name in "abc"]

    assert models() == models(latency_ms=1.51, size_mb=1.51) == ["linear"] * 3
    assert models(latency_ms=1.1) == models(size_mb=1.1) == ["linear", "linear", "floor"]
    assert models(latency_ms=0.6) == models(size_mb=0.6) == ["linear", "floor", "floor"]
    assert models(latency_ms=0.02) == models(size_mb=0.02) == ["floor"] * 3


def test_a_file_larger_than_its_limit_is_named() -> None:
    made = choice(Candidates(outputs={"y": tried(rung("floor", np.ones(100)))}), ChoiceOptions(size_mb=0.5))
    assert not made.findings and not too_large(b" " * 500_000, made)
    (found,) = too_large(b" " * 600_000, made)
    assert (found.code, found.where) == ("limits-not-met", "model_file") and "0.6 MB" in found.seen


def test_to_leave_the_constant_takes_more_than_one_standard_error() -> None:
    gain = np.tile([1.0, -1.0], 50) + 0.15  # 1.5 standard errors, of a tenth each
    assert taken(rung("floor", np.ones(100)), rung("linear", 1 - gain))[0] == "floor"
    assert taken(rung("rule", np.ones(100)), rung("linear", 1 - gain))[0] == "linear"
    assert taken(rung("floor", np.ones(100)), rung("linear", 0.85 - gain))[0] == "linear"


def test_the_choice_counts_groups() -> None:
    gain = np.repeat([0.5, -0.3, 0.4, -0.2], 25)
    floor, linear = rung("floor", np.ones(100)), rung("linear", 1 - gain)
    assert taken(floor, linear)[0] == "linear"
    assert taken(floor, linear, groups=np.repeat(np.arange(4), 25))[0] == "floor"


def test_what_is_said_beside_the_score() -> None:
    assert [f.code for f in remarks("y", judged(np.ones(1), None), None)] == ["not-better-than-constant"]
    assert [f.code for f in remarks("y", judged(np.ones(1), None), "constant")] == ["no-signal"]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ({"accuracy": 0.6}, []),
        ({"accuracy": 0.9}, [("below-people", "by accuracy people reach 0.9, the model 0.7")]),
        ({"f1": 0.5}, [("beside-people", "by f1 people reach 0.5, the model 0.8")]),
        ({"log_loss": 0.1}, [("below-people", "by log_loss people reach 0.1, the model 0.4")]),
    ],
)
def test_every_score_of_people_is_answered(people: dict[str, float], said: list[tuple[str, str]]) -> None:
    output = judged(np.ones(1), None, test={"accuracy": 0.7, "f1": 0.8, "log_loss": 0.4})
    asked = Output(name="y", people=people)
    found = beside_people(asked, output, {"accuracy": True, "f1": True, "log_loss": False})
    assert [(f.code, f.seen) for f in found] == said


def test_a_group_of_too_few_judging_rows_is_named() -> None:
    members = {"g = a": np.arange(40), "g = b": np.arange(LEAST_ROWS - 1)}
    bench = Bench(REGRESSION, "mae", np.zeros(50), 0)
    (found,) = unjudged("y", bench.judged(np.zeros((50, 1)), members, ""), members)
    assert (
        (found.code, found.where) == ("slice-not-judged", "y") and "g = b" in found.seen and "g = a" not in found.seen
    )


def climbed(values: dict[str, Any], test: dict[str, Any] | None = None, **more: Any) -> Evaluation:
    """Return the evaluation of a table, on the lowest rungs."""
    made = walk(values, test=test, **more)
    shaped = transform(made.table, made.split, made.schema, Context())
    stood = ladder(made.table, made.split, made.schema, shaped, Options(allow=("constant",)), Context())
    chosen = choice(stood, ChoiceOptions())
    return evaluation(made.table, made.split, made.schema, shaped, stood, chosen, Previous(), made.question, Context())


def test_a_landmark_is_what_a_model_says_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from landmark.models import linear, rule

    known = climbed(columns()).outputs["y"]
    assert known.landmarks["best_column"] == known.candidates["rule"].value
    monkeypatch.setattr(rule, "LANDMARK", None)
    assert climbed(columns()).outputs["y"].landmarks["best_column"] is None
    monkeypatch.setattr(linear, "LANDMARK", "line")
    other = climbed(columns()).outputs["y"]
    assert other.candidates.keys() == {"constant", "linear"}
    assert other.landmarks["line"] == other.candidates["linear"].value


def test_a_protected_column_is_a_slice_once() -> None:
    more = {"c": pa.array(["r", "s"] * 100), "d": pa.array(["u", "v", "v", "v"] * 50)}
    protected = {name: {"use": "protected"} for name in more}
    made = climbed(columns(**more), columns=protected, slices=(("d",), ("x", "c")))
    found = [part.where for part in made.outputs["y"].slices]
    assert len(found) == len(set(found)) and {"c = r", "c = s", "d = u", "d = v"} <= set(found)
    assert sum(part.rows for part in made.outputs["y"].slices if part.where.startswith("c = ")) == 40
    named = climbed(columns(**more), slices=(("d",),)).outputs["y"].slices
    assert {part.where for part in named} == {"d = u", "d = v"}


def test_what_an_exposure_is_judged_with_is_said_once() -> None:
    told = climbed(columns(p=pa.array([1, 1, 1, 4] * 50)), columns={"p": {"use": "exposure"}})
    (said,) = [finding for finding in told.findings if finding.code == "exposure-as-recorded"]
    assert said.where == "p" and "every row '1.0'" in said.seen and "slices: [p]" in said.next
    assert "exposure-as-recorded" not in [finding.code for finding in climbed(columns()).findings]


def test_judging_rows_are_weighted_by_the_weight_column() -> None:
    weight = {"w": {"use": "weight"}}
    made = climbed(columns(w=pa.array(np.arange(200) % 3 + 1.0)), columns=weight)
    assert set(np.round(made.outputs["y"].weight / made.outputs["y"].weight.min())) == {1.0, 2.0, 3.0}
    with pytest.raises(UserError, match=r"^w: no training row"):
        climbed(columns(w=pa.array(np.where(np.arange(200) % 2, 0.0, -1.0))), columns=weight)


def test_judging_rows_without_any_truth_are_named() -> None:
    blank = {"x": pa.array([1.0, 2.0]), "y": pa.array([None, None], pa.string())}
    with pytest.raises(UserError, match=r"^outputs.y: no judging row"):
        climbed(columns(), blank)


def test_groups_reach_the_judgement() -> None:
    made = climbed(columns(g=pa.array([f"g{i // 4}" for i in range(200)])), by={"by": "group", "column": "g"})
    output = made.outputs["y"]
    assert output.groups.shape == (output.rows,) and len(np.unique(output.groups)) == output.rows / 4


@pytest.mark.parametrize("by", ["group", "time", "random"])
def test_a_fit_is_told_what_ties_its_rows(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from landmark.models import constant

    real, seen = constant.fit, list[Any]()

    def noted(train: Any, valid: Any, *rest: Any) -> Any:
        seen.append((train, valid))
        return real(train, valid, *rest)

    monkeypatch.setattr(constant, "fit", noted)
    day = [f"2024-01-{1 + i // 8:02}" for i in range(200)]
    made = walk(columns(day=pa.array(day)), by={"by": by} if by == "random" else {"by": by, "column": "day"})
    shaped = transform(made.table, made.split, made.schema, Context())
    ladder(made.table, made.split, made.schema, shaped, Options(allow=("constant",)), Context())
    for train, valid in seen[:-1]:  # the last is the fit on all rows
        assert train.ordered == (by == "time") and (train.ties is None) == (by == "random")
        if train.ties is not None:
            assert len(train.ties) == len(train.y) and set(np.bincount(train.ties)) <= {0, 8}
            assert not set(train.ties) & set(valid.ties)
    assert by == "random" or sorted(seen[-1][0].ties) == sorted(made.split.groups)


def test_a_rung_without_a_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from landmark.models import constant

    real = constant.fit

    class Broken:
        """A fitted constant that forgets one row."""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def predict(self, batch: Any) -> Any:
            said = self.inner.predict(batch).copy()
            said[0] = np.nan
            return said

    monkeypatch.setattr(constant, "fit", lambda *arguments: Broken(real(*arguments)))
    monkeypatch.setattr(constant, "finish", lambda fitted, *rest: fitted[0].inner)
    with pytest.raises(UserError, match=r"^models.constant: it gives no number"):
        climbed(columns())


def test_a_dear_rung_without_gain_is_left_early() -> None:
    rng = np.random.default_rng(4)
    noise = {"x": pa.array(rng.normal(size=300)), "y": pa.array(rng.choice(["no", "yes"], 300).tolist())}
    made = walk(noise)
    shaped = transform(made.table, made.split, made.schema, Context())
    stood = ladder(made.table, made.split, made.schema, shaped, Options(), Context()).outputs["y"]
    assert "rung-left-early" in [finding.code for finding in stood.passed_over]
    assert all(np.isfinite(c.standard_error) for c in stood.candidates)


def test_a_file_over_its_limit_is_said_by_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    trained = landmark.train(
        pa.table(columns()), outputs=["y"], models={"allow": ["constant"]}, limits={"size_mb": 1e-4}
    )
    said = {found["where"] for found in trained.summary["findings"] if found["code"] == "limits-not-met"}
    assert said == {"y", "model_file"}


def test_a_successor_cannot_drop_a_slice_from_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    g, x, z = np.where(rng.random(1200) < 0.3, "b", "a"), rng.normal(size=1200), rng.normal(size=1200)
    rows = pa.table({"g": g, "x": x, "z": z, "y": np.where(np.where(g == "a", x, z) > 0, "yes", "no")})
    small: dict[str, Any] = {"outputs": ["y"], "models": {"allow": ["linear"]}, "name": "two"}
    first = landmark.train(rows, slices=["g"], **small)
    assert open_model(first.model).manifest.sliced == (("g",),)
    mark(first.model, "signed", "Ada Lovelace", "")

    second = landmark.train(rows, columns={"z": {"use": "ignore"}}, **small)
    assert ("worse-on-slice", "y where g = b") in where(second.summary["gate"]["findings"])
    assert open_model(second.model).manifest.sliced == (("g",),)  # so that two steps do not do what one cannot

    gone = landmark.train(rows.drop_columns(["g"]), slices=["x"], **small)
    assert ("slice-not-compared", "g") in where(gone.summary["gate"]["findings"])
    assert open_model(gone.model).manifest.sliced == (("x",),)


def where(findings: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return the codes and places of findings."""
    return {(found["code"], found["where"]) for found in findings}
