"""Text tables: CSV, TSV and their kin, plain or compressed. Every cell is text; an empty one, quoted or not, is null.

Arrow reads them in blocks. What it refuses, a row longer than the block or rows of different lengths, is read
again from where it stopped: with larger blocks, then by hand.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from pydantic import Field, field_validator, model_validator

from landmark.core.errors import UserError
from landmark.core.findings import Finding, note, warn
from landmark.core.options import Options as Settings
from landmark.core.table import NUMBER, without
from landmark.files.delimited import (
    CLOSE,
    DELIMITERS,
    UNCLOSED,
    Dialect,
    careful_batches,
    first_rows,
    sample_of,
    sniff,
    unknown_mark,
)
from landmark.files.places import Place, places, shown
from landmark.files.schemas import conform, one_schema, refuse_duplicates
from landmark.files.streams import CHUNK, Tap, opened

TEXT = True
_ENDING = re.compile(r"\.(csv|tsv|tab|txt|data)(\.(gz|zst|bz2))?$", re.IGNORECASE)
_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
NO_BREAK = ("\u00a0", "\u202f")
"""Blanks that break no line, as they stand between thousands."""
NUMBER_WRITTEN = r"^\s*[+-]?({digits}({point}\d*)?|{point}\d+)([eE][+-]?\d+)?\s*$"
_FEW = 50
_BLOCK, _LARGEST_BLOCK = 4 << 20, 1 << 30
_BYTES_PER_COLUMN = 2048  # of a block: some hundred rows even of a very wide table


class Options(Settings):
    """How a text table is written, where that is not plain."""

    header: bool | None = Field(None, description="whether the first row holds names; yes, unless `names` are given")
    names: tuple[str, ...] = Field((), description="the columns' names, in place of those in the file")
    delimiter: str | None = Field(None, description=f"what parts cells; found among {DELIMITERS!r} if not given")
    quote: str = Field('"', max_length=1, description="what encloses a cell with delimiters; empty: nothing does")
    skip: int = Field(0, ge=0, description="lines above the table")
    strip: bool = Field(False, description="whether blanks around cells are dropped")
    missing: tuple[str, ...] = Field((), description="texts that mean: no value")
    decimal: Literal[".", ","] = Field(".", description="what stands before the fraction of a number")
    thousands: Literal["", ".", ",", "'", " "] = Field("", description="what parts the digits of a number in threes")
    encoding: str = Field("utf-8", description="how text is encoded; a byte order mark says more")

    @field_validator("delimiter", "quote")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = _WORDS.get(value or "", value)
        if value and (len(value) != 1 or not value.isascii() or value in "\r\n"):
            raise ValueError("must be one ASCII character, or the word tab")
        return value

    @model_validator(mode="after")
    def _two_marks(self) -> Options:
        if self.decimal == self.thousands:
            raise ValueError("thousands and decimal are the same mark: say which of the two it is")
        return self

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError("must be the name of an encoding, as utf-8, latin-1 or cp1252") from None
        return value


@dataclass(frozen=True)
class _Layout:
    """One file's dialect and columns, and whether its first row holds names."""

    dialect: Dialect
    names: list[str]
    header: bool


def recognises(where: str) -> bool:
    """Return whether a path, pattern or address ends like a text table."""
    return _ENDING.search(where) is not None


def batches(where: str, options: Options, folder: Path, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of all files in order, all columns text; row numbers are data rows of a file, from 1.

    Raises: UserError for a file that is empty, has only a header, or is ragged beyond repair; for columns that
    share a name or are not the same in all files.
    """
    first: tuple[str, pa.Schema] | None = None
    rows = 0
    for place in places(where, folder):
        layout = _layout(place, options, findings if first is None else [])
        schema = pa.schema([(name, pa.string()) for name in layout.names])
        first = first or (place.name, schema)
        one_schema([first, (place.name, schema)])
        for batch in conform(_batches(place, layout, options, findings), first[1]):
            rows += batch.num_rows
            yield batch
    if not rows:
        raise UserError(shown(where), "there is a header and no row below it", fix="name a file with rows")


def example(table: pa.Table, folder: Path) -> str:
    """Write a table of text and numbers as such a source below folder; return where it is, for the laws."""
    pacsv.write_csv(table, folder / "example.csv")
    return "example.csv"


def _layout(place: Place, options: Options, findings: list[Finding]) -> _Layout:
    """Return how a file is laid out, from its first lines and from what is declared."""
    sample = sample_of(place, options.encoding, options.skip)
    if not sample.strip("\r\n"):
        raise UserError(place.name, "the file is empty", fix="name a file with a header and rows")
    delimiter = options.delimiter or sniff(sample, options.quote)
    dialect = Dialect(delimiter, options.quote, options.skip, options.strip, options.encoding)
    top = first_rows(place, dialect, 1)[0]
    header = _has_header(top, options)
    names = _names(top, header, options, place.name)
    if _number_in_header(top, header, options):
        refuse_duplicates(
            place.name, names, "if the first row is data, declare data.format: {header: no, names: [...]}"
        )
    refuse_duplicates(place.name, names)
    findings.extend(_oddities(place.name, sample, top, header, names, dialect, options))
    mark = unknown_mark(top[0], sample.splitlines()[1:_FEW]) if len(top) == 1 and header else None
    if mark:
        seen = f"one column, and '{mark}' stands in its header and as often in every line"
        findings.append(warn("unknown-delimiter", place.name, seen, f'declare format: {{delimiter: "{mark}"}}'))
    return _Layout(dialect, names, header)


def _has_header(top: list[str], options: Options) -> bool:
    """Return whether the first row holds names: as declared; else unless names are given and it is not they."""
    if options.header is not None:
        return options.header
    return not options.names or [cell.strip() for cell in top] == [name.strip() for name in options.names]


def _names(top: list[str], header: bool, options: Options, where: str) -> list[str]:
    if options.names:
        if len(options.names) != len(top):
            seen = f"{len(options.names)} names, {len(top)} cells in the first row"
            raise UserError(
                f"{where}, format.names", "not one name for each column", seen=seen, fix="name every column"
            )
        return list(options.names)
    cells = [_readable(cell).strip() for cell in top] if header else [""] * len(top)
    return [cell or f"column_{i}" for i, cell in enumerate(cells, start=1)]


def _readable(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")


def _number_in_header(top: list[str], header: bool, options: Options) -> str:
    """Return the first number in a header that nobody declared, or nothing."""
    asked = header and options.header is None and not options.names
    return next((cell for cell in top if re.match(NUMBER, cell)), "") if asked else ""


def _oddities(
    where: str, sample: str, top: list[str], header: bool, names: list[str], dialect: Dialect, options: Options
) -> Iterator[Finding]:
    """Yield what is odd about the layout and may not be meant."""
    nameless = [name for cell, name in zip(top, names, strict=True) if header and not cell.strip()]
    if nameless and not options.names:
        yield note(
            "nameless-columns", where, f"columns without a name are called {', '.join(nameless[:5])}", "name them"
        )
    number = _number_in_header(top, header, options)
    if number:
        seen = f"the header holds the number {number}"
        yield warn("header-is-data", where, seen, "if the first row is data, declare format: {header: no}")
    parted, spaced = sample.count(dialect.delimiter), sample.count(f"{dialect.delimiter} ")
    if dialect.delimiter != " " and not options.strip and parted >= 10 and spaced >= 0.9 * parted:
        yield warn("blanks-around-cells", where, "a blank follows each delimiter", "declare format: {strip: yes}")
        return
    trimmed = [name for cell, name in zip(top, names, strict=True) if header and name == cell.strip() != cell]
    if trimmed and not options.names:
        yield note("blanks-around-names", where, f"blanks around column names are left out: {', '.join(trimmed[:5])}")


def _batches(place: Place, layout: _Layout, options: Options, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one file. Raises: UserError when its last cell opens a quote that is never closed."""
    done, last = 0, None
    for batch in _read(place, layout, options, findings):
        done, last = done + batch.num_rows, batch
        yield batch
    if last is not None and options.quote and _ends_inside_quotes(place, options, last):
        raise UserError(f"{place.name}, data row {done}", UNCLOSED, fix=CLOSE)


def _read(place: Place, layout: _Layout, options: Options, findings: list[Finding]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one file by the fastest reader that takes them."""
    done = 0
    block = min(max(_BLOCK, len(layout.names) * _BYTES_PER_COLUMN), _LARGEST_BLOCK // 4)
    while not _quotes_after_blanks(place, layout.dialect):
        try:
            for batch in _after(_fast_batches(place, layout, options, block), done):
                done += batch.num_rows
                yield batch
            return
        except pa.ArrowInvalid as refusal:
            if "straddling" not in str(refusal) or block >= _LARGEST_BLOCK:
                break
            block = min(block * 16, _LARGEST_BLOCK)
    for batch in _after(careful_batches(place, layout.dialect, layout.names, layout.header, findings), done):
        yield _tidied(batch, options)


def _after(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield what comes after the first `rows` rows."""
    for batch in batches:
        if rows < batch.num_rows:
            yield batch.slice(rows)
        rows = max(rows - batch.num_rows, 0)


def _fast_batches(place: Place, layout: _Layout, options: Options, block: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows as Arrow reads them. Raises ArrowInvalid where it cannot."""
    stream = opened(place, options.encoding)
    for _ in range(options.skip):
        stream.readline()
    tap = Tap(stream)
    reader = pacsv.open_csv(
        tap,
        read_options=pacsv.ReadOptions(
            column_names=layout.names, skip_rows_after_names=int(layout.header), block_size=block
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=layout.dialect.delimiter,
            quote_char=options.quote or False,
            newlines_in_values=bool(options.quote),
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(layout.names, pa.string()),
            null_values=["", *options.missing],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,  # done for every source in one place, which knows column and row
        ),
    )
    plain = not options.strip and options.decimal == "." and not options.thousands
    try:
        for batch in reader:
            yield batch if plain else _tidied(batch, options)
    finally:  # Arrow reads ahead in a thread that calls Python: it must have ended before Python does
        tap.shut()
        _drain(reader)


def _drain(reader: Any) -> None:
    """Take what a reader has read ahead, so that it reads no more."""
    with suppress(pa.ArrowInvalid):  # cut off, the last rows need not be whole
        for _ in reader:
            continue


def _tidied(batch: pa.RecordBatch, options: Options) -> pa.RecordBatch:
    """Return cells without blanks around them and numbers with a point, where that is declared; null for nothing."""
    columns = [pc.ascii_trim_whitespace(column) for column in batch.columns] if options.strip else batch.columns
    kept = [without(column, ("", *options.missing)) for column in columns]
    return pa.RecordBatch.from_arrays([_pointed(column, options) for column in kept], batch.schema.names)


def _pointed(cells: pa.Array, options: Options) -> pa.Array:
    """Return text (n,) with every number written in the declared way written plainly: 1.234,5 becomes 1234.5.

    A cell that is no such number as a whole stays as it is: a date, a version, a sentence.
    """
    if options.decimal == "." and not options.thousands:
        return cells
    marks = NO_BREAK if options.thousands == " " else ()
    for mark in marks:
        cells = pc.replace_substring_regex(cells, rf"(\d){mark}(\d)", r"\1 \2")
    between, point = re.escape(options.thousands), re.escape(options.decimal)
    digits = rf"(\d+|\d{{1,3}}({between}\d{{3}})+)" if between else r"\d+"
    number = pc.match_substring_regex(cells.cast(pa.binary()), NUMBER_WRITTEN.format(digits=digits, point=point))
    plain = pc.replace_substring(cells, options.thousands, "") if options.thousands else cells
    return pc.if_else(number, pc.replace_substring(plain, options.decimal, "."), cells)


def _quotes_after_blanks(place: Place, dialect: Dialect) -> bool:
    """Return whether a blank stands before an opening quote, which Arrow would read as part of the cell."""
    if not (dialect.strip and dialect.quote):
        return False
    pattern = re.compile(re.escape(dialect.delimiter) + r"[ \t]+" + re.escape(dialect.quote))
    expression, tail = re.compile(pattern.pattern.encode()), b""
    with opened(place, dialect.encoding) as stream:
        while piece := stream.read(CHUNK):
            if expression.search(tail + piece):
                return True
            tail = piece[-64:]
    return False


def _ends_inside_quotes(place: Place, options: Options, last: pa.RecordBatch) -> bool:
    """Return whether the last cell runs over a line's end to the end of the file without a closing quote."""
    end = last.num_rows - 1
    cells = (column.slice(end).cast(pa.binary())[0].as_py() for column in reversed(last.columns))
    text = next(filter(None, cells), b"")
    if b"\n" not in text and b"\r" not in text:
        return False
    tail = b""
    with opened(place, options.encoding) as stream:
        while piece := stream.read(CHUNK):
            tail = (tail + piece)[-CHUNK:]
    return not tail.rstrip(b"\r\n").endswith(options.quote.encode())
