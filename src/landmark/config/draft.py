"""A first document for a table: what `landmark init` writes, with everything that could be said in comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from landmark.artifacts.profile import ColumnProfile
from landmark.config.document import Document
from landmark.config.project import from_values
from landmark.config.yaml12 import LONGEST_KEY, line
from landmark.core.errors import UserError, did_you_mean
from landmark.core.findings import Finding
from landmark.sources import stream
from landmark.statistics.identifiers import why_identifier
from landmark.statistics.summary import profile
from landmark.steps.data.schema import infer, infer_output

MOST_ROWS = 10_000
MOST_BYTES = 1 << 26
MOST_INPUTS = 20
TARGETS = ("target", "label", "class", "outcome", "response", "y")
"""Names that people give to what is to be predicted."""
MARGIN, WIDEST = 44, 80
"""Where notes begin, and from where on a setting leaves no room for one."""
SAID = ("data", "outputs", "inputs", "columns")
HEAD = """\
# What is to be learnt, and from what. Next: landmark check, then landmark train.
# Settings stand here with their defaults: take away the # before a word and change what it says.
"""
COLUMNS = """\
# What {looked}. It is found again in the training rows of every run;
# take away the # before a column to hold on to what stands here, or to correct it.
columns:
"""


def init(data: str, output: str | None = None, folder: Path = Path()) -> str:
    """Return a commented document for a table, its types inferred from its first rows.

    Raises: UserError where the table cannot be read, or has no such output.
    """
    rows, whole = _first_rows(data, folder)
    names = rows.column_names
    if output is not None and output not in names:
        raise UserError("--output", f"'{output}' is not a column of {data}", fix=did_you_mean(output, names))
    profiles = profile(rows).columns
    target = output or guess(profiles)
    document = from_values({"data": data, "outputs": [target]}).document
    why = "" if output else "a guess: --output names another"
    columns = {name: _column(seen, name == target) for name, seen in profiles.items()}
    inputs = [name for name, (said, _) in columns.items() if name != target and "use" not in said][:MOST_INPUTS]
    looked = f"all {rows.num_rows:,} rows show" if whole else f"the first {rows.num_rows:,} rows show"
    fit = [name for name in columns if len(line(name, None)) < LONGEST_KEY]
    lines = (text for name in fit for text in _setting(name, *columns[name], "  #"))
    return "\n".join(
        (
            HEAD,
            _lines(["data:", "  " + line("source", data), *islice(_fields(document.data, "  #"), 1, None)]),
            _lines(_setting("outputs", [target], why, "")),
            _lines(_setting("inputs", inputs, "by default every other column", "#")),
            COLUMNS.format(looked=looked) + _lines(lines) + _lines(_sections(document)),
        )
    )


def guess(profiles: dict[str, ColumnProfile]) -> str:
    """Return the column that is most likely to be predicted: one named so, or the last that says anything."""
    named = [name for word in TARGETS for name in profiles if name.strip().lower() == word]
    telling = [name for name, p in profiles.items() if p.distinct > 1 and why_identifier(p) is None]
    return (named + telling[::-1] + list(profiles)[::-1])[0]


def _first_rows(data: str, folder: Path) -> tuple[pa.Table, bool]:
    """Return the first rows of a table, and whether these are all."""
    noticed: list[Finding] = []
    opened = stream(data, {}, folder, noticed)
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in opened.batches:
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > MOST_ROWS or size > MOST_BYTES:
            break
    table = pa.Table.from_batches(batches, opened.schema)
    return table.slice(0, MOST_ROWS), rows <= MOST_ROWS and size <= MOST_BYTES


def _column(seen: ColumnProfile, asked: bool) -> tuple[dict[str, Any], str]:
    """Return what a column seems to be, as the document would say it, and why; `asked` marks the output."""
    key = None if asked else why_identifier(seen)
    if key is not None:
        return {"use": "identifier"}, key
    if seen.distinct < 2 and not seen.missing and not asked:
        return {"use": "ignore"}, "the same in all rows"
    kind, like = infer_output(seen) if asked else infer(seen)
    gone = f"{seen.missing / max(seen.count, 1):.1%} missing" if seen.missing else "none missing"
    return {"type": kind, **like.options}, f"{seen.distinct:,} different, {gone}; {like.why}"


def _sections(document: Document) -> Iterator[str]:
    """Yield all that has not been said yet, with its defaults, in the words of its own schema."""
    single: list[str] = []
    for name, field in Document.model_fields.items():
        section = getattr(document, name)
        if name in SAID:
            continue
        if isinstance(section, BaseModel):
            yield from ("", f"# {(type(section).__doc__ or '').strip().partition(chr(10))[0]}", f"{name}:")
            yield from _fields(section, "  #")
        else:
            single += _setting(name, section, field.description or "", "#")
    yield from ("", *single)


def _fields(section: BaseModel, before: str) -> Iterator[str]:
    """Yield a line for every setting of a section that a person can write."""
    for name, field in type(section).model_fields.items():
        if field.annotation is not type(None):
            value = getattr(section, name)
            plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
            yield from _setting(name, plain, field.description or "", before)


def _setting(name: str, value: Any, note: str, before: str) -> Iterator[str]:
    """Yield one setting with a note beside it, or above it where there is no room."""
    text = before + line(name, value)
    if note and len(text) > WIDEST:
        yield f"{before.replace('#', '# ')}{note}"
    yield f"{text.ljust(MARGIN)} # {note}" if note and len(text) <= WIDEST else text


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in lines)
