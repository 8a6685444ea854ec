"""The archive: on disk before it is told, every label kept, nothing lost by its neighbour's mistake."""

from __future__ import annotations

import math
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from landmark import cli
from landmark.core.errors import UserError
from landmark.serving import archive as room
from landmark.serving.archive import Archive, Failed, Full, Outcome, export, feedback, query
from landmark.serving.records import Answered, Conflict, Entry, Labelled, Receipt, labels_of


def answered(request: str = "a", rows: int = 1, **other: Any) -> Answered:
    given: dict[str, Any] = {"at": 5, "model": "digest", "name": "m", "caller": "me", "units": "{}"}
    inputs = [f'{{"x": {i}}}' for i in range(rows)]
    outputs = ['{"y": "yes", "y.p.no": 0.25, "y.p.yes": 0.75, "z": 1.5, "tags": ["p"], "tags.p.p": 0.9}'] * rows
    return Answered(**{"request": request, "inputs": inputs, "outputs": outputs, **given, **other})


class Waiting:
    """Puts entries and waits for what becomes of them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def later(self, entry: Entry) -> tuple[threading.Event, list[Outcome]]:
        told, outcomes = threading.Event(), list[Outcome]()

        def done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            told.set()

        self.archive.put(entry, done)
        return told, outcomes

    def __call__(self, entry: Entry) -> Outcome:
        told, outcomes = self.later(entry)
        assert told.wait(20)
        return outcomes[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "archive.sqlite"


@pytest.fixture
def keep(path: Path) -> Iterator[Waiting]:
    with closing(Archive(path)) as archive:
        yield Waiting(archive)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the write lock, as a process in the middle of a transaction does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


def test_what_is_kept_can_be_queried(keep: Waiting, path: Path) -> None:
    assert keep(answered("a", rows=2)) == Receipt(kept=2)
    first, second = query(path, "a")
    assert first == {
        "request_id": "a",
        "row": 0,
        "at": 5,
        "model": "digest",
        "name": "m",
        "caller": "me",
        "units": {},
        "input": {"x": 0},
        "output": {"y": "yes", "y.p.no": 0.25, "y.p.yes": 0.75, "z": 1.5, "tags": ["p"], "tags.p.p": 0.9},
        "labels": {},
        "history": [],
    }
    assert (second["row"], second["input"]) == (1, {"x": 1})
    assert query(path, "unknown") == []


def test_export_gives_everything_in_the_order_it_was_kept(keep: Waiting, path: Path) -> None:
    for request in ("z", "a", "m"):
        keep(answered(request, rows=2))
    assert [(row["request_id"], row["row"]) for row in export(path)] == [(r, i) for r in "zam" for i in (0, 1)]


def test_the_newest_answers_come_first_when_asked_for_the_last(keep: Waiting, path: Path) -> None:
    for request in ("z", "a", "m"):
        keep(answered(request))
    assert [row["request_id"] for row in room.newest(path, 2)] == ["m", "a"]


def test_nothing_is_acknowledged_before_it_is_committed(keep: Waiting, path: Path) -> None:
    with held(path):
        told, outcomes = keep.later(answered())
        assert not told.wait(0.3)
    assert told.wait(20)
    assert outcomes == [Receipt(kept=1)]


def test_a_commit_waits_for_the_disk(path: Path) -> None:
    with closing(room.connect(path)) as file:
        assert file.execute("pragma synchronous").fetchone() == (2,)
        assert file.execute("pragma journal_mode").fetchone() == ("wal",)


def test_all_that_is_pending_shares_one_transaction(keep: Waiting, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    real = room._transact

    def counted(file: sqlite3.Connection, group: Sequence[Entry]) -> list[Outcome]:
        sizes.append(len(group))
        return real(file, group)

    monkeypatch.setattr(room, "_transact", counted)
    with held(path):
        waiting = [keep.later(answered("first"))]
        while not sizes:  # the writer stands before the lock with the first
            threading.Event().wait(0.01)
        waiting += [keep.later(answered(f"r{i}")) for i in range(50)]
    assert all(told.wait(20) for told, _ in waiting)
    assert sizes == [1, 50]


def test_too_much_pending_is_refused_at_once(path: Path) -> None:
    with closing(Archive(path, pending=100)) as archive:
        keep = Waiting(archive)
        with held(path):
            waiting = [keep.later(answered("a", rows=50))]  # of any size, when nothing else waits
            with pytest.raises(Full):
                for i in range(10):
                    waiting.append(keep.later(answered(f"b{i}")))
        assert all(told.wait(20) for told, _ in waiting)
        assert keep(answered("afterwards")) == Receipt(kept=1)


def test_closing_finishes_what_is_pending(path: Path) -> None:
    archive = Archive(path)
    waiting = [Waiting(archive).later(answered(f"r{i}")) for i in range(30)]
    archive.close()
    assert all(told.is_set() for told, _ in waiting)
    assert len(list(export(path))) == 30
    with pytest.raises(Full):
        archive.put(answered("late"), lambda outcome: None)


def test_a_repeated_question_is_kept_once_and_another_under_its_id_is_refused(keep: Waiting, path: Path) -> None:
    keep(answered("a", rows=2))
    assert keep(answered("a", rows=2, at=99, caller="else")) == Receipt(repeated=2)
    for other in (answered("a"), answered("a", rows=2, model="x"), answered("a", rows=2, units='{"x": "s"}')):
        assert isinstance(keep(other), Conflict)
    assert [row["at"] for row in query(path, "a")] == [5, 5]


def test_a_conflict_stops_no_neighbour(keep: Waiting, path: Path) -> None:
    keep(answered("a"))
    with held(path):
        waiting = [keep.later(entry) for entry in (answered("b"), answered("a", rows=2), answered("c"))]
    assert all(told.wait(20) for told, _ in waiting)
    assert [type(outcomes[0]) for _, outcomes in waiting] == [Receipt, Conflict, Receipt]


def test_an_entry_that_cannot_be_written_stops_no_neighbour(keep: Waiting, path: Path) -> None:
    with held(path):
        waiting = [keep.later(entry) for entry in (answered("b"), answered("c", caller="\ud800"), answered("d"))]
    assert all(told.wait(20) for told, _ in waiting)
    assert [type(outcomes[0]) for _, outcomes in waiting] == [Receipt, Failed, Receipt]
    assert [row["request_id"] for row in export(path)] == ["b", "d"]


def test_when_the_disk_refuses_it_is_said_and_later_writing_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WAIT_S", 0.05)
    with closing(Archive(path)) as archive:
        keep = Waiting(archive)
        with held(path):
            outcome = keep(answered("a"))
            assert isinstance(outcome, Failed) and "locked" in str(outcome)
            assert archive.failure is not None
        assert keep(answered("a")) == Receipt(kept=1)
        assert archive.failure is None


def test_labels_come_late_repeated_and_corrected(keep: Waiting, path: Path) -> None:
    keep(answered("a", rows=2))

    def tell(*rows: dict[str, Any]) -> Receipt:
        return feedback(path, rows, caller="clerk")

    assert tell({"request_id": "a", "row": 0, "y": "yes"}, {"request_id": "a", "row": 1, "y": "no"}) == Receipt(kept=2)
    assert tell({"request_id": "a", "row": 0, "y": "yes"}) == Receipt(repeated=1)
    assert tell({"request_id": "a", "row": "0", "output": "y", "label": "no"}) == Receipt(corrected=1)
    new = {"request_id": "a", "row": 0, "output": "y", "label": "maybe"}
    assert tell({"request_id": "a", "row": 0, "y": "maybe"}) == Receipt(corrected=1, new_labels=[new])
    first, second = query(path, "a")
    assert (first["labels"], second["labels"]) == ({"y": "maybe"}, {"y": "no"})
    assert [(one["label"], one["caller"]) for one in first["history"]] == [(x, "clerk") for x in ("yes", "no", "maybe")]


def test_labels_of_no_known_answer_are_named(keep: Waiting, path: Path) -> None:
    keep(answered("a"))
    rows = [
        {"request_id": "b", "y": 1},
        {"request_id": "a", "row": 7, "y": 1},
        {"request_id": "a", "v": 1, "y": 2, "w": None},
    ]
    unknown = [("b", 0, "y"), ("a", 7, "y"), ("a", 0, "v")]
    receipt = feedback(path, rows)
    assert (receipt.kept, receipt.missing) == (1, 1)
    assert [tuple(one.values()) for one in receipt.unknown] == unknown
    assert query(path, "a")[0]["labels"] == {"y": 2}


def test_labels_go_through_the_server_s_queue_too(keep: Waiting, path: Path) -> None:
    keep(answered("a"))
    entry = Labelled(labels_of([{"request_id": "a", "tags": ["p", "q"]}]), 7, "c")
    new = {"request_id": "a", "row": 0, "output": "tags", "label": ["p", "q"]}
    assert keep(entry) == Receipt(kept=1, new_labels=[new])
    assert query(path, "a")[0]["history"] == [{"output": "tags", "label": ["p", "q"], "at": 7, "caller": "c"}]


@pytest.mark.parametrize(
    ("label", "where", "what", "fix"),
    [
        ({"y": "no"}, "feedback, row 2", "request 'a' has 2 rows, and no row is said", "give 'row', 0 to 1"),
        ({"row": 1, "y": ["no"]}, "feedback, row 2", "request 'a', row 1: output 'y' is a class", "or null"),
        ({"row": 1, "z": "soon"}, "feedback, row 2", "request 'a', row 1: output 'z' is a number", "give a number"),
        ({"row": 1, "z": True}, "feedback, row 2", "output 'z' is a number", "give a number"),
        ({"row": 1, "tags": 3}, "feedback, row 2", "output 'tags' is a set", "give a set"),
    ],
)
def test_a_label_that_cannot_be_true_of_its_answer_is_refused_with_all_that_came_with_it(
    keep: Waiting, path: Path, label: dict[str, Any], where: str, what: str, fix: str
) -> None:
    keep(answered("a", rows=2))
    rows = [{"request_id": "a", "row": 0, "y": "no"}, {"request_id": "a", **label}]
    refused = keep(Labelled(labels_of(rows), 7, "c"))
    assert isinstance(refused, UserError) and refused.where == where and what in refused.what and fix in refused.fix
    with pytest.raises(UserError, match=re.escape(what)):
        feedback(path, rows)
    assert [row["labels"] for row in query(path, "a")] == [{}, {}]


def test_labels_are_known_however_they_are_written(keep: Waiting, path: Path) -> None:
    outputs = ['{"b": true, "b.p.False": 0.4, "b.p.True": 0.6, "n": 3, "n.p.1": 0.1, "n.p.3": 0.9, "z": null}'] * 6
    keep(Answered("a", 5, "digest", "m", "me", "{}", ["{}"] * 6, outputs))
    cells = [("b", "false"), ("b", False), ("n", "1"), ("n", 1.0), ("z", "1.5"), ("z", -2)]
    told = feedback(path, ({"request_id": "a", "row": i, name: value} for i, (name, value) in enumerate(cells)))
    assert told == Receipt(kept=6)
    assert [one["label"] for one in feedback(path, [{"request_id": "a", "row": 0, "n": 2}]).new_labels] == [2]


def test_a_file_of_labels_is_kept_while_a_server_writes(
    keep: Waiting, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LABELS", 7)
    keep(answered("a", rows=40))
    assert feedback(path, ({"request_id": "a", "row": i, "z": i} for i in range(40))) == Receipt(kept=40)
    assert keep(answered("b")) == Receipt(kept=1)
    with pytest.raises(UserError, match="feedback, row 30: has no request_id"):
        feedback(path, [*[{"request_id": "a", "row": i, "z": i} for i in range(29)], {"row": 1}])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"y": 1}, "has no request_id"),
        ({"request_id": "", "y": 1}, "has no request_id"),
        ({"request_id": 5, "y": 1}, "has no request_id"),
        ({"request_id": "a"}, "has no label"),
        ({"request_id": "a", "row": -1, "y": 1}, "no row number"),
        ({"request_id": "a", "row": "x", "y": 1}, "no row number"),
        ({"request_id": "a", "row": True, "y": 1}, "no row number"),
    ],
)
def test_what_is_no_label_is_refused(row: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=f"feedback, row 3: .*{said}"):
        labels_of([row], first=3)


def test_labels_not_known_yet_are_counted_and_not_kept(keep: Waiting, path: Path) -> None:
    rows = [{"request_id": "a", "y": None, "z": math.nan, "when": date(2024, 1, 2)}]
    assert [label.label for label in labels_of(rows)] == ["null", "null", '"2024-01-02"']
    keep(answered("a"))
    assert feedback(path, [{"request_id": "a", "y": None, "z": math.nan}]) == Receipt(missing=2)
    assert query(path, "a")[0]["labels"] == {}


def test_the_outputs_of_those_who_answered_are_known(keep: Waiting, path: Path) -> None:
    keep(answered("a", rows=2))
    keep(Answered("b", 5, "other", "m", "me", "{}", ["{}"], ['{"w": 1}']))
    assert room.outputs(path, ["a", "?"]) == {"y", "z", "tags"}
    assert room.outputs(path, ["b"]) == {"w"} and room.outputs(path, ["?"]) == set()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    junk, other, newer = (tmp_path / name for name in ("junk", "other", "newer"))
    junk.write_bytes(b"junk" * 1000)
    for place, statement in ((other, "create table users (name text)"), (newer, "pragma user_version=99")):
        with closing(sqlite3.connect(place)) as file:
            file.execute(statement)
    for place in (junk, other, newer):
        with pytest.raises(UserError, match="is no archive"):
            Archive(place)
    with closing(sqlite3.connect(other)) as file:
        assert file.execute("select count(*) from sqlite_master").fetchone() == (1,)
    with pytest.raises(UserError, match="cannot be opened"):
        Archive(tmp_path)
    with pytest.raises(UserError, match="cannot be opened"):
        Archive(junk / "below")
    with pytest.raises(UserError, match="does not exist"):
        query(tmp_path / "nothing", "a")


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    """A process is killed while it writes: each answer it acknowledged is there, and no request is there in part."""
    script = """
import sys, itertools
from pathlib import Path
from landmark.serving.archive import Archive
from landmark.serving.records import Answered
archive = Archive(Path(sys.argv[1]))
for i in itertools.count():
    entry = Answered(f"r{i}", i, "d", "m", "", "{}", ["{}"] * 20, ["{}"] * 20)
    archive.put(entry, lambda outcome, i=i: print(i, flush=True))
    if i % 20 == 19:
        import time
        time.sleep(0.001)
"""
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    told += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.stdout.close()
    process.wait()
    kept: dict[str, int] = {}
    for row in export(path):
        kept[row["request_id"]] = kept.get(row["request_id"], 0) + 1
    assert {f"r{i}" for i in told} <= kept.keys()
    assert set(kept.values()) == {20}


@pytest.mark.parametrize("row", [2**63, -1, "9" * 20, 1.5, True])
def test_a_row_number_that_cannot_be_one_is_a_mistake(row: object) -> None:
    with pytest.raises(UserError, match="feedback, row 1: 'row' is no row number"):
        labels_of([{"request_id": "r", "row": row, "y": "yes"}])


def test_a_file_with_a_column_that_is_no_output_is_refused(
    keep: Waiting, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(answered("a", rows=2))
    file = tmp_path / "labels.csv"

    def told(text: str) -> tuple[int, str]:
        file.write_text(text)
        with pytest.raises(SystemExit) as left:
            cli.main(["feedback", str(file), "--archive", str(path)])
        said = capsys.readouterr()
        return int(str(left.value.code)), said.out + said.err

    code, said = told("request_id,row,tgas\na,0,p\na,1,p\n")
    assert code == 2 and "labels.csv, column tgas: " in said and "Fix: did you mean 'tags'?" in said
    code, said = told("request_id,y\na,no\n?,yes\n")
    assert code == 2 and "has 2 rows, and no row is said. Fix: give 'row'" in said
    assert query(path, "a")[0]["labels"] == {}
    code, said = told("request_id,row,y,z\na,0,odd,\na,1,no,2.5\n?,0,no,\n")
    assert code == 0 and "3 labels added" in said and "1 of unknown answers, 2 without a value" in said
    assert "1 of them are classes the model does not know: 'odd' (y)" in said
    code, said = told("request_id,row,output,label\na,0,y,yes\n")
    assert code == 0 and "0 labels added, 1 corrected" in said
