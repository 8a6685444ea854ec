"""schema, validate and accept as scripts and people use them: exit codes, JSON, the file, and what the store keeps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import people, plain, project, write_csv

from landmark import api
from landmark.api import contracts
from landmark.artifacts.contract import Contract, Validation
from landmark.config.contract import load
from landmark.core.errors import UserError
from landmark.store.sql import open_store
from landmark.store.store import Event, Execution, Mark, Run

LANDMARK = Path(sys.executable).parent / "landmark"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LANDMARK, *arguments], cwd=folder, capture_output=True, text=True)


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def spoilt(table: pa.Table) -> pa.Table:
    """Return a table with three ages below zero, and one city nobody knows."""
    age, city = table["age"].to_pylist(), table["city"].to_pylist()
    age[4:7], city[9] = [-500.0, -600.0, -750.0], "atlantis"
    place = table.column_names.index
    table = table.set_column(place("age"), "age", pa.array(age))
    return table.set_column(place("city"), "city", pa.array(city))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a contract, and a table that does not keep it."""
    place = tmp_path_factory.mktemp("project")
    project(place, plain(1200), more="columns: {age: {type: number, unit: year}}\n")
    done = run(place, "data", "schema", "--json")
    assert done.returncode == 0, done.stderr
    write_csv(plain(500, seed=8), place / "good.csv")
    write_csv(spoilt(plain(500, seed=8)), place / "bad.csv")
    return place


def test_schema_writes_a_readable_file_with_reasons(folder: Path) -> None:
    text = (folder / "schema.yaml").read_text()
    assert "unit: year" in text and "only: [training]" in text and "present: " in text
    assert text.count("# ") > 15 and load(folder / "schema.yaml").columns.keys() == {"noise", "age", "city", "bought"}
    again = run(folder, "data", "schema")
    assert again.returncode == 2 and "--force" in again.stderr
    printed = run(folder, "data", "schema", "t.csv", "-o", "-")
    assert printed.returncode == 0 and printed.stdout.startswith("# What every new table must keep")
    other = told(run(folder, "data", "schema", "good.csv", "-c", "landmark.yaml", "-o", "other.yaml", "--json"))
    assert other["schema"] == "other.yaml" and other["contract"]["columns"]["age"]["unit"] == "year"


def test_training_rows_alone_are_looked_at(folder: Path) -> None:
    made = load(folder / "schema.yaml")
    assert made.reference is not None and made.reference.rows == 960  # four fifths of the rows


def test_validate_says_what_is_promised(folder: Path) -> None:
    good = run(folder, "data", "validate", "good.csv", "--json")
    assert good.returncode == 0 and told(good)["kept"] is True and told(good)["findings"] == []
    done = run(folder, "data", "validate", "bad.csv", "--json")
    assert done.returncode == 3
    said = told(done)
    assert {"data", "schema", "environment", "rows", "kept", "findings", "run"} == said.keys()
    assert (said["rows"], said["kept"], said["environment"]) == (500, False, "training")
    found = {finding["code"]: finding for finding in said["findings"]}
    low = found["too-small"]
    assert {"code", "level", "where", "seen", "next", "row", "rows", "count", "of", "edit"} == low.keys()
    assert (low["where"], low["row"], low["rows"], low["count"]) == ("age", 5, [5, 6, 7], 3)
    assert low["edit"]["changes"] == [{"place": ["columns", "age", "least"], "value": -750}]
    assert found["new-value"]["rows"] == [10]
    talk = run(folder, "data", "validate", "bad.csv")
    assert talk.returncode == 3 and "does not keep" in talk.stdout and "too-small" in talk.stdout


def test_validate_in_service_needs_no_target(folder: Path) -> None:
    write_csv(plain(500, seed=8).drop_columns(["bought"]), folder / "serving.csv")
    assert run(folder, "data", "validate", "serving.csv", "--environment", "serving").returncode == 0
    training = run(folder, "data", "validate", "serving.csv", "--json")
    assert training.returncode == 3 and told(training)["findings"][0]["code"] == "column-gone"
    unknown = run(folder, "data", "validate", "serving.csv", "--environment", "servng", "--json")
    assert unknown.returncode == 2 and told(unknown)["error"]["fix"] == "did you mean 'serving'?"


def test_accept_takes_the_edit_in_a_name_and_keeps_comments(folder: Path) -> None:
    schema = folder / "mine.yaml"
    schema.write_text((folder / "schema.yaml").read_text().replace("columns:\n", "columns:\n  # our words\n", 1))
    assert run(folder, "data", "validate", "bad.csv", "--schema", "mine.yaml").returncode == 3
    options = ("--schema", "mine.yaml")
    assert run(folder, "data", "accept", "too-small", "age", "--by", " ", *options).returncode == 2
    wrong = run(folder, "data", "accept", "too-smal", "age", "--by", "Ada", *options)
    assert wrong.returncode == 2 and "did you mean 'too-small age'?" in wrong.stderr
    done = run(folder, "data", "accept", "too-small", "age", "--by", "Ada", "--note", "unborn", "--json", *options)
    assert done.returncode == 0, done.stderr
    assert told(done)["by"] == "Ada" and told(done)["comments"] is True
    text = schema.read_text()
    assert "# our words" in text and "accepted by Ada" in text and ": unborn" in text
    assert load(schema).columns["age"].least == -750
    again = run(folder, "data", "accept", "too-small", "age", "--by", "Ada", *options)
    assert again.returncode == 2 and "in the contract already" in again.stderr
    assert run(folder, "data", "accept", "new-value", "city", "--by", "Grace", *options).returncode == 0
    assert run(folder, "data", "validate", "bad.csv", *options).returncode == 0
    store = open_store(folder)
    (mark,) = store.find(Mark, by="Ada")
    assert (mark.mark, mark.note) == ("accepted", "unborn")
    assert store.recall(Contract, mark.uri).columns["age"].least == -750
    (event,) = [each for each in store.find(Event, event="accepted") if each.detail["by"] == "Ada"]
    assert event.detail["changes"] == [{"place": ["columns", "age", "least"], "value": -750}]
    (made,) = [each for each in store.find(Execution, uri=mark.uri) if each.run == event.run]
    kinds = {edge.name for edge in store.parents(made.uri, event.run)}
    assert kinds == {"contract", "validation"}
    store.close()


def test_an_edit_that_no_longer_fits_is_refused(tmp_path: Path) -> None:
    schema = tmp_path / "schema.yaml"
    schema.write_text("columns: {c: {type: number, least: 0}}\n")
    assert api.validate({"c": [1, -2]}, schema).exit_code == 3
    schema.write_text("columns: {c: {type: text}}\n")
    with pytest.raises(UserError, match="no longer fits"):
        api.accept("too-small", "c", "Ada", schema=schema)
    assert schema.read_text() == "columns: {c: {type: text}}\n"
    with pytest.raises(UserError, match="nothing was held against"):
        schema.rename(tmp_path / "moved.yaml")
        api.accept("too-small", "c", "Ada", schema=tmp_path / "moved.yaml")


def test_a_contract_with_mistakes_is_refused_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text("columns:\n  a: {type: nmber}\n  b: {tpe: text}\n")
    write_csv(pa.table({"a": [1], "b": ["x"]}), tmp_path / "t.csv")
    done = run(tmp_path, "data", "validate", "t.csv", "--json")
    assert done.returncode == 2 and "schema.yaml:2" in done.stderr and "schema.yaml:3" in done.stderr
    assert len(told(done)["error"]["all"]) >= 2
    none = run(tmp_path, "data", "validate", "t.csv", "--schema", "none.yaml")
    assert none.returncode == 2 and "there is no contract" in none.stderr
    assert run(tmp_path, "data", "validate", "none.csv").returncode == 2


def test_a_format_is_said_as_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("".join(f"{i},{i % 3}\n" for i in range(200)))
    form = ("--format", "{header: no, names: [a, b]}")
    assert run(tmp_path, "data", "schema", "t.csv", *form).returncode == 0
    assert load(tmp_path / "schema.yaml").columns.keys() == {"a", "b"}
    assert run(tmp_path, "data", "validate", "t.csv", *form).returncode == 0


def test_tables_in_memory_are_held_against_a_contract_too(tmp_path: Path) -> None:
    schema = tmp_path / "schema.yaml"
    made = api.schema(people(1500), out=schema)
    assert made.contract == load(schema) and made.contract.columns["tags"].type == "set"
    held = api.validate(people(400, seed=3), schema)
    assert held.exit_code == 0 and isinstance(held.validation, Validation)
    frame = people(400, seed=3).to_pandas()
    frame["spent"] = frame["spent"].astype(str) + " USD"
    (found,) = api.validate(frame, schema).validation.breaches
    assert (found.finding.code, found.finding.where) == ("type-changed", "spent")


def test_what_the_reader_notices_is_said_beside(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text("columns: {a: {type: text}, b: {type: number}}\n")
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"x,1\n" * 30 + b"\xff,2\n")
    said = told(run(tmp_path, "data", "validate", "t.csv", "--json"))
    (found,) = said["findings"]
    assert (found["code"], found["row"], found["edit"], said["kept"]) == ("invalid-text", 31, None, True)


def test_a_store_that_cannot_be_opened_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text("columns: {a: {type: text}}\n")
    (tmp_path / ".landmark").write_text("in the way")
    held = api.validate({"a": ["x"]}, tmp_path / "schema.yaml")
    assert held.exit_code == 0 and held.summary["run"] is None
    assert [finding["code"] for finding in held.summary["findings"]] == ["not-kept"]


def test_rows_beyond_the_first_ones_widen_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "MOST_ROWS", 1000)
    n = 5000
    late = np.arange(n) >= 4000
    table = pa.table(
        {
            "x": np.where(late, 1e6, np.random.default_rng(0).normal(size=n)),
            "kind": np.where(late, "c", np.where(np.arange(n) % 2, "a", "b")),
            "gap": pa.array(["x"] * n, mask=late),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=500)
    made = api.schema(str(tmp_path / "t.parquet"), out=tmp_path / "schema.yaml")
    assert made.contract.columns["x"].most == 1e6 and "c" in (made.contract.columns["kind"].values or ())
    assert api.validate(str(tmp_path / "t.parquet"), tmp_path / "schema.yaml").exit_code == 0
    assert "beyond the first rows" in made.text


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    schema = pa.schema([pa.field(b"\xff\xfe", pa.int64())])
    table = pa.Table.from_arrays([pa.array([1] * 20)], schema=schema)
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(UserError, match="not text in UTF-8"):
        api.schema(str(tmp_path / "t.parquet"))


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """The peak of ten times the rows is that of one time, but for what keys cost on their way to the disk."""
    rng = np.random.default_rng(0)
    part = {f"x{i}": rng.normal(size=100_000) for i in range(8)} | {"k": [f"{i:07}" for i in range(100_000)]}
    (tmp_path / "schema.yaml").write_text(
        "columns: {x0: {type: number, least: -9, sorted: ascending}, k: {type: text}}\n"
    )
    peaks = []
    for times in (1, 16):
        file = tmp_path / f"{times}.parquet"
        with pq.ParquetWriter(file, pa.table(part).schema) as writer:
            for _ in range(times):
                writer.write_table(pa.table(part), row_group_size=50_000)
        code = (
            "import resource, sys\nfrom landmark import api\n"
            f"api.validate({str(file)!r}, {str(tmp_path / 'schema.yaml')!r})\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 50_000


def test_runs_are_listed(folder: Path) -> None:
    store = open_store(folder)
    assert {"contract", "validate"} <= {each.kind for each in store.find(Run)}
    store.close()
