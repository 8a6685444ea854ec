"""Laws of stores: what every store keeps, wherever it keeps it.

A law takes a function that opens the store of a folder, and an empty folder, and asserts. The author of a store in
another package runs them as `tests/test_store_laws.py` does. The function must be importable by name (or a `partial`
of one that is), because some laws open the same store in other processes.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from landmark.artifacts.artifact import Artifact
from landmark.core.errors import UserError
from landmark.store.lineage import ancestry, descent, in_force
from landmark.store.store import Event, Execution, Kept, Mark, Run, Spent, Store

Open: TypeAlias = Callable[[Path], Store]
Law: TypeAlias = Callable[[Open, Path], None]

PROCESSES, EACH = 2, 15
LATEST_S = 60.0
"""How long a law waits for another process before it gives up."""

STRANGE = ("", "\N{SNOWMAN} \U0001f600", "'; drop table runs; --", "a\n\tb", "%_\\", "x" * 100_000)
"""Texts that must come back as they went in."""


class Toy(Artifact):
    """An artifact as small or as large as a law needs it."""

    name: str
    values: Any = None


def a_run_is_told_from_beginning_to_end(open_store: Open, folder: Path) -> None:
    """What was asked, how it went and what came of it are there when the store is opened again."""
    store = open_store(folder)
    document = {"outputs": ["y"], "b": 1, "a": [0.1, None, True, {"deep": float("inf")}]}
    run = store.begin("tickets", document, "1.2", "retrain")
    (begun,) = open_store(folder).find(Run, id=run)
    assert (begun.status, begun.result, begun.ended) == ("running", None, None)
    store.end(run, "done", {"model": "m.onnx"})
    store.end(run, "refused")
    (told,) = open_store(folder).find(Run, id=run)
    assert (told.project, told.kind, told.version, told.document) == ("tickets", "retrain", "1.2", document)
    assert (told.status, told.result) == ("refused", {"model": "m.onnx"})
    assert told.ended is not None and told.began <= told.ended
    assert list(told.document) == list(document)


def runs_are_found_by_the_beginning_of_their_id(open_store: Open, folder: Path) -> None:
    """Newest first; ids ascend; a prefix is taken literally."""
    store = open_store(folder)
    runs = [store.begin("p" if i % 2 else "q", {}, "1") for i in range(5)]
    assert runs == sorted(runs) and len(set(runs)) == 5
    assert all(len(run) <= 16 for run in runs)
    assert [run.id for run in store.find(Run)] == runs[::-1]
    assert [run.id for run in store.find(Run, project="p")] == [runs[3], runs[1]]
    assert [run.id for run in store.find(Run, limit=1)] == [runs[-1]]
    assert [run.id for run in store.find(Run, id=runs[2][:-1])] == [runs[2]]
    assert store.find(Run, id="%") == [] and store.find(Run, project="nobody's") == []


def an_artifact_comes_back_as_it_went_in(open_store: Open, folder: Path) -> None:
    """And its name is its content: equal artifacts are kept once, others have other names."""
    store = open_store(folder)
    run = store.begin("p", {}, "1")
    toys = [Toy(name=text, values=np.array([1.0, np.nan])) for text in STRANGE]
    uris = [store.keep(run, "s", "k", toy, {}) for toy in toys]
    assert len(set(uris)) == len(toys)
    for toy, uri in zip(toys, uris, strict=True):
        back = open_store(folder).recall(Toy, uri)
        assert back.name == toy.name
        np.testing.assert_array_equal(back.values, toy.values)
    assert store.keep(store.begin("q", {}, "1"), "t", "k", toys[0], {}) == uris[0]
    assert len(store.find(Kept)) == len(toys)
    (kept,) = store.find(Kept, uri=uris[0])
    assert kept.kind == "Toy" and kept.size_bytes > 0


def what_is_done_under_a_key_is_found_again(open_store: Open, folder: Path) -> None:
    """The same step under the same key, made by whichever run; not what was only given."""
    store = open_store(folder)
    run, other = store.begin("p", {}, "1"), store.begin("p", {}, "1")
    given = store.keep(run, "given", None, Toy(name="given"), {})
    first = store.keep(run, "s", "k", Toy(name="first"), {"g": given}, Spent(wall_s=2.0, cpu_s=1.5))
    assert open_store(folder).latest("s", "k") == first
    assert store.latest("s", "l") is store.latest("t", "k") is store.latest("given", "k") is None
    assert store.keep(other, "s", "k", first, {"g": given}) == first
    newest = store.keep(other, "s", "k", Toy(name="newest"), {"g": given})
    assert store.latest("s", "k") == newest
    hows = [(done.how, done.key, done.uri, done.wall_s, done.cpu_s) for done in store.find(Execution, project="p")]
    assert hows == [
        ("made", "k", newest, 0.0, 0.0),
        ("recalled", "k", first, 0.0, 0.0),
        ("made", "k", first, 2.0, 1.5),
        ("given", None, given, 0.0, 0.0),
    ]
    assert [done.step for done in store.find(Execution, run=run)] == ["s", "given"]
    assert [done.uri for done in store.find(Execution, run=run, step="s")] == [first]


def lineage_is_walked_in_both_directions(open_store: Open, folder: Path) -> None:
    """On random graphs a walk finds exactly what can be reached, each edge once; one run can be singled out."""
    store = open_store(folder)
    rng = random.Random(0)
    run, again = store.begin("p", {}, "1"), store.begin("p", {}, "1")
    uris: list[str] = []
    above: dict[str, set[str]] = {}
    for i in range(25):
        parents = {f"p{j}": uri for j, uri in enumerate(rng.sample(uris, min(len(uris), rng.randint(0, 3))))}
        uri = store.keep(run, f"s{i}", "k", Toy(name=str(i)), parents)
        above[uri] = set(parents.values()).union(*(above[parent] for parent in parents.values()))
        uris.append(uri)
    for uri in uris:
        up, down = ancestry(store, uri), descent(store, uri)
        assert {edge.parent for edge in up} == above[uri]
        assert {edge.child for edge in down} == {other for other in uris if uri in above[other]}
        assert len(set(up)) == len(up) and len(set(down)) == len(down)
    for _ in range(2):
        store.keep(again, "s24", "k", uris[24], {"other": uris[0]})
    assert [(edge.parent, edge.name, edge.step) for edge in store.parents(uris[24], again)] == [
        (uris[0], "other", "s24")
    ]
    assert {edge.run for edge in store.parents(uris[24])} >= {again}
    assert {edge.parent for edge in ancestry(store, uris[24], run)} == above[uris[24]]
    assert again in {edge.run for edge in store.children(uris[0])}


def a_signature_is_remembered(open_store: Open, folder: Path) -> None:
    """Who said what of which artifact, newest first; the model in force is the last one signed and not rejected."""
    store = open_store(folder)
    models = []
    for i, project in enumerate(("p", "p", "q")):
        run = store.begin(project, {}, "1")
        models.append(store.keep(run, "model_file", str(i), Toy(name=str(i)), {}))
    assert in_force(store, "p") is None
    for model in models:
        store.mark(model, "signed", "Ada", STRANGE[1])
    store.mark(models[0], "refused", "gate")
    assert in_force(open_store(folder), "p") == models[1]
    store.mark(models[1], "rejected", "Bob", "worse for children")
    assert in_force(store, "p") == models[0] and in_force(store, "q") == models[2]
    store.mark(models[1], "signed", "Ada", "mended")
    assert in_force(store, "p") == models[1]
    assert [(mark.mark, mark.by) for mark in store.find(Mark, uri=models[1])] == [
        ("signed", "Ada"),
        ("rejected", "Bob"),
        ("signed", "Ada"),
    ]
    assert [mark.uri for mark in store.find(Mark, project="q", mark="signed")] == [models[2]]
    assert store.find(Mark, uri=models[2])[0].note == STRANGE[1]


def events_are_told_newest_first(open_store: Open, folder: Path) -> None:
    """With every detail, whatever stands in it."""
    store = open_store(folder)
    run, other = store.begin("p", {}, "1"), store.begin("q", {}, "1")
    for text in STRANGE:
        store.note(run, "finding", {"seen": text, "deep": [1, {"x": -0.5}]})
    store.note(other, "fault", {})
    seen = [event.detail["seen"] for event in store.find(Event, run=run, event="finding")]
    assert seen == list(STRANGE[::-1])
    assert [event.event for event in store.find(Event, project="q")] == ["fault"]


def what_is_not_there_is_said(open_store: Open, folder: Path) -> None:
    """An artifact nobody kept can be neither recalled nor signed, and the person is told."""
    store = open_store(folder)
    unknown = "sha256:" + "0" * 64
    for verb in (lambda: store.recall(Toy, unknown), lambda: store.mark(unknown, "signed", "Ada")):
        try:
            verb()
        except UserError as error:
            assert unknown in str(error)
        else:
            raise AssertionError("an unknown artifact was accepted")
    assert not store.parents(unknown) and not store.children(unknown) and not store.find(Mark)


def processes_work_side_by_side(open_store: Open, folder: Path) -> None:
    """Several processes open a new store at once and write at once; everything they kept is there."""
    ends = [_start(_keep_many, open_store, folder, number) for number in range(PROCESSES)]
    for process, _ in ends:
        process.join(LATEST_S)
        assert process.exitcode == 0, f"a process ended with {process.exitcode}"
    store = open_store(folder)
    runs = store.find(Run)
    assert len(runs) == len({run.id for run in runs}) == PROCESSES * EACH
    assert {run.status for run in runs} == {"done"}
    for run in runs:
        (done,) = store.find(Execution, run=run.id, step="own")
        assert store.recall(Toy, done.uri).name == run.id
        assert [edge.name for edge in store.parents(done.uri)] == ["shared"]
    assert len(store.find(Kept)) == PROCESSES * EACH + EACH


def a_kill_at_any_moment_harms_nothing(open_store: Open, folder: Path) -> None:
    """Whatever the store names after a kill can be recalled whole, and work goes on."""
    for round_ in range(3):
        process, told = _start(_keep_until_killed, open_store, folder, round_)
        assert told.poll(LATEST_S), "the other process never began"
        time.sleep(0.05 + 0.11 * round_)
        process.kill()
        process.join(LATEST_S)
        store = open_store(folder)
        done = store.find(Execution)
        assert done
        for execution in done:
            toy = store.recall(Toy, execution.uri)
            assert toy.values.tobytes() == _large(int(toy.name)).tobytes()
            assert store.latest(execution.step, execution.key or "") == execution.uri
        store.end(store.begin("after", {}, "1"), "done")


def _start(work: Callable[..., None], open_store: Open, folder: Path, number: int) -> tuple[Any, Connection]:
    """Start work in a fresh process, as a second command of a person would; it can tell us something."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(open_store, folder, number, there), daemon=True)
    process.start()
    there.close()
    return process, here


def _keep_many(open_store: Open, folder: Path, number: int, told: Connection) -> None:
    store = open_store(folder)
    for i in range(EACH):
        run = store.begin(f"p{number}", {"i": i}, "1")
        shared = store.keep(run, "shared", f"k{i}", Toy(name=f"shared {i}", values=_large(i)), {})
        store.keep(run, "own", run, Toy(name=run), {"shared": shared})
        store.note(run, "finding", {"i": i})
        store.end(run, "done", {"own": run})


def _keep_until_killed(open_store: Open, folder: Path, number: int, told: Connection) -> None:
    store = open_store(folder)
    run = store.begin("p", {}, "1")
    for i in range(1_000_000 * number, 1_000_000 * (number + 1)):
        store.keep(run, f"s{i}", "k", Toy(name=str(i), values=_large(i)), {})
        told.send(i)


def _large(i: int) -> Any:
    """Return 2 MB that i alone decides: long enough to be killed in the middle of."""
    return np.full(250_000, float(i))


LAWS: tuple[Law, ...] = (
    a_run_is_told_from_beginning_to_end,
    runs_are_found_by_the_beginning_of_their_id,
    an_artifact_comes_back_as_it_went_in,
    what_is_done_under_a_key_is_found_again,
    lineage_is_walked_in_both_directions,
    a_signature_is_remembered,
    events_are_told_newest_first,
    what_is_not_there_is_said,
    processes_work_side_by_side,
    a_kill_at_any_moment_harms_nothing,
)
