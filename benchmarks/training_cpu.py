"""What the corridor costs over the bare fits it is made of: CPU seconds, imports excluded, medians of several runs.

    .venv/bin/python benchmarks/training_cpu.py [--runs 3] [--data DIR]

By hand means what a careful person would write with scikit-learn and LightGBM: the same rows, the same five folds, the
same settings, one-hot and quantile-normal inputs for the linear model with C chosen on the first fold, early stopping
for the trees, and the final fit of both. Ours is everything between reading the file and the finished model file.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from corridor import ADULT, split
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

import landmark

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "training_cpu.md"
TREES = {
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_child_samples": 20,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "cat_smooth": 10,
    "lambda_l2": 1.0,
    "verbose": -1,
    "num_threads": 1,
    "seed": 0,
    "deterministic": True,
    "force_row_wise": True,
}


def adult(data: Path) -> tuple[pd.DataFrame, str]:
    """Return the census training rows."""
    frame = pd.read_csv(
        data / "adult/adult-train.csv.gz", header=None, names=ADULT, skipinitialspace=True, na_values="?"
    )
    return frame.drop(columns=["fnlwgt"]), "income"


def housing(data: Path) -> tuple[pd.DataFrame, str]:
    """Return 80 % of the housing rows."""
    return split(pd.read_csv(data / "california_housing/housing.csv.gz"))[0], "median_house_value"


def by_hand(frame: pd.DataFrame, target: str) -> float:
    """Return the CPU seconds of the bare fits."""
    start = time.process_time()
    x, y = frame.drop(columns=[target]), frame[target]
    texts = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
    numbers = [name for name in x if name not in texts]
    classes = not pd.api.types.is_numeric_dtype(y)
    truth = pd.factorize(y, sort=True)[0] if classes else y.to_numpy(float)
    kind: Any = StratifiedKFold if classes else KFold
    folds = list(kind(5, shuffle=True, random_state=0).split(x, truth))
    linear(x, truth, folds, numbers, texts, classes)
    trees(x, truth, folds, texts, classes)
    return time.process_time() - start


def linear(x: Any, y: Any, folds: Any, numbers: list[str], texts: list[str], classes: bool) -> None:
    """Fit the linear model: C on the first fold, then all folds, then all rows."""
    shift = 0.0 if classes else y.mean()
    scale = 1.0 if classes else y.std()

    def inputs() -> Any:
        both = make_union(StandardScaler(), QuantileTransformer(n_quantiles=100, output_distribution="normal"))
        number = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), both)
        return make_column_transformer(
            (number, numbers), (OneHotEncoder(handle_unknown="ignore", min_frequency=10), texts)
        )

    def model(c: float) -> Any:
        return LogisticRegression(C=c, max_iter=300, tol=1e-3) if classes else Ridge(alpha=1 / c)

    def loss(fitted: Any, rows: Any, truth: Any) -> float:
        return (
            log_loss(truth, fitted.predict_proba(rows)) if classes else mean_squared_error(truth, fitted.predict(rows))
        )

    best, c = np.inf, 0.03
    for number, (teach, judge) in enumerate(folds):
        maker = inputs()
        a, b = maker.fit_transform(x.iloc[teach]), maker.transform(x.iloc[judge])
        target, other = (y[teach] - shift) / scale, (y[judge] - shift) / scale
        if classes:
            target, other = y[teach], y[judge]
        for trial in (0.003, 0.03, 0.3, 3.0) if number == 0 else (c,):
            reached = loss(model(trial).fit(a, target), b, other)
            if number == 0 and reached < best:
                best, c = reached, trial
    model(c).fit(inputs().fit_transform(x), y if classes else (y - shift) / scale)


def trees(x: pd.DataFrame, y: Any, folds: Any, texts: list[str], classes: bool) -> None:
    """Fit the trees: early stopping on every fold, then all rows with the mean number of rounds."""
    frame = x.astype({name: "category" for name in texts})
    turned = [f for f in frame if f in ("latitude", "longitude")]
    if turned:
        for degrees in (15, 30, 45, 60, 75):
            angle = np.deg2rad(degrees)
            frame[f"turn{degrees}"] = np.cos(angle) * frame["latitude"] + np.sin(angle) * frame["longitude"]
    settings = {**TREES, "objective": "binary" if classes else "regression"}
    rounds = []
    for teach, judge in folds:
        own = lightgbm.Dataset(frame.iloc[teach], y[teach])
        other = lightgbm.Dataset(frame.iloc[judge], y[judge], reference=own)
        stop = lightgbm.early_stopping(50, verbose=False)
        fitted = lightgbm.train(settings, own, 3000, valid_sets=[other], callbacks=[stop])
        fitted.predict(frame.iloc[judge], num_threads=1)
        rounds.append(fitted.best_iteration)
    lightgbm.train(settings, lightgbm.Dataset(frame, y), int(np.mean(rounds)))


def ours(frame: pd.DataFrame, target: str) -> tuple[float, float]:
    """Return the CPU seconds of the fits inside the ladder, and of the whole corridor."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        frame.to_csv("train.csv", index=False)
        Path("landmark.yaml").write_text(
            f"data: {{source: train.csv, split: {{by: random, test: 0.01}}}}\noutputs: [{target}]\n"
        )
        start = time.process_time()
        trained = landmark.train()
        spent = time.process_time() - start
        os.chdir(here)
    rungs = trained.summary["outputs"][target]["candidates"]
    return sum(rung["train_cpu_s"] for rung in rungs if rung["model"] in ("linear", "trees")), spent


def main() -> None:
    """Measure both tables and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = [
        "| table | by hand, CPU s | our fits, CPU s | ratio | whole corridor, CPU s | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for load in (adult, housing):
        frame, target = load(chosen.data)
        ours(frame.head(400), target)  # imports, and whatever is done once in a process
        by_hand(frame.head(400), target)
        pairs = [(by_hand(frame, target), *ours(frame, target)) for _ in range(chosen.runs)]
        hand, fits, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios = [statistics.median(pair[i] / pair[0] for pair in pairs) for i in (1, 2)]
        lines.append(f"| {load.__name__} | {hand:.2f} | {fits:.2f} | {ratios[0]:.2f} | {whole:.2f} | {ratios[1]:.2f} |")
        print(lines[-1], flush=True)
    packages = ", ".join(f"{name} {version(name)}" for name in ("landmark", "lightgbm", "scikit-learn", "numpy"))
    RESULTS.write_text(
        f"# Training CPU beside the bare fits\n\n{datetime.datetime.now(datetime.UTC).date()}; Python "
        f"{platform.python_version()}, 2 cores; {packages}. Medians of {chosen.runs} interleaved runs, ratios run by run.\n"
        "Made by `python benchmarks/training_cpu.py`.\n\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main()
