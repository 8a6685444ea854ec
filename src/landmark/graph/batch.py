"""Runs the transform over many rows and hands models their features as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from landmark.artifacts.features import Batch, Feature, Role
from landmark.artifacts.transform import Transform
from landmark.graph.bags import csr
from landmark.graph.compose import PREDICTION
from landmark.graph.run import CHUNK, Feeds, chunks, distinct, rows_of, run, session

TOKEN_CHUNK = 128
"""Rows of text at a time: each token of a row brings a row of weights, as wide as there are labels."""


def batch_of(transform: Transform, feeds: Feeds) -> Batch:
    """Return the features of all rows; feeds are the wire tensors of every input of the schema."""
    arrays: dict[str, Any] = {}
    for name, part in transform.parts.items():
        arrays |= _run(part, [feature for feature in transform.features if feature.part == name], feeds)
    return Batch(transform.features, arrays, rows_of(feeds))


def _run(part: bytes, features: list[Feature], feeds: Feeds) -> dict[str, Any]:
    """Return the arrays of one part: text once for each distinct value, everything in chunks of rows."""
    engine = session(part)
    own, index = distinct({tensor.name: feeds[tensor.name] for tensor in engine.get_inputs()})
    size = chunk_rows(features)
    pieces: dict[str, list[Any]] = {feature.name: [] for feature in features}
    for chunk in chunks(own, size):
        out = dict(zip([tensor.name for tensor in engine.get_outputs()], engine.run(None, chunk), strict=True))
        for feature in features:
            weights = None if feature.weight is None else out[feature.weight]
            pieces[feature.name].append(
                out[feature.value] if weights is None else csr(out[feature.value], weights, feature.size)
            )
    arrays = {name: _join(piece) for name, piece in pieces.items()}
    return arrays if index is None else {name: array[index] for name, array in arrays.items()}


def chunk_rows(features: Iterable[Feature]) -> int:
    """Return how many rows at a time keep the temporaries of a graph small."""
    return TOKEN_CHUNK if any(feature.role == Role.TOKENS for feature in features) else CHUNK


def predict(model: bytes, features: Iterable[Feature], feeds: Feeds) -> Any:
    """Return the prediction (n, width) of a `compose.scorer` graph for all rows."""
    engine = session(model)
    own = {tensor.name: feeds[tensor.name] for tensor in engine.get_inputs()}
    return run(engine, own, [PREDICTION], chunk_rows(features))[0]


def _join(pieces: list[Any]) -> Any:
    """Return pieces of rows as one array, dense or sparse."""
    if len(pieces) == 1:
        return pieces[0]
    if isinstance(pieces[0], np.ndarray):
        return np.concatenate(pieces)
    from scipy.sparse import vstack

    return vstack(pieces, format="csr")
