"""Small tables that are learnt in a second: what the end-to-end tests walk the corridor with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

WORDS = [
    "please",
    "my",
    "card",
    "lost",
    "the",
    "app",
    "does",
    "not",
    "open",
    "refund",
    "order",
    "late",
    "thanks",
    "today",
]


def people(rows: int = 400, seed: int = 0) -> pa.Table:
    """Return a mixed table with a learnable label, a learnable number and a learnable set."""
    rng = np.random.default_rng(seed)
    age, city = (
        rng.normal(40, 12, rows).round(1),
        rng.choice(np.array(["rome", "oslo", "lima", None], dtype=object), rows),
    )
    day = np.datetime64("2024-01-01", "us") + rng.integers(0, 500, rows).astype("timedelta64[D]")
    lost = rng.random(rows) < 0.5
    text = [" ".join(["lost" if is_lost else "refund", *rng.choice(WORDS, 5)]) for is_lost in lost]
    score = 0.1 * (age - 40) + (city == "rome") * 2.0 + lost * 1.5 + rng.normal(0, 0.5, rows)
    tags = [[t for t, on in zip(("a", "b"), (s > 0.5, s > 2), strict=True) if on] for s in score]
    return pa.table(
        {
            "age": pa.array(np.where(rng.random(rows) < 0.05, np.nan, age), from_pandas=True),
            "city": pa.array(city.tolist(), pa.string()),
            "day": pa.array(day),
            "text": text,
            "bought": np.where(score > 1, "yes", "no"),
            "spent": (score * 10 + 50).round(2),
            "tags": pa.array(tags, pa.list_(pa.string())),
        }
    )


def plain(rows: int = 300, seed: int = 0) -> pa.Table:
    """Return two numbers, a category and a label: enough for a model, learnt in half a second."""
    table = people(rows, seed).select(["age", "city", "bought"])
    return table.add_column(0, "noise", pa.array(np.random.default_rng(seed + 1).normal(size=rows).round(3)))


def write_csv(table: pa.Table, path: Path) -> Path:
    """Write a table without lists as CSV."""
    pyarrow.csv.write_csv(table, path)
    return path


def project(folder: Path, table: pa.Table, outputs: str = "[bought]", more: str = "") -> Path:
    """Write a table and its document into folder; return the document's path."""
    write_csv(table, folder / "t.csv")
    place = folder / "landmark.yaml"
    place.write_text(f"data: t.csv\noutputs: {outputs}\n{more}")
    return place


def truth(table: pa.Table, name: str) -> list[Any]:
    """Return a column as Python values."""
    values: list[Any] = table[name].to_pylist()
    return values
