"""The border of a model file: raw values in as tensors, tensors out as answers. All meaning is the data types' own.

A row of plain Python values takes a short way: its columns of one type and one contract go through `wire`
together, as if they were rows of one column, because a call costs far more than a value. What comes out is
what the long way gives: `wire` looks at one row at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from landmark.artifacts.manifest import ColumnEntry, Manifest, OutputEntry
from landmark.core.digest import canonical
from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import Array, Columns, Floats
from landmark.core.units import convert
from landmark.datatypes import DATATYPES, options_of
from landmark.graph.run import Feeds, rows_of
from landmark.serving.frames import NO_ARROW, Values, values_of

Conversion: TypeAlias = Callable[[Floats], Floats]
"""Values (n,) in one unit -> values (n,) in another."""

ROW = re.compile(r", row (\d+)$")


@dataclass(frozen=True)
class Inlet:
    """One input: its data type and options, and the columns it reads.

    Inputs of one `contract` read values alike, and each value by itself; None where there are several columns,
    or tensors as wide as the widest row.
    """

    type: Any
    options: Any
    columns: tuple[str, ...]
    contract: str | None

    def wire(self, columns: Mapping[str, Values]) -> dict[str, Array]:
        """Return the tensors of all rows. Raises: UserError naming column, row and value."""
        own = {name: columns[name] for name in self.columns}
        if any(isinstance(values, list) for values in own.values()):
            return self._several_kinds(own)
        tensors: dict[str, Array] = self.type.wire(own, self.options, True)
        return tensors

    def _several_kinds(self, columns: Mapping[str, Values]) -> dict[str, Array]:
        """Return the tensors of columns whose cells are of several Python types: the rows of each type together."""
        cells = [values if isinstance(values, list) else values.to_pylist() for values in columns.values()]
        groups: dict[tuple[type, ...], list[int]] = {}
        for row, values in enumerate(zip(*cells, strict=True)):
            groups.setdefault(tuple(map(type, values)), []).append(row)
        parts: list[tuple[list[int], dict[str, Array]]] = []
        for rows in groups.values():
            own = {name: values_of([v[row] for row in rows]) for name, v in zip(columns, cells, strict=True)}
            with numbered([row + 1 for row in rows]):
                parts.append((rows, self.type.wire(own, self.options, True)))
        return {name: self._joined([(rows, part[name]) for rows, part in parts]) for name in parts[0][1]}

    def _joined(self, parts: Sequence[tuple[list[int], Array]]) -> Array:
        """Return parts of rows in their places. Raises: UserError where they differ in width."""
        if len({part.shape[1:] for _, part in parts}) > 1:
            raise UserError(self.columns[0], "lists and single values in one column", fix="give lists in every row")
        result = np.empty((sum(len(rows) for rows, _ in parts), *parts[0][1].shape[1:]), parts[0][1].dtype)
        for rows, part in parts:
            result[rows] = part
        return result


@dataclass(frozen=True)
class Outlet:
    """One output: how its tensors become answers."""

    name: str
    type: Any
    options: Any
    labels: tuple[str, ...]

    def present(self, tensors: Mapping[str, Array]) -> Columns:
        """Return the answers of all rows as columns."""
        own = {name: tensors[name] for name in (self.name, f"{self.name}.p") if name in tensors}
        columns: Columns = self.type.present(self.name, own, self.options, self.labels)
        return columns


@dataclass(frozen=True)
class Border:
    """All inputs and outputs of a model file. `columns` are the source columns that are needed, each once.

    `fixed` holds the tensors, of one row, of inputs that nobody gives: what the model's own influence is set to.
    """

    inlets: tuple[Inlet, ...]
    outlets: tuple[Outlet, ...]
    columns: tuple[str, ...]
    fixed: Feeds

    def feeds(self, columns: Mapping[str, Values]) -> Feeds:
        """Return the tensors of all rows. Raises: UserError naming column, row and value."""
        feeds: Feeds = {}
        for inlet in self.inlets:
            feeds |= inlet.wire(columns)
        return feeds | {name: np.repeat(tensor, rows_of(feeds), axis=0) for name, tensor in self.fixed.items()}

    def feeds_of_row(self, row: Mapping[str, Any]) -> Feeds:
        """Return the tensors of one row of Python values, the short way. Raises: UserError."""
        feeds: Feeds = {}
        bundles: dict[tuple[str, type], list[Inlet]] = {}
        for inlet in self.inlets:
            if inlet.contract is None:
                feeds |= _alone(inlet, row)
            else:
                bundles.setdefault((inlet.contract, type(row[inlet.columns[0]])), []).append(inlet)
        for inlets in bundles.values():
            feeds |= _together(inlets, row) or {k: v for inlet in inlets for k, v in _alone(inlet, row).items()}
        return feeds | self.fixed

    def other_units(self, units: Mapping[str, str]) -> dict[str, Conversion]:
        """Return what turns tensors into the model's units, for columns given in other ones. Raises: UserError."""
        found: dict[str, Conversion] = {}
        for column, unit in units.items():
            where = f"units.{column}"
            if column not in self.columns:
                raise UserError(where, "no such column", seen=unit, fix=did_you_mean(column, self.columns))
            wanted = next(getattr(i.options, "unit", None) for i in self.inlets if column in i.columns)
            found[column] = conversion(unit, wanted, where)
        return found

    def answers(self, tensors: Mapping[str, Array]) -> Columns:
        """Return the answers of all rows as columns."""
        return {name: array for outlet in self.outlets for name, array in outlet.present(tensors).items()}


def conversion(unit: str, wanted: str | None, where: str) -> Conversion:
    """Return what turns values in a unit into values in the model's. Raises: UserError where that is none, or another.

    >>> conversion("ms", "s", "units.wait")(np.array([1500.0])).tolist()
    [1.5]
    """
    if wanted is None:
        raise UserError(where, "the model knows no unit for this column", seen=unit, fix="leave it out")
    convert(np.empty(0), unit, wanted, where)
    return partial(convert, given=unit, wanted=wanted, where=where)


def border_of(manifest: Manifest) -> Border:
    """Return the border a manifest describes, in its order."""
    inlets = tuple(_inlet(entry) for entry in manifest.columns.values() if not entry.fixed)
    fixed: Feeds = {}
    for entry in manifest.columns.values():
        if entry.fixed:
            usual = {name: pa.array([value], pa.string()) for name, value in entry.fixed.items()}
            fixed |= DATATYPES[entry.type].wire(usual, options_of(entry), True)
    outlets = tuple(_outlet(name, entry) for name, entry in manifest.outputs.items())
    return Border(inlets, outlets, tuple(dict.fromkeys(c for inlet in inlets for c in inlet.columns)), fixed)


def _inlet(entry: ColumnEntry) -> Inlet:
    module, options = DATATYPES[entry.type], options_of(entry)
    nothing = module.wire({name: pa.array([], pa.string()) for name in entry.columns}, options, True)
    own = len(entry.columns) == 1 and all(0 not in tensor.shape[1:] for tensor in nothing.values())
    return Inlet(module, options, entry.columns, canonical([entry.type, entry.options]) if own else None)


def _outlet(name: str, entry: OutputEntry) -> Outlet:
    module = DATATYPES[entry.type]
    return Outlet(name, module, module.Options.model_validate(entry.options), entry.labels)


@contextmanager
def numbered(actual: Sequence[int]) -> Iterator[None]:
    """Raise mistakes of the block, which counts rows from 1, under the numbers the rows actually have."""
    try:
        yield
    except UserError as error:
        found = ROW.search(error.where)
        if found is None:
            raise
        where = f"{error.where[: found.start()]}, row {actual[int(found[1]) - 1]}"
        raise UserError(where, error.what, seen=error.seen, fix=error.fix) from None


def _alone(inlet: Inlet, row: Mapping[str, Any]) -> Feeds:
    """Return the tensors of one input of one row."""
    return inlet.wire({name: values_of([row[name]]) for name in inlet.columns})


def _together(inlets: Sequence[Inlet], row: Mapping[str, Any]) -> Feeds | None:
    """Return the tensors of inputs of one contract, whose values in row are of one Python type; None if refused."""
    first, *_ = inlets
    try:
        array = pa.array([row[inlet.columns[0]] for inlet in inlets], from_pandas=True)
        tensors = first.type.wire({first.columns[0]: array}, first.options, True)
    except (UserError, *NO_ARROW):
        return None
    start = len(first.columns[0])
    return {
        f"{inlet.columns[0]}{name[start:]}": tensor[i : i + 1]
        for name, tensor in tensors.items()
        for i, inlet in enumerate(inlets)
    }
