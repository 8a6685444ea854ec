"""The level follows from the findings; waivers, blocks and requirements do what the document says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from data_steps import Walk, walk
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from landmark.artifacts.evaluation import Evaluation
from landmark.artifacts.readiness import LEVELS, Readiness, ReadinessLevel, Waiver
from landmark.checks import CHECKS
from landmark.core.errors import Mistakes, NotReady, UserError
from landmark.core.findings import Finding, Level, note, warn
from landmark.reports.shapes import check_json
from landmark.steps.data.readiness import Options, holds_at, known_codes, level_of, refusal
from landmark.steps.evaluation import gate

CODES = sorted(known_codes() | {"never heard of"})
ME = {"by": "a.name", "why": "looked at it"}


def clean(**columns: Any) -> Walk:
    """Return rows without a fault, and more columns."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    y = np.where(x + rng.normal(size=200) > 0, "yes", "no").tolist()
    return walk({"y": y, "x": [f"{v:.9f}" for v in x], **columns})


def faulty() -> Walk:
    """Return rows with a code for no value at B4, an impossible one at B3, and a leak at A4."""
    answers = clean().table.rows.column("y").to_pylist()
    rng = np.random.default_rng(1)
    return clean(
        wait=["-999"] * 20 + [f"{v:.2f}" for v in rng.normal(40, 5, 180)],
        kind=["red", "RED", "blue", "green"] * 50,
        later=[f"was {answer}" for answer in answers],
    )


def test_a_faultless_table_is_at_a3_and_nobody_has_answered_for_it() -> None:
    found = clean().readiness()
    assert found.level == "A3"
    assert [(f.code, f.level) for f in found.findings] == [("attestation", Level.WARN)]
    assert LEVELS.index(holds_at(found.findings[0])) > LEVELS.index("A3")


def test_the_lowest_finding_holds_the_table() -> None:
    table = faulty()
    assert table.readiness().level == "B4"
    assert {"sentinel", "category-variants", "leakage"} <= {f.code for f in table.readiness().findings}


def test_waivers_lift_the_table_step_by_step_and_are_kept() -> None:
    table, waive = faulty(), []
    for code, level in (("sentinel", "B3"), ("category-variants", "A4"), ("leakage", "A3")):
        waive.append({"code": code, **ME})
        found = table.readiness(waive=waive)
        assert found.level == level
        assert [waiver.code for waiver in found.waivers] == [w["code"] for w in waive]
        assert code in {f.code for f in found.findings}


def test_a_waiver_with_a_place_waives_there_and_nowhere_else() -> None:
    times = ["-999"] * 20 + [f"{v:.2f}" for v in np.random.default_rng(1).normal(40, 5, 180)]
    table = clean(wait=times, delay=times[::-1])
    assert sorted(f.where for f in table.found("sentinel")) == ["delay", "wait"]
    one = {"code": "sentinel", "where": "wait", **ME}
    assert table.readiness(waive=[one]).level == "B4"
    assert table.readiness(waive=[one, {**one, "where": "delay"}]).level == "A3"
    assert table.readiness(waive=[{"code": "sentinel", **ME}]).level == "A3"
    with pytest.raises(NotReady, match="delay: ") as refused:
        table.readiness(waive=[one], block=["sentinel"])
    assert "wait: " not in refused.value.line()
    with pytest.raises(NotReady, match="delay: ") as refused:
        table.readiness(waive=[one], require="A3")
    assert "wait: " not in refused.value.line()


def test_a_waiver_that_waives_nothing_is_noted_with_the_nearest_place() -> None:
    given = [
        {"code": "sentinel", "where": "wiat", **ME},
        {"code": "sentinel", "where": "wait", **ME},
        {"code": "sentinel", **ME},
        {"code": "infinite", **ME},
        {"code": "no-signal", **ME},
        {"code": "no-signal", "where": "y", **ME},
        {"code": "no-signal", "where": "yy", **ME},
    ]
    found = faulty().readiness(waive=given)
    said = [f for f in found.findings if f.code == "waiver-unused"]
    assert {f.where: f.next for f in said} == {
        "readiness.waive[0]": "did you mean 'wait'?",
        "readiness.waive[3]": "take it out",
        "readiness.waive[6]": "did you mean 'y'?",
    }
    assert {f.level for f in said} == {Level.NOTE} and "sentinel at 'wiat'" in said[0].seen


def test_what_the_evaluation_finds_is_waived_at_its_output_only() -> None:
    found = (warn("no-signal", "y", "no model beat the constant"),)
    for where, level_reached in ((None, "A2"), ("y", "A2"), ("z", "A3")):
        waiver = Waiver(code="no-signal", where=where, **ME)
        verdict = gate.level(Evaluation(outputs={}, findings=found), Readiness(level="A3", waivers=(waiver,)))
        assert verdict == level_reached


def test_a_waiver_is_kept_for_what_is_found_later() -> None:
    later = faulty().readiness(waive=[{"code": "no-signal", **ME}])
    assert later.level == "B4" and [waiver.code for waiver in later.waivers] == ["no-signal"]


def test_a_waiver_must_be_of_a_known_finding_by_somebody_for_a_reason() -> None:
    with pytest.raises(UserError, match="did you mean 'leakage'") as refused:
        clean().readiness(waive=[{"code": "leakege", **ME}])
    assert refused.value.exit_code == 2
    for gone in ("by", "why", "where"):
        with pytest.raises(ValidationError, match=gone):
            Options.model_validate({"waive": [{"code": "leakage", **ME, gone: ""}]})


@given(st.lists(st.sampled_from(CODES), max_size=6))
def test_the_level_is_the_least_of_what_the_findings_allow(codes: list[str]) -> None:
    findings = [warn(code, "x", "seen") for code in codes]
    wanted = min([LEVELS.index(holds_at(f)) for f in findings] + [LEVELS.index("A3")])
    assert level_of(findings) == LEVELS[wanted]
    assert level_of(note(code, "x", "seen") for code in codes) == "A3"


@pytest.mark.parametrize(
    ("code", "level"),
    [("leakage", "A4"), ("ragged-rows", "C1"), ("something else", "C1"), ("undated-rows", "B2"), ("few-rows", "A4")],
)
def test_findings_of_every_step_hold_somewhere(code: str, level: ReadinessLevel) -> None:
    assert holds_at(warn(code, "x", "seen")) == level


@pytest.mark.parametrize(
    ("require", "passes"), [("C1", True), ("B4", True), ("B3", False), ("A3", False), ("A1", False)]
)
def test_below_the_required_level_training_stops_and_says_what_to_do(require: str, passes: bool) -> None:
    table = faulty()
    if passes:
        assert table.readiness(require=require).level == "B4"
        return
    with pytest.raises(NotReady) as refused:
        table.readiness(require=require)
    assert refused.value.exit_code == 3
    line = refused.value.line()
    assert "B4" in line and require in line and "wait" in line and "sentinel" in line
    assert ("leakage" in line) == (require != "B3")
    assert "attestation" not in line


def test_levels_that_need_a_model_are_not_asked_for_yet() -> None:
    assert clean().readiness(require="A1").level == "A3"


def test_a_code_in_block_stops_training_unless_somebody_answers_for_it() -> None:
    table = faulty()
    with pytest.raises(NotReady, match="leakage") as refused:
        table.readiness(block=["leakage"])
    assert refused.value.exit_code == 3
    waived = table.readiness(block=["leakage"], waive=[{"code": "leakage", **ME}])
    assert {f.level for f in waived.findings if f.code == "leakage"} == {Level.BLOCK}
    assert clean().readiness(block=["leakage"]).level == "A3"


def test_a_blocking_code_must_be_known() -> None:
    with pytest.raises(UserError, match="did you mean 'leakage'") as refused:
        clean().readiness(block=["leakege"])
    assert refused.value.exit_code == 2
    with pytest.raises(Mistakes) as several:
        clean().readiness(block=["leakage", "no-signal"], waive=[{"code": "no-signal", **ME}, {"code": "x", **ME}])
    assert [mistake.where for mistake in several.value.mistakes] == ["readiness.block[1]", "readiness.waive[1].code"]


def test_without_stop_everything_is_said_and_nothing_stops() -> None:
    found = faulty().readiness(require="A3", block=["leakage"], stop=False)
    assert found.level == "B4"
    rules = Options(require="A3")
    said = refusal(found, rules)
    assert isinstance(said, NotReady) and refusal(clean().readiness(), rules) is None


def test_findings_of_earlier_steps_are_kept() -> None:
    table = clean(one=["same"] * 200)
    door = table.table.model_copy(update={"findings": (warn("ragged-rows", "data", "2 rows", row=3),)})
    found = table._replace(table=door).readiness()
    assert [f.code for f in found.findings[:2]] == ["ragged-rows", "constant-column"]
    assert found.level == "C1"


def test_what_a_source_has_said_of_a_column_is_not_said_again() -> None:
    table = faulty()
    assert [f.where for f in table.found("sentinel")] == ["wait"]
    door = table.table.model_copy(update={"findings": (note("sentinel", "wait", "seen at the door"),)})
    assert [f.seen for f in table._replace(table=door).found("sentinel")] == ["seen at the door"]


def test_a_note_that_is_raised_to_a_block_holds_where_its_check_says() -> None:
    raised = Finding(code="imbalance", level=Level.BLOCK, where="y", seen="rare")
    assert level_of([raised]) == CHECKS["imbalance"].HOLDS_AT
    assert refusal(Readiness(level="A3", findings=(raised,)), Options()) is not None


def test_judging_rows_that_do_not_read_are_named_with_their_row() -> None:
    days = [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(200)]
    table = clean(c=days).table.rows
    judging = {name: table.column(name).to_pylist()[:20] for name in table.column_names}
    judging["x"][3], judging["c"][1] = "12 cm", "31/12/2023"
    walked = walk({name: table.column(name).to_pylist() for name in table.column_names}, test=judging)
    found = {f.where: f for f in walked.readiness().findings if f.code == "unreadable-values"}
    assert {where: finding.row for where, finding in found.items()} == {"x": 4, "c": 2}
    assert "12 cm" in found["x"].seen and "judging rows" in found["x"].seen


def test_what_training_rows_do_not_read_either_is_no_news_of_the_judging_rows() -> None:
    column = ["12 cm", *(str(i) for i in range(199))]
    table = clean(c=column).table.rows
    judging = {name: table.column(name).to_pylist()[:20] for name in table.column_names}
    walked = walk({name: table.column(name).to_pylist() for name in table.column_names}, test=judging)
    assert [f.where for f in walked.readiness().findings if f.code == "unreadable-values"] == []


def test_what_holds_the_table_is_told_apart_from_the_rest_and_where_mending_leads() -> None:
    found = faulty().readiness()
    assert (found.level, found.next_level) == ("B4", "B3")
    assert {f.code for f in found.standing} == {"sentinel"}
    waived = faulty().readiness(waive=[{"code": "sentinel", **ME}])
    assert (waived.level, waived.next_level) == ("B3", "A4")
    assert {f.code for f in waived.standing} == {"category-variants"}
    assert clean().readiness().next_level == "A3"


def test_a_check_that_fails_is_a_finding_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(evidence: Any) -> None:
        raise ZeroDivisionError("by none")

    monkeypatch.setattr(CHECKS["sentinel"], "check", broken)
    found = faulty().readiness()
    (failed,) = [f for f in found.findings if f.code == "check-failed"]
    assert (failed.where, found.level) == (
        "sentinel",
        CHECKS["sentinel"].HOLDS_AT,
    ) and "ZeroDivisionError: by none" in failed.seen
    assert "in broken" in found.faults["sentinel"]
    alone = clean().readiness()
    assert (alone.level, alone.next_level) == (CHECKS["sentinel"].HOLDS_AT, "A3")
    assert [finding.where for finding in alone.standing] == ["sentinel"]
    assert {"category-variants", "leakage"} <= {f.code for f in found.findings}


def test_a_waived_finding_says_who_answers_for_it_and_comes_last() -> None:
    found = faulty().readiness(waive=[{"code": "sentinel", "where": "wait", **ME}])
    shown = check_json(found, faulty().schema)["findings"]
    assert shown[-1]["code"] == "sentinel" and shown[-1]["waived"] == ME
    assert all("waived" not in finding for finding in shown[:-1])
