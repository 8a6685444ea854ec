"""The document: one schema, composed of the steps' and the variants' own Options."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator

from landmark.config.variants import (
    Data,
    Made,
    OneOf,
    SameAs,
    Short,
    column_kinds,
    data_kinds,
    models_section,
    output_kinds,
    source_word,
    type_word,
)
from landmark.core.options import ColumnOptions, Options
from landmark.steps.data import readiness as readiness_step
from landmark.steps.evaluation import gate as gate_step
from landmark.steps.training import choice as choice_step
from landmark.steps.training import ladder as ladder_step

TEXT = {"type": "string"}
NAMED = {"type": "array", "items": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}}
SQL = {"type": "object", "required": ["sql"], "properties": {"sql": TEXT, "connection": TEXT}}
WHOLE = ""
"""Stands for the only output, or for its metric, where people's score is given as a bare number."""


def _data(value: Any) -> Any:
    """Make a section of a bare path, and a source of a query."""
    if isinstance(value, str):
        return {"source": value}
    if isinstance(value, dict) and "sql" in value and "source" not in value:
        query = {key: value[key] for key in ("sql", "connection") if key in value}
        return {"source": query} | {key: item for key, item in value.items() if key not in query}
    return value


def _output(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _several(value: Any) -> Any:
    """Make a list of a single name, or of a single output."""
    return [value] if isinstance(value, (str, dict)) else value


def _slices(value: Any) -> Any:
    """Make a list of lists of names of anything shorter."""
    value = _several(value)
    return [_several(names) for names in value] if isinstance(value, (list, tuple)) else value


def _people(value: Any) -> Any:
    """Make output -> metric -> score of anything shorter."""
    value = {WHOLE: value} if _is_number(value) else value
    if not isinstance(value, dict):
        return value
    return {output: {WHOLE: score} if _is_number(score) else score for output, score in value.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


NAMES = Short(_several, TEXT)
ColumnKind = Annotated[ColumnOptions, OneOf(column_kinds, type_word)]
OutputKind = Annotated[Any, OneOf(output_kinds, type_word), Short(_output, TEXT)]
DataKind = Annotated[Data, OneOf(data_kinds, source_word), Short(_data, {"anyOf": [TEXT, SQL]})]
Scores = Annotated[dict[str, dict[str, float]], Short(_people, {"type": ["number", "object"]})]
Slices = Annotated[tuple[tuple[str, ...], ...], Short(_slices, {"anyOf": [TEXT, NAMED]})]


class Landmarks(Options):
    """What a result is held against, besides the constant, chance, the best column and the model in use."""

    people: Scores = Field(
        {},
        description="what people reach: output -> metric -> score; a single one is shown first, if no metric is named",
    )


class Objective(Options):
    """What is to be good."""

    output: str | None = Field(None, description="the output that is meant, where there are several")
    metric: str | None = Field(None, description="the metric shown first; a proper score chooses in any case")


class Document(Options):
    """A Landmark project: a table, a question, and what is known beforehand."""

    model_config = ConfigDict(defer_build=True)

    name: str = Field("", description="of the project and its model file; by default that of the data")
    data: DataKind = Field(description="path, pattern or address of the rows, or a section")
    outputs: Annotated[tuple[OutputKind, ...], NAMES] = Field(min_length=1, description="the columns to predict")
    inputs: Annotated[tuple[str, ...], NAMES] | None = Field(
        None, description="what to predict from; by default every column that is nothing else"
    )
    columns: dict[str, ColumnKind] = Field({}, description="what is known of single columns")
    landmarks: Landmarks = Landmarks()
    objective: Objective = Objective()
    models: Annotated[Options, Made(models_section)] = Field(
        default_factory=dict, validate_default=True, description="which models are tried, and their settings"
    )
    folds: Annotated[int, SameAs(ladder_step.Options, "folds")] = Field(
        ladder_step.Options().folds, description="parts of the training rows, each predicted from the others"
    )
    limits: choice_step.Options = choice_step.Options()
    slices: Slices = Field(
        (),
        description="columns, or lists of columns, whose every value is judged apart, besides the signed model's",
    )
    readiness: readiness_step.Options = readiness_step.Options()
    gate: gate_step.Options = gate_step.Options()
    store: str = Field("sqlite", description="where runs are kept: sqlite, or the address of a database")
    seed: int = Field(0, ge=0, description="of everything that is drawn at random")

    @field_validator("name")
    @classmethod
    def _usable(cls, name: str) -> str:
        """Refuse what cannot be the name of a file and a part of an address."""
        if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise ValueError("a name becomes a file name: letters, digits, '.', '_' and '-' only")
        return name

    @field_validator("store")
    @classmethod
    def _reachable(cls, store: str) -> str:
        """Refuse what is neither the default nor an address."""
        if store != "sqlite" and "://" not in store:
            raise ValueError("is neither sqlite nor an address such as postgresql://user@host/name")
        return store
