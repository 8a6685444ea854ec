"""Laws of data types: what every type keeps, whoever wrote it.

A law takes a module of the family and some raw rows, and asserts. Rows are tuples of one raw value per column,
drawn from the type's own example and from its STRANGE values. The author of a type in another package runs them
as `tests/test_laws.py` does: `for law in LAWS: law(module, mixture(module, range(40)))`. Types that can be
predicted keep the laws of `landmark.laws.targets` too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import onnxruntime as ort
import pyarrow as pa

from landmark.artifacts.features import FIRST, KIND, MISSING, Feature, Role
from landmark.core.errors import UserError
from landmark.core.options import ColumnOptions
from landmark.core.seeds import generator
from landmark.core.table import Columns, Mask, is_text
from landmark.datatypes import DATATYPES, Likeness
from landmark.graph.bags import csr
from landmark.graph.builder import Graph
from landmark.graph.run import Feeds, chunks, session

Row: TypeAlias = tuple[Any, ...]
Law: TypeAlias = Callable[[Any, Sequence[Row]], None]

NAMES = {1: ("column",), 2: ("latitude", "longitude")}
"""The names of the columns, by how many there are."""

EXAMPLE_ROWS = 200


class Fit(NamedTuple):
    """A data type fitted on its own example, and its graph."""

    columns: Columns
    options: Any
    state: Any
    features: tuple[Feature, ...]
    engine: ort.InferenceSession


# --- rows -------------------------------------------------------------------------------------------------------


def mixture(module: Any, picks: Iterable[int]) -> list[Row]:
    """Return rows picked by number from the strange ones followed by those of the example; any number is good."""
    rows = [*strange_rows(module), *_rows(_example(module))]
    return [rows[pick % len(rows)] for pick in picks]


def strange_rows(module: Any) -> list[Row]:
    """Return the type's STRANGE values as rows."""
    return [row if module.COLUMNS > 1 else (row,) for row in module.STRANGE]


def as_columns(rows: Sequence[Row], names: Sequence[str], like: Columns | None = None) -> Columns:
    """Return raw rows as Arrow columns: of the type that they have by themselves, else of that in `like`, else text."""
    return {name: _as_array([row[i] for row in rows], like and like[name].type) for i, name in enumerate(names)}


def _as_array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    for wanted in (None, kind):
        try:
            return pa.array(values, wanted)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            continue
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _rows(columns: Columns) -> list[Row]:
    return list(zip(*(array.to_pylist() for array in columns.values()), strict=True))


@cache
def _example(module: Any) -> Columns:
    columns: Columns = module.example(generator(0, module.__name__), EXAMPLE_ROWS, NAMES[module.COLUMNS])
    return columns


# --- fits -------------------------------------------------------------------------------------------------------


def likeness(module: Any, columns: Columns) -> Likeness:
    """Return what a type says of columns, from one pass over them."""
    from landmark.statistics.summary import profile

    seen = profile(pa.table(columns))
    said: Likeness = module.likeness([seen.columns[name] for name in columns])
    return said


def options_for(module: Any, columns: Columns) -> Any:
    """Return the options that the columns themselves suggest."""
    physical = str(next(iter(columns.values())).type)
    return module.Options(physical=physical, **likeness(module, columns).options)


@cache
def fitted(module: Any) -> Fit:
    """Return a type fitted on its example, once for all laws."""
    columns = _example(module)
    options = options_for(module, columns)
    state = module.fit(columns, options)
    model, features = build(module, options, state, columns)
    return Fit(columns, options, state, features, session(model))


def build(module: Any, options: Any, state: Any, columns: Columns) -> tuple[bytes, tuple[Feature, ...]]:
    """Return the graph of a type, from wire tensors to the tensors of its features."""
    g = Graph()
    none = {name: array.slice(0, 0) for name, array in columns.items()}
    for name, array in module.wire(none, options, False).items():
        free = [size or f"{name}.{axis}" for axis, size in enumerate(array.shape[1:])]
        g.input(name, "string" if array.dtype == object else array.dtype.name, ("N", *free))
    made = tuple(module.graph(g, "feature", {name: name for name in g.inputs}, state))
    named = []
    for i, feature in enumerate(made):
        out = feature.model_copy(update={"value": f"out{i}", "weight": feature.weight and f"weight{i}"})
        for inner, (name, kind, shape) in zip((feature.value, feature.weight), out.tensors(), strict=False):
            g.output(name, str(inner), kind, shape)
        named.append(out)
    return g.build().SerializeToString(deterministic=True), tuple(named)


def transformed(fit: Fit, feeds: Feeds, size: int = 1000) -> dict[str, Any]:
    """Return the arrays of all features of rows fed `size` at a time; TOKENS as bags."""
    names = [output.name for output in fit.engine.get_outputs()]
    parts = [dict(zip(names, fit.engine.run(names, chunk), strict=True)) for chunk in chunks(feeds, size)]
    arrays: dict[str, Any] = {}
    for feature in fit.features:
        if feature.weight is None:
            arrays[feature.name] = np.concatenate([part[feature.value] for part in parts])
        else:
            bags = [csr(part[feature.value], part[feature.weight], feature.size) for part in parts]
            arrays[feature.name] = np.concatenate([bag.toarray() for bag in bags])
    return arrays


def same(left: dict[str, Any], right: dict[str, Any], why: str) -> None:
    """Assert that arrays are the same to the bit; NaN equals NaN."""
    for name, array in left.items():
        np.testing.assert_array_equal(array, right[name], err_msg=f"{name}: {why}", strict=True)


def rows_with_a_value(columns: Columns) -> Mask:
    """Return which rows (n,) have a value in every column."""
    valid = [array.is_valid().to_numpy(zero_copy_only=False) for array in columns.values()]
    return np.asarray(np.logical_and.reduce(valid))


def _wired(module: Any, rows: Sequence[Row]) -> Feeds:
    fit = fitted(module)
    tensors: Feeds = module.wire(as_columns(rows, tuple(fit.columns), fit.columns), fit.options, False)
    return tensors


# --- laws -------------------------------------------------------------------------------------------------------


def provides_what_is_promised(module: Any, rows: Sequence[Row]) -> None:
    """Options have defaults, a JSON schema and a description each; STRANGE values fit the columns."""
    assert issubclass(module.Options, ColumnOptions)
    assert module.COLUMNS in NAMES and module.STRANGE
    assert all(len(row) == module.COLUMNS for row in strange_rows(module))
    schema = module.Options.model_json_schema()
    json.dumps(schema)
    assert all(field.get("description") for field in schema["properties"].values())
    options = fitted(module).options
    assert module.Options.model_validate_json(options.model_dump_json()) == options


def keeps_its_state_as_json(module: Any, rows: Sequence[Row]) -> None:
    """A state is frozen, and the same after it was written and read; so is the graph made of it."""
    fit = fitted(module)
    again = type(fit.state).model_validate_json(fit.state.model_dump_json())
    assert again == fit.state and fit.state.model_config.get("frozen")
    first, second = (build(module, fit.options, state, fit.columns)[0] for state in (fit.state, again))
    assert first == second


def learns_the_same_in_any_order(module: Any, rows: Sequence[Row]) -> None:
    """Neither the order of the training rows nor another try changes a state."""
    fit = fitted(module)
    turned = {name: array[::-1] for name, array in fit.columns.items()}
    assert module.fit(fit.columns, fit.options) == fit.state
    assert module.fit(turned, fit.options) == fit.state


def learns_from_few_rows(module: Any, rows: Sequence[Row]) -> None:
    """Rows without a value, or none at all, can be learnt from, and the graph still runs."""
    fit = fitted(module)
    for size in (0, 1, 3):
        gone = {name: pa.nulls(size, array.type) for name, array in fit.columns.items()}
        model, features = build(module, fit.options, module.fit(gone, fit.options), fit.columns)
        alone = fit._replace(features=features, engine=session(model))
        tensors = module.wire(fit.columns, fit.options, False)
        assert features and all(len(array) == EXAMPLE_ROWS for array in transformed(alone, tensors).values())


def wires_the_same_tensors(module: Any, rows: Sequence[Row]) -> None:
    """Names, kinds and dimensions are the same of no rows, of rows without a value, and of any rows."""
    fit = fitted(module)
    none = {name: array.slice(0, 0) for name, array in fit.columns.items()}
    fixed = module.wire(none, fit.options, False)
    assert set(fit.columns) <= set(fixed) and next(iter(fixed)) == next(iter(fit.columns))
    absent = {name: pa.nulls(2) for name in fit.columns}
    for tensors, count in ((_wired(module, rows), len(rows)), (module.wire(absent, fit.options, True), 2)):
        assert list(tensors) == list(fixed)
        for name, array in tensors.items():
            assert array.dtype == fixed[name].dtype and array.ndim == fixed[name].ndim and len(array) == count
            assert array.dtype in (np.float64, np.int64, np.uint8, np.object_)
            pairs = zip(array.shape[1:], fixed[name].shape[1:], strict=True)
            assert all(free in (0, size) for size, free in pairs)
            assert array.dtype != object or all(type(text) is str for text in array.ravel())


def reads_a_value_in_any_clothes(module: Any, rows: Sequence[Row]) -> None:
    """A text is the same as a large text, as a text of a dictionary and in a column that starts further on."""
    fit = fitted(module)
    texts = {name: array for name, array in fit.columns.items() if is_text(array.type)}
    want = module.wire(fit.columns, fit.options, True)
    for dress in (pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        dressed = fit.columns | {name: array.cast(dress) for name, array in texts.items()}
        same(module.wire(dressed, fit.options, True), want, str(dress))
    shifted = {name: pa.concat_arrays([array[:5], array])[5:] for name, array in fit.columns.items()}
    same(module.wire(shifted, fit.options, True), want, "sliced")


def survives_strange_values(module: Any, rows: Sequence[Row]) -> None:
    """Each strange value alone, in its own type: the graph takes it; strictly read, it is read or refused by name."""
    fit = fitted(module)
    for row in strange_rows(module):
        columns = as_columns([row], tuple(fit.columns))
        transformed(fit, module.wire(columns, fit.options, False))
        try:
            module.wire(columns, fit.options, True)
        except UserError as error:
            assert error.where in [f"{name}, row 1" for name in columns], error
            assert error.seen is not None and "\n" not in error.line()


def keeps_its_word(module: Any, rows: Sequence[Row]) -> None:
    """Features are named once, and of the kind, width and vocabulary that they declare."""
    fit = fitted(module)
    assert len({feature.name for feature in fit.features}) == len(fit.features) > 0
    names = [output.name for output in fit.engine.get_outputs()]
    tensors = dict(zip(names, fit.engine.run(names, _wired(module, rows)), strict=True))
    for feature in fit.features:
        assert set(feature.columns) <= set(fit.columns)
        array = tensors[feature.value]
        assert array.dtype == KIND[feature.role] and len(array) == len(rows)
        unlabelled = 0 if feature.role in (Role.VALUES, Role.PIXELS) else FIRST
        assert len(feature.labels) in (0, feature.size - unlabelled)
        if feature.role == Role.VALUES:
            assert array.shape == (len(rows), feature.size) and (feature.size == 2 or not feature.turn)
        elif feature.role in (Role.CODES, Role.TOKENS):
            assert array.size == 0 or (array.min() >= MISSING and array.max() < feature.size)
            assert array.ndim == (1 if feature.role == Role.CODES else 2)
        else:
            assert array.shape == (len(rows), *feature.shape) and feature.shape[-1] == feature.size
        if feature.weight is not None:
            assert tensors[feature.weight].shape == array.shape and not tensors[feature.weight][array == 0].any()


def judges_every_row_alone(module: Any, rows: Sequence[Row]) -> None:
    """What becomes of a row depends neither on its neighbours nor on how many are fed at a time, to the bit."""
    fit, feeds = fitted(module), _wired(module, rows)
    whole = transformed(fit, feeds)
    for size in (1, 7):
        same(transformed(fit, feeds, size), whole, f"{size} rows at a time")
    many = {name: np.concatenate([array] * (1000 // len(rows) + 1)) for name, array in feeds.items()}
    same({name: array[: len(rows)] for name, array in transformed(fit, many).items()}, whole, "1000 rows at a time")
    turned = transformed(fit, {name: array[::-1] for name, array in feeds.items()})
    same({name: array[::-1] for name, array in turned.items()}, whole, "in turned order")


def reads_one_row_as_many(module: Any, rows: Sequence[Row]) -> None:
    """A row read alone, as a server does, is the row read among many, as training does."""
    fit = fitted(module)
    whole = transformed(fit, module.wire(fit.columns, fit.options, True))
    for i in range(0, EXAMPLE_ROWS, 9):
        one = {name: array.slice(i, 1) for name, array in fit.columns.items()}
        alone = transformed(fit, module.wire(one, fit.options, True))
        same(
            {name: array[:1] for name, array in alone.items()}, {n: a[i : i + 1] for n, a in whole.items()}, f"row {i}"
        )


def tells_missing_apart(module: Any, rows: Sequence[Row]) -> None:
    """No row with a value looks like a row without one."""
    fit = fitted(module)
    absent = transformed(
        fit, module.wire({name: pa.nulls(1, a.type) for name, a in fit.columns.items()}, fit.options, True)
    )
    whole = transformed(fit, module.wire(fit.columns, fit.options, True))
    given = rows_with_a_value(fit.columns)
    assert given.any() and not given.all(), "an example has rows with and without a value"
    alike = np.all([[np.array_equal(row, a[0], equal_nan=True) for row in whole[n]] for n, a in absent.items()], axis=0)
    np.testing.assert_array_equal(alike, ~given)


def knows_itself(module: Any, rows: Sequence[Row]) -> None:
    """No other type of the family is as sure of a type's example as the type itself; all say 0 to 1 and why."""
    columns = fitted(module).columns
    said = {name: likeness(other, columns) for name, other in DATATYPES.items() if other.COLUMNS == module.COLUMNS}
    own = likeness(module, columns)
    assert all(0 <= like.score <= 1 and like.why for like in said.values())
    surer = {
        name: like.score for name, like in said.items() if like.score >= own.score and DATATYPES[name] is not module
    }
    assert not surer, f"{own} against {surer}"


LAWS: tuple[Law, ...] = (
    provides_what_is_promised,
    keeps_its_state_as_json,
    learns_the_same_in_any_order,
    learns_from_few_rows,
    wires_the_same_tensors,
    reads_a_value_in_any_clothes,
    reads_one_row_as_many,
    survives_strange_values,
    keeps_its_word,
    judges_every_row_alone,
    tells_missing_apart,
    knows_itself,
)
