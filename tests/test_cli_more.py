"""Commands beside the main path: formats, units, one JSON document from every command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import people, plain, project, write_csv
from test_cli import run, told


def test_every_command_says_one_json_document(tmp_path: Path) -> None:
    write_csv(plain(200), tmp_path / "t.csv")
    assert told(run(tmp_path, "init", "t.csv", "--output", "bought", "--json")) == {"document": "landmark.yaml"}
    assert told(run(tmp_path, "config", "render", "--json"))["outputs"]
    assert told(run(tmp_path, "config", "schema", "--json"))["properties"]
    assert "leakage" in told(run(tmp_path, "demo", "--fault", "list", "--json"))["faults"]
    trained = told(run(tmp_path, "train", "--json"))
    assert told(run(tmp_path, "report", trained["model"], "-o", "r.html", "--json"))["output"] == "r.html"
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_a_table_written_as_in_training_is_read_as_in_training(tmp_path: Path) -> None:
    """No header, blanks after commas, `?` for missing: the model file knows, and --format says otherwise."""
    rows = plain(300).to_pylist()
    lines = [", ".join("?" if row[key] is None else str(row[key]) for key in row) for row in rows]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "landmark.yaml").write_text(
        "data:\n  source: t.csv\n"
        "  format: {header: no, names: [noise, age, city, bought], strip: yes, missing: ['?']}\n"
        "outputs: [bought]\n"
    )
    trained = told(run(tmp_path, "train", "--json"))
    judged = told(run(tmp_path, "evaluate", trained["model"], "t.csv", "--json"))
    assert judged["outputs"]["bought"]["rows"] == 300 and judged["outputs"]["bought"]["test"]["accuracy"] > 0.6
    (tmp_path / "new.csv").write_text("\n".join(line.rsplit(", ", 1)[0] for line in lines) + "\n")
    short = "{header: no, names: [noise, age, city], strip: yes}"
    done = run(tmp_path, "predict", trained["model"], "new.csv", "-o", "out.csv", "--format", short, "--json")
    assert told(done)["rows"] == 300
    wrong = run(tmp_path, "predict", trained["model"], "new.csv", "-o", "o.csv", "--format", "{hedaer: no}", "--json")
    assert wrong.returncode == 2 and "header" in wrong.stderr


def test_units_are_converted_at_the_border_and_refused_across_dimensions(tmp_path: Path) -> None:
    project(
        tmp_path, people(300).select(["age", "city", "spent"]), "[spent]", "columns: {age: {type: number, unit: s}}\n"
    )
    trained = told(run(tmp_path, "train", "--json"))
    rows = people(20, 5).select(["age", "city"])
    pq.write_table(rows, tmp_path / "s.parquet")
    ms = pa.array([None if v is None else v * 1000 for v in rows["age"].to_pylist()])
    pq.write_table(rows.set_column(0, "age", ms), tmp_path / "ms.parquet")
    for name, more in (("s", ()), ("ms", ("--unit", "age=ms"))):
        assert run(tmp_path, "predict", trained["model"], f"{name}.parquet", "-o", f"{name}.csv", *more).returncode == 0
    seconds, thousandths = ((tmp_path / f"{name}.csv").read_text().splitlines() for name in ("s", "ms"))
    for one, other in zip(seconds[1:], thousandths[1:], strict=True):
        assert float(one) == pytest.approx(float(other), rel=1e-9)
    refused = run(tmp_path, "predict", trained["model"], "s.parquet", "-o", "o.csv", "--unit", "age=USD", "--json")
    assert refused.returncode == 2 and "age" in told(refused)["error"]["where"]


def test_a_table_in_other_units_is_judged_as_in_the_models_own(tmp_path: Path) -> None:
    declared = "[{name: spent, type: number, unit: km}]", "columns: {age: {type: number, unit: s}}\n"
    project(tmp_path, people(300).select(["age", "city", "spent"]), *declared)
    model = told(run(tmp_path, "train", "--json"))["model"]
    rows = people(80, 5).select(["age", "city", "spent"])
    pq.write_table(rows, tmp_path / "own.parquet")
    for at, name in ((0, "age"), (2, "spent")):
        values = pa.array([None if v is None else v * 1000 for v in rows[name].to_pylist()], pa.float64())
        rows = rows.set_column(at, name, values)
    pq.write_table(rows, tmp_path / "other.parquet")
    judged = [
        told(run(tmp_path, "evaluate", model, f"{name}.parquet", *units, "--json"))["outputs"]["spent"]["test"]
        for name, units in (("own", ()), ("other", ("--unit", "age=ms", "--unit", "spent=m")), ("other", ()))
    ]
    assert judged[1] == pytest.approx(judged[0], rel=1e-9) and judged[2]["mae"] > 100 * judged[0]["mae"]
    for wrong in ("age=USD", "spent=kg", "city=s", "aeg=s", "age"):
        refused = told(run(tmp_path, "evaluate", model, "other.parquet", "--unit", wrong, "--json"))
        assert wrong.partition("=")[0] in json.dumps(refused["error"])


def test_a_beginning_that_several_runs_share_is_refused(tmp_path: Path) -> None:
    project(tmp_path, plain(200))
    for _ in range(2):
        assert run(tmp_path, "train", "--json").returncode == 0
    done = run(tmp_path, "run", "lineage", "0", "--json")
    assert done.returncode == 2 and "several runs" in json.loads(done.stdout)["error"]["what"]


def test_nothing_of_a_person_is_overwritten(tmp_path: Path) -> None:
    project(tmp_path, plain(200))
    before, document = (tmp_path / "t.csv").read_bytes(), (tmp_path / "landmark.yaml").read_text()
    trained = told(run(tmp_path, "train", "--json"))
    assert run(tmp_path, "predict", trained["model"], "t.csv", "-o", "t.csv").returncode == 2
    assert (tmp_path / "t.csv").read_bytes() == before
    assert run(tmp_path, "demo", ".", "--rows", "50").returncode == 2
    assert (tmp_path / "landmark.yaml").read_text() == document


def test_a_check_has_a_page_that_draws_both_sets_of_rows_and_loads_nothing(tmp_path: Path) -> None:
    columns = people(300).drop_columns(["tags"]).append_column("</script><b>", pa.array(["a", "b", "c"] * 100))
    project(tmp_path, columns, "[bought]", "readiness: {waive: [{code: attestation, by: Ada, why: it is ours}]}\n")
    checked = told(run(tmp_path, "check", "--json"))
    assert run(tmp_path, "report", checked["run"], "-o", "c.html").returncode == 0
    page = (tmp_path / "c.html").read_text()
    assert "training rows, 240 rows" in page and "judging rows, 60 rows" in page
    assert f"Readiness <b>{checked['level']}</b>: {checked['meaning']}" in page and "waived by Ada: it is ours" in page
    assert all(finding["code"] in page for finding in checked["findings"])
    assert "<h3>&lt;/script&gt;&lt;b&gt;</h3>" in page and "<h3></script>" not in page
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href)\s*=|url\(|@import", markup)
