"""The HTTP application: raw ASGI, one predictor for each model, every answer archived before it is sent.

    POST /v1/models/{name}/predict   {"rows": [{...}], "units": {...}, "request_id": "..."} or a bare list of rows
    POST /v1/feedback                {"labels": [{"request_id": "...", "row": 0, "<output>": value}]} or a bare list
    GET  /v1/models, /v1/models/{name}, /healthz (the process lives), /readyz (it can take requests)

An answer is {"request_id", "model" (the file's digest), "predictions": one object for each row}. A label names
its answer by the request id and, where that has several rows, the row's place among them. A mistake is
{"error": {where, what, seen, fix}}.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from landmark.artifacts.manifest import Manifest
from landmark.core.errors import UserError, did_you_mean
from landmark.core.findings import Finding
from landmark.serving.archive import Archive, Full, Outcome
from landmark.serving.predictor import Predictor, load
from landmark.serving.protocol import ENCODER, Refusal, question_of, refusal, truth_of
from landmark.serving.records import ADDRESS, Answered, Conflict, Entry, Labelled, Receipt, as_json, labels_of, now
from landmark.serving.standing import Standing, Told, standings, unseen

Scope: TypeAlias = Mapping[str, Any]
Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Reply: TypeAlias = tuple[int, Any]
Handle: TypeAlias = Callable[[Scope, Receive], Awaitable[Reply]]

BODY = 16 << 20
"""Bytes a body may have."""
ROWS = 10_000
"""Rows a request may have; larger tables are for `landmark predict`."""
INLINE = 16
"""Up to so many rows are answered on the event loop: handing them to a thread would cost more than the answer."""

BACKLOG = 2048
"""Connections that may wait to be taken."""


class Gone(Exception):
    """The caller hung up before the end of the body."""


class App:
    """The ASGI application of some models by name; without an archive nothing is kept.

    Raises: UserError when an output's name cannot stand in feedback.
    """

    def __init__(
        self,
        models: Mapping[str, Predictor],
        archive: Archive | None,
        body: int = BODY,
        rows: int = ROWS,
        standing: Mapping[str, Standing] | None = None,
    ) -> None:
        self.models, self.archive, self.body, self.rows = dict(models), archive, body, rows
        self.standing = standings(models) if standing is None else standing
        for name, predictor in self.models.items():
            for output in set(ADDRESS) & predictor.outputs.keys():
                raise UserError(f"{name}.outputs", f"'{output}' is a word of the feedback", fix="rename the column")

    def findings(self) -> list[Finding]:
        """Return what speaks against each model, once for all the names it answers to."""
        names = {id(predictor): name for name, predictor in reversed(self.models.items())}
        return [finding for name in self.models if name in names.values() for finding in self.standing[name].findings]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            raise NotImplementedError(f"no {scope['type']} here")  # ASGI: how an application says so
        try:
            status, content = await self._reply(scope, receive)
            headers: Sequence[tuple[bytes, bytes]] = ()
        except Gone:
            return
        except Refusal as refused:
            status, content, headers = refused.status, {"error": refused.error.as_json()}, refused.headers
        except UserError as error:
            status, content, headers = 422, {"error": error.as_json()}, ()
        except Exception:  # the server's border
            status, content, headers = 500, {"error": _fault(scope)}, ()
        await _send(send, status, ENCODER.encode(content), headers)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        """Return status and content of the answer. Raises: Refusal, UserError, Gone."""
        method, path = scope["method"], scope["path"]
        allowed, handle = self._route(path)
        if method != allowed:
            error = UserError("method", f"{path} takes {allowed}", seen=method, fix=f"use {allowed}")
            raise Refusal(405, error, ((b"allow", allowed.encode()),))
        return await handle(scope, receive)

    def _route(self, path: str) -> tuple[str, Handle]:
        """Return the method a path takes and who answers it. Raises: Refusal (404)."""
        match path.split("/")[1:]:
            case ["v1", "models", name, "predict"]:
                return "POST", partial(self._predict, name)
            case ["v1", "feedback"]:
                return "POST", self._feedback
            case ["v1", "models", name]:
                return "GET", partial(self._summary, name)
            case ["v1", "models"]:
                return "GET", self._names
            case ["healthz"]:
                return "GET", self._alive
            case ["readyz"]:
                return "GET", self._ready
        raise refusal(404, "path", "nothing is here", path, "POST /v1/models/{name}/predict")

    async def _alive(self, scope: Scope, receive: Receive) -> Reply:
        return 200, {"status": "alive"}

    async def _ready(self, scope: Scope, receive: Receive) -> Reply:
        failing = self.archive is not None and self.archive.failure is not None
        return (503, {"status": "the archive fails"}) if failing else (200, {"status": "ready"})

    async def _names(self, scope: Scope, receive: Receive) -> Reply:
        return 200, {"models": sorted(self.models)}

    async def _summary(self, name: str, scope: Scope, receive: Receive) -> Reply:
        return 200, summary(name, self._model(name).manifest, self.standing[name])

    def _model(self, name: str) -> Predictor:
        if name not in self.models:
            raise refusal(404, "model", f"'{name}' is not served", fix=did_you_mean(name, self.models))
        return self.models[name]

    async def _body(self, receive: Receive) -> bytes:
        """Return the whole body. Raises: Refusal (413) as soon as it is too large, Gone."""
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part = message.get("body", b"")
            size += len(part)
            if size > self.body:
                raise refusal(413, "body", f"has more than {self.body} bytes", fix="send fewer rows at a time")
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    async def _predict(self, name: str, scope: Scope, receive: Receive) -> Reply:
        predictor = self._model(name)
        question = question_of(await self._body(receive))
        if len(question.rows) > self.rows:
            seen, fix = len(question.rows), "send fewer at a time, or use `landmark predict`"
            raise refusal(413, "rows", f"are more than {self.rows}", seen, fix)
        work = partial(predictor.predict, question.rows, units=question.units)
        answers = work() if len(question.rows) <= INLINE else await asyncio.to_thread(work)
        digest, request = predictor.manifest.digest, question.request_id or fresh_id()
        if self.archive is not None:
            inputs, outputs = [as_json(row) for row in question.rows], [as_json(answer) for answer in answers]
            units = as_json(question.units)
            await self._keep(Answered(request, now(), digest, name, _caller(scope), units, inputs, outputs))
        return 200, {"request_id": request, "model": digest, "predictions": answers}

    async def _feedback(self, scope: Scope, receive: Receive) -> Reply:
        if self.archive is None:
            raise refusal(404, "feedback", "no archive is kept here", fix="serve with an archive")
        receipt = await self._keep(Labelled(labels_of(truth_of(await self._body(receive))), now(), _caller(scope)))
        return 200, receipt

    async def _keep(self, entry: Entry) -> Receipt:
        """Return when the entry is on disk. Raises: Refusal when it is not, UserError when it cannot be."""
        assert self.archive is not None, "asked only where there is an archive"
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Outcome] = loop.create_future()
        try:
            self.archive.put(entry, partial(_tell, loop, done))
        except Full as full:
            raise _later("is full", str(full)) from None
        outcome = await done
        if isinstance(outcome, Conflict):
            raise refusal(409, "request_id", "was already used for another question", str(outcome), "choose a new one")
        if isinstance(outcome, UserError):
            raise outcome
        if not isinstance(outcome, Receipt):
            traceback.print_exception(outcome, file=sys.stderr)
            raise _later("cannot be written")
        return outcome


def summary(name: str, manifest: Manifest, standing: Standing) -> dict[str, Any]:
    """Return what a caller needs to know of a model: what it takes and answers, how good it is, who stands for it."""
    return {
        "name": name,
        "model": manifest.digest,
        "rows": manifest.rows,
        "level": manifest.level if standing.signed_by is None else manifest.signed_level,
        "gate": {"passed": standing.passed},
        "signed_by": standing.signed_by,
        "columns": {
            key: {"type": entry.type, "columns": entry.columns, "unit": entry.options.get("unit")}
            for key, entry in manifest.columns.items()
        },
        "outputs": {
            key: entry.model_dump(
                mode="json", include={"type", "task", "labels", "model", "metric", "test", "interval"}
            )
            for key, entry in manifest.outputs.items()
        },
    }


def fresh_id() -> str:
    """Return a request id of 32 hexadecimal digits that starts with the time, so that ids of a day lie together."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def _tell(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    """Hand an outcome from the archive's thread to the event loop; when that has ended nobody waits any more."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, future, outcome)


def _settle(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():  # it is when the caller was cancelled meanwhile
        future.set_result(outcome)


def _later(what: str, seen: str | None = None) -> Refusal:
    error = UserError("archive", what, seen=seen, fix="nothing was kept: ask again a little later")
    return Refusal(503, error, ((b"retry-after", b"1"),))


def _caller(scope: Scope) -> str:
    """Return who asks: the header x-caller where a caller names itself, else its address."""
    named = next((value for key, value in scope["headers"] if key == b"x-caller"), None)
    client = scope.get("client")
    return named.decode("latin-1")[:200] if named else str(client[0]) if client else ""


def _fault(scope: Scope) -> dict[str, Any]:
    """Say to the caller that it is our fault and under which id; say to the operator everything."""
    mark = fresh_id()
    print(f"fault {mark}: {scope['method']} {scope['path']}", file=sys.stderr)
    traceback.print_exc(file=sys.stderr)
    return UserError("server", "a fault of ours", seen=mark, fix="tell its keeper this number").as_json()


async def _send(send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    plain = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": body})


def said(app: App, address: str) -> None:
    """Say on standard error what speaks against the models, and where they answer."""
    for finding in app.findings():
        print(finding, file=sys.stderr)
    print(f"serving {', '.join(app.models)} on {address}", file=sys.stderr, flush=True)


Ready: TypeAlias = Callable[[App, str], None]
"""Is told once that an application takes connections, and where."""


def serve(
    models: Mapping[str, Path] | Sequence[Path],
    host: str = "127.0.0.1",
    port: int = 8000,
    archive: Path = Path(".landmark/archive.sqlite"),
    mode: str = "durable",
    told: Told = unseen,
    ready: Ready = said,
) -> None:
    """Serve model files until the process is told to end, under given names or those of the files; port 0 takes a
    free one.

    Mode durable: every answer is on disk in the archive before it is sent. Mode off: nothing is kept, and no
    feedback taken. What has begun is finished before this returns. Once connections are taken, `ready` is given the
    application, which knows what speaks against a model as far as `told` knows what people said of it, and the address.
    Raises: UserError when a model file is refused, a person rejected it, or the port or the archive cannot be opened.
    """
    import uvicorn

    predictors = named(models)
    standing = standings(predictors, told)
    with _listening(host, port) as listener, _keeping(archive, mode) as kept:
        app = App(predictors, kept, standing=standing)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False))
        with _ended_by_signals(server):
            ready(app, f"http://{host}:{listener.getsockname()[1]}")
            server.run(sockets=[listener])


def named(models: Mapping[str, Path] | Sequence[Path]) -> dict[str, Predictor]:
    """Return model files, opened, by the names they answer to.

    Where none is given, a model answers to the name of its file, and to that of its project unless two share it.
    Raises: UserError for two files of one name.
    """
    if isinstance(models, Mapping):
        return {name: load(path) for name, path in models.items()}
    files: dict[str, Predictor] = {}
    for path in models:
        if path.stem in files:
            raise UserError("serve", f"two models are called '{path.stem}'", seen=str(path), fix="rename one file")
        files[path.stem] = load(path)
    projects = Counter(predictor.manifest.name for predictor in files.values())
    return {p.manifest.name: p for p in files.values() if projects[p.manifest.name] == 1} | files


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections. Raises: UserError.

    Its protocol is said, because asyncio turns off Nagle's delay only then: it costs 40 ms a request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # a port whose last owner has just ended is free
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UserError("serve", f"cannot listen on {host}:{port}", seen=error, fix="choose another port") from error
    return listener


@contextmanager
def _ended_by_signals(server: Any) -> Iterator[None]:
    """Let the signals that end a server end it and not the process: uvicorn raises them again when it has ended,
    before the archive is closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: Any) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _keeping(path: Path, mode: str) -> Iterator[Archive | None]:
    """Yield the archive, or None when nothing is to be kept; close it at the end."""
    if mode == "off":
        yield None
        return
    archive = Archive(path)
    try:
        yield archive
    finally:
        archive.close()
