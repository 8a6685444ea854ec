"""What the corridor reaches on real tables, judged by scikit-learn's metrics, never by our own.

    .venv/bin/python benchmarks/corridor.py [adult titanic housing diamonds banking77 emotions tickets] [--data DIR]

Each table is trained through the command line in a fresh folder by a document as a user would write it, and the
predictions of `landmark predict` are scored. Results go to benchmarks/results/corridor.md with versions and date.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn import metrics
from sklearn.model_selection import StratifiedKFold

ROOT = Path(__file__).resolve().parents[1]
LANDMARK = Path(sys.executable).parent / "landmark"
RESULTS = ROOT / "benchmarks" / "results" / "corridor.md"
ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
).split()
Row = dict[str, Any]


def landmark(folder: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run a command with --json; return its document and the CPU seconds of the whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([LANDMARK, *arguments, "--json"], cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 4):
        raise SystemExit(f"landmark {' '.join(arguments)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def walk(folder: Path, document: str, new: pd.DataFrame | pa.Table) -> tuple[dict[str, Any], pd.DataFrame, Row]:
    """Train by the document, predict the rows of `new`; return train's JSON, the answers, and the price."""
    (folder / "landmark.yaml").write_text(document)
    trained, cpu = landmark(folder, "train")
    table = new if isinstance(new, pa.Table) else pa.Table.from_pandas(new, preserve_index=False)
    pq.write_table(table, folder / "new.parquet")
    landmark(folder, "predict", trained["model"], "new.parquet", "-o", "answers.parquet")
    model = folder / trained["model"]
    row = {"model file MB": round(model.stat().st_size / 1e6, 2), "process CPU s": round(cpu, 1)}
    row |= {"one row ms p50": one_row(model, table)}
    return trained, pd.read_parquet(folder / "answers.parquet"), row


def one_row(model: Path, table: pa.Table) -> float:
    """Return the median time in ms of one mapping through `landmark.load(...).predict`, in a process of its own."""
    rows = table.slice(0, 200).to_pylist()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(rows, file, default=str)
        file.flush()
        code = (
            "import json,sys,time,statistics,landmark\n"
            f"rows=json.load(open({file.name!r})); m=landmark.load({str(model)!r}); s=[]\n"
            "for r in rows[:20]: m.predict(r)\n"
            "for _ in range(5):\n"
            " for r in rows:\n  t=time.perf_counter(); m.predict(r); s.append(time.perf_counter()-t)\n"
            "print(statistics.median(s)*1e3)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return round(float(done.stdout), 3)


def adult(data: Path, folder: Path) -> list[Row]:
    """Census incomes, given test file."""
    for name in ("adult-train.csv.gz", "adult-test.csv.gz"):
        (folder / name).write_bytes((data / "adult" / name).read_bytes())
    test = pd.read_csv(data / "adult/adult-test.csv.gz", header=None, names=ADULT, skipinitialspace=True)
    truth = test["income"].str.rstrip(".")
    part = folder / "test.csv"
    test.assign(income=truth).to_csv(part, index=False, header=False)
    names = ", ".join(ADULT)
    document = (
        "data:\n  source: adult-train.csv.gz\n  test: test.csv\n"
        f"  format: {{header: no, names: [{names}], strip: yes, missing: ['?']}}\n"
        "columns:\n  fnlwgt: {use: ignore}\noutputs: [income]\n"
    )
    trained, answers, price = walk(folder, document, test.drop(columns=["income"]))
    accuracy = metrics.accuracy_score(truth, answers["income"])
    auc = metrics.roc_auc_score(truth == ">50K", answers["income.p.>50K"])
    chosen = trained["outputs"]["income"]["chosen"]
    return [
        {
            "on": "adult (given test)",
            "measure": "accuracy",
            "reached": accuracy,
            "bar": 0.868,
            "chosen": chosen,
            **price,
        },
        {"on": "adult (given test)", "measure": "ROC AUC", "reached": auc, "bar": 0.925, "chosen": chosen, **price},
    ]


def titanic(data: Path, folder: Path) -> list[Row]:
    """Five folds, each trained and judged apart; the rung must be the simplest within one standard error."""
    frame = pd.read_csv(data / "titanic/titanic.csv", dtype=str, keep_default_na=False)
    aucs, chosen, price = [], [], {}
    for i, (teach, judge) in enumerate(
        StratifiedKFold(5, shuffle=True, random_state=0).split(frame, frame["survived"])
    ):
        place = folder / str(i)
        place.mkdir()
        frame.iloc[teach].to_csv(place / "train.csv", index=False)
        frame.iloc[judge].to_csv(place / "test.csv", index=False)
        document = "data: {source: train.csv, test: test.csv}\noutputs: [survived]\n"
        new = frame.iloc[judge].drop(columns=["survived"])
        trained, answers, price = walk(place, document, new)
        aucs.append(metrics.roc_auc_score(frame.iloc[judge]["survived"] == "1", answers["survived.p.1"]))
        chosen.append(trained["outputs"]["survived"]["chosen"])
    return [
        {
            "on": "titanic (5-fold)",
            "measure": "ROC AUC",
            "reached": float(np.mean(aucs)),
            "bar": 0.85,
            "chosen": ", ".join(chosen),
            **price,
        }
    ]


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an 80/20 split by seed 0."""
    order = np.random.default_rng(0).permutation(len(frame))
    cut = int(0.8 * len(frame))
    return frame.iloc[order[:cut]], frame.iloc[order[cut:]]


def numbers(data: Path, folder: Path, path: str, target: str) -> tuple[Any, pd.Series, pd.Series, Row, str]:
    """Train on 80 % of a regression table and return truth and answers of the rest."""
    train, test = split(pd.read_csv(data / path))
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    document = f"data: {{source: train.csv, test: test.csv}}\noutputs: [{target}]\n"
    trained, answers, price = walk(folder, document, test.drop(columns=[target]))
    return trained, test[target].reset_index(drop=True), answers[target], price, trained["outputs"][target]["chosen"]


def housing(data: Path, folder: Path) -> list[Row]:
    """California, 80/20, seed 0."""
    _, truth, said, price, chosen = numbers(data, folder, "california_housing/housing.csv.gz", "median_house_value")
    rmse = metrics.root_mean_squared_error(truth, said)
    return [
        {
            "on": "california_housing (80/20)",
            "measure": "RMSE",
            "reached": rmse,
            "bar": 46_500,
            "less": True,
            "chosen": chosen,
            **price,
        }
    ]


def diamonds(data: Path, folder: Path) -> list[Row]:
    """Diamonds, 80/20, seed 0."""
    _, truth, said, price, chosen = numbers(data, folder, "diamonds/diamonds.csv.gz", "price")
    return [
        {
            "on": "diamonds (80/20)",
            "measure": "R2",
            "reached": metrics.r2_score(truth, said),
            "bar": 0.979,
            "chosen": chosen,
            **price,
        }
    ]


def banking77(data: Path, folder: Path) -> list[Row]:
    """Seventy-seven intents, given test."""
    for name in ("train.csv.gz", "test.csv.gz"):
        (folder / name).write_bytes((data / "banking77" / name).read_bytes())
    test = pd.read_csv(data / "banking77/test.csv.gz")
    document = "data: {source: train.csv.gz, test: test.csv.gz}\noutputs: [category]\n"
    trained, answers, price = walk(folder, document, test[["text"]])
    accuracy = metrics.accuracy_score(test["category"], answers["category"])
    chosen = trained["outputs"]["category"]["chosen"]
    return [
        {
            "on": "banking77 (given test)",
            "measure": "accuracy",
            "reached": accuracy,
            "bar": 0.905,
            "chosen": chosen,
            **price,
        },
        {
            "on": "banking77 (given test)",
            "measure": "model file MB",
            "reached": price["model file MB"],
            "bar": 25,
            "less": True,
            "chosen": chosen,
            **price,
        },
    ]


def arff(path: Path, labels: list[str]) -> pa.Table:
    """Return a Mulan table with its labels as one set column."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    names, rows = [], []
    for line in text.splitlines():
        if line.lower().startswith("@attribute"):
            names.append(line.split()[1])
        elif line and line[0] not in "@%":
            rows.append([float(cell) for cell in line.split(",")])
    frame = pd.DataFrame(rows, columns=names)
    sets = [[label for label in labels if row[label] == 1] for row in frame[labels].to_dict("records")]
    table = pa.Table.from_pandas(frame.drop(columns=labels), preserve_index=False)
    return table.append_column("labels", pa.array(sets, pa.list_(pa.string())))


def emotions(data: Path, folder: Path) -> list[Row]:
    """Six moods of music, given test: better than the constant on every label's average precision."""
    xml = (data / "ml_emotions/emotions.xml").read_text()
    labels = [part.split('"')[1] for part in xml.split("<label")[1:] if 'name="' in part]
    train, test = (
        arff(data / "ml_emotions" / name, labels) for name in ("emotions-train.arff.gz", "emotions-test.arff")
    )
    pq.write_table(train, folder / "train.parquet")
    pq.write_table(test, folder / "test.parquet")
    document = "data: {source: train.parquet, test: test.parquet}\noutputs: [labels]\n"
    trained, answers, price = walk(folder, document, test.drop_columns(["labels"]))
    truth = test["labels"].to_pylist()
    rows = []
    for label in labels:
        is_true = np.array([label in row for row in truth])
        reached = metrics.average_precision_score(is_true, answers[f"labels.p.{label}"])
        rows.append(
            {
                "on": "ml_emotions (given test)",
                "measure": f"average precision of {label}, constant below",
                "reached": reached,
                "bar": float(is_true.mean()),
                "chosen": trained["outputs"]["labels"]["chosen"],
                **price,
            }
        )
    return rows


def tickets(data: Path, folder: Path) -> list[Row]:
    """The demo data: within 5 % of the ceiling that its own probabilities allow, on the same judging rows."""
    from landmark.demo.tickets import make

    rows: list[Row] = []
    demo = make(12_000, 0)
    order = np.random.default_rng(0).permutation(12_000)
    teach, judge = order[:9_600], order[9_600:]
    pq.write_table(demo.table.take(teach), folder / "train.parquet")
    test = demo.table.take(judge)
    pq.write_table(test, folder / "test.parquet")
    document = (
        "data: {source: train.parquet, test: test.parquet}\n"
        "columns: {ticket_id: {use: identifier}}\n"
        "outputs: [issue_type, action, {name: refund, type: number, unit: USD}]\n"
    )
    outputs = ["issue_type", "action", "refund"]
    trained, answers, price = walk(folder, document, test.drop_columns(outputs))
    ceiling = demo.ceiling_of(judge)
    for name in outputs:
        truth, chosen = test[name].to_pandas(), trained["outputs"][name]["chosen"]
        if name == "refund":
            reached, measure = metrics.root_mean_squared_error(truth, answers[name]), "RMSE"
            bar, less = ceiling[name]["rmse"] * 1.05, True
        else:
            reached, measure, bar, less = (
                metrics.accuracy_score(truth, answers[name]),
                "accuracy",
                0.95 * ceiling[name]["accuracy"],
                False,
            )
        rows.append(
            {
                "on": "demo tickets",
                "measure": f"{name} {measure}",
                "reached": reached,
                "bar": bar,
                "less": less,
                "chosen": chosen,
                **price,
            }
        )
    return rows


TABLES: dict[str, Callable[[Path, Path], list[Row]]] = {
    f.__name__: f for f in (adult, titanic, housing, diamonds, banking77, emotions, tickets)
}


def main() -> None:
    """Run the tables named, all by default, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    chosen = parser.parse_args()
    rows: list[Row] = []
    for name in chosen.tables:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            found = TABLES[name](chosen.data, Path(folder))
        for row in found:
            row["holds"] = bool(
                row["reached"] <= row["bar"] if row.pop("less", False) else row["reached"] >= row["bar"]
            )
            print(
                f"{row['on']}: {row['measure']} {row['reached']:.4f} (bar {row['bar']:.4f}) {'holds' if row['holds'] else 'FALLS SHORT'}",
                flush=True,
            )
        print(f"  {time.perf_counter() - start:.0f} s, {found[0]}", flush=True)
        rows += found
    if set(chosen.tables) == set(TABLES):
        RESULTS.write_text(report(rows))


def report(rows: list[Row]) -> str:
    """Return the results as a Markdown page."""
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("landmark", "lightgbm", "scikit-learn", "onnxruntime", "pyarrow", "numpy")
    )
    heads = ["on", "measure", "reached", "bar", "holds", "chosen", "model file MB", "process CPU s", "one row ms p50"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        cells = [f"{row[h]:.4f}" if h in ("reached", "bar") else str(row[h]) for h in heads]
        lines.append(f"| {' | '.join(cells)} |")
    when = datetime.datetime.now(datetime.UTC).date()
    cores = statistics.mean([len(__import__("os").sched_getaffinity(0))])
    return (
        f"# The corridor on real tables\n\n{when}; Python {platform.python_version()}, {cores:.0f} cores; {packages}.\n"
        "Made by `python benchmarks/corridor.py`. Scores are scikit-learn's, of the rows that `landmark predict` wrote.\n\n"
        + "\n".join(lines)
        + "\n"
    )


if __name__ == "__main__":
    main()
