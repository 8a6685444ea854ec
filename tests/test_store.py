"""The SQL store beside the laws: its files, its migrations, kills at chosen moments, and what it cannot do."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.question import Question
from landmark.core.errors import UserError
from landmark.store import code, files, processes, sql
from landmark.store.migrations import FOLDER, HEAD
from landmark.store.sql import open_store
from landmark.store.store import Event, Execution, Kept, Run
from landmark.store.tables import METADATA


class Toy(Artifact):
    name: str
    values: Any = None


def python(source: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a short program as a person's command would run, in a process of its own."""
    line = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parent)


def address_of(folder: Path) -> str:
    return f"sqlite:///{folder / '.landmark' / 'store.sqlite'}"


# --- migrations -------------------------------------------------------------------------------------------------


def test_the_migrations_lead_to_the_tables_of_the_code(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(FOLDER).get_heads() == [HEAD]
    store = open_store(tmp_path)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    assert all(set(table.c.keys()) for table in METADATA.sorted_tables)


def test_a_store_that_is_up_to_date_opens_without_alembic(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from landmark.store.sql import open_store\n"
        "from landmark.store.store import Run\n"
        "open_store(pathlib.Path(sys.argv[1])).find(Run); print('alembic' in sys.modules)"
    )
    assert [python(program, tmp_path).stdout.strip() for _ in range(2)] == ["True", "False"]


def test_a_store_of_a_newer_landmark_is_not_touched(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(UserError, match=r"newer than this Landmark \(seen: 9999\)"):
        open_store(tmp_path)


# --- what cannot be opened --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("somewhere", "not the address of a database"),
        ("oracle+nosuchdriver://host/db", "not the address of a database"),
        ("sqlite:////nowhere/at/all.sqlite", "cannot be opened"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as told:
        open_store(tmp_path, address)
    assert told.value.where == "store" and told.value.fix


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(UserError, match="pip install 'PyMySQL'"):
        open_store(tmp_path, "mysql://root:secret@localhost/landmark")


def test_a_relative_path_in_an_address_starts_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path)
    open_store(Path("project"), "sqlite:///runs.sqlite").begin("p", {}, "1")
    assert (tmp_path / "project" / "runs.sqlite").is_file() and not (tmp_path / "runs.sqlite").exists()
    open_store(Path("project"), f"sqlite:///{tmp_path}/absolute.sqlite").begin("p", {}, "1")
    assert (tmp_path / "absolute.sqlite").is_file()


def test_a_password_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        open_store(tmp_path, "sqlite://somebody:secret@host/x.db")
    assert "secret" not in str(told.value)


def test_a_file_that_is_no_store_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".landmark" / "store.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"my only copy" * 1000)
    with pytest.raises(UserError, match="cannot be opened"):
        open_store(tmp_path)
    assert file.read_bytes() == b"my only copy" * 1000


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".landmark").write_text("a file, where a folder should be")
    with pytest.raises(UserError, match=r"\.landmark cannot be written"):
        open_store(tmp_path)


# --- files ------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(name=st.text(), numbers=st.lists(st.floats(width=32)))
def test_a_file_is_named_by_its_content(
    tmp_path_factory: pytest.TempPathFactory, name: str, numbers: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("artifacts")
    toy = Toy(name=name, values=np.array(numbers))
    try:
        name.encode()
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    uri, size = files.put(folder, toy)
    assert files.put(folder, toy) == (uri, size)
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    assert file == files.path_of(folder, uri) and file.stat().st_size == size
    assert files.get(folder, Toy, uri).values.tobytes() == toy.values.tobytes()


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    uri = store.keep(store.begin("p", {}, "1"), "s", "k", Toy(name="true"), {})
    file = files.path_of(store.artifacts, uri)
    file.write_bytes(file.read_bytes().replace(b"true", b"fake"))
    with pytest.raises(UserError, match="was changed"):
        store.recall(Toy, uri)
    file.unlink()
    assert store.latest("s", "k") is None
    assert store.keep(store.begin("p", {}, "1"), "s", "k", Toy(name="true"), {}) == uri
    assert store.latest("s", "k") == uri


@pytest.mark.parametrize("uri", ["", "sha256:../../../etc/passwd", "sha256:" + "G" * 64, "md5:" + "0" * 32])
def test_what_is_no_uri_is_refused(tmp_path: Path, uri: str) -> None:
    with pytest.raises(UserError, match="not the name of an artifact"):
        open_store(tmp_path).recall(Toy, uri)


def test_an_artifact_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ValueError, match="Object arrays"):
        store.keep(store.begin("p", {}, "1"), "s", "k", Toy(name="x", values=np.array([{}])), {})
    assert list(store.artifacts.iterdir()) == [] and store.find(Kept) == []


def test_unfinished_files_of_the_dead_are_removed_and_those_of_the_living_kept(tmp_path: Path) -> None:
    folder = open_store(tmp_path).artifacts
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = processes.host()
    ours, gone, other, forgotten = (
        folder / f"{name}.part" for name in (f"{host}.{os.getpid()}.a", f"{host}.{dead.pid}.b", "far.1.c", "far.1.d")
    )
    for file in (ours, gone, other, forgotten):
        file.write_bytes(b"half")
    long_ago = time.time() - 2 * files.FORGOTTEN_S
    os.utime(forgotten, (long_ago, long_ago))
    open_store(tmp_path)
    assert sorted(folder.glob("*.part")) == sorted((ours, other))


# --- kills ------------------------------------------------------------------------------------------------------

KILLED = """
import os, pathlib, signal, sys
from landmark.artifacts import artifact
from landmark.store import files, sql
from test_store import Toy
folder, moment = pathlib.Path(sys.argv[1]), sys.argv[2]
store = sql.open_store(folder)
run = store.begin("p", {}, "1")
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
def half(artifact, path): path.write_bytes(b"PK half"); die()
if moment == "writing": files.write = half
if moment == "naming": pathlib.Path.replace = die
if moment == "rows": sql._is_known = die
if moment == "inputs": sql.INPUTS = None; sql.insert = lambda t, real=sql.insert: die() if t is None else real(t)
store.keep(run, "s", "k", Toy(name="new"), {"old": sys.argv[3]})
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process cannot be killed outright here")
@pytest.mark.parametrize("moment", ["writing", "naming", "rows", "inputs", "never"])
def test_a_kill_leaves_all_or_nothing(tmp_path: Path, moment: str) -> None:
    store = open_store(tmp_path)
    old = store.keep(store.begin("p", {}, "1"), "old", None, Toy(name="old"), {})
    done = python(KILLED, tmp_path, moment, old)
    assert done.returncode == (0 if moment == "never" else -9), done.stderr
    again = open_store(tmp_path)
    assert list(again.artifacts.glob("*.part")) == []
    (run,) = again.find(Run, limit=1)
    kept = [execution.uri for execution in again.find(Execution, run=run.id)]
    assert len(kept) == (moment == "never")
    assert [edge.parent for uri in kept for edge in again.parents(uri)] == [old] * len(kept)
    uri = again.keep(run.id, "s", "k", Toy(name="new"), {"old": old})
    assert again.recall(Toy, uri).name == "new" and again.latest("s", "k") == uri


# --- processes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "killed"),
        ({"host": "another"}, "running"),
        ({"space": "of a container"}, "running"),
        ({"number": os.getpid()}, "killed" if sys.platform == "linux" else "running"),  # given out again
        ({"number": os.getpid(), "began": ""}, "running"),  # who can tell?
    ],
)
def test_only_a_process_that_is_certainly_gone_is_dead(tmp_path: Path, change: dict[str, Any], status: str) -> None:
    store = open_store(tmp_path)
    begun = store.begin("p", {}, "1")
    program = (
        "import sys, pathlib; from landmark.store import processes, sql\n"
        "processes.carried_here(sql.open_store(pathlib.Path(sys.argv[1])), sys.argv[2])"
    )
    assert python(program, tmp_path, begun).returncode == 0
    (carried,) = store.find(Event, run=begun, event="process")
    store.note(begun, "process", carried.detail | change)
    processes.end_the_dead(store)
    (told,) = store.find(Run)
    assert told.status == status and bool(told.ended) == (status == "killed")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of a process that nobody waits for")
def test_a_process_that_nobody_waits_for_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as ended:
        assert ended.stdout is not None and ended.stdout.read() == b""  # it has closed everything it had
        until = time.monotonic() + 20
        while processes.is_alive(ended.pid) and time.monotonic() < until:
            time.sleep(0.01)
        assert not processes.is_alive(ended.pid) and Path(f"/proc/{ended.pid}").exists()


def test_a_run_that_ends_while_somebody_looks_is_not_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    begun = store.begin("p", {}, "1")
    processes.carried_here(store, begun)

    def gone(_: processes.Process) -> bool:
        store.end(begun, "done")  # the last thing it did
        return True

    monkeypatch.setattr(processes, "_is_gone", gone)
    processes.end_the_dead(store)
    assert store.find(Run)[0].status == "done"


# --- the rest ---------------------------------------------------------------------------------------------------


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    """A lock held for a second is waited for, not reported."""
    store = open_store(tmp_path)
    program = (
        "import sqlite3, sys, time\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('begin immediate')\n"
        "print('locked', flush=True); time.sleep(1); db.execute('commit'); db.close()"
    )
    line = [sys.executable, "-c", program, str(tmp_path / ".landmark" / "store.sqlite")]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"
        run = store.begin("p", {}, "1")
    assert [found.id for found in store.find(Run)] == [run]


def test_a_writer_is_not_overtaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading the last number of a run and writing the next one nobody else gets in."""
    monkeypatch.setattr(sql, "PAUSES_S", ())
    store, other = open_store(tmp_path), open_store(tmp_path)
    begun: list[str] = []
    competitor = threading.Thread(target=lambda: begun.append(other.begin("p", {}, "1")))

    def compete(_: int) -> str:
        if not competitor.ident:
            competitor.start()
            competitor.join(0.3)
            return "ours"
        return "other"

    monkeypatch.setattr(secrets, "token_hex", compete)
    assert store.begin("p", {}, "1") == "00001-ours"
    competitor.join()
    assert begun == ["00002-other"]


def test_an_artifact_another_process_has_just_kept_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    run, toy = store.begin("p", {}, "1"), Toy(name="x")
    uri = store.keep(run, "s", "k", toy, {})
    looks = iter([False])
    real = sql._is_known
    monkeypatch.setattr(sql, "_is_known", lambda *of: next(looks, None) is None and real(*of))
    assert store.keep(run, "s", "k", toy, {}) == uri
    assert len(store.find(Kept)) == 1 and len(store.find(Execution)) == 2


def test_a_store_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    run = store.begin("p", {}, "1")
    with create_engine(address_of(tmp_path)).connect() as other:
        other.exec_driver_sql("begin immediate")
        other.exec_driver_sql("update runs set status = 'half'")
        assert store.find(Run, id=run)[0].status == "running"
        other.rollback()


def test_an_unknown_field_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="runs have no colour"):
        open_store(tmp_path).find(Run, colour="red")


def test_real_artifacts_pass_through(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    question = Question(name="p", outputs=(), slices=(("a", "b"),))
    uri = store.keep(store.begin("p", {}, "1"), "question", None, question, {})
    assert store.recall(Question, uri) == question


def test_code_is_known_by_all_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "plug_in_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "step.py").write_text("def work(): return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from plug_in_of_a_test.step import work  # type: ignore[import-not-found]  # made by this test

    before = code.of(work)
    assert before == code.of(work) != code.of(python)
    (folder / "other.py").write_text("A = 1\n")
    code._of_package.cache_clear()
    assert code.of(work) != before


def test_code_without_a_file_is_known_by_its_text_or_not_at_all() -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec("def typed(): return 1", space)
    assert code.of(space["typed"]) != code.of(space["typed"])
