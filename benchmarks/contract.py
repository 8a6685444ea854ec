"""How often a contract cries wolf: real tables split in halves, inferred on one and held against the other.

    .venv/bin/python benchmarks/contract.py [--data DIR] [--seeds 8]

A clean second sample of the same source should raise nothing. What is raised is listed, for people to judge whether it
is true of the table. Beside that stands what holding a table against a contract costs. Results go to
benchmarks/results/contract.md with versions and date.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from landmark.contract.inference import infer
from landmark.contract.validation import validate
from landmark.sources import stream

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "contract.md"
ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
).split()
TABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "titanic": ("titanic/titanic.csv", {}),
    "adult": ("adult/adult-train.csv.gz", {"header": False, "names": ADULT, "strip": True}),
    "diamonds": ("diamonds/diamonds.csv.gz", {}),
    "california_housing": ("california_housing/housing.csv.gz", {}),
    "md_mlc_churn": ("md_mlc_churn/mlc_churn.csv.gz", {}),
    "md_ames": ("md_ames/ames.csv.gz", {}),
    "marvel": ("marvel_dc/marvel-wikia-data.csv.gz", {}),
    "dc": ("marvel_dc/dc-wikia-data.csv.gz", {}),
    "sms_spam": ("sms_spam/sms.tsv.gz", {"header": False, "names": ["label", "text"], "quote": ""}),
    "banking77": ("banking77/train.csv.gz", {}),
    "elec2": ("elec2/elec.csv.gz", {}),
    "bike_hour": ("bike_hour/hour.csv.gz", {}),
    "bike_day": ("bike_hour/day.csv", {}),
    "ett_h1": ("ett_h1/ETTh1.csv.gz", {}),
}
TRUE = {
    ("diamonds", "z"): "a stone 31.8 mm high and 5 mm wide",
    ("diamonds", "table"): "a table of 95 %, where the next is 79 %",
    ("ett_h1", "LUFL"): "the only negative load among 17,420",
}
"""What is raised and true of the table: an outlier that happens to lie in the second half."""


def halves(table: pa.Table, seed: int) -> tuple[pa.Table, pa.Table]:
    """Return two random halves of a table, each in the order of its rows."""
    first = np.random.default_rng(seed).random(table.num_rows) < 0.5
    return table.filter(pa.array(first)), table.filter(pa.array(~first))


def judged(data: Path, seeds: int) -> tuple[list[str], list[str]]:
    """Return a line for each table, and one for each thing that was raised."""
    lines, raised = [], Counter[tuple[str, str, str, str]]()
    columns = promises = 0
    for name, (file, form) in TABLES.items():
        opened = stream(file, form, data, [])
        table = pa.Table.from_batches(opened.batches, opened.schema)
        own = made = 0
        for seed in range(seeds):
            before, after = halves(table, seed)
            contract = infer(before).contract
            assert validate(contract, before.to_batches()).breaches == (), name
            terms = [each.model_dump(exclude_defaults=True) for each in contract.columns.values()]
            made += (
                sum(map(len, terms))
                + len(contract.rules)
                + len(contract.reference.columns if contract.reference else ())
            )
            for breach in validate(contract, after.to_batches()).breaches:
                own += 1
                raised[name, breach.finding.code, breach.finding.where, breach.finding.seen] += 1
        columns, promises = columns + table.num_columns * seeds, promises + made
        lines.append(f"| {name} | {table.num_rows:,} | {table.num_columns} | {made // seeds} | {own} |")
        print(lines[-1], flush=True)
    total = sum(raised.values())
    false = sum(count for (name, _, where, _), count in raised.items() if (name, where) not in TRUE)
    lines.append(f"| **all, {seeds} times** | | {columns:,} | {promises:,} | {total} |")
    lines.append("")
    lines.append(
        f"Of 200 columns {200 * total / columns:.2f} raised something, {200 * false / columns:.2f} something untrue; "
    )
    lines.append(f"of 200 promises {200 * total / promises:.2f} and {200 * false / promises:.2f}.")
    told = [
        f"| {name} | {where} | {code} | {seen} | {count} | {TRUE.get((name, where), '')} |"
        for (name, code, where, seen), count in sorted(raised.items())
    ]
    return lines, told


def price(rows: int) -> str:
    """Return what it costs to hold so many rows of 20 columns against their contract."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "t.parquet")
        writer = None
        for part in range(rows // 500_000):
            table = twenty(part)
            writer = writer or pq.ParquetWriter(file, table.schema)
            writer.write_table(table, row_group_size=100_000)
        assert writer is not None
        writer.close()
        code = (
            "import resource, time\nfrom pathlib import Path\nimport pyarrow.parquet as pq\nfrom landmark import api\n"
            f"start = time.process_time()\nfor _ in pq.ParquetFile({str(file)!r}, pre_buffer=False).iter_batches(): pass\n"
            "decode = time.process_time() - start\n"
            f"api.schema(pq.ParquetFile({str(file)!r}).read_row_group(0), out=Path({folder!r}, 'schema.yaml'))\n"
            f"start = time.process_time()\nheld = api.validate({str(file)!r}, Path({folder!r}, 'schema.yaml'))\n"
            "cpu = time.process_time() - start\npeak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000\n"
            "print(f'{decode:.1f} {cpu:.1f} {peak:.0f}')"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    decode, cpu, peak = done.stdout.split()
    return f"| {rows:,} | {decode} | {cpu} | {peak} |"


def twenty(part: int) -> pa.Table:
    """Return 500,000 rows of 20 columns: numbers, whole numbers, kinds, keys, moments, texts."""
    rng, m = np.random.default_rng(part), 500_000
    numbers = {f"x{i}": rng.normal(10, 3, m) for i in range(8)} | {f"i{i}": rng.integers(0, 1000, m) for i in range(4)}
    colours, phrases = np.array(["red", "green", "blue", "black"]), np.array([f"text number {j}" for j in range(1000)])
    kinds = {f"c{i}": pa.array(colours[rng.integers(0, 4, m)]) for i in range(4)}
    keys = pa.array([f"K{j:09d}" for j in range(part * m, (part + 1) * m)])
    moments = pa.array((np.arange(part * m, (part + 1) * m) * 1_000_000).astype("datetime64[us]"))
    more = {"id": keys, "t": moments, "text": pa.array(phrases[rng.integers(0, 1000, m)]), "s": rng.exponential(5, m)}
    return pa.table({**numbers, **kinds, **more})


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seeds", type=int, default=8)
    asked = parser.parse_args()
    began = time.time()
    lines, told = judged(asked.data, asked.seeds)
    costs = [price(rows) for rows in (500_000, 5_000_000)]
    versions = ", ".join(f"{name} {version(name)}" for name in ("pyarrow", "numpy"))
    head = [
        "# A contract held against a clean second sample",
        "",
        f"{datetime.date.today()}; Python {platform.python_version()}, {versions}. Made by `python benchmarks/contract.py`.",
        f"Each table was split in random halves {asked.seeds} times; the contract of one half was held against the other.",
        "A contract is kept by the rows it comes from, which the script asserts.",
        "",
        "| table | rows | columns | promises | raised |",
        "|---|---|---|---|---|",
    ]
    more = [
        "",
        "## What was raised",
        "",
        "| table | where | code | seen | times | true |",
        "|---|---|---|---|---|---|",
        *told,
    ]
    cost = [
        "",
        "## What it costs (20 columns, Parquet, one thread)",
        "",
        "| rows | CPU s to decode | CPU s to validate, decoding included | peak MB |",
        "|---|---|---|---|",
        *costs,
    ]
    RESULTS.write_text("\n".join([*head, *lines, *more, *cost]) + "\n")
    print(f"{time.time() - began:.0f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main()
