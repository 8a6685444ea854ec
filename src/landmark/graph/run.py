"""Runs a graph on many rows: text by its distinct values, numbers in chunks.

Feeding a million strings costs the marshalling of a million strings; feeding the distinct ones and taking
by index costs a tenth of it. Chunks keep the temporaries of numeric graphs in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnxruntime as ort

from landmark.core.table import Array

Feeds: TypeAlias = dict[str, Array]
CHUNK = 10_000


def session(model: onnx.ModelProto | bytes, threads: int = 1) -> ort.InferenceSession:
    """Return a session of one intra-op thread: more of them spin and double the CPU time of small graphs."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised; its own log would print it once more
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    content = model if isinstance(model, bytes) else model.SerializeToString()
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def rows_of(feeds: Feeds) -> int:
    """Return the number of rows, which all feeds share."""
    return len(next(iter(feeds.values())))


def chunks(feeds: Feeds, size: int = CHUNK) -> Iterator[Feeds]:
    """Yield the feeds a chunk of rows at a time; at least one chunk, so that shapes are known for no rows."""
    for start in range(0, max(rows_of(feeds), 1), size):
        yield {name: array[start : start + size] for name, array in feeds.items()}


def run(session: ort.InferenceSession, feeds: Feeds, outputs: list[str] | None = None, size: int = CHUNK) -> list[Any]:
    """Return the outputs of all rows, computed chunk by chunk; every output must have rows first."""
    names = outputs or [output.name for output in session.get_outputs()]
    parts = [session.run(names, chunk) for chunk in chunks(feeds, size)]
    return [np.concatenate([part[i] for part in parts]) if len(parts) > 1 else parts[0][i] for i in range(len(names))]


def distinct(feeds: Feeds) -> tuple[Feeds, Array | None]:
    """Return one text input's distinct values and, for each row, which of them it is; None where it does not pay."""
    if len(feeds) != 1:
        return feeds, None
    ((name, array),) = feeds.items()
    if array.dtype != object or array.ndim != 1 or len(array) < 100:
        return feeds, None
    seen: dict[str, int] = {}
    index = np.fromiter((seen.setdefault(text, len(seen)) for text in array), np.int64, len(array))
    if len(seen) > 0.8 * len(array):
        return feeds, None
    return {name: np.array(list(seen), dtype=object)}, index
