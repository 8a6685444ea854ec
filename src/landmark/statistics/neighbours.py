"""Rows as points, each column with about the same say, and what the labels of the nearest ones are.

A number is its rank, spread over a few overlapping parts of the range; a kind is a place of its own; a text, its words
and pairs of words, hashed. Nothing is fitted, and the target is not looked at.
"""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from landmark.core.table import Floats, Ints, as_text
from landmark.statistics.agreement import ranks
from landmark.statistics.association import codes
from landmark.statistics.overlap import plain

Points: TypeAlias = npt.NDArray[np.float32]

PARTS, KINDS, WORDS = 8, 40, 512
"""Parts of a range, most frequent kinds with a place of their own, and places for words."""
OF_TEXT = 1.5
"""How much more say a text has than another column: it tells more."""
NEAREST = 15


def of_numbers(x: Floats) -> Points:
    """Return numbers (n,) as points (n, PARTS + 1) of length 1; a missing one has the last place."""
    place = ranks(x)[:, None]
    middles = (np.arange(PARTS) + 0.5) / PARTS
    near = np.exp(-0.5 * np.square((place - middles) * PARTS / 0.8))
    near = np.where(np.isnan(place), 0.0, near / np.sqrt(np.square(near).sum(axis=1, keepdims=True)))
    return np.column_stack([near, np.isnan(x)]).astype(np.float32)


def of_kinds(values: pa.Array) -> Points:
    """Return kinds (n,) as points (n, KINDS + 1) of length 1; rare ones and missing ones share the last place."""
    found = codes(values)
    sizes = np.bincount(found[found >= 0], minlength=1)
    places = np.full(len(sizes) + 1, KINDS)
    frequent = np.argsort(-sizes, kind="stable")[:KINDS]
    places[frequent] = np.arange(len(frequent))
    points = np.zeros((len(found), KINDS + 1), np.float32)
    points[np.arange(len(found)), places[found]] = 1.0
    return points


def of_texts(values: pa.Array) -> Points:
    """Return texts (n,) as points (n, WORDS) of length OF_TEXT; words of many texts count less."""
    points = np.zeros((len(values), WORDS), np.float32)
    for row, text in enumerate(plain(as_text(values)).to_pylist()):
        words = (text or "").split()
        for word in (*words, *map(" ".join, pairwise(words))):
            points[row, zlib.crc32(word.encode()) % WORDS] += 1
    points = np.log1p(points) * np.log((1 + len(points)) / (1 + np.count_nonzero(points, axis=0)))
    return np.asarray(OF_TEXT * points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9), np.float32)


def votes(points: Points, labels: Ints) -> tuple[Ints, Floats]:
    """Return for each row (n,) the commonest label of its nearest rows, itself left out, and the share that has it."""
    alike = points @ points.T
    lengths = np.diag(alike)
    apart = lengths[:, None] + lengths - 2 * alike
    np.fill_diagonal(apart, np.inf)
    nearest = np.argpartition(apart, NEAREST, axis=1)[:, :NEAREST]
    said = np.sort(labels[nearest], axis=1)
    counts = np.stack([(said == said[:, [i]]).sum(axis=1) for i in range(NEAREST)], axis=1)
    most = counts.argmax(axis=1)
    rows = np.arange(len(labels))
    return said[rows, most], counts[rows, most] / NEAREST
