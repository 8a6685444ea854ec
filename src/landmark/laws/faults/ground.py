"""What faults are planted in: rows, perhaps judging rows given apart, and what is asked of them.

Faults look at the cells themselves to see what a column is, and not through the data types they are to try out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.question import Question
from landmark.core import cells as reading
from landmark.core.table import Array, Floats, Ints, Mask, Strings, as_text, held, is_text, whole

Kind = Literal["number", "kinds", "text", "date", "other"]

MANY_NUMBERS, MOST_KINDS, FEWEST_WORDS = 20, 60, 3
"""Different numbers that make amounts, different texts that are still kinds, and words that make a text."""
MOSTLY, GAPS = 0.95, 0.4
"""Share of the values that must be of a kind, and share of missing ones from which a column is left alone."""
MISSING = ("?", "NA", "N/A", "na", "-", "null", "None", "unknown")
DAY = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$"


@dataclass(frozen=True)
class Ground:
    """Rows, what is asked of them, and judging rows where they are given apart."""

    rows: pa.Table
    question: Question
    test: pa.Table | None = None

    @property
    def judging(self) -> pa.Table:
        """Return the judging rows that are given apart."""
        assert self.test is not None, "only faults that are about two tables look at the second"
        return self.test

    def inputs(self, *kinds: Kind) -> list[str]:
        """Return the inputs that are of some kinds, or of any, and mostly filled."""
        put_by = {name for name, declared in self.question.columns.items() if "use" in declared}
        outputs = {output.name for output in self.question.outputs}
        names = [name for name in self.rows.column_names if name not in outputs | put_by]
        return [name for name in names if not kinds or kind_of(whole(self.rows.column(name))) in kinds]

    def labels(self) -> str | None:
        """Return the first output that is a kind, None where there is none."""
        return next((output.name for output in self.question.outputs if not self._is_amount(output.name)), None)

    def amount(self) -> str | None:
        """Return the first output that is an amount, None where there is none."""
        return next((output.name for output in self.question.outputs if self._is_amount(output.name)), None)

    def _is_amount(self, name: str) -> bool:
        array = whole(self.rows.column(name)).drop_null()
        return kind_of(array) == "number" or (not is_text(array.type) and pa.types.is_floating(array.type))

    def target(self) -> str:
        """Return the first output."""
        return self.question.outputs[0].name

    def truth(self) -> Floats:
        """Return the first output of the rows (n,) as numbers: amounts, or labels numbered in order of their names."""
        name = self.target()
        if name == self.amount():
            return numbers(self.rows, name)
        return np.unique(texts(self.rows, name), return_inverse=True)[1].astype(np.float64)

    def with_rows(self, rows: pa.Table) -> Ground:
        """Return the same question about other rows."""
        return replace(self, rows=rows)

    def with_test(self, test: pa.Table) -> Ground:
        """Return the same question, judged by other rows."""
        return replace(self, test=test)

    def alike(self) -> Ground:
        """Return both tables with the same types: a column that became text on one side is text on both."""
        if self.test is None:
            return self
        rows, test = self.rows, self.test
        for place, name in enumerate(rows.column_names):
            if rows.schema.field(name).type != test.schema.field(name).type:
                rows, test = (t.set_column(place, name, as_text(whole(t.column(name)))) for t in (rows, test))
        return Ground(rows, self.question, test)


def kind_of(array: pa.Array) -> Kind:
    """Return what a column (n,) mostly holds, told from its cells; "other" where many are missing."""
    given = array.filter(pa.array(held(array)))
    if len(given) < max((1 - GAPS) * len(array), 1):
        return "other"
    if pa.types.is_temporal(array.type):
        return "date"
    if not is_text(array.type):
        return "number" if _is_plain(array.type) and _are_amounts(reading.numbers(given)[0]) else "other"
    given = given.filter(pc.invert(pc.is_in(pc.utf8_trim_whitespace(given), pa.array(MISSING, given.type))))
    distinct = pc.count_distinct(given).as_py()
    read, odd = reading.numbers(given)
    if len(given) and 1 - odd.mean() >= MOSTLY:
        return "number" if _are_amounts(read[~odd]) else "other"
    if pc.mean(pc.match_substring_regex(given, DAY)).as_py() >= MOSTLY:
        return "date"
    if 2 <= distinct <= min(MOST_KINDS, len(given) / 10):
        return "kinds"
    words = pc.mean(pc.count_substring_regex(given, r"\S+")).as_py()
    return "text" if words >= FEWEST_WORDS and distinct > len(given) / 10 else "other"


def _are_amounts(x: Floats) -> bool:
    """Return whether numbers (n,) are many, and no keys: whole numbers of which each is another."""
    distinct = len(np.unique(x))
    return distinct > MANY_NUMBERS and not (distinct == len(x) and bool(np.all(x == np.floor(x))))


def numbers(table: pa.Table, name: str) -> Floats:
    """Return a column (n,) as numbers, NaN where there is none."""
    return reading.numbers(whole(table.column(name)))[0].copy()


def texts(table: pa.Table, name: str) -> Strings:
    """Return a column (n,) as texts, empty where there is no value."""
    filled = pc.fill_null(as_text(whole(table.column(name))), "")
    return np.array(filled.to_pylist(), object)


def moments(table: pa.Table, name: str) -> Array:
    """Return a column of days or times (n,) as datetime64[s], NaT where there is none."""
    array = whole(table.column(name))
    written = array.cast(pa.string()) if not is_text(array.type) else array
    return np.array([text[:19].replace(" ", "T") if text else "NaT" for text in written.to_pylist()], "datetime64[s]")


def given_rows(table: pa.Table, name: str) -> Ints:
    """Return the numbers of the rows in which a column has a value."""
    return np.flatnonzero(held(whole(table.column(name))))


def some(rows: Array, share: float, rng: np.random.Generator, least: int = 1) -> Ints:
    """Return a share of some row numbers, drawn at random, at least so many, in order."""
    count = min(len(rows), max(least, round(share * len(rows))))
    return np.sort(rng.choice(rows, count, replace=False)).astype(np.int64)


def places(mask: Mask | Array) -> Ints:
    """Return the numbers of the rows in which a mask (n,) is true."""
    return np.flatnonzero(mask).astype(np.int64)


def put(table: pa.Table, name: str, rows: Ints, values: Sequence[Any]) -> pa.Table:
    """Return table with other cells in some rows of a column; of a wider type, or text, if its own holds them not."""
    array = whole(table.column(name))
    column = np.empty(len(array), object)
    column[:] = array.to_pylist()
    column[rows] = np.array([*values, None], object)[:-1]
    new = _as_type(column.tolist(), array.type)
    if new is None and _is_plain(array.type) and all(isinstance(value, (int, float, type(None))) for value in values):
        new = _as_type(column.tolist(), None)
    if new is None:
        column[:] = as_text(array).to_pylist()
        column[rows] = [None if value is None else str(value) for value in values]
        new = pa.array(column.tolist(), pa.string())
    return table.set_column(table.column_names.index(name), name, new)


def _as_type(values: list[Any], kind: pa.DataType | None) -> pa.Array | None:
    """Return values as an array of a type, or of their own, None where they are not of it."""
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None


def _is_plain(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def put_numbers(table: pa.Table, name: str, rows: Ints, values: Floats, finer: int = 0) -> pa.Table:
    """Return table with other numbers in some rows, written with the decimals of the column, and perhaps finer."""
    kind = table.schema.field(name).type
    if pa.types.is_floating(kind):
        return put(table, name, rows, values.tolist())
    digits = decimals(table, name) + finer
    written = [f"{value:.{digits}f}" for value in values]
    if not is_text(kind):
        whole_numbers = all(float(text).is_integer() for text in written)
        return put(table, name, rows, [int(float(text)) if whole_numbers else float(text) for text in written])
    trimmed = [re.sub(r"\.?0+$", "", text) if finer and "." in text else text for text in written]
    return put(table, name, rows, trimmed)


def put_moments(table: pa.Table, name: str, rows: Ints, values: Array) -> pa.Table:
    """Return table with other moments (m,) datetime64[s] in some rows, written as the column is."""
    kind = table.schema.field(name).type
    if not is_text(kind):
        return put(table, name, rows, pa.array(values).cast(kind).to_pylist())
    sample = texts(table, name)[given_rows(table, name)[0]]
    shown = [str(moment).replace("T", sample[10:11] or " ")[: len(sample)] for moment in values]
    return put(table, name, rows, shown)


def added(table: pa.Table, name: str, values: Sequence[Any]) -> pa.Table:
    """Return table with one more column, in texts where the table is one of texts."""
    array = pa.array(values)
    all_text = all(is_text(kind) for kind in table.schema.types)
    return table.append_column(new_name(table, name), as_text(array) if all_text else array)


def new_name(table: pa.Table, name: str) -> str:
    """Return a name no column has."""
    return name if name not in table.column_names else new_name(table, f"{name}_2")


def inserted(table: pa.Table, more: pa.Table, rng: np.random.Generator) -> tuple[pa.Table, Ints]:
    """Return table with more rows at random places among its own, which keep their order, and where these are."""
    size, count = table.num_rows + more.num_rows, more.num_rows
    spots = np.sort(rng.choice(size, count, replace=False))
    order = np.empty(size, np.int64)
    kept = np.ones(size, bool)
    kept[spots] = False
    order[kept], order[spots] = np.arange(table.num_rows), table.num_rows + rng.permutation(count)
    return pa.concat_tables([table, more]).take(pa.array(order)), spots.astype(np.int64)


def decimals(table: pa.Table, name: str) -> int:
    """Return how many decimals the numbers of a column are written with, at most 6."""
    if not is_text(table.schema.field(name).type):
        return 0 if pa.types.is_integer(table.schema.field(name).type) else 6
    return min(6, max((len(text.partition(".")[2]) for text in texts(table, name)), default=0))
