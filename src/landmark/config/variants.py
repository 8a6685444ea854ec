"""The schemas of a document that the families decide: a new file in a folder is a new word here, and nothing else.

No setting is written twice: each schema below is a variant's own `Options`, with the word that chose it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, create_model, field_validator
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema, core_schema

from landmark.core.options import ColumnOptions, Options
from landmark.datatypes import DATATYPES, predictable
from landmark.models import MODELS, ladder
from landmark.sources import SOURCES
from landmark.steps.data import split as split_step
from landmark.steps.data import table as table_step
from landmark.steps.training import ladder as ladder_step

TAG = "\0"
"""Begins the part of an error's place that names the variant chosen: no text of YAML can hold it."""

UNTYPED = ""
"""The word of what is chosen where the document says none."""

Unwritten: TypeAlias = SkipJsonSchema[None]
Unshown: TypeAlias = SkipJsonSchema[dict[str, Any]]
"""Settings of a source that cannot be told by its look: checked when it is read."""
RESOLVED = ("folder", "wanted")
"""Settings of the step `table` that follow from the rest of the document."""
NOT_WRITTEN: Any = (Unwritten, None)
"""A field that only Landmark fills, taken out of what a person can write."""


@dataclass(frozen=True)
class OneOf:
    """Annotation: the field has one of several schemas; a word in its value says which."""

    variants: Callable[[], dict[str, type[Options]]]
    word: Callable[[Any], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a union whose members are the variants of this moment."""
        choices = {TAG + word: handler.generate_schema(kind) for word, kind in self.variants().items()}
        return core_schema.tagged_union_schema(choices, lambda value: TAG + self.word(value))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the same for editors, which cannot tell sources apart by their look: hence any of them."""
        choices = handler(schema)
        return {"anyOf": choices["oneOf"]} if "oneOf" in choices else choices


@dataclass(frozen=True)
class Made:
    """Annotation: the field's schema is made of a family."""

    kind: Callable[[], type[Options]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of this moment."""
        return handler.generate_schema(self.kind())


@dataclass(frozen=True)
class SameAs:
    """Annotation: the field is one of another section's, by whose rules it goes."""

    owner: type[Options]
    field: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the other field."""
        field = self.owner.model_fields[self.field]
        return handler.generate_schema(Annotated[(field.annotation, *field.metadata)])


@dataclass(frozen=True, eq=False)  # compared by identity: annotations must be hashable, `form` is not
class Short:
    """Annotation: the field may be written in a shorter form, which `expand` makes whole."""

    expand: Callable[[Any], Any]
    form: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the whole form, after `expand`."""
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return both forms."""
        whole: Any = schema
        return {"anyOf": [self.form, handler(whole["schema"])]}


class Data(table_step.Options):
    """Where the rows are, how they are written, and which of them judge."""

    split: split_step.Options = Field(split_step.Options(), description="how the judging rows are chosen")

    @field_validator("source", "test")
    @classmethod
    def _is_place(cls, source: Any, info: ValidationInfo) -> Any:
        """Refuse what no kind of source could be; whether it is there is found out when it is read."""
        is_path, is_query = isinstance(source, str) and source.strip(), isinstance(source, dict) and "sql" in source
        if not is_path and not is_query and not (source is None and info.field_name == "test"):
            raise ValueError("must be a path, a pattern, an address, or {sql: QUERY, connection: ADDRESS}")
        return source


def source_word(value: Any) -> str:
    """Return the kind of source that a section `data` names by its look; a folder looks like none."""
    source = value.get("source") if isinstance(value, dict) else getattr(value, "source", None)
    if isinstance(source, dict):
        return "sql" if "sql" in source else UNTYPED
    return next((name for name, kind in SOURCES.items() if kind.recognises(str(source))), UNTYPED)


def type_word(value: Any) -> str:
    """Return the data type that a column or an output declares."""
    return str(value.get("type", UNTYPED) if isinstance(value, dict) else getattr(value, "type", UNTYPED))


@cache
def data_kinds() -> dict[str, type[Options]]:
    """Return the section `data` by kind of source: `format` is that source's own Options."""
    anything: Any = (Unshown, {})
    resolved: dict[str, Any] = dict.fromkeys(RESOLVED, NOT_WRITTEN)
    kinds: dict[str, type[Options]] = {
        UNTYPED: create_model("Data", __base__=Data, __doc__=Data.__doc__, **resolved, format=anything)
    }
    for name, source in SOURCES.items():
        form: Any = (source.Options, Field(default_factory=source.Options, description=f"how {name} is written"))
        kinds[name] = create_model(f"Data_{name}", __base__=Data, __doc__=Data.__doc__, **resolved, format=form)
    return kinds


@cache
def column_kinds() -> dict[str, type[Options]]:
    """Return what may be said of a column, by its type; without a type, what every type understands."""
    kinds: dict[str, type[Options]] = {
        UNTYPED: create_model("Column", __base__=ColumnOptions, __doc__="A column of any type.", physical=NOT_WRITTEN)
    }
    for name, datatype in DATATYPES.items():
        fields: dict[str, Any] = {"type": (Literal[name], Field(description="the data type")), "physical": NOT_WRITTEN}
        if datatype.COLUMNS > 1:
            size = datatype.COLUMNS
            columns = Field(min_length=size, max_length=size, description=f"the {size} source columns it is made of")
            fields["columns"] = (tuple[str, ...], columns)
        kinds[name] = create_model(f"Column_{name}", __base__=datatype.Options, __doc__=_first_line(datatype), **fields)
    return kinds


@cache
def output_kinds() -> dict[str, type[Options]]:
    """Return what may be said of an output, by its type: only types that can be predicted."""
    fields: dict[str, Any] = {
        "name": (str, Field(min_length=1, description="the column to predict")),
        "metric": (str | None, Field(None, description="the metric shown first")),
        "use": (Literal["target"], Field("target", description="an output is a target")),
        "physical": NOT_WRITTEN,
    }
    doc = "An output whose type is found in the data."
    kinds: dict[str, type[Options]] = {UNTYPED: create_model("Output", __base__=ColumnOptions, __doc__=doc, **fields)}
    for name, datatype in DATATYPES.items():
        if predictable(datatype):
            own = fields | {"type": (Literal[name], Field(description="the data type"))}
            doc = _first_line(datatype)
            kinds[name] = create_model(f"Output_{name}", __base__=datatype.Options, __doc__=doc, **own)
    return kinds


@cache
def models_section() -> type[Options]:
    """Return the section `models`: which rungs are tried, and each rung's own Options, cheapest first."""
    allow = Field((), description=ladder_step.Options.model_fields["allow"].description)
    names: Any = Literal[MODELS.names()]  # which they are is known when this runs
    fields: dict[str, Any] = {"allow": (tuple[names, ...], allow)}
    for name in ladder():
        model = MODELS[name]
        fields[name] = (model.Options, Field(default_factory=model.Options, description=_first_line(model)))
    return create_model("Models", __base__=Options, __doc__="Which models are tried, and their settings.", **fields)


def _first_line(module: Any) -> str:
    return (module.__doc__ or "").strip().partition("\n")[0]
