"""Text tables by hand: how one is laid out, found from its first lines, and its rows where they are ragged.

The fast reader for whole files is Arrow's; this one is slow, careful, and reads the same rows from the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import punctuation

import pyarrow as pa

from landmark.core.errors import UserError
from landmark.core.findings import Finding, warn
from landmark.files.places import Place
from landmark.files.streams import opened

DELIMITERS = "\t;|,:"
"""Known delimiters, rarest in ordinary text first: where several would do, the rarer one is no accident."""

RAGGED = 0.05
"""Largest share of rows with too many or too few cells that is repaired.

A wrong delimiter or a preamble makes nearly all rows ragged; a delimiter that somebody forgot to quote makes a
few in a hundred. Up to this share the repair can cost a model no more than five points of anything.
"""

SAMPLE = 1 << 18
UNCLOSED = "a quote is opened and never closed"
CLOSE = 'close it, or declare format: {quote: ""} if quotes are text'
_IN_WORDS = DELIMITERS + "-_./'\"()[]{}"
_MOST_CELLS, _MOST_BYTES = 1 << 18, 1 << 25


@dataclass(frozen=True)
class Dialect:
    """How cells are parted. `quote` is one character, or none; `skip` lines stand above the table."""

    delimiter: str
    quote: str
    skip: int
    strip: bool
    encoding: str


def text_of(place: Place, encoding: str, skip: int) -> io.TextIOWrapper:
    """Return the text below `skip` lines; bytes that are not UTF-8 come through as lone surrogates."""
    stream = opened(place, encoding)
    for _ in range(skip):
        stream.readline()
    return io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")


def sample_of(place: Place, encoding: str, skip: int) -> str:
    """Return the first SAMPLE characters of the table, cut after the last whole line where there is one."""
    with text_of(place, encoding, skip) as text:
        sample = text.read(SAMPLE)
    whole = max(sample.rfind("\n"), sample.rfind("\r")) + 1
    return sample[:whole] if whole and len(sample) == SAMPLE else sample


def sniff(sample: str, quote: str) -> str:
    r"""Return the delimiter by which most lines have as many cells as the first; an unused one where none parts it.

    >>> sniff("a;b\n1,5;2,5\n3,25;4,0\n", '"'), sniff('name,note\nx,"a; b; c"\n', '"'), sniff("y\na,b\n", '"')
    (';', ',', '\t')
    """
    unused = next((delimiter for delimiter in DELIMITERS if delimiter not in sample), ",")
    best, chosen = (False, 0.0), unused  # a first line of one cell is a table of one column, whatever its texts hold
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _rows(io.StringIO(sample, newline=""), delimiter, quote, False)]
        if not widths or widths[0] < 2:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (widths[0] == usual, round(widths.count(usual) / len(widths), 1))
        if score > best:
            best, chosen = score, delimiter
    return chosen


def unknown_mark(header: str, lines: Sequence[str]) -> str | None:
    """Return the mark that parts a header, and as often each of some lines, though it is none of DELIMITERS.

    >>> unknown_mark("a^b", ["1^2", "3^4"]), unknown_mark("e-mail", ["a-b"]), unknown_mark("a^b", ["1", "2^3"])
    ('^', None, None)
    """
    marks = (mark for mark in dict.fromkeys(header) if mark in punctuation and mark not in _IN_WORDS)
    return next(
        (mark for mark in marks if lines and {line.count(mark) for line in lines} == {header.count(mark)}), None
    )


def first_rows(place: Place, dialect: Dialect, count: int) -> list[list[str]]:
    """Return up to `count` first rows that are not blank, whatever their length."""
    with text_of(place, dialect.encoding, dialect.skip) as text:
        rows = _rows(text, dialect.delimiter, dialect.quote, dialect.strip)
        return [row for row, _ in zip(rows, range(count), strict=False)]


def careful_batches(
    place: Place, dialect: Dialect, names: list[str], header: bool, findings: list[Finding]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows as text, bytes as they were; the few of another length are filled or cut, and said.

    A cell too many that is empty is no cell: a delimiter at the end of a line. An empty cell is null.

    Raises: UserError when more than RAGGED of the rows have another number of cells, or a quote is never closed.
    """
    width, ragged, seen, size = len(names), _Ragged(place.name, len(names)), 0, 0
    pending: list[list[str]] = []
    with text_of(place, dialect.encoding, dialect.skip) as text:
        lines = _Lines(text, dialect.quote, dialect.skip)
        rows = _rows(lines, dialect.delimiter, dialect.quote, dialect.strip)
        if header:
            next(rows, None)
        row, unclosed, lines.opened = [""], 0, 0
        for row in rows:
            unclosed, lines.opened = lines.opened, 0
            seen += 1
            pending.append(row if len(row) == width else ragged.repaired(row, seen))
            size += sum(map(len, row))
            if len(pending) * width >= _MOST_CELLS or size >= _MOST_BYTES:
                yield _batch(pending, names)
                pending, size = [], 0
    if unclosed and len(row[-1].splitlines()) > 1:
        raise UserError(f"{place.name}, line {unclosed}, data row {seen}", UNCLOSED, fix=CLOSE)
    if pending:
        yield _batch(pending, names)
    findings.extend(ragged.findings(seen))


class _Lines:
    """The lines of a text as they are read, and which of them opens a quote that no later one of the row closes."""

    def __init__(self, text: io.TextIOBase, quote: str, skipped: int) -> None:
        self._text, self._quote, self._number = text, quote, skipped
        self.opened = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self._number += 1
            if self._quote and line.count(self._quote) % 2:
                self.opened = 0 if self.opened else self._number
            yield line


def _rows(text: Iterable[str], delimiter: str, quote: str, strip: bool) -> Iterator[list[str]]:
    """Yield the rows that are not blank."""
    csv.field_size_limit(2**31 - 1)  # a limit of the module's own, 131,072 at first: a cell may be larger
    reader = csv.reader(
        text,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=strip,
    )
    return (row for row in reader if row)


class _Ragged:
    """The rows that are longer or shorter than the others: how many, and where the first one is."""

    def __init__(self, name: str, width: int) -> None:
        self.name, self.width, self.count, self.first, self.cells = name, width, 0, 0, 0

    def repaired(self, row: list[str], number: int) -> list[str]:
        """Return row with as many cells as the others."""
        kept = row[: self.width] + [""] * (self.width - len(row))
        if len(row) < self.width or any(row[self.width :]):
            self.count += 1
            if not self.first:
                self.first, self.cells = number, len(row)
        return kept

    def findings(self, rows: int) -> list[Finding]:
        """Return what was repaired among `rows`. Raises: UserError when it is too much to be a repair."""
        if not self.count:
            return []
        first = f"the first is data row {self.first} with {self.cells}"
        seen = f"{self.count} of {rows} rows without {self.width} cells; {first}"
        if self.count > RAGGED * rows:
            fix = "check format.delimiter, format.quote, format.skip and format.header"
            raise UserError(self.name, f"ragged beyond repair: {seen}", fix=fix)
        todo = "quote cells that contain the delimiter; cells too many were dropped, missing ones left empty"
        return [warn("ragged-rows", self.name, seen, todo, row=self.first)]


def _batch(rows: list[list[str]], names: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([_cells(column) for column in zip(*rows, strict=True)], names=names)


def _cells(column: tuple[str, ...]) -> pa.Array:
    """Return cells as text whose bytes are those of the file, valid or not; an empty one is null."""
    raw = [cell.encode("utf-8", "surrogateescape") if cell else None for cell in column]
    return pa.array(raw, pa.binary()).view(pa.string())
