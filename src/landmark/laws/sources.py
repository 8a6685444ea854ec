"""Laws of sources: what every kind of source keeps, whatever it reads.

A law takes a module of the family, a table of text and numbers, and an empty folder, writes the table by the module's
own `example`, and asserts. `tests/test_laws_sources.py` finds the kinds by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.core.table import as_text, parse_numbers, whole
from landmark.sources import SOURCES, kind_of, stream

Law: TypeAlias = Callable[[str, pa.Table, Path], None]

STRANGE = (
    "a", "", " padded ", 'a "quoted" word', "two\nlines", "comma, semicolon; tab\t", "\u0130\u0131\U0001f600",
    "007", "1e5", "NA", "-", "'; drop table example; --", "x" * 5000,
)  # fmt: skip
"""Texts that must come back as they went in; an empty one may come back as no value."""


def read(kind: str, table: pa.Table, folder: Path) -> tuple[pa.Table, bool, list[Finding]]:
    """Return the table as it comes back, whether as text, and what was noticed."""
    findings: list[Finding] = []
    opened = stream(SOURCES[kind].example(table, folder), {}, folder, findings)
    return pa.Table.from_batches(opened.batches, opened.schema), opened.text, findings


def brings_every_row_back(kind: str, table: pa.Table, folder: Path) -> None:
    """Rows, their order, names and values are those that were written; text sources give them as text."""
    back, is_text, _ = read(kind, table, folder)
    assert back.column_names == table.column_names and back.num_rows == table.num_rows
    for name in table.column_names:
        wanted, found = whole(table.column(name)), whole(back.column(name))
        if pa.types.is_floating(wanted.type):
            values = parse_numbers(found)[0].tolist() if is_text else found.cast(pa.float64()).to_pylist()
            pairs = zip(wanted.to_pylist(), values, strict=True)
            assert all((a is None and (b is None or math.isnan(b))) or a == b for a, b in pairs), name
        else:
            assert [v or None for v in as_text(found).to_pylist()] == [v or None for v in wanted.to_pylist()], name


def has_one_schema(kind: str, table: pa.Table, folder: Path) -> None:
    """All batches have the schema that was announced, and text sources announce nothing but text."""
    where = SOURCES[kind].example(table, folder)
    opened = stream(where, {}, folder, [])
    batches = list(opened.batches)
    assert all(batch.schema.equals(opened.schema) for batch in batches)
    assert opened.text == SOURCES[kind].TEXT
    assert not opened.text or all(pa.types.is_string(field.type) for field in opened.schema)


def reads_the_same_again(kind: str, table: pa.Table, folder: Path) -> None:
    """Two readings give the same table."""
    where = SOURCES[kind].example(table, folder)
    first, second = (pa.Table.from_batches(stream(where, {}, folder, []).batches) for _ in range(2))
    assert first.equals(second)


def knows_its_own(kind: str, table: pa.Table, folder: Path) -> None:
    """What a kind writes is recognised as of that kind, and of no other."""
    assert kind_of(SOURCES[kind].example(table, folder), folder) == kind


def refuses_kindly(kind: str, table: pa.Table, folder: Path) -> None:
    """What is not there, or damaged, is a mistake that names the place; so is a setting nobody knows."""
    where = SOURCES[kind].example(table, folder)
    for file in [path for path in folder.iterdir() if path.is_file()]:
        file.unlink()
    for given, settings in ((where, {}), (where, {"no such setting": 1})):
        assert isinstance(refusal(given, settings, folder), UserError)


def refusal(where: Any, settings: dict[str, Any], folder: Path) -> UserError | None:
    """Return the mistake that reading makes, or None."""
    try:
        list(stream(where, settings, folder, []).batches)
    except UserError as mistake:
        return mistake
    return None


LAWS: tuple[Law, ...] = (
    brings_every_row_back,
    has_one_schema,
    reads_the_same_again,
    knows_its_own,
    refuses_kindly,
)
