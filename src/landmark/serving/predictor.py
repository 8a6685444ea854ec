"""One model file in use: rows in, answers out, in the kind of table they came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from landmark.artifacts.manifest import ColumnEntry, Manifest, OutputEntry
from landmark.core.errors import RefusedFile, UserError
from landmark.core.table import Columns
from landmark.graph.check import open_model
from landmark.graph.golden import from_json
from landmark.graph.run import CHUNK, Feeds, distinct, run
from landmark.serving import notebook
from landmark.serving.border import Conversion, border_of, numbered
from landmark.serving.frames import Values, first, is_row, need, receive

WINDOW = 1 << 16
"""Rows whose tensors are held at a time."""
TOKENS = 1 << 16
"""Characters, or items of sets, of one text column in one call: each may become a row of weights for every label."""


def load(path: str | Path) -> Predictor:
    """Return the model file at path, checked and ready. Raises: RefusedFile when it is not to be trusted."""
    return Predictor(path)


class Predictor:
    """A model file in use. It holds no state of its own: the same row has the same answer, in any company.

    `columns` and `outputs` are the file's own description of what it takes and gives; `manifest` is all of it. `path`
    is where the file is, None where only its bytes were given; `session` runs its graph.
    """

    def __init__(self, source: str | Path | bytes) -> None:
        self.path = None if isinstance(source, bytes) else Path(source)
        opened = open_model(source if isinstance(source, bytes) else Path(source))
        self.manifest: Manifest = opened.manifest
        self.session = opened.session
        self._outputs = [tensor.name for tensor in self.session.get_outputs()]
        try:
            self._border = border_of(self.manifest)
        except (UserError, ValidationError) as error:
            where = "the model file" if self.path is None else self.path.name
            fix = "install what it was made with, or open a file that landmark wrote"
            raise RefusedFile(
                where, "says of a column what this landmark does not know", seen=error, fix=fix
            ) from error

    @property
    def columns(self) -> dict[str, ColumnEntry]:
        """Return the inputs by name."""
        return self.manifest.columns

    @property
    def outputs(self) -> dict[str, OutputEntry]:
        """Return the outputs by name."""
        return self.manifest.outputs

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the source columns a table must have; others are ignored."""
        return self._border.columns

    def predict(self, frame: Any, units: Mapping[str, str] | None = None) -> Any:
        """Return the answers to a table, as the same kind of table, rows in order.

        A mapping of single values is one row. A mapping of lists, a list of mappings, a pandas, Polars or Arrow
        table have any number. None, NaN and null are missing. `units` says in which units columns are given,
        where they are not the model's own. An output `y` gives `y`, and `y.p.<label>` where probabilities exist.
        Raises: UserError naming the column, and row and value where there are.
        """
        other_units = self._border.other_units(units or {})
        if isinstance(frame, dict) and self._is_row(frame):
            return first(self._row(frame, other_units))
        if isinstance(frame, list) and len(frame) == 1 and isinstance(frame[0], dict):
            need(frame[0], self.needs, ", row 1")
            return [first(self._row(frame[0], other_units))]
        received = receive(frame, self.needs)
        return received.back(self._rows(received.columns, received.rows, other_units))

    def predict_batches(
        self, batches: Iterable[pa.RecordBatch], units: Mapping[str, str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the answers to batches of rows, one batch each, holding one at a time; one of no rows for none.

        Raises: UserError, as `predict` does, with the row counted over all batches.
        """
        other_units, before = self._border.other_units(units or {}), -1
        for batch in batches:
            received = receive(batch, self.needs)
            before = max(before, 0)
            with numbered(range(before + 1, before + received.rows + 1)):
                answers = self._rows(received.columns, received.rows, other_units)
            before += received.rows
            yield received.back(answers)
        if before < 0:
            yield pa.record_batch(self._nothing())

    def _is_row(self, frame: dict[Any, Any]) -> bool:
        need(frame, self.needs)
        return is_row(frame, self.needs)

    def _row(self, row: Mapping[str, Any], other_units: Mapping[str, Conversion]) -> Columns:
        """Return the answers to one row, the short way."""
        feeds = converted(self._border.feeds_of_row(row), other_units)
        return self._border.answers(dict(zip(self._outputs, self.session.run(self._outputs, feeds), strict=True)))

    def _rows(self, columns: Mapping[str, Values], rows: int, other_units: Mapping[str, Conversion]) -> Columns:
        """Return the answers to all rows, holding the tensors of WINDOW rows at a time."""
        parts = []
        for start in range(0, rows, WINDOW):
            with numbered(range(start + 1, rows + 1)):
                window = {name: values[start : start + WINDOW] for name, values in columns.items()}
                parts.append(self._window(window, other_units))
        if len(parts) == 1:
            return parts[0]
        nothing = self._nothing()
        return {name: pa.concat_arrays([part[name] for part in parts] or [nothing[name]]) for name in nothing}

    def _window(self, columns: Mapping[str, Values], other_units: Mapping[str, Conversion]) -> Columns:
        """Return the answers to some rows: texts by their distinct values where that pays, in chunks otherwise."""
        own, index = distinct(converted(self._border.feeds(columns), other_units))
        tensors = run(self.session, own, self._outputs, chunk_rows(own))
        if index is not None:
            tensors = [tensor[index] for tensor in tensors]
        return self._border.answers(dict(zip(self._outputs, tensors, strict=True)))

    def _nothing(self) -> Columns:
        """Return the answers to no rows: the types are those of the golden ones."""
        golden = self.manifest.golden.answers
        return self._border.answers({name: from_json(golden[name])[:0] for name in self._outputs})

    def _repr_html_(self) -> str:
        return notebook.html(self.manifest)

    def __repr__(self) -> str:
        return f"<landmark model {self.manifest.name!r}: {', '.join(self.columns)} -> {', '.join(self.outputs)}>"


def converted(feeds: Feeds, other_units: Mapping[str, Conversion]) -> Feeds:
    """Return the tensors, those that were given in other units in the model's."""
    return feeds | {name: convert(feeds[name].astype(np.float64)) for name, convert in other_units.items()}


def chunk_rows(feeds: Feeds) -> int:
    """Return how many rows at a time keep a graph's temporaries small, by the longest text or set among them."""
    texts = [tensor for tensor in feeds.values() if tensor.dtype == object]
    lengths = [t.shape[1] if t.ndim > 1 else max(map(len, t.tolist()), default=0) for t in texts]
    return max(1, min(CHUNK, TOKENS // max(1, *lengths, 1)))
