"""A contract as the document that people read and edit: YAML out, with the reason of each line; and in, with every
mistake at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from landmark.artifacts.contract import Contract, Place
from landmark.config.mistakes import details_of, misread_numbers, mistakes_of
from landmark.config.project import Project
from landmark.config.splice import keyed
from landmark.config.yaml12 import BREAKS, Marked, line, parse
from landmark.contract.agreement import mistakes
from landmark.contract.edits import plain
from landmark.core.errors import Mistakes, UserError

FILE = "schema.yaml"
MARGIN = 40
"""Where reasons begin."""
HEAD = """\
# What every new table must keep. A line that is not there promises nothing: take lines away, add some, change them.
# Next: landmark data validate TABLE; what it finds and is right goes in by landmark data accept.
"""
HINTS = """\
# A date can promise `fresh: 2d`, a number a `unit` and a `kind`; rules are written as
#   rules: {paid in full: {holds: abs(total - paid) <= 0.01, when: status == 'closed', level: warn, message: ...}}
"""
REFERENCE = """\
# How the columns were distributed: what `skew` is measured from. Written by Landmark.
"""
WORDS = {"present": {1.0: "always"}}
"""Lines with a word for one of their values."""


def render(contract: Contract, reasons: Mapping[Place, str] | None = None) -> str:
    """Return a contract as YAML text, every line with its reason where there is one.

    >>> contract = Contract.model_validate({"columns": {"age": {"type": "number", "present": 1}}})
    >>> print(render(contract, {("columns", "age", "present"): "none is missing"}).split("columns:")[1].rstrip())
    <BLANKLINE>
      age:
        type: number
        present: always                      # none is missing
    """
    tree = tidy(plain(contract))
    return HEAD + HINTS + "".join(f"{text}\n" for text in _lines(tree, reasons or {}))


def read(content: str | bytes, file: str) -> Contract:
    """Return the contract of a document. Raises: Mistakes with everything that is wrong with it."""
    marked = parse(content, file)
    if not isinstance(marked.value, dict):
        fix = "landmark data schema writes one"
        raise UserError(marked.where(()), "a contract has lines of KEY: VALUE", fix=fix)
    wrong = list(marked.mistakes)
    try:
        contract = _validated(marked)
    except ValidationError as error:
        raise Mistakes(wrong + mistakes_of(details_of(error, marked), marked, Contract)) from None
    for found in mistakes(contract):
        wrong.append(UserError(marked.where(found.place), found.what, seen=found.seen, fix=found.fix))
    if wrong:
        raise Mistakes(wrong)
    return contract


def load(path: Path) -> Contract:
    """Return the contract in a file. Raises: UserError where there is none, Mistakes with all that is wrong with it."""
    return read(content_of(path), str(path))


def standing(project: Project) -> Contract | None:
    """Return the contract beside a project's document; None where there is none, or no document. Raises: as `load`."""
    place = project.folder / FILE
    return load(place) if project.marked.file and place.exists() else None


def content_of(path: Path) -> bytes:
    """Return the bytes of a contract's file. Raises: UserError where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        fix = "landmark data schema TABLE writes one; --schema FILE takes another"
        raise UserError(str(path), "there is no contract here", fix=fix) from None
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from None


def tidy(value: Any) -> Any:
    """Return plain values as people write them: whole numbers without a point."""
    if isinstance(value, dict):
        return {key: _word(key, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [tidy(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _word(line: str, value: Any) -> Any:
    """Return the value of a line as people write it."""
    return WORDS[line][value] if line in WORDS and value in WORDS[line] else tidy(value)


def _lines(tree: dict[str, Any], reasons: Mapping[Place, str]) -> Iterator[str]:
    for name in Contract.model_fields:
        if name not in tree or name in ("columns", "rules", "reference"):
            continue
        yield line(name, tree[name])
    yield from ("", "columns:" if tree.get("columns") else "columns: {}")
    for name, terms in tree.get("columns", {}).items():
        yield from _section(("columns", name), terms, reasons)
    if tree.get("rules"):
        yield from ("", "rules:")
        for name, rule in tree["rules"].items():
            yield from _section(("rules", name), rule, reasons)
    if "reference" in tree:
        yield from ("", REFERENCE.rstrip(), "reference:", f"  rows: {tree['reference']['rows']}", "  columns:")
        for name, known in tree["reference"].get("columns", {}).items():
            yield from keyed(name, " " * 4, known)


def _section(place: Place, settings: dict[str, Any], reasons: Mapping[Place, str]) -> Iterator[str]:
    """Yield a column or a rule: its name, and its lines below."""
    yield from keyed(place[1], " " * 2)
    if place in reasons:
        yield f"    # {_one_line(reasons[place])}"
    for name, value in settings.items():
        text, why = f"    {line(name, value)}", reasons.get((*place, name))
        yield f"{text.ljust(MARGIN)} # {_one_line(why)}" if why else text


def _one_line(text: str) -> str:
    return " ".join(BREAKS.sub(" ", text).split())


def _validated(marked: Marked) -> Contract:
    """Return the contract of parsed values; a number where text is wanted means its text as it was written."""
    try:
        return Contract.model_validate(marked.value)
    except ValidationError as error:
        misread = misread_numbers(details_of(error, marked), marked)
        if not misread:
            raise
    for place in misread:
        _put(marked.value, place, marked.texts[place])
    return _validated(Marked(marked.value, marked.file, marked.lines))


def _put(values: Any, place: tuple[str | int, ...], text: str) -> None:
    for part in place[:-1]:
        values = values[part]
    values[place[-1]] = text
