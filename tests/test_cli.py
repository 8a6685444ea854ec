"""The command line as scripts see it: one JSON document, exit codes, errors that say how to mend them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest
from tables import people, plain, project, write_csv

from landmark import cli

LANDMARK = Path(sys.executable).parent / "landmark"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LANDMARK, *arguments], cwd=folder, capture_output=True, text=True)


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with a trained project, and what `train --json` said."""
    folder = tmp_path_factory.mktemp("project")
    project(folder, people(400).drop_columns(["tags"]), "[bought, {name: spent, type: number, unit: USD}]")
    write_csv(people(30, seed=4).drop_columns(["tags", "bought", "spent"]), folder / "new.csv")
    done = run(folder, "train", "--json")
    assert done.returncode == 0, done.stderr
    return folder, told(done)


def test_train_says_what_is_promised(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    assert {"run", "model", "level", "outputs", "gate", "findings"} <= said.keys()
    output = said["outputs"]["bought"]
    assert {"task", "chosen", "metric", "test", "interval", "landmarks", "candidates"} <= output.keys()
    assert {"constant", "random", "best_column", "previous", "people"} == output["landmarks"].keys()
    for rung in output["candidates"]:
        assert {"model", "score", "standard_error", "train_cpu_s", "latency_us", "size_bytes"} <= rung.keys()
    assert output["interval"][0] <= output["test"][output["metric"]] <= output["interval"][1]
    assert (folder / said["model"]).exists() and (folder / said["report"]).exists()


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_predict_answers_in_order_and_needs_no_target(trained: tuple[Path, dict[str, Any]], ending: str) -> None:
    folder, said = trained
    done = run(folder, "predict", said["model"], "new.csv", "-o", f"out.{ending}", "--json")
    assert told(done) == {"rows": 30, "output": f"out.{ending}", "findings": []}
    if ending == "jsonl":
        names = list(json.loads((folder / "out.jsonl").read_text().splitlines()[0]))
    else:
        read = pyarrow.csv.read_csv if ending == "csv" else pyarrow.parquet.read_table
        names = read(folder / f"out.{ending}").column_names
    assert names == ["bought", "bought.p.no", "bought.p.yes", "spent"]


def test_predict_names_column_row_and_value(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    lines = (folder / "new.csv").read_text().splitlines()
    cells = lines[3].split(",")
    cells[0] = "forty"
    (folder / "bad.csv").write_text("\n".join([*lines[:3], ",".join(cells), *lines[4:]]) + "\n")
    done = run(folder, "predict", said["model"], "bad.csv", "-o", "bad.parquet", "--json")
    assert done.returncode == 2 and not (folder / "bad.parquet").exists()
    error = told(done)["error"]
    assert error["where"] == "age, row 3" and error["seen"] == "forty" and error["fix"]
    (folder / "less.csv").write_text("\n".join(line.split(",", 1)[1] for line in lines) + "\n")
    done = run(folder, "predict", said["model"], "less.csv", "-o", "less.parquet")
    assert done.returncode == 2 and "age" in done.stderr and "Traceback" not in done.stderr


def test_evaluate_says_what_it_could_not_read_and_labels_it_does_not_know(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    head, *cells = csv.reader((folder / "t.csv").read_text().splitlines())
    place = {name: i for i, name in enumerate(head)}
    cells[4][place["age"]], cells[6][place["bought"]], cells[8][place["bought"]] = "forty", "Yes", "Yes"
    with (folder / "judged.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *cells])
    judged = told(run(folder, "evaluate", said["model"], "judged.csv", "--json"))
    found = {finding["code"]: finding for finding in judged["findings"]}
    assert (found["unreadable-values"]["where"], found["unreadable-values"]["row"]) == ("age", 5)
    assert "'forty'" in found["unreadable-values"]["seen"]
    assert (found["class-unseen"]["where"], found["class-unseen"]["row"]) == ("bought", 7)
    assert found["class-unseen"]["seen"].startswith("2 rows") and found["class-unseen"]["next"] == "did you mean 'yes'?"


def test_show_evaluate_summary_compare_and_lineage(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    shown = told(run(folder, "model", "show", said["model"], "--json"))
    assert (
        set(shown["columns"]) == {"age", "city", "day", "text"}
        and shown["outputs"]["spent"]["options"]["unit"] == "USD"
    )
    judged = told(run(folder, "evaluate", said["model"], "t.csv", "--slice", "city", "--json"))
    assert {"test", "interval", "slices"} <= judged["outputs"]["bought"].keys() and judged["outputs"]["bought"][
        "slices"
    ]
    seen = told(run(folder, "data", "summary", "t.csv", "--json"))
    assert seen["rows"] == 400 and seen["columns"]["age"]["type"] == "number"
    assert {"type", "count", "missing", "distinct"} <= seen["columns"]["age"].keys()
    differences = told(run(folder, "model", "compare", said["model"], said["model"], "--json"))["differences"]
    assert all(row["first"] == row["second"] for row in differences)
    made = told(run(folder, "run", "lineage", said["run"], "--json"))["artifacts"]
    assert {"table", "split", "schema", "transform", "ladder", "model_file"} <= {node["step"] for node in made}


def test_a_step_alone_and_a_run_again(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    once = told(run(folder, "run", "step", "choice", "--run", said["run"], "--json"))
    again = told(run(folder, "run", "step", "choice", "--run", said["run"], "--json"))
    assert once["artifact"] == again["artifact"]
    unknown = run(folder, "run", "step", "chioce", "--run", said["run"], "--json")
    assert unknown.returncode == 2 and "chioce" in told(unknown)["error"]["what"]
    repeated = told(run(folder, "run", "reproduce", said["run"], "--json"))
    assert repeated["identical"] is True
    assert repeated["digest"] == told(run(folder, "model", "show", said["model"], "--json"))["digest"]


def test_sign_reject_and_list(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, said = trained
    assert run(folder, "sign", said["model"], "--by", " ").returncode == 2
    assert told(run(folder, "sign", said["model"], "--by", "Ada", "--note", "ok", "--json"))["by"] == "Ada"
    (model,) = told(run(folder, "model", "list", "--json"))["models"]
    assert "signed by Ada" in model["marks"]
    assert told(run(folder, "model", "show", said["model"], "--json"))["marks"][0]["note"] == "ok"
    assert run(folder, "model", "reject", said["model"], "--by", "Grace", "--note", "drifted").returncode == 0
    (model,) = told(run(folder, "model", "list", "--json"))["models"]
    assert "rejected by Grace" in model["marks"] and model["level"] != "A1"


def test_mistakes_are_said_all_at_once_with_the_nearest_word(tmp_path: Path) -> None:
    (tmp_path / "landmark.yaml").write_text("dta: x.csv\noutputs: [y]\nlimts: {latency_ms: 1}\n")
    done = run(tmp_path, "check", "--json")
    assert done.returncode == 2
    for word in ("dta", "data", "limts", "limits", "landmark.yaml:1", "landmark.yaml:3"):
        assert word in done.stderr
    assert len(told(done)["error"]["all"]) >= 2


def test_usage_errors_are_json_too(tmp_path: Path) -> None:
    done = run(tmp_path, "train", "--jsno", "--json")
    assert done.returncode == 2 and "error" in told(done)
    assert run(tmp_path, "trian").returncode == 2


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ("predict --json", "Missing argument 'MODEL'", "landmark predict --help"),
        ("predict m.onnx t.csv --furz --json", "No such option", "landmark predict --help"),
        ("evaluate m.onnx --json t.csv --unit", "Option '--unit' requires an argument", "landmark evaluate --help"),
        ("model reject m.onnx --json", "Missing option '--by'", "landmark model reject --help"),
        ("data sumary --json", "No such command 'sumary'", "landmark data --help"),
        ("data --json", "a command is missing: summary, schema, validate, accept", "landmark data --help"),
        ("--json", "a command is missing: init, check, train", "landmark --help"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_in_one(tmp_path: Path, line: str, what: str, fix: str) -> None:
    done = run(tmp_path, *line.split())
    error = told(done)["error"]
    assert done.returncode == 2 and error["where"] == "command line" and what in error["what"] and error["fix"] == fix
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"command line: {what}") and said.endswith(f". Fix: {fix}")


def test_a_group_alone_shows_its_help(tmp_path: Path) -> None:
    done = run(tmp_path, "data")
    assert done.returncode == 2 and "Usage: landmark data" in done.stderr and "summary" in done.stderr


@pytest.mark.parametrize(("told_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_has_the_exit_code_of_its_signal(
    told_by: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(cli.root.commands["version"], "callback", lambda **_: signal.raise_signal(told_by))
    try:
        with pytest.raises(SystemExit) as left:
            cli.main(["version", "--json"])
    finally:
        signal.signal(signal.SIGTERM, before)
    out, err = capsys.readouterr()
    assert left.value.code == code and json.loads(out)["error"]["what"] == "interrupted"
    assert err.strip() == "landmark: interrupted. Fix: run it again; what is finished is kept"


UNREADABLE = {
    "empty": b"",
    "header only": b"a,b,y\n",
    "one column": b"y\n" + b"1\n2\n" * 20,
    "duplicate columns": b"a,a,y\n" + b"1,2,0\n3,4,1\n" * 20,
    "one value": b"a,y\n" + b"1,x\n" * 50,
    "no truth": b"a,y\n" + b"1,\n2,\n" * 30,
    "too few rows": b"a,y\n1,0\n2,1\n",
    "no target": b"a,b\n" + b"1,2\n" * 40,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_ends_with_two(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    (tmp_path / "landmark.yaml").write_text("data: t.csv\noutputs: [y]\n")
    done = run(tmp_path, "train", "--json")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert told(done)["error"]["what"] and not (tmp_path / "models").exists()


def rows_of(cells: list[str]) -> bytes:
    return ("a,b,y\n" + "\n".join(cells) + "\n").encode()


AWKWARD: dict[str, tuple[bytes, str]] = {
    "invalid UTF-8": (b"a,b,y\n" + b"\xff\xfe\xfa,3,1\nb,4,0\n" * 30, "a"),
    "NUL": (b"a,b,y\n" + b"\x00,1,1\nu,2,0\n" * 30, "a"),
    "infinities": (rows_of([f"{'inf' if i == 7 else i},{i % 5},{i % 2}" for i in range(60)]), "a"),
    "mixed text and numbers": (rows_of([f"{'about ten' if i == 33 else i},{i % 5},{i % 2}" for i in range(60)]), "a"),
    "three date formats": (
        rows_of(
            [
                ("2024-01-%02d", "%02d/02/2024", "2024/03/%02d")[i % 3] % (i % 28 + 1) + f",{i % 5},{i % 2}"
                for i in range(90)
            ]
        ),
        "a",
    ),
    "target 40 % missing": (rows_of([f"{i},{i % 7},{'' if i % 5 < 2 else i % 2}" for i in range(100)]), "y"),
    "a class with one row": (rows_of([f"{i},{i % 7},{'rare' if i == 50 else 'xyz'[i % 3]}" for i in range(100)]), "y"),
}


@pytest.mark.parametrize(("content", "column"), AWKWARD.values(), ids=AWKWARD)
def test_what_is_awkward_is_a_finding_that_names_column_and_row(tmp_path: Path, content: bytes, column: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    (tmp_path / "landmark.yaml").write_text("data: t.csv\noutputs: [y]\n")
    done = run(tmp_path, "check", "--json")
    assert done.returncode == 0, done.stderr
    about = [f for f in told(done)["findings"] if f["where"].startswith(column)]
    assert any(f.get("row") is not None for f in about), about
    assert run(tmp_path, "train", "--json").returncode in (0, 3, 4)


def test_a_kill_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """Killed while it climbs, the next run takes over what was finished and ends as it would have."""
    project(tmp_path, people(2000).drop_columns(["tags"]))
    going = subprocess.Popen(
        [LANDMARK, "train", "--json"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    kept = tmp_path / ".landmark" / "artifacts"
    until = time.monotonic() + 60
    while time.monotonic() < until and len([p for p in kept.rglob("*") if p.is_file()]) < 6:
        time.sleep(0.05)
    os.kill(going.pid, signal.SIGKILL)
    going.wait()
    assert not (tmp_path / "models").exists()
    (dead,) = told(run(tmp_path, "run", "list", "--json"))["runs"]
    assert dead["status"] == "killed"
    done = run(tmp_path, "train", "--json")
    assert done.returncode == 0, done.stderr
    assert {p.suffix for p in (tmp_path / "models").iterdir()} == {".onnx", ".html"}
    statuses = [row["status"] for row in told(run(tmp_path, "run", "list", "--json"))["runs"]]
    assert statuses[0] == "done" and len(statuses) == 2


def test_init_check_train_for_somebody_new(tmp_path: Path) -> None:
    write_csv(plain(200), tmp_path / "t.csv")
    assert run(tmp_path, "init", "t.csv", "--output", "bought").returncode == 0
    assert "noise" in (tmp_path / "landmark.yaml").read_text()
    assert run(tmp_path, "init", "t.csv").returncode == 2
    assert run(tmp_path, "check").returncode == 0
    rendered = run(tmp_path, "config", "render")
    assert "bought" in rendered.stdout and "latency_ms" in rendered.stdout
    assert told(run(tmp_path, "config", "schema"))["properties"]["outputs"]
    done = run(tmp_path, "train")
    assert done.returncode == 0 and "best column" in done.stdout and "model file" in done.stdout


def test_the_demo_walks_the_corridor(tmp_path: Path) -> None:
    made = told(run(tmp_path, "demo", "tickets", "--rows", "600", "--json"))
    assert set(made["ceiling"]) == {"issue_type", "action", "refund"}
    done = run(tmp_path / "tickets", "train", "--json")
    assert done.returncode == 0, done.stderr
    assert set(told(done)["outputs"]) == {"issue_type", "action", "refund"}
