"""What pydantic refuses, said so that the writer of a document can mend it."""

from __future__ import annotations

import re
from ast import literal_eval
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from landmark.config.document import Document
from landmark.config.variants import TAG, UNTYPED, Made, OneOf
from landmark.config.yaml12 import Marked, Place
from landmark.core.errors import UserError, did_you_mean

EXAMPLES: dict[Place, str] = {
    ("data",): "say where the table is, as in data: table.csv",
    ("outputs",): "say which columns to predict, as in outputs: [price]",
    ("data", "source"): "say where the table is, as in source: table.csv",
}
WANTED = {
    "bool": "must be yes or no",
    "int": "must be a whole number",
    "float": "must be a number",
    "finite": "must be a finite number",
    "string": "must be text",
    "tuple": "must be a list, as in [a, b]",
    "list": "must be a list, as in [a, b]",
    "dict": "must be a section, as in {key: value}",
    "model": "must be a section, as in {key: value}",
    "none": "is found in the data, never written",
}
"""What a value must be, by the first word of pydantic's name for the error."""
LIMITS = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "needs at least {min_length}, has {actual_length}",
    "too_long": "takes at most {max_length}, has {actual_length}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
}
TEXT_WANTED = ("string_type", "model_type", "tuple_type")
"""Errors of a number where text can stand, be it short for a section or for a list."""

Details: TypeAlias = dict[Place, ErrorDetails]


def details_of(error: ValidationError, marked: Marked) -> Details:
    """Return the first error of each place, in the order of the document."""
    found: Details = {}
    for detail in error.errors(include_url=False):
        found.setdefault(_place(detail, marked.value), detail)
    order = {place: number for number, place in enumerate(marked.lines)}

    def rank(place: Place) -> int:
        return next((order[place[:n]] for n in range(len(place), -1, -1) if place[:n] in order), 0)

    return {place: found[place] for place in sorted(found, key=rank) if not _follows(place, found)}


def _follows(place: Place, found: Details) -> bool:
    """Return whether a list is called too short only because the items it holds are wrong."""
    inside = any(len(other) > len(place) and other[: len(place)] == place for other in found)
    return inside and found[place]["type"] == "too_short"


def misread_numbers(details: Details, marked: Marked) -> list[Place]:
    """Return the places where text is wanted and a number or truth value stands: its text as written is meant."""
    return [place for place, detail in details.items() if detail["type"] in TEXT_WANTED and place in marked.texts]


def mistakes_of(details: Details, marked: Marked, root: type[BaseModel] = Document) -> list[UserError]:
    """Return every mistake in a document of schema `root` with its line, path, value and the next action."""
    fixes = {place: _known(detail, root) for place, detail in details.items() if detail["type"] == "extra_forbidden"}
    meant = {(*place[:-1], word) for place, fix in fixes.items() for word in re.findall(r"did you mean '(.+)'", fix)}
    return [
        _said(place, detail, fixes.get(place, ""), marked, root)
        for place, detail in details.items()
        if not (detail["type"] == "missing" and place in meant)  # the misspelt word is there already
    ]


def _place(detail: ErrorDetails, value: Any) -> Place:
    """Return where in the document an error stands: without the parts that name a choice made by the schema."""
    parts = [part for part in detail["loc"] if not str(part).startswith(TAG)]
    place: list[str | int] = []
    for n, part in enumerate(parts, start=1):
        if (isinstance(value, dict) and part in value) or (isinstance(value, (list, tuple)) and isinstance(part, int)):
            inside: Any = value
            value = inside[part]
            place.append(part)
        elif n == len(parts) and detail["type"] == "missing":
            place.append(part)
    return (*place, "type") if detail["type"] == "union_tag_invalid" else tuple(place)


def _said(place: Place, detail: ErrorDetails, fix: str, marked: Marked, root: type[BaseModel]) -> UserError:
    where, kind, seen, context = marked.where(place), detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return UserError(where, "is required and not there", fix=EXAMPLES.get(place) or _wanted(detail, root))
    if kind == "extra_forbidden":
        return UserError(where, f"'{place[-1]}' is not understood here", seen=seen, fix=fix)
    if kind == "union_tag_invalid":
        word = str(context["tag"]).removeprefix(TAG)
        known = filter(None, _variants(detail["loc"], root))
        return UserError(where, f"'{word}' is no type that can stand here", seen=word, fix=did_you_mean(word, known))
    if kind in ("literal_error", "enum"):
        words = [literal_eval(word) for word in re.findall(r"""'[^']*'|"[^"]*\"""", context["expected"])]
        return UserError(where, f"'{seen}' is not understood here", seen=seen, fix=did_you_mean(str(seen), words))
    if seen is None and kind.endswith("_type"):
        return UserError(where, "is empty", fix=EXAMPLES.get(place[:1], "write a value, or take the line out"))
    what = LIMITS[kind].format_map(context) if kind in LIMITS else WANTED.get(kind.partition("_")[0], detail["msg"])
    return UserError(where, what.removeprefix("Value error, "), seen=seen)


def _wanted(detail: ErrorDetails, root: type[BaseModel]) -> str:
    """Return how to add a word that is required."""
    *section, word = detail["loc"]
    kind = _section(tuple(section), root)
    field = kind.model_fields.get(str(word)) if kind else None
    return f"add {word}: {field.description}" if field and field.description else f"add {word}"


def _known(detail: ErrorDetails, root: type[BaseModel]) -> str:
    """Return the nearest known word, or where this one belongs."""
    *section, word = detail["loc"]
    homes = [] if section else [name for name in root.model_fields if word in _words((name,), root)]
    if homes:
        return f"it belongs into the section {homes[0]}"
    words = _words(tuple(section), root)
    if section and section[-1] == TAG + UNTYPED:
        kinds = _variants(tuple(section[:-1]), root)
        types = [name for name, kind in kinds.items() if name and str(word) in kind.model_fields]
        if types:
            return f"say the type too, as in {{type: {types[0]}, {word}: {detail['input']}}}"
        words += ["type"]
    return did_you_mean(str(word), words)


def _words(section: tuple[str | int, ...], root: type[BaseModel]) -> list[str]:
    """Return what may be said in a section."""
    kind = _section(section, root)
    fields = kind.model_fields.items() if kind else ()
    return [name for name, field in fields if field.annotation is not type(None)]


def _variants(loc: tuple[str | int, ...], root: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the variants among which a word chooses at an error's place."""
    kind: Any = root
    for part in loc:
        kind = _inside(kind, part)
    return _choices(kind)


def _section(loc: tuple[str | int, ...], root: type[BaseModel]) -> type[BaseModel] | None:
    """Return the schema of the section an error's place names."""
    kind: Any = root
    for part in loc:
        kind = _inside(kind, part)
    kind = _made(kind)
    kinds = map(_made, (kind, *get_args(kind)))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _inside(kind: Any, part: str | int) -> Any:
    """Return the schema of a part of a schema; None where there is none."""
    if isinstance(part, str) and part.startswith(TAG):
        return _choices(kind).get(part.removeprefix(TAG))
    kind = _made(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return None if field is None else Annotated[(field.annotation, *field.metadata, None)]
    inner = [argument for argument in get_args(kind) if argument not in (type(None), ...)]
    return inner[-1] if inner else None


def _choices(kind: Any) -> dict[str, type[BaseModel]]:
    return next((dict(mark.variants()) for mark in _marks(kind) if isinstance(mark, OneOf)), {})


def _marks(kind: Any) -> tuple[Any, ...]:
    return getattr(kind, "__metadata__", ())


def _made(kind: Any) -> Any:
    """Return a schema without its annotations, carried out where they make another of it."""
    made = next((mark.kind() for mark in _marks(kind) if isinstance(mark, Made)), None)
    return made or (kind.__origin__ if _marks(kind) else kind)
