"""The JSON schema for editors: it accepts what the document accepts, and every variant is in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from test_config_document import FULL, SHORT

import landmark.datatypes
import landmark.models
import landmark.sources
from landmark.config import from_text, from_values, json_schema, render
from landmark.config import variants as config_variants
from landmark.config.document import Document
from landmark.config.yaml12 import parse
from landmark.core import families
from landmark.core.errors import Mistakes
from landmark.datatypes import DATATYPES
from landmark.models import MODELS
from landmark.sources import SOURCES

NEW_TYPE = """\
'''A shade of grey.'''
from pydantic import Field
from landmark.core.options import ColumnOptions
COLUMNS = 1
STRANGE = ()
class Options(ColumnOptions):
    '''What may be said of a shade.'''
    depth: int = Field(8, ge=1, description="bits of a shade")
def likeness(profiles):
    return 0.0, "never", {}
def decode(g, name, prediction, state):
    return {}
"""
NEW_MODEL = """\
'''Asks an oracle.'''
from landmark.core.options import Options as Settings
COST = 99
class Options(Settings):
    '''How the oracle is asked.'''
    incense: float = 0.5
"""
NEW_SOURCE = """\
'''Tablets of stone.'''
from landmark.core.options import Options as Settings
TEXT = True
class Options(Settings):
    '''How a tablet is read.'''
    chisel: str = "flat"
def recognises(where):
    return where.endswith(".stone")
"""


def validator() -> Any:
    """Return a validator of the schema; jsonschema comes with nbformat."""
    return pytest.importorskip("jsonschema").Draft202012Validator(json_schema())


def complaints(text: str) -> list[str]:
    return [str(error.message) for error in validator().iter_errors(parse(text, "f").value)]


def test_the_schema_is_a_schema() -> None:
    valid = validator()
    valid.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema())) == json_schema()


@pytest.mark.parametrize(
    "text",
    [
        SHORT,
        FULL,
        render(from_text(SHORT)),
        render(from_text(FULL)),
        "data: {sql: select 1, connection: env:DB}\noutputs: y\n",
        "data: {source: {sql: select 1, connection: x.db}, split: {by: hash, column: id}}\noutputs: [{name: y}]\n",
        "data: folder/\noutputs: [1, 2]\nslices: a\nlimits:\ncolumns:\n",
        "data: {source: a.parquet, format: {}}\noutputs: y\nlandmarks: {people: .9}\nobjective: {metric: accuracy}\n",
    ],
)
def test_the_schema_accepts_what_the_document_accepts(text: str) -> None:
    from_text(text)
    assert complaints(text) == []


@pytest.mark.parametrize(
    "more",
    [
        "dta: x",
        "columns: {a: {type: numbr}}",
        "columns: {a: {type: number, delimiter: x}}",
        "columns: {a: {unit: s}}",
        "columns: {a: {physical: int64}}",
        "columns: {a: {type: geo}}",
        "models: {tress: {}}",
        "models: {trees: {leaves: many}}",
        "models: {allow: [lienar]}",
        "folds: 1",
        "limits: {latency_ms: 0}",
        "readiness: {require: A9}",
        "monitor: {window: 1d}",
        "data: {source: a.csv, format: {delimter: x}}",
        "data: {source: a.csv, format: {header: maybe}}",
        "data: {source: a.csv, folder: b}",
    ],
)
def test_the_schema_refuses_what_the_document_refuses(more: str) -> None:
    text = f"outputs: [y]\n{more}\n" if more.startswith("data") else f"data: a.csv\noutputs: [y]\n{more}\n"
    with pytest.raises(Mistakes):
        from_text(text)
    assert complaints(text)


def test_every_variant_is_in_the_schema_with_its_options() -> None:
    kinds = json_schema()["$defs"]
    assert {name for name in kinds if name.startswith("Column_")} == {f"Column_{name}" for name in DATATYPES.names()}
    assert {name for name in kinds if name.startswith("Data_")} == {f"Data_{name}" for name in SOURCES.names()}
    assert set(kinds["Models"]["properties"]) == {"allow", *MODELS.names()}
    assert "physical" not in kinds["Column_number"]["properties"] and "folder" not in kinds["Data_csv"]["properties"]
    for name, datatype in DATATYPES.items():
        own = set(datatype.Options.model_fields) - {"physical"}
        assert own <= set(kinds[f"Column_{name}"]["properties"])


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Return a function that puts a file into the folder of a family, as if it had always been there."""
    put: list[str] = []

    def rebuilt() -> None:
        families._places.cache_clear()
        for made in ("data_kinds", "column_kinds", "output_kinds", "models_section"):
            getattr(config_variants, made).cache_clear()
        Document.model_rebuild(force=True)

    def into(family: str, name: str, text: str) -> None:
        folder = tmp_path / family
        folder.mkdir()
        (folder / f"{name}.py").write_text(text)
        package = import_module(f"landmark.{family}")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        put.append(f"landmark.{family}.{name}")
        rebuilt()

    yield into
    monkeypatch.undo()
    for module in put:
        sys.modules.pop(module, None)
        family, _, name = module.rpartition(".")
        vars(sys.modules[family]).pop(name, None)
    rebuilt()


def test_a_new_data_type_is_a_word_at_once(drop: Callable[[str, str, str], None]) -> None:
    text = "data: a.csv\noutputs: [{name: y, type: shade, depth: 4}]\ncolumns: {x: {type: shade, missing: [0]}}\n"
    with pytest.raises(Mistakes):
        from_text(text)
    drop("datatypes", "shade", NEW_TYPE)
    question = from_text(text).question()
    assert question.columns == {"x": {"type": "shade", "missing": ["0"]}}
    assert question.outputs[0].options == {"type": "shade", "depth": 4}
    assert complaints(text) == []
    assert json_schema()["$defs"]["Column_shade"]["properties"]["depth"]["description"] == "bits of a shade"
    with pytest.raises(Mistakes, match=r"did you mean 'depth'\?"):
        from_text(text.replace("depth", "dept"))


def test_a_new_model_is_a_word_at_once(drop: Callable[[str, str, str], None]) -> None:
    drop("models", "oracle", NEW_MODEL)
    project = from_values(
        {"data": "a.csv", "outputs": ["y"], "models": {"allow": ["oracle"], "oracle": {"incense": 1}}}
    )
    ladder = project.given()["ladder"]
    assert ladder.allow == ("oracle",) and ladder.settings["oracle"] == {"incense": 1.0}
    assert "oracle: {incense: 1.0}" in render(project)
    assert json_schema()["$defs"]["Models"]["properties"]["oracle"]


def test_a_new_source_is_a_word_at_once(drop: Callable[[str, str, str], None]) -> None:
    drop("sources", "stone", NEW_SOURCE)
    project = from_values({"data": {"source": "a.stone", "format": {"chisel": "round"}}, "outputs": ["y"]})
    assert project.given()["table"].format == {"chisel": "round"}
    with pytest.raises(Mistakes, match=r"did you mean 'chisel'\?"):
        from_values({"data": {"source": "a.stone", "format": {"chisl": "round"}}, "outputs": ["y"]})
    assert json_schema()["$defs"]["Data_stone"]


def test_the_families_are_whole_again() -> None:
    assert not {"shade"} & set(DATATYPES.names())
    assert not hasattr(landmark.datatypes, "shade") and not hasattr(landmark.models, "oracle")
    assert not hasattr(landmark.sources, "stone")
