"""The HTTP application, called as an ASGI server calls it, and once for real."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from serving_file import tickets

from landmark.core.errors import UserError
from landmark.serving import app as room
from landmark.serving.app import App, named, serve
from landmark.serving.archive import Archive, query
from landmark.serving.predictor import Predictor, load
from landmark.serving.standing import standings
from landmark.store.store import Mark

ROW = {"wait": 3.5, "size": None, "app": "mail"}
PREDICT = "/v1/models/tickets/predict"


class Answer(NamedTuple):
    status: int
    content: Any
    headers: dict[str, str]

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.content["error"]
        assert set(error) == {"where", "what", "seen", "fix"}
        return error


def call(app: App, method: str, path: str, body: Any = None, parts: int = 1, **headers: str) -> Answer:
    return asyncio.run(acall(app, method, path, body, parts, **headers))


async def acall(app: App, method: str, path: str, body: Any = None, parts: int = 1, **headers: str) -> Answer:
    """Return the application's answer to one request, whose body arrives in parts."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    size = max(-(-len(content) // parts), 1)
    pieces = [content[i : i + size] for i in range(0, len(content), size)] or [b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": i + 1 < len(pieces)} for i, piece in enumerate(pieces)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": pairs, "client": ("10.0.0.9", 5)}
    await app(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert told["content-length"] == str(len(sent[1]["body"]))
    assert told["content-type"] == "application/json"
    return Answer(sent[0]["status"], json.loads(sent[1]["body"]), told)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return load(tickets(tmp_path_factory.mktemp("model") / "tickets.onnx"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite"


@pytest.fixture
def app(model: Predictor, path: Path) -> Iterator[App]:
    with closing(Archive(path)) as archive:
        yield App({"tickets": model}, archive)


def test_rows_are_answered_in_order_and_archived(app: App, model: Predictor, path: Path) -> None:
    rows = [ROW, {**ROW, "wait": None, "extra": [1]}, {**ROW, "app": "x"}]
    answer = call(app, "POST", PREDICT, {"rows": rows}, parts=3, x_caller="desk 7")
    assert answer.status == 200
    assert answer.content["predictions"] == model.predict(rows)
    assert answer.content["model"] == model.manifest.digest != ""
    kept = query(path, answer.content["request_id"])
    assert [row["input"] for row in kept] == rows
    assert [row["output"] for row in kept] == answer.content["predictions"]
    assert {(row["model"], row["name"], row["caller"]) for row in kept} == {
        (model.manifest.digest, "tickets", "desk 7")
    }


def test_a_bare_list_of_rows_is_enough(app: App, model: Predictor, path: Path) -> None:
    answer = call(app, "POST", PREDICT, [ROW])
    assert answer.content["predictions"] == [model.predict(ROW)]
    assert query(path, answer.content["request_id"])[0]["caller"] == "10.0.0.9"


def test_no_rows_have_no_answers(app: App) -> None:
    assert call(app, "POST", PREDICT, []).content["predictions"] == []


def test_many_rows_leave_the_event_loop_free(app: App, model: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    real = model.predict

    def watched(*args: Any, **named: Any) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return real(*args, **named)

    monkeypatch.setattr(model, "predict", watched)
    for count in (room.INLINE, room.INLINE + 1):
        assert len(call(app, "POST", PREDICT, [ROW] * count).content["predictions"]) == count
    assert threads == [True, False]


def test_a_caller_may_choose_the_request_id(app: App, path: Path) -> None:
    body = {"rows": [ROW], "request_id": "order-17"}
    first = call(app, "POST", PREDICT, body)
    assert first.content["request_id"] == "order-17"
    assert call(app, "POST", PREDICT, body).content == first.content
    assert len(query(path, "order-17")) == 1
    refused = call(app, "POST", PREDICT, {**body, "rows": [ROW, ROW]})
    assert (refused.status, refused.error["seen"]) == (409, "order-17")


def test_fresh_request_ids_differ_and_start_with_the_time() -> None:
    ids = [room.fresh_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)


def test_units_may_be_declared(app: App, model: Predictor) -> None:
    answer = call(app, "POST", PREDICT, {"rows": [{**ROW, "wait": 3500}], "units": {"wait": "ms"}})
    assert answer.content["predictions"] == [model.predict(ROW)]
    refused = call(app, "POST", PREDICT, {"rows": [ROW], "units": {"wait": "kg"}})
    assert (refused.status, refused.error["where"]) == (422, "units.wait")


def test_feedback_is_joined_to_the_answer(app: App, path: Path) -> None:
    request = call(app, "POST", PREDICT, [ROW, ROW]).content["request_id"]
    labels = [{"request_id": request, "row": 1, "late": "yes"}, {"request_id": "?", "late": "no"}]
    answer = call(app, "POST", "/v1/feedback", {"labels": labels})
    unknown = [{"request_id": "?", "row": 0, "output": "late"}]
    told = {"kept": 1, "corrected": 0, "repeated": 0, "missing": 0, "unknown": unknown, "new_labels": []}
    assert answer.content == told
    assert call(app, "POST", "/v1/feedback", labels[:1]).content["repeated"] == 1
    assert [row["labels"] for row in query(path, request)] == [{}, {"late": "yes"}]
    assert call(app, "POST", "/v1/feedback", [{"late": "yes"}]).status == 422


def test_labels_that_could_not_be_joined_are_refused_and_what_is_odd_is_told(app: App, path: Path) -> None:
    request = call(app, "POST", PREDICT, [ROW, ROW]).content["request_id"]
    refused = call(app, "POST", "/v1/feedback", [{"request_id": request, "late": "yes"}])
    assert (refused.status, refused.error["where"]) == (422, "feedback, row 1") and "0 to 1" in refused.error["fix"]
    refused = call(app, "POST", "/v1/feedback", [{"request_id": request, "row": 1, "late": ["yes"]}])
    assert refused.status == 422 and f"'{request}', row 1: output 'late'" in refused.error["what"]
    rows = [{"request_id": request, "row": 0, "late": "perhaps"}, {"request_id": request, "row": 1, "late": None}]
    told = call(app, "POST", "/v1/feedback", rows).content
    new = {"request_id": request, "row": 0, "output": "late", "label": "perhaps"}
    assert (told["kept"], told["missing"], told["new_labels"]) == (1, 1, [new])
    assert [row["labels"] for row in query(path, request)] == [{"late": "perhaps"}, {}]


def test_without_an_archive_answers_are_given_and_labels_are_not_taken(model: Predictor) -> None:
    app = App({"tickets": model}, None)
    assert call(app, "POST", PREDICT, [ROW]).status == 200
    assert call(app, "POST", "/v1/feedback", []).status == 404
    assert call(app, "GET", "/readyz").status == 200


def test_what_is_served_is_told(app: App, model: Predictor) -> None:
    assert call(app, "GET", "/healthz").content == {"status": "alive"}
    assert call(app, "GET", "/readyz").content == {"status": "ready"}
    assert call(app, "GET", "/v1/models").content == {"models": ["tickets"]}
    told = call(app, "GET", "/v1/models/tickets").content
    assert told["columns"]["wait"] == {"type": "number", "columns": ["wait"], "unit": "s"}
    assert told["outputs"]["late"]["labels"] == list(model.outputs["late"].labels)
    assert told["model"] == model.manifest.digest
    assert (told["gate"], told["signed_by"]) == ({"passed": False}, None)  # of which nobody ever said anything


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        (b"", "body", "is no JSON"),
        (b"{", "body", "is no JSON"),
        (b'{"rows": [{"wait": 1}, {"wait": -1e999}]}', "wait, row 2", "beyond what 64 bits hold"),
        (b'[{"wait": 1}, {"wait": 1' + b"0" * 400 + b"}]", "wait, row 2", "beyond what 64 bits hold"),
        (b'{"rows": [{"wait": -1' + b"0" * 5000 + b'}], "request_id": null}', "wait, row 1", "beyond what 64 bits"),
        (b'{"rows": [{"wait": NaN}]}', "body", "is no JSON"),
        (b"\xff\xfe", "body", "is no JSON"),
        (b'[{"app": "\xff"}]', "body", "is no JSON"),
        (b'[{"app": "\\ud800"}]', "body", "is no JSON"),
        (b"[" * 100_000, "body", ""),
        (b'{"rows": [' + b'{"a":' * 50_000, "body", ""),
        (b"3", "body", "expected"),
        (b"{}", "body", "`rows`"),
        (b'{"rows": 3}', "body.rows", "expected `array`"),
        (b'{"rows": [{}, 3]}', "body.rows[1]", "expected `object`"),
        (b'{"rows": [], "unit": {}}', "body", "`unit`"),
        (b'{"rows": [], "units": {"wait": 3}}', "body.units", "expected `str`"),
        (b'{"rows": [], "request_id": ""}', "request_id", "1 to 200"),
        (b'{"rows": [], "request_id": "a\\nb"}', "request_id", "1 to 200"),
    ],
)
def test_a_body_of_another_shape_is_refused(app: App, body: bytes, where: str, what: str) -> None:
    answer = call(app, "POST", PREDICT, body)
    assert answer.status == 400
    assert answer.error["where"].startswith(where)
    assert what in answer.error["what"]


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"wait": 1, "size": 1}, "app, row 2"),
        ({**ROW, "wait": "soon"}, "wait, row 2"),
        ({**ROW, "wait": {"a": 1}}, "wait, row 2"),
        ({**ROW, "wait": [1, "a", {}]}, "wait, row 2"),
    ],
)
def test_a_row_that_does_not_fit_is_named(app: App, path: Path, row: dict[str, Any], where: str) -> None:
    answer = call(app, "POST", PREDICT, {"rows": [ROW, row], "request_id": "r"})
    assert (answer.status, answer.error["where"]) == (422, where)
    assert query(path, "r") == []


def test_numbers_without_end_are_no_fault(app: App) -> None:
    body = b'[{"wait": 1' + b"0" * 300 + b', "size": 1e300, "app": "' + b"1" * 400 + b'"}]'
    assert call(app, "POST", PREDICT, body).status == 200


@pytest.mark.parametrize(
    ("method", "place", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/models/ticket", 404),
        ("POST", "/v1/models/ticket/predict", 404),
        ("POST", "/v1/models/tickets/predict/", 404),
        ("GET", PREDICT, 405),
        ("POST", "/healthz", 405),
        ("DELETE", "/v1/feedback", 405),
    ],
)
def test_what_is_not_there_is_said(app: App, method: str, place: str, status: int) -> None:
    answer = call(app, method, place)
    assert answer.status == status
    assert answer.error["fix"]
    if status == 405:
        assert answer.headers["allow"] in ("GET", "POST")
    if "ticket" in place and status == 404 and not place.endswith("/"):
        assert "did you mean 'tickets'" in answer.error["fix"]


def test_what_is_too_large_is_refused(model: Predictor) -> None:
    app = App({"tickets": model}, None, body=200, rows=2)
    assert call(app, "POST", PREDICT, [ROW] * 2).status == 200
    assert call(app, "POST", PREDICT, [{}] * 3).status == 413
    large = call(app, "POST", PREDICT, b" " * 201, parts=10)
    assert (large.status, large.error["where"]) == (413, "body")


def test_a_full_archive_refuses_and_keeps_nothing(app: App, path: Path) -> None:
    assert app.archive is not None
    app.archive.limit = 0

    async def crowd() -> list[Answer]:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            asking = [asyncio.create_task(acall(app, "POST", PREDICT, [ROW])) for _ in range(5)]
            await asyncio.sleep(0.2)
            other.execute("rollback")
        return await asyncio.gather(*asking)

    answers = asyncio.run(crowd())
    told = [answer.status for answer in answers]
    assert set(told) == {200, 503}
    assert {answer.headers["retry-after"] for answer in answers if answer.status == 503} == {"1"}
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("select count(*) from requests").fetchone() == (told.count(200),)


def test_a_failing_archive_is_said_to_callers_and_to_the_keeper(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> Any:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("landmark.serving.archive._transact", broken)
        answer = call(app, "POST", PREDICT, [ROW])
        assert (answer.status, answer.error["where"]) == (503, "archive")
        assert "predictions" not in answer.content
        assert "disk I/O error" in capsys.readouterr().err
        assert call(app, "GET", "/readyz").status == 503
        assert call(app, "GET", "/healthz").status == 200
    assert call(app, "POST", PREDICT, [ROW]).status == 200
    assert call(app, "GET", "/readyz").status == 200


def test_a_fault_of_ours_tells_the_caller_a_number_and_the_keeper_everything(
    app: App, model: Predictor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(model, "predict", broken)
    answer = call(app, "POST", PREDICT, [ROW])
    assert answer.status == 500
    assert "secret" not in json.dumps(answer.content)
    told = capsys.readouterr().err
    assert answer.error["seen"] in told
    assert "ZeroDivisionError: secret inside" in told


def test_a_caller_that_hangs_up_gets_no_answer(app: App) -> None:
    async def talk() -> list[Any]:
        start = {"type": "http.request", "body": b"[", "more_body": True}
        messages: list[dict[str, Any]] = [start, {"type": "http.disconnect"}]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": PREDICT, "headers": [], "client": None}
        await app(scope, receive, send)
        return sent

    assert asyncio.run(talk()) == []


def test_only_http_is_spoken(app: App) -> None:
    async def nothing(*_: Any) -> Any:
        raise AssertionError

    with pytest.raises(NotImplementedError):
        asyncio.run(app({"type": "websocket"}, nothing, nothing))


def test_many_callers_at_once_all_get_their_own_answer(app: App, model: Predictor, path: Path) -> None:
    rows = [{**ROW, "wait": i} for i in range(60)]

    async def crowd() -> list[Answer]:
        return await asyncio.gather(*(acall(app, "POST", PREDICT, [row]) for row in rows))

    answers = asyncio.run(crowd())
    assert [answer.content["predictions"] for answer in answers] == [[model.predict(row)] for row in rows]
    assert all(
        query(path, answer.content["request_id"])[0]["input"] == row for answer, row in zip(answers, rows, strict=True)
    )


def test_an_output_that_feedback_could_not_name_is_refused(tmp_path: Path) -> None:
    model = load(tickets(tmp_path / "m.onnx", {"row": ("number", [1.0, 2.0, 3.0, 4.0])}))
    with pytest.raises(UserError, match=r"m\.outputs: 'row'"):
        App({"m": model}, None)


def test_models_answer_to_their_file_and_to_their_project(tmp_path: Path, path: Path) -> None:
    paths = [tickets(tmp_path / f"{name}.onnx", {"n": ("number", [1.0, 2.0, 3.0, 4.0])}) for name in ("x", "y")]
    one = named(paths[:1])
    project = one["x"].manifest.name
    assert set(one) == {"x", project} and one["x"] is one[project]
    assert set(named(paths)) == {"x", "y"}
    assert set(named({"z": paths[0]})) == {"z"}
    with pytest.raises(UserError, match="two models are called 'x'"):
        named([paths[0], paths[0]])


def test_answers_are_not_held_back_to_be_sent_together() -> None:
    with room._listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY on nothing else


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    path = tickets(tmp_path / "tickets.onnx")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="cannot listen"):
        serve([path], port=taken.getsockname()[1], mode="off")


@pytest.fixture
def started(tmp_path: Path, path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    """Start real servers on free ports; whatever is left of them at the end is killed."""
    file = tickets(tmp_path / "tickets.onnx")
    script = "import sys; from pathlib import Path; from landmark.serving.app import serve;"
    script += "serve([Path(sys.argv[1])], port=0, archive=Path(sys.argv[2]))"
    processes: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        arguments = [sys.executable, "-c", script, str(file), str(path)]
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        line = next((line for line in said if line.startswith("serving tickets on http://")), "")
        assert line
        return process, line.split()[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _post(address: str, content: Any) -> Any:
    request = urllib.request.Request(address, json.dumps(content).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_an_acknowledged_answer_is_in_the_archive_after_a_kill(
    started: Callable[[], tuple[subprocess.Popen[str], str]], path: Path
) -> None:
    process, address = started()
    answer = _post(address + PREDICT, [ROW])
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (kept,) = query(path, answer["request_id"])
    assert kept["output"] == answer["predictions"][0]
    assert kept["input"] == ROW
    _, address = started()  # a new server goes on with the same archive
    label = {"request_id": answer["request_id"], "late": "yes"}
    assert _post(address + "/v1/feedback", [label])["kept"] == 1


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_ends_well(
    started: Callable[[], tuple[subprocess.Popen[str], str]], path: Path, told: signal.Signals
) -> None:
    process, address = started()
    with pytest.raises(urllib.error.HTTPError) as caught:
        _post(address + PREDICT, [{"wait": 1}])
    with caught.value:
        assert caught.value.code == 422
    process.send_signal(told)
    assert process.wait(20) == 0
    assert not path.with_name(f"{path.name}-wal").exists()  # the archive was closed


# --- who stands for a model -------------------------------------------------------------------------------------


PASSED = {"passed": True, "findings": []}
REFUSED = {"passed": False, "findings": [{"level": "block", "seen": "worse"}, {"level": "note", "seen": "first"}]}
SIGNED, REJECTED, DOUBTED = (
    Mark(uri="u", mark=mark, by=by, note="too old", at="")
    for mark, by in (("signed", "Ada"), ("rejected", "Bob"), ("doubted", "Eve"))
)


@pytest.mark.parametrize(
    ("gate", "marks", "signed_by", "codes"),
    [
        (PASSED, [DOUBTED, SIGNED, REJECTED], "Ada", []),
        (PASSED, [DOUBTED], None, ["unsigned"]),
        (PASSED, None, None, ["signature-unseen"]),
        (REFUSED, [], None, ["gate-refused"]),
        (REFUSED, None, None, ["gate-refused", "signature-unseen"]),
    ],
)
def test_what_stands_behind_a_model_is_told(
    model: Predictor,
    monkeypatch: pytest.MonkeyPatch,
    gate: dict[str, Any],
    marks: list[Mark] | None,
    signed_by: str | None,
    codes: list[str],
) -> None:
    monkeypatch.setattr(model, "manifest", model.manifest.model_copy(update={"gate": gate}))
    models = {"file": model, "project": model}
    app = App(models, None, standing=standings(models, lambda _: marks))
    told = call(app, "GET", "/v1/models/project").content
    assert (told["gate"], told["signed_by"]) == ({"passed": gate["passed"]}, signed_by)
    assert [(finding.code, finding.where) for finding in app.findings()] == [(code, "file") for code in codes]
    assert all(finding.next for finding in app.findings())
    if gate is REFUSED:
        assert app.findings()[0].seen == "the gate refused this model: worse"


def test_a_rejected_model_is_refused_before_anything_is_opened(tmp_path: Path, path: Path) -> None:
    file = tickets(tmp_path / "tickets.onnx")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError) as refused:
        serve([file], port=taken.getsockname()[1], archive=path, told=lambda _: [REJECTED, SIGNED])
    assert refused.value.line().startswith("model tickets: Bob rejected it (seen: too old). Fix: serve another")
