"""The local runner, on toy steps: order, memory, failure, lineage, single steps, reproduction, threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmark.artifacts.artifact import Artifact, Kind
from landmark.artifacts.contract import Contract
from landmark.artifacts.evaluation import Previous
from landmark.artifacts.question import Question
from landmark.core.context import Context, Serial
from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Finding, warn
from landmark.core.options import Options
from landmark.runners import RUNNERS, RunRequest, RunResult, local
from landmark.runners.local import Threads, fitting, reproduce, run_step
from landmark.steps import Step, step
from landmark.steps.data.table import Options as TableOptions
from landmark.store import code, files
from landmark.store.lineage import ancestry
from landmark.store.processes import end_the_dead
from landmark.store.sql import SqlStore, open_store
from landmark.store.store import Event, Execution, Run

DONE: Counter[str] = Counter()
TROUBLE: list[BaseException] = []
"""What the step `learn` raises next."""


class Wish(Artifact):
    times: int


class Rows(Artifact):
    values: tuple[int, ...]


class Sum(Artifact):
    value: float
    findings: tuple[Finding, ...] = ()


class Read(Options):
    file: str


class Learn(Options):
    add: float = 0.5
    limits: tuple[float, ...] = (1.0,)


def read(options: Read) -> Rows:
    DONE["read"] += 1
    return Rows(values=tuple(map(int, Path(options.file).read_text().split())))


def clean(read: Rows) -> Rows:
    DONE["clean"] += 1
    return Rows(values=tuple(value for value in read.values if value >= 0))


def learn(clean: Rows, wish: Wish, options: Learn, context: Context) -> Sum:
    DONE["learn"] += 1
    context.progress("learn: halfway", 0.5)
    if TROUBLE:
        raise TROUBLE.pop()
    value = sum(clean.values) * wish.times + options.add + context.seed_for("learn")
    return Sum(value=value, findings=(warn("large", "sum", str(value)),))


def choice(learn: Sum, context: Context) -> Sum:
    """Give something else each time, as a look at the clock would."""
    DONE["choice"] += 1
    return Sum(value=DONE["choice"])


def finish(clean: Rows, learn: Sum, choice: Sum) -> Sum:
    DONE["finish"] += 1
    return Sum(value=learn.value - choice.value + len(clean.values))


CHOICE = step(choice)
STEPS: tuple[Step, ...] = (step(read), step(clean), step(learn), CHOICE, step(finish))
NAMES = [each.name for each in STEPS]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    DONE.clear()
    TROUBLE.clear()
    (tmp_path / "rows.txt").write_text("1 2 -3 4")
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def run(store: SqlStore, times: int = 2, seed: int = 0, context: Context | None = None, **learn: Any) -> RunResult:
    file = str(store.artifacts.parents[1] / "rows.txt")
    options = {"read": Read(file=file), "learn": Learn(**learn), "elsewhere": Learn()}
    around = replace(context or Context(), seed=seed)
    return local.run(RunRequest(STEPS, {"wish": Wish(times=times)}, options, "toys", {"times": times}), store, around)


def write_rows(store: SqlStore, text: str) -> None:
    (store.artifacts.parents[1] / "rows.txt").write_text(text)


# --- order and memory -------------------------------------------------------------------------------------------


def test_steps_are_carried_out_in_order_and_remembered(store: SqlStore) -> None:
    told: list[tuple[str, float]] = []
    result = run(store, context=Context(progress=lambda what, done: told.append((what, done))))
    assert result.made == NAMES and result.get("clean", Rows).values == (1, 2, 4)
    assert [what for what, done in told if done == 1.0] == NAMES and ("learn: halfway", 0.5) in told
    (kept,) = store.find(Run, id=result.run)
    assert (kept.status, kept.project, kept.document) == ("done", "toys", {"times": 2})
    assert kept.result == {"artifacts": result.uris}
    (noted,) = store.find(Event, run=result.run, event="findings")
    assert noted.detail["step"] == "learn" and noted.detail["findings"][0]["code"] == "large"
    spent = [execution.wall_s for execution in store.find(Execution, run=result.run, how="made")]
    assert len(spent) == len(NAMES) and all(seconds > 0 for seconds in spent)


def test_nothing_is_done_twice_and_nothing_is_read_that_nobody_needs(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(store)
    recalled = []
    get = files.get

    def watched(folder: Path, kind: type[Kind], uri: str) -> Kind:
        recalled.append(kind)
        return get(folder, kind, uri)

    monkeypatch.setattr(files, "get", watched)
    again = run(store)
    assert again.made == ["read"] and again.uris == first.uris and recalled == []
    assert again.get("finish", Sum) == first.get("finish", Sum) and recalled == [Sum]
    hows = {done.step: done.how for done in store.find(Execution, run=again.run)}
    assert hows == dict.fromkeys(NAMES, "recalled") | {"read": "made", "wish": "given"}


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        ({"add": 0.75}, ["read", "learn", "choice", "finish"]),
        ({"limits": (1.0, 2.0)}, ["read", "learn"]),  # its sum is the same sum, so nothing after it is new
        ({"times": 3}, ["read", "learn", "choice", "finish"]),
        ({"seed": 1}, ["read", "learn", "choice", "finish"]),
    ],
)
def test_what_changed_is_redone_with_what_follows(store: SqlStore, change: dict[str, Any], redone: list[str]) -> None:
    run(store)
    assert run(store, **change).made == redone
    assert run(store).made == ["read"]


def test_a_changed_source_is_noticed(store: SqlStore) -> None:
    run(store)
    write_rows(store, "1 2 -7 4")
    assert run(store).made == ["read", "clean"]  # cleaned, the rows are the same rows
    write_rows(store, "1 2 4 4")
    assert run(store).made == NAMES


def test_changed_code_is_noticed(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run(store)
    monkeypatch.setattr(code, "of", lambda function: "other code")
    assert run(store).made == ["read", "clean", "learn", "choice", "finish"]


def test_a_deleted_artifact_is_made_again(store: SqlStore) -> None:
    first = run(store)
    files.path_of(store.artifacts, first.uris["learn"]).unlink()
    again = run(store)
    assert again.made == ["read", "learn"] and again.uris == first.uris


def test_lineage_leads_from_the_end_to_what_was_given(store: SqlStore) -> None:
    for result in (run(store), run(store)):
        edges = {(edge.step, edge.name) for edge in ancestry(store, result.uris["finish"], result.run)}
        assert edges == {(each.name, need) for each in STEPS for need in each.needs}


# --- steps that do not fit --------------------------------------------------------------------------------------


def test_all_mistakes_are_told_before_anything_is_done(store: SqlStore) -> None:
    steps = (*STEPS[1:], STEPS[1])
    given: dict[str, Artifact] = {"wish": Rows(values=())}
    with pytest.raises(Mistakes) as told:
        local.run(RunRequest(steps, given, {"learn": Read(file="")}, "p", {}), store, Context())
    assert [mistake.where for mistake in told.value.mistakes] == [
        "steps.clean.read",
        "steps.learn.wish",
        "steps.learn.options",
        "steps.clean",
        "steps.clean.read",
    ]
    assert "takes a Wish (seen: Rows)" in str(told.value)
    assert not DONE and store.find(Run) == []


def test_a_step_that_reads_the_world_is_done_again_when_the_world_has_changed(store: SqlStore) -> None:
    told: Iterator[int | None] = iter([1, 2, 2, 2, 2, 3, 3, None, None, None])
    own = replace(STEPS[0], world=lambda *_: next(told))
    asked = RunRequest([own], {}, {"read": Read(file=str(store.artifacts.parents[1] / "rows.txt"))}, "p", {})

    def made() -> list[str]:
        return local.run(asked, store, Context()).made

    assert made() == ["read"]  # it changed while it was read, so this is not what 2 stands for
    assert made() == ["read"]
    assert made() == []
    assert made() == ["read"]
    assert made() == ["read"]  # nothing tells


def test_options_that_must_be_told_are_asked_for(store: SqlStore) -> None:
    with pytest.raises(Mistakes, match=r"steps\.read\.options: .* \(seen: file: Field required\)"):
        local.run(RunRequest(STEPS[:1], {}, {}, "p", {}), store, Context())


def test_the_corridor_fits_together() -> None:
    from landmark import pipeline

    given: dict[str, type[Artifact]] = {"question": Question, "previous": Previous, "contract": Contract}
    settings = fitting(pipeline.ALL, given, {"table": TableOptions(source="a.csv")})
    assert list(settings) == [each.name for each in pipeline.ALL]
    for each in pipeline.ALL:
        own = settings[each.name]
        assert own is None or type(own).model_validate(own.model_dump(mode="json")) == own


def test_the_local_runner_is_of_the_family() -> None:
    assert RUNNERS["local"].run is local.run and set(RUNNERS) >= {"local"}


# --- failure ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "status", "noted"),
    [
        (UserError("data", "too few rows", seen=3), "failed", {"error": {"where": "data", "seen": 3}}),
        (ZeroDivisionError("oh"), "failed", {"fault": "ZeroDivisionError('oh')"}),
        (KeyboardInterrupt(), "interrupted", {}),
        (SystemExit(1), "interrupted", {}),
    ],
)
def test_a_run_that_stops_is_told_and_continued(
    store: SqlStore, trouble: BaseException, status: str, noted: dict[str, Any]
) -> None:
    TROUBLE.append(trouble)
    with pytest.raises(type(trouble)):
        run(store)
    (stopped,) = store.find(Run)
    assert stopped.status == status and stopped.ended is not None
    (event,) = store.find(Event, run=stopped.id, event=status)
    assert event.detail["step"] == "learn"
    for name, value in noted.items():
        said = event.detail[name]
        assert said == value if isinstance(value, str) else value.items() <= said.items()
    assert ("raise TROUBLE.pop()" in event.detail.get("traceback", "")) == ("fault" in noted)
    again = run(store)
    assert again.made == ["read", "learn", "choice", "finish"] and store.find(Run)[0].status == "done"


def test_a_step_that_gives_something_else_is_our_fault(store: SqlStore) -> None:
    wrong = replace(STEPS[1], gives=Sum)
    file = str(store.artifacts.parents[1] / "rows.txt")
    with pytest.raises(AssertionError, match="clean gave a Rows"):
        local.run(RunRequest((STEPS[0], wrong), {}, {"read": Read(file=file)}, "p", {}), store, Context())
    assert store.find(Run)[0].status == "failed"


PROGRAM = """
import os, pathlib, signal, sys
import test_runner_local as t
store = t.open_store(pathlib.Path(sys.argv[1]))
t.code.of = lambda function: "the same code, even while somebody edits it"
if sys.argv[2] == "kill":
    def Sum(**_): os.kill(os.getpid(), signal.SIGKILL)
    t.Sum = Sum
print(*t.run(store).made)
"""


def start(folder: Path, what: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", PROGRAM, str(folder), what]
    return subprocess.Popen(line, cwd=Path(__file__).parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot be killed outright here")
def test_a_killed_run_is_continued_by_the_next(store: SqlStore, tmp_path: Path) -> None:
    killed = start(tmp_path, "kill")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert store.find(Run)[0].status == "running"  # nobody was left to say otherwise
    out, error = start(tmp_path, "").communicate(timeout=60)
    assert out.split() == ["read", "learn", "choice", "finish"], error
    done, dead = store.find(Run)
    assert (done.status, dead.status) == ("done", "killed") and dead.ended is not None


def test_two_runs_at_once_do_not_disturb_each_other(store: SqlStore, tmp_path: Path) -> None:
    both = [start(tmp_path, ""), start(tmp_path, "")]
    for process in both:
        _, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
    assert [found.status for found in store.find(Run)] == ["done", "done"]
    first, second = (found.result for found in store.find(Run))
    assert first is not None and first == second
    out, error = start(tmp_path, "").communicate(timeout=60)
    assert out.split() == ["read"], error


def test_only_what_is_dead_is_ended(store: SqlStore, tmp_path: Path) -> None:
    """A run that is being carried out goes on, and so does one that a person steps through."""
    context, seen = Context(), list[str]()

    def look(what: str, done: float) -> None:
        end_the_dead(open_store(tmp_path))
        seen.extend(found.status for found in store.find(Run))

    run(store, context=replace(context, progress=look))
    assert set(seen) == {"running"}
    opened = local.begin(
        RunRequest(STEPS, {"wish": Wish(times=2)}, {"read": Read(file="x")}, "toys", {}), store, context
    )
    end_the_dead(store)
    assert {found.id: found.status for found in store.find(Run)}[opened.run] == "running"
    assert store.find(Event, run=opened.run, event="process") == []


def test_a_reproduction_is_known_by_its_process_too(store: SqlStore) -> None:
    again = reproduce(run(store).run, STEPS, store, Context(), replayed=(CHOICE,))
    (carried,) = store.find(Event, run=again.run, event="process")
    assert carried.detail["number"] == os.getpid()


# --- single steps -----------------------------------------------------------------------------------------------


def test_steps_one_by_one_give_what_a_run_gives(store: SqlStore) -> None:
    file = str(store.artifacts.parents[1] / "rows.txt")
    options = {"read": Read(file=file), "learn": Learn(add=1.5)}
    request = RunRequest(STEPS, {"wish": Wish(times=2)}, options, "toys", {})
    opened = local.begin(request, store, Context(seed=5))
    for name in NAMES:
        result = run_step(name, opened.run, STEPS, store, Context())
        assert result.made == [name]
    (ended,) = store.find(Run)
    assert ended.status == "done" and ended.result == {"artifacts": result.uris}
    assert run(store, seed=5, add=1.5).uris == result.uris


def test_a_step_done_again_is_not_done_again(store: SqlStore) -> None:
    result = run(store)
    before = len(store.find(Execution))
    for name in NAMES[1:]:
        alone = run_step(name, result.run, STEPS, store, Context())
        assert alone.made == [] and alone.uris == result.uris
    assert len(store.find(Execution)) == before


def test_a_step_alone_sees_what_its_run_has_now(store: SqlStore) -> None:
    """After the source has changed, each step in its turn works on the new rows."""
    result = run(store)
    write_rows(store, "5")
    for name in NAMES:
        alone = run_step(name, result.run, STEPS, store, Context())
        assert alone.made == [name]
    assert alone.get("clean", Rows).values == (5,)


def test_a_step_that_cannot_run_alone_says_why(store: SqlStore) -> None:
    request = RunRequest(STEPS, {"wish": Wish(times=2)}, {"read": Read(file="x")}, "toys", {})
    opened = local.begin(request, store, Context())
    with pytest.raises(UserError, match=r"needs read, not yet there\. Fix: landmark run step read"):
        run_step("clean", opened.run, STEPS, store, Context())
    with pytest.raises(UserError, match=r"none of its steps\. Fix: one of: read, clean"):
        run_step("cleen", opened.run, STEPS, store, Context())
    with pytest.raises(UserError, match="no such run"):
        run_step("clean", "00099-abcd", STEPS, store, Context())
    with pytest.raises(UserError, match="no such run"):
        reproduce("00099-abcd", STEPS, store, Context())


# --- reproduction -----------------------------------------------------------------------------------------------


def test_a_run_is_reproduced_from_itself_alone(store: SqlStore) -> None:
    """Neither the source of today, nor the clock of today, nor work kept from before has a say."""
    result = run(store, seed=3, add=2.5)
    run(store, seed=4)
    write_rows(store, "9 9 9")
    DONE.clear()
    again = reproduce(result.run, STEPS, store, Context(), replayed=(CHOICE,))
    assert again.made == ["clean", "learn", "finish"] and Counter(again.made) == DONE
    assert again.uris == result.uris and again.run != result.run
    (told,) = store.find(Run, id=again.run)
    assert (told.kind, told.status, told.project) == ("reproduce", "done", "toys")
    assert store.find(Event, run=again.run, event="plan")[0].detail["reproduces"] == result.run


def test_without_the_replay_the_clock_has_a_say(store: SqlStore) -> None:
    result = run(store)
    again = reproduce(result.run, STEPS, store, Context())
    assert [name for name in again.uris if again.uris[name] != result.uris[name]] == ["choice", "finish"]


# --- threads ----------------------------------------------------------------------------------------------------


@given(st.lists(st.text(), min_size=1, max_size=20), st.integers(1, 4))
def test_threads_give_what_one_thread_gives(items: list[str], count: int) -> None:
    threads, serial = Threads(count), Serial()
    assert threads.map(len, items) == serial.map(len, items)
    merge = "({}{})".format
    assert threads.tree_reduce(merge, items) == serial.tree_reduce(merge, items)


def test_threads_work_at_the_same_time_and_may_map_in_their_turn() -> None:
    meeting = threading.Barrier(3, timeout=20)
    assert sorted(Threads(3).map(lambda _: meeting.wait(), range(3))) == [0, 1, 2]
    nested = Threads(2).map(lambda i: Threads(2).map(lambda j: 10 * i + j, range(3)), range(3))
    assert nested == [[0, 1, 2], [10, 11, 12], [20, 21, 22]]


def test_a_gang_is_all_there_at_once() -> None:
    meeting = threading.Barrier(4, timeout=20)

    def work(rank: int, size: int) -> tuple[int, int]:
        meeting.wait()
        return rank, size

    assert Threads(1).gang(work, 4) == [(rank, 4) for rank in range(4)]


def test_an_error_in_a_thread_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        Threads(2).map(lambda i: 1 // i, [1, 0, 1])
