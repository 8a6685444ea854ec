"""Named slices: the rows where some columns have some values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from landmark.core.table import Array, as_text, is_text, parse_numbers, whole

MOST_VALUES = 10
"""A number with more distinct values than this is cut at the quartiles of the training rows."""
MOST_SLICES = 50


def named_slices(names: Sequence[Sequence[str]], train: pa.Table, rows: pa.Table) -> dict[str, Array]:
    """Return slice -> bool (n,) over rows, largest first within each set of columns.

    A slice's name reads `app = web, country = DE`. Edges of numbers come from training rows.
    """
    found: dict[str, Array] = {}
    for columns in names:
        labels = [slice_labels(column, train, rows) for column in columns]
        joint = np.array([", ".join(parts) for parts in zip(*labels, strict=True)], dtype=object)
        values, counts = np.unique(joint, return_counts=True)
        for i in np.argsort(-counts, kind="stable")[:MOST_SLICES]:
            found[str(values[i])] = joint == values[i]
    return found


def slice_labels(column: str, train: pa.Table, rows: pa.Table) -> list[str]:
    """Return for each row what it is called in a slice by this column."""
    cells = whole(rows.column(column))
    teaching = numbers(whole(train.column(column)))
    values = numbers(cells)
    if teaching is not None and values is not None and len(np.unique(teaching[np.isfinite(teaching)])) > MOST_VALUES:
        edges = np.unique(np.nanquantile(teaching[np.isfinite(teaching)], [0.25, 0.5, 0.75]))
        return [between(column, edges, value) for value in values]
    return [f"{column} = {'(missing)' if text is None else text}" for text in as_text(cells).to_pylist()]


def numbers(cells: pa.Array) -> Array | None:
    """Return cells as float64 (n,), or None where they are not numbers."""
    if is_text(cells.type):
        values, odd = parse_numbers(cells)
        return None if odd.any() else values
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        return np.asarray(cells.cast(pa.float64()).to_numpy(zero_copy_only=False))
    return None


def between(column: str, edges: Array, value: float) -> str:
    """Return the name of the quarter that value lies in."""
    if not np.isfinite(value):
        return f"{column} = (missing)"
    i = int(np.searchsorted(edges, value, side="left"))
    if i == 0:
        return f"{column} <= {edges[0]:.6g}"
    return f"{column} > {edges[-1]:.6g}" if i == len(edges) else f"{edges[i - 1]:.6g} < {column} <= {edges[i]:.6g}"
