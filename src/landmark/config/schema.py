"""The document's JSON schema, for editors that check while one writes."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from landmark.config.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"
YES_NO = ["yes", "no", "on", "off"]


class _Written(GenerateJsonSchema):
    """What is read before it is checked (20%, 100k, one name for a list) may stand there as text."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Return the schema of what is checked, or text."""
        return {"anyOf": [super().function_before_schema(schema), {"type": "string"}]}


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the document, with the Options of every variant that is installed.

    It accepts what the document accepts: a section left empty, yes and no, a number where text is wanted.
    """
    schema = _as_written(Document.model_json_schema(schema_generator=_Written))
    schema["properties"] = {
        name: {"anyOf": [section, {"type": "null"}]} for name, section in schema["properties"].items()
    }
    return {"$schema": DIALECT, "title": "landmark.yaml", **schema}


def _as_written(node: Any) -> Any:
    """Return a schema that takes values as YAML 1.2 reads them; generated titles say nothing and are left out."""
    if isinstance(node, list):
        return [_as_written(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_written(item) for key, item in node.items() if key != "title" or not isinstance(item, str)}
    if made.get("type") == "boolean":
        return {key: item for key, item in made.items() if key != "type"} | {"enum": [True, False, *YES_NO]}
    if made.get("type") == "string" and not made.keys() & {"enum", "const"}:
        made["type"] = ["string", "number", "boolean"]
    return made
