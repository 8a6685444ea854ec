"""A new data type is one file: dropped into the folder it is found by document, schema, laws and training."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "landmark"
PERCENT = '''
"""Shares written as "12 %"."""
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature, Role
from landmark.core.errors import UserError
from landmark.core.options import ColumnOptions
from landmark.core.table import as_text, only, parse_numbers, without
from landmark.datatypes import Likeness

COLUMNS = 1
STRANGE = (None, "", "12 %", "-5%", "1e9 %", "abc", "\\u0660 %", "nan %", "inf %", "%", "\\x00")


class Options(ColumnOptions):
    """Nothing of its own."""


class State(Artifact):
    """Nothing is learnt."""


def likeness(profiles: Sequence[Any]) -> Likeness:
    (profile,) = profiles
    shares = [text.strip().endswith("%") for text, _ in profile.top]
    return Likeness(0.99 if shares and all(shares) else 0.0, "every value ends with a per cent sign")


def fit(columns: Any, options: Options) -> State:
    return State()


def wire(columns: Any, options: Options, strict: bool) -> dict[str, Any]:
    name, cells = only(columns)
    text = without(as_text(cells), (*options.missing, ""))
    values, odd = parse_numbers(pc.utf8_trim_whitespace(pc.replace_substring(text, "%", "")))
    if strict and odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise UserError(f"{name}, row {row + 1}", "not a share", seen=text[row].as_py(), fix="write 12 %")
    return {name: values}


def graph(g: Any, name: str, inputs: dict[str, str], state: State) -> list[Feature]:
    (value,) = inputs.values()
    share = g.op("Div", g.column(value), g.constant(100.0))
    return [Feature(name=name, role=Role.VALUES, value=share, size=1, columns=(value,), labels=(name,))]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> dict[str, pa.Array]:
    texts = [None if rng.random() < 0.1 else f"{rng.integers(0, 101)} %" for _ in range(n)]
    return {names[0]: pa.array(texts, pa.string())}
'''


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more file in it."""
    place = tmp_path_factory.mktemp("house")
    shutil.copytree(SOURCE, place / "landmark", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "landmark" / "datatypes" / "percent.py").write_text(PERCENT)
    return place


def landmark(house: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from landmark.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(house)},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table whose answer lies in a column of shares."""
    rng = np.random.default_rng(0)
    share = rng.integers(0, 101, 400)
    bought = rng.random(400) < np.where(share > 50, 0.9, 0.1)
    rows = [
        f"{s} %,{n:.2f},{'yes' if b else 'no'}" for s, n, b in zip(share, rng.normal(size=400), bought, strict=True)
    ]
    (tmp_path / "t.csv").write_text("discount,noise,bought\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_document_and_schema_know_it(house: Path, folder: Path) -> None:
    schema = landmark(house, folder, "config", "schema")
    assert '"percent"' in schema.stdout, schema.stderr
    (folder / "landmark.yaml").write_text("data: t.csv\noutputs: [bought]\ncolumns: {discount: {type: percent}}\n")
    assert "percent" in landmark(house, folder, "config", "render").stdout


def test_laws_hold_it_to_its_promises(house: Path) -> None:
    code = (
        "from landmark.datatypes import DATATYPES\n"
        "from landmark.laws import datatypes as laws\n"
        "assert 'percent' in DATATYPES\n"
        "for law in laws.LAWS: law(DATATYPES['percent'], laws.strange_rows(DATATYPES['percent']))\n"
        "print(len(laws.LAWS))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(house)}
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5


def test_training_recognises_and_uses_it(house: Path, folder: Path) -> None:
    (folder / "landmark.yaml").write_text("data: t.csv\noutputs: [bought]\n")
    done = landmark(house, folder, "train", "--json")
    assert done.returncode == 0, done.stderr
    trained = json.loads(done.stdout)
    assert trained["outputs"]["bought"]["chosen"] != "constant"
    shown = json.loads(landmark(house, folder, "model", "show", trained["model"], "--json").stdout)
    assert shown["columns"]["discount"]["type"] == "percent"
