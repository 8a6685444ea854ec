"""The only way a model file is opened. Until every check has passed, nothing of it is executed.

A model file is an ONNX model, its BODY, followed by 85 bytes: one more entry of the model's metadata, with the key
`landmark.digest` and as its value the sha256 of BODY in 64 hexadecimal digits. So the whole is a valid ONNX model
too, and anyone can verify it: `head -c -85 model.onnx | sha256sum` prints its last 64 characters.

BODY holds the manifest, as JSON under the key `landmark`, with an empty digest; the order of its columns and outputs
is that of the table. The digest tells damage, not authorship: whoever changes a file can seal it anew, so every other
check assumes that somebody did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper
from onnxruntime.capi import onnxruntime_pybind11_state as runtime
from pydantic import ValidationError

from landmark.artifacts.manifest import FORMAT, Manifest
from landmark.core.digest import of_bytes
from landmark.core.errors import RefusedFile
from landmark.core.table import Array
from landmark.graph.builder import IR_VERSION, KINDS, OPSETS
from landmark.graph.golden import from_json
from landmark.graph.operators import bounded
from landmark.graph.run import Feeds, rows_of, session
from landmark.graph.wire import Unsound, scan

MANIFEST, DIGEST = "landmark", "landmark.digest"
METADATA_TAG = 14 << 3 | 2
"""The tag of the field `metadata_props` of a ModelProto."""
MOST_BYTES = 512 << 20
MOST_MANIFEST = 32 << 20
MOST_GOLDEN_ROWS = 64
MOST_GOLDEN_TEXT = 1000
"""Characters: what a row costs may grow with the square of its text."""
EXACT = 1e-9
"""The relative difference allowed between a recorded answer and today's."""
FAULTS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(runtime).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises; its own exceptions share no base."""
DAMAGED = "copy the file again, or train the model anew"
FOREIGN = "open a file that landmark wrote"


class Opened(NamedTuple):
    """A model file that passed every check: its graph, what it says of itself, and a session that runs it."""

    model: onnx.ModelProto
    manifest: Manifest
    session: Any


def seal(model: onnx.ModelProto, manifest: Manifest) -> bytes:
    """Return the bytes of a model file: the model with its manifest, and the digest of both behind them."""
    body = onnx.ModelProto()
    body.CopyFrom(model)
    record = manifest.model_copy(update={"digest": ""}).model_dump(mode="json")
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    helper.set_model_props(body, {MANIFEST: text})
    content: bytes = body.SerializeToString(deterministic=True)
    return content + _trailer(of_bytes(content))


def digest_of(content: bytes) -> str:
    """Return the digest that a model file should end with: that of everything before its last entry."""
    return of_bytes(content[:-TRAILER])


def open_model(source: Path | bytes, threads: int = 1) -> Opened:
    """Return a model file, verified. Raises: RefusedFile naming the file, what is wrong, and what to do."""
    where = "the model file" if isinstance(source, bytes) else source.name
    content = source if isinstance(source, bytes) else _read(source)
    digest = _verified(content, where)
    with _refusing(where):
        scan(content)
        model = onnx.ModelProto.FromString(content)
        _pinned(model)
        manifest = _manifest(model)
        bounded(model.graph)
        rows, answers = _border(model.graph, manifest)
        engine = session(content, threads)
        _replay(engine, rows, answers)
    return Opened(model, manifest.model_copy(update={"digest": digest}), engine)


def _trailer(digest: str) -> bytes:
    """Return the metadata entry of a digest as the bytes that it is in the file."""
    entry: bytes = onnx.StringStringEntryProto(key=DIGEST, value=digest).SerializeToString(deterministic=True)
    return bytes([METADATA_TAG, len(entry)]) + entry


TRAILER = len(_trailer(of_bytes(b"")))


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise RefusedFile(path.name, f"larger than {MOST_BYTES >> 20} MiB", seen=f"{size:,} bytes", fix=FOREIGN)
        return path.read_bytes()
    except OSError as error:
        raise RefusedFile(path.name, "cannot be read", seen=error.strerror, fix="check the path") from error


def _verified(content: bytes, where: str) -> str:
    """Return the digest at the end of a file. Raises: RefusedFile unless it is that of the rest."""
    digest = content[-64:].decode("ascii", "replace")
    if len(content) <= TRAILER or content[-TRAILER:] != _trailer(digest):
        seen = f"{len(content):,} bytes"
        raise RefusedFile(where, "not a whole model file: it does not end with a digest", seen=seen, fix=DAMAGED)
    if digest_of(content) != digest:
        raise RefusedFile(where, "damaged or changed: its content has another digest", seen=digest, fix=DAMAGED)
    return digest


@contextmanager
def _refusing(where: str) -> Iterator[None]:
    """Turn whatever is found wrong inside into a refusal."""
    try:
        yield
    except Unsound as flaw:
        raise RefusedFile(where, f"refused: {flaw}", fix=FOREIGN) from flaw
    except (DecodeError, ValidationError, RecursionError) as error:
        raise RefusedFile(where, "not in the format of a model file", seen=_first_line(error), fix=FOREIGN) from error
    except FAULTS as error:
        raise RefusedFile(where, "ONNX Runtime cannot run it", seen=_first_line(error), fix=FOREIGN) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _pinned(model: onnx.ModelProto) -> None:
    """Raises: Unsound unless the versions are the ones that were tried."""
    opsets = sorted((opset.domain, opset.version) for opset in model.opset_import)
    if model.ir_version != IR_VERSION or opsets != sorted(OPSETS):
        raise Unsound(f"IR {model.ir_version} with {opsets}, not IR {IR_VERSION} with {sorted(OPSETS)}")
    keys = [entry.key for entry in model.metadata_props]
    if keys != [MANIFEST, DIGEST]:
        raise Unsound(f"its metadata are {keys[:5]}, not {[MANIFEST, DIGEST]}")


def _manifest(model: onnx.ModelProto) -> Manifest:
    """Return the manifest. Raises: Unsound, ValidationError, RecursionError."""
    text = model.metadata_props[0].value
    if len(text) > MOST_MANIFEST:
        raise Unsound(f"a manifest of more than {MOST_MANIFEST >> 20} MiB")
    try:
        record = json.loads(text)
    except ValueError as error:
        raise Unsound(f"its manifest is no JSON: {error}") from error
    version = record.get("format") if isinstance(record, dict) else None
    if version != FORMAT:
        raise Unsound(f"it is of format {str(version)[:20]}, and this landmark reads format {FORMAT}")
    return Manifest.model_validate(record)


def _border(graph: onnx.GraphProto, manifest: Manifest) -> tuple[Feeds, Feeds]:
    """Return the golden rows and their answers. Raises: Unsound unless graph, manifest and golden rows agree."""
    inputs, outputs = ([tensor.name for tensor in side] for side in (graph.input, graph.output))
    told = [name for column in manifest.columns.values() for name in column.tensors]
    if sorted(told) != sorted(inputs):
        raise Unsound("its inputs are not those of its manifest: " + _differing(told, inputs))
    named = {ending for name in manifest.outputs for ending in (name, f"{name}.p")}
    if not set(manifest.outputs) <= set(outputs) <= named or len(set(outputs)) != len(outputs):
        odd = {*manifest.outputs, *outputs} - (named & set(outputs))
        raise Unsound("its outputs are not those of its manifest: " + _differing(odd, ()))
    rows, answers = _tensors(manifest.golden.rows), _tensors(manifest.golden.answers)
    if set(rows) != set(inputs) or set(answers) != set(outputs):
        raise Unsound("its golden rows have other tensors: " + _differing({**rows, **answers}, inputs + outputs))
    counts = {array.shape[0] if array.ndim else 0 for array in (*rows.values(), *answers.values())}
    if len(counts) != 1 or not 0 < min(counts) <= MOST_GOLDEN_ROWS:
        raise Unsound(f"it has {sorted(counts)} golden rows, not 1 to {MOST_GOLDEN_ROWS}")
    if any(
        len(str(cell)) > MOST_GOLDEN_TEXT for array in rows.values() if array.dtype == object for cell in array.flat
    ):
        raise Unsound(f"a golden row has a text of more than {MOST_GOLDEN_TEXT} characters")
    return rows, answers


def _tensors(recorded: dict[str, Any]) -> Feeds:
    """Return golden tensors. Raises: Unsound where one is of no kind that a graph has, or cannot be read."""
    try:
        strange = [tensor["kind"] for tensor in recorded.values() if tensor["kind"] not in KINDS]
        if strange:
            raise Unsound(f"a golden row is of kind {strange[0]}")
        return {name: from_json(tensor) for name, tensor in recorded.items()}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unsound(f"its golden rows cannot be read: {error}") from error


def _differing(one: Iterable[str], other: Iterable[str]) -> str:
    """Return the names that stand on one side only."""
    return ", ".join(sorted(set(one) ^ set(other))[:5]) or "a name twice"


def _replay(engine: Any, rows: Feeds, answers: Feeds) -> None:
    """Run the golden rows one at a time, as in service. Raises: Unsound where an answer is another."""
    names = list(answers)
    for i in range(rows_of(rows)):
        given = engine.run(names, {name: array[i : i + 1] for name, array in rows.items()})
        for name, got in zip(names, given, strict=True):
            if not _alike(np.asarray(got), answers[name][i : i + 1]):
                raise Unsound(f"golden row {i + 1} has another '{name}' than when the file was written")


def _alike(got: Array, want: Array) -> bool:
    """Return whether answers are the same, numbers within EXACT, NaN and infinities in the same places."""
    if got.shape != want.shape or (got.dtype == object) != (want.dtype == object):
        return False
    if got.dtype.kind == "f":
        return np.allclose(got, want.astype(np.float64), rtol=EXACT, atol=1e-12, equal_nan=True)
    return np.array_equal(got, want)
