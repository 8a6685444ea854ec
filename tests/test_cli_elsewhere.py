"""A project is looked at from another folder: `-c FILE` names the document whose store and paths are meant."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tables import plain, project
from test_cli import LANDMARK, run, told

from landmark import api
from landmark.core.errors import UserError

HERE = ("-c", "tickets/landmark.yaml")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder above a project that was trained from there, and what `train --json` said."""
    above = tmp_path_factory.mktemp("above")
    (above / "tickets").mkdir()
    project(above / "tickets", plain(200), more="store: sqlite:///runs.sqlite\n")
    done = run(above, "train", *HERE, "--json")
    assert done.returncode == 0, done.stderr
    return above, told(done)


def test_every_command_takes_the_document_of_another_folder(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copytree(trained[0] / "tickets", tmp_path / "tickets")  # what is signed and rejected here is so here only
    above, said = tmp_path, trained[1]
    model, run_id = said["model"], said["run"]
    assert model.startswith("tickets/models/")
    for arguments in (
        ("sign", model, "--by", "Ada"),
        ("report", model, "-o", "r.html"),
        ("model", "show", model),
        ("run", "lineage", model),
        ("run", "step", "choice", "--run", run_id),
        ("run", "reproduce", run_id),
        ("model", "reject", model, "--by", "Bob"),
    ):
        done = run(above, *arguments, *HERE, "--json")
        assert done.returncode == 0, (arguments, done.stderr)
    shown = told(run(above, "model", "show", model, *HERE, "--json"))
    assert [(mark["mark"], mark["by"]) for mark in shown["marks"]] == [("rejected", "Bob"), ("signed", "Ada")]
    assert not (above / ".landmark").exists() and not (above / "runs.sqlite").exists()


def test_a_model_is_shown_where_it_is_from_here(trained: tuple[Path, dict[str, Any]]) -> None:
    above, said = trained
    for folder, which in ((above, HERE), (above / "tickets", ()), (above / "tickets" / "models", ("-c", ".."))):
        models = told(run(folder, "model", "list", *which, "--json"))["models"]
        assert [(folder / each["model"]).resolve() for each in models] == [(above / said["model"]).resolve()]
        (last,) = [r for r in told(run(folder, "run", "list", *which, "--json"))["runs"] if r["kind"] == "train"]
        assert (folder / last["model"]).resolve() == (above / said["model"]).resolve()


def test_a_step_reads_the_data_of_its_document_wherever_it_is_run(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    above, said = trained
    shutil.copytree(above / "tickets", tmp_path / "moved")
    for folder, which in ((tmp_path, ("-c", "moved/landmark.yaml")), (tmp_path / "moved", ())):
        done = run(folder, "run", "step", "table", "--run", said["run"], *which, "--json")
        assert done.returncode == 0, done.stderr


def test_a_store_without_a_document_is_found_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from landmark.store.sql import open_store

    (tmp_path / "notebook").mkdir()
    begun = open_store(tmp_path / "notebook").begin("p", {}, "1")
    monkeypatch.chdir(tmp_path / "notebook")
    assert [each["run"] for each in api.runs()] == [begun]
    monkeypatch.chdir(tmp_path)
    for named in ("notebook", "notebook/landmark.yaml", tmp_path / "notebook"):
        assert [each["run"] for each in api.runs(named)] == [begun]
    with pytest.raises(UserError, match=r"no store here .* -c FILE"):
        api.runs()
    with pytest.raises(UserError, match="there is no document here"):  # a name misspelt is no default
        api.runs("notebook/landmark.yml")
    assert not (tmp_path / ".landmark").exists()


def test_a_model_is_shown_without_any_store_but_not_without_the_one_that_was_named(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above, said = trained
    (tmp_path / ".landmark").mkdir()  # a server keeps its archive here
    monkeypatch.chdir(tmp_path)
    assert "marks" not in api.model_json(above / said["model"])
    assert not list((tmp_path / ".landmark").iterdir())
    with pytest.raises(UserError, match="no store here"):
        api.model_json(above / said["model"], "elsewhere/landmark.yaml")


def serving(folder: Path, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    """Return what a server says before its address, and of the model it serves; end it."""
    command = [str(LANDMARK), "serve", *arguments, "--port", "0", "--archive-mode", "off"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            said: list[str] = []
            for line in iter(server.stderr.readline, ""):
                if line.startswith("serving "):
                    name, address = line.split()[1].rstrip(","), line.split()[-1]
                    with urllib.request.urlopen(f"{address}/v1/models/{name}", timeout=20) as answer:
                        return said, json.loads(answer.read())
                said.append(line)
            raise AssertionError(said)
        finally:
            server.send_signal(signal.SIGTERM)


def test_a_server_says_as_json_where_it_answers_and_keeps_its_archive_beside_the_document(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    above, said = trained
    shutil.copytree(above / "tickets", tmp_path / "tickets")
    command = [str(LANDMARK), "serve", f"tickets/models/{Path(said['model']).name}", *HERE, "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
            name, body = next(iter(told["models"])), json.dumps({"rows": [], "request_id": "r1"}).encode()
            with urllib.request.urlopen(f"{told['address']}/v1/models/{name}/predict", body, timeout=20) as answer:
                assert json.loads(answer.read())["predictions"] == []
        finally:
            server.send_signal(signal.SIGTERM)
    assert [f["code"] for f in told["findings"]] == ["unsigned"]
    assert (tmp_path / "tickets" / ".landmark" / "archive.sqlite").exists() and not (tmp_path / ".landmark").exists()
    found = run(tmp_path, "archive", "query", "--request", "r1", *HERE)
    assert found.returncode == 0 and set(json.loads(found.stdout)) == {"answers"}


def test_a_note_that_reads_json_asks_for_no_json(tmp_path: Path) -> None:
    done = run(tmp_path, "sign", "gone.onnx", "--by", "Ada", "--note", "--json")
    assert done.returncode == 2 and done.stdout == "" and "gone.onnx" in done.stderr
    done = run(tmp_path, "sign", "gone.onnx", "--by", "Ada", "--json")
    assert done.returncode == 2 and "gone.onnx" in json.loads(done.stdout)["error"]["where"]
    assert json.loads(run(tmp_path, "sign", "--furz", "--json").stdout)["error"]["where"] == "command line"


def test_nothing_is_served_without_a_word_about_its_signature(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    above, said = trained
    shutil.copytree(above / "tickets", tmp_path / "tickets")
    model = str(Path("tickets", "models", Path(said["model"]).name))
    findings, told = serving(tmp_path, model)
    assert ["signature-unseen" in line for line in findings] == [True]
    assert (told["gate"], told["signed_by"]) == ({"passed": True}, None)
    findings, told = serving(tmp_path, model, *HERE)
    assert ["warn unsigned at" in line for line in findings] == [True] and told["signed_by"] is None
    assert run(tmp_path, "sign", model, "--by", "Ada", *HERE).returncode == 0
    for folder, arguments in ((tmp_path, (model, *HERE)), (tmp_path / "tickets", (f"models/{Path(model).name}",))):
        findings, told = serving(folder, *arguments)
        assert findings == [] and told["signed_by"] == "Ada"
    assert run(tmp_path, "model", "reject", model, "--by", "Bob", "--note", "drifted", *HERE).returncode == 0
    refused = run(tmp_path, "serve", model, *HERE, "--port", "0")
    assert refused.returncode == 2 and "Bob rejected it (seen: drifted). Fix: " in refused.stderr
    assert not (tmp_path / ".landmark").exists()
