"""A project: the document resolved, and the folder where its relative paths start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ValidationError

from landmark.artifacts.question import Question
from landmark.config.agreement import disagreements
from landmark.config.document import Document
from landmark.config.mistakes import details_of, misread_numbers, mistakes_of
from landmark.config.question import declared, people, question, unit_of
from landmark.config.variants import RESOLVED
from landmark.config.yaml12 import Marked, Place, dump, parse
from landmark.core import digest
from landmark.core.errors import Mistakes, UserError
from landmark.core.options import Options
from landmark.steps.data import table as table_step
from landmark.steps.training import ladder as ladder_step

FILE = "landmark.yaml"
STAND_IN: dict[str, Any] = {"data": "table.csv", "outputs": ["?"]}
"""Takes the place of a section that is wrong, so that the others can be held against each other."""
PLACES = ("source", "test")
UNNAMED = "model"


@dataclass(frozen=True)
class Project:
    """What a person asks, with every default: the one thing a run is given.

    `marked` is the document as it was written, for the line of what a step finds wrong with it.
    """

    document: Document
    folder: Path
    marked: Marked = field(default_factory=lambda: Marked(None), repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the project's name, which is also that of its model file."""
        return self.document.name

    @property
    def seed(self) -> int:
        """Return the seed of the run."""
        return self.document.seed

    def question(self) -> Question:
        """Return the question the steps are asked."""
        return question(self.document, digest.of_json(document_json(self)))

    def options(self) -> dict[str, Options]:
        """Return each step's options by the name of the step."""
        document = self.document
        settings = document.models.model_dump(mode="json")
        source = document.data.model_dump(exclude={"split", *RESOLVED}) | {"folder": str(self.folder)}
        source["wanted"] = {name: unit_of(document, name) for name in document.data.units}
        if source["sample"] and not source["sample"]["column"]:
            source["sample"]["column"] = document.outputs[0].name
        return {
            "table": table_step.Options.model_validate(source),
            "split": document.data.split,
            "readiness": document.readiness,
            "ladder": ladder_step.Options(allow=settings.pop("allow"), folds=document.folds, settings=settings),
            "choice": document.limits,
            "gate": document.gate,
        }

    def given(self) -> dict[str, Any]:
        """Return what the pipeline starts from: the artifact `question`, and options by the name of the step."""
        return {"question": self.question(), **self.options()}


def load(path: str | Path = FILE) -> Project:
    """Return the project that a document describes.

    Raises: UserError where there is no document, Mistakes with everything that is wrong with it.
    """
    place = Path(path)
    place = place / FILE if place.is_dir() else place
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        fix = "landmark init DATA writes one; landmark COMMAND -c FILE takes another"
        raise UserError(str(place), "there is no document here", fix=fix) from None
    except OSError as error:
        raise UserError(str(place), f"cannot be read: {error.strerror}") from None
    return resolve(parse(content, str(place)), place.parent)


def from_text(text: str, folder: Path = Path(), file: str = FILE) -> Project:
    """Return the project that a document's text describes. Raises: as `load`."""
    return resolve(parse(text, file), folder)


def from_values(values: Mapping[str, Any], folder: Path = Path()) -> Project:
    """Return the project that plain values describe, as a notebook gives them. Raises: as `load`."""
    return resolve(Marked(dict(values)), folder)


def resolve(marked: Marked, folder: Path) -> Project:
    """Return the project of parsed values, or raise every mistake there is at once."""
    if not isinstance(marked.value, (dict, type(None))):
        raise UserError(marked.where(()), "a document has lines of KEY: VALUE", fix="begin with data: table.csv")
    values = {name: deepcopy(section) for name, section in (marked.value or {}).items() if section is not None}
    document, wrong = _validated(values, marked)
    mistakes = [*marked.mistakes, *wrong, *disagreements(document, marked, alone="outputs" not in values)]
    if mistakes:
        raise Mistakes(mistakes)
    name = document.name or _name(document.data.source)
    return Project(document.model_copy(update={"name": name, "landmarks": people(document)}), folder, marked)


def tree(project: Project) -> dict[str, Any]:
    """Return the document with every default, as plain values that make the same project again.

    Of columns and outputs only what was said is there: the rest is not a default but found in the data.
    """
    document = project.document
    whole = {name: _plain(getattr(document, name)) for name in Document.model_fields}
    for name in RESOLVED:
        del whole["data"][name]
    whole["outputs"] = [said if said.keys() > {"name"} else said["name"] for said in map(_said, document.outputs)]
    whole["columns"] = {name: _said(options) for name, options in document.columns.items()}
    return whole


def render(project: Project) -> str:
    """Return the document with every default, as YAML."""
    return dump(tree(project))


def document_json(project: Project, places: bool = False) -> dict[str, Any]:
    """Return the document as JSON: what the run digest is made of.

    Where the data and the store are does not change what is learnt, so it is left out; with `places` it is
    there as it was written, which is what a run needs to be repeated.
    """
    whole = tree(project)
    if not places:
        whole["data"] = {key: value for key, value in whole["data"].items() if key not in PLACES}
        del whole["store"]
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _said(options: Options) -> dict[str, Any]:
    """Return what was said of a column, its name and type first."""
    said = declared(options)
    return {key: said[key] for key in ("name", "type") if key in said} | said


def _validated(values: dict[str, Any], marked: Marked) -> tuple[Document, list[UserError]]:
    """Return the document, or the document of what is sound in it, and the mistakes.

    A mistake costs the setting it is made in, or where nothing sound is left without that, the whole section, which
    is then gone from `values` too.
    """
    try:
        return Document.model_validate(values), []
    except ValidationError as error:
        details = details_of(error, marked)
    misread = misread_numbers(details, marked)
    if misread:
        for place in misread:
            _put(values, place, marked.texts[place])
        return _validated(values, Marked(values, marked.file, marked.lines))
    wrong = mistakes_of(details, marked)
    for place in details:
        _take(values, place)
    try:
        return Document.model_validate(STAND_IN | values), wrong
    except ValidationError as error:
        for place in details_of(error, marked):
            values.pop(str(place[0]), None)
    return Document.model_validate(STAND_IN | values), wrong


def _take(values: dict[Any, Any], place: Place) -> None:
    """Take a setting out of its section, or the section as a whole where the setting stands in no mapping."""
    holder: Any = values
    for part in place[:-1]:
        inside = isinstance(holder, list) or (isinstance(holder, dict) and part in holder)
        holder = holder[part] if inside else None
    (holder if isinstance(holder, dict) else values).pop(place[-1 if isinstance(holder, dict) else 0], None)


def _put(values: Any, place: Place, text: str) -> None:
    for part in place[:-1]:
        values = values[part]
    values[place[-1]] = text


def _name(source: Any) -> str:
    """Return a name for a project after its source.

    >>> _name("data/tickets.csv.gz"), _name("tickets/*.parquet"), _name({"sql": "select 1"})
    ('tickets', 'tickets', 'model')
    """
    parts = PurePosixPath(source.replace("\\", "/")).parts if isinstance(source, str) else ()
    words = (re.sub(r"[^A-Za-z0-9_-]+", "-", part.partition(".")[0]).strip("-_") for part in reversed(parts))
    return next((word for word in words if word), UNNAMED)
