"""The package as Python sees it: its verbs, the ways to call it, and what they take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from tables import plain, project

import landmark
from landmark import api


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> api.Trained:
    return api.train(project(tmp_path_factory.mktemp("project"), plain(300)))


@pytest.mark.parametrize(
    "made", [lambda t: t, lambda t: t.to_pandas(), pl.from_arrow, lambda t: t.to_pydict(), lambda t: t.to_pylist()]
)
def test_a_model_in_use_is_judged_on_a_table_in_memory(trained: api.Trained, made: Any) -> None:
    rows = plain(80, seed=3)
    wanted = landmark.evaluate(trained.model, rows)["outputs"]["bought"]
    found = landmark.evaluate(trained.load(), made(rows))["outputs"]["bought"]
    assert wanted["rows"] == 80 and found == wanted


def test_what_cannot_be_judged_is_said(trained: api.Trained) -> None:
    with pytest.raises(landmark.UserError, match=r"model: this is no model .* Fix: .* landmark\.load"):
        landmark.evaluate(trained.summary, plain(10))
    with pytest.raises(landmark.UserError, match=r"table in memory: this is no table .* pandas, Polars or Arrow"):
        landmark.evaluate(trained.load(), 3)
    with pytest.raises(landmark.UserError, match="table in memory: holds none of the model's outputs"):
        landmark.evaluate(trained.load(), pd.DataFrame({"age": [1.0]}))


def test_a_model_of_bytes_has_no_project(trained: api.Trained) -> None:
    model = landmark.load(trained.model)
    assert model.path == Path(trained.model)
    assert type(model)(model.path.read_bytes()).path is None
    assert landmark.evaluate(type(model)(model.path.read_bytes()), plain(20))["outputs"]


def test_the_verbs_are_listed() -> None:
    assert {"check", "evaluate", "load", "summary", "train", "UserError", "__version__"} <= set(dir(landmark))
    assert all(getattr(landmark, name) is not None for name in dir(landmark))


def test_the_package_is_a_command() -> None:
    done = subprocess.run([sys.executable, "-m", "landmark", "version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, landmark.__version__)
