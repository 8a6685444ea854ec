"""How often each check warns of a clean table: by so many looks at a column, in the tables of `faults.py`.

python benchmarks/false_alarms.py --data FOLDER [--tables x,y] [--seeds 2] [--seed 1] [--out FILE]

Each table is cut to 5,000 rows by every seed, and looked at in its own order, in one piece and with judging rows apart;
then 200, 1,000 and all of its rows are drawn at random and parted at random. A warning is false if it is not among what is
known to be true of the table (`fault_tables.py`); of rows drawn at random nothing is true that is about their order, or
about judging rows beside training rows, and that a label has few rows, or that the past is judged, is. Notes are no warnings. Seed 0 is left out: checks are tuned on it.
The distances behind `drift` and `label-shift` are tried alone, too, on drawn samples of 50 to 50,000 rows.
"""

from __future__ import annotations

import argparse
import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from fault_tables import TABLES, Clean

from landmark.checks import CHECKS
from landmark.core.errors import UserError
from landmark.core.findings import Level
from landmark.core.seeds import generator
from landmark.core.table import take
from landmark.laws.faults import Ground
from landmark.laws.faults.walk import checked
from landmark.statistics.distances import MUCH, UNLIKELY, of_kinds, of_numbers

RESULTS = Path(__file__).resolve().parent / "results" / "false_alarms.md"
ROWS, DRAWN = 5000, (200, 1000, 5000)
BY_ORDER = {
    *("unit-change", "unit-jump", "stuck-value", "precision-change", "drift", "label-shift", "swapped-columns"),
    *("sorted-target", "misaligned-columns"),
}
"""What can be true of rows in their own order only."""
BY_DRAWING = {"few-rows", "class-unseen", "class-not-judged", "time-leakage"}
"""What is true of rows because they were drawn, and parted at random."""
SIZES = ((50, 50), (200, 50), (800, 200), (2000, 2000), (5000, 200), (50_000, 500), (50_000, 50_000))
KINDS = (2, 5, 20, 200, 1000)
DRAWS = 2000


def grounds(clean: Clean, seed: int) -> Iterator[tuple[str, Ground]]:
    """Yield a table in its own order, in one piece and in two, and rows of it that are drawn and parted at random."""
    yield "in order", clean.one
    yield "in order", clean.two
    for size in DRAWN:
        rows = generator(seed, clean.name, str(size)).permutation(clean.one.rows.num_rows)[:size]
        sides = np.split(rows, [len(rows) * 4 // 5])
        yield "drawn", replace(clean.one, rows=take(clean.one.rows, sides[0]), test=take(clean.one.rows, sides[1]))


def of_table(name: str, data: Path, seed: int) -> tuple[Counter[str], Counter[tuple[str, str]], list[str]]:
    """Return columns looked at by mode, false warnings by mode and code, and what they say."""
    clean = TABLES[name](data, ROWS, seed)
    looks, alarms, said = Counter[str](), Counter[tuple[str, str]](), list[str]()
    for mode, ground in grounds(clean, seed):
        try:
            findings = checked(ground, clean.source, clean.options if mode == "in order" else None)
        except UserError:  # of few rows, a label may be left with none
            continue
        looks[mode] += ground.rows.num_columns
        for finding in findings:
            if finding.level == Level.NOTE or (mode == "drawn" and finding.code in BY_DRAWING):
                continue
            if (mode == "drawn" and finding.code in BY_ORDER) or not clean.is_true(finding):
                alarms[mode, finding.code] += 1
                said.append(f"| {name}, {mode} | {finding.code} at {finding.where}: {finding.seen} |")
    return looks, alarms, said


def of_distances() -> Iterator[str]:
    """Yield how often two samples of one distribution are said to differ, by their sizes and the number of kinds."""
    rng = np.random.default_rng(0)
    yield "| rows | of numbers | " + " | ".join(f"of {k} kinds" for k in KINDS) + " |"
    yield "|---" * (len(KINDS) + 2) + "|"
    for n, m in SIZES:
        few = max(DRAWS // max((n + m) // 2000, 1), 100)
        found = [of_numbers(np.exp(rng.normal(size=n)), np.exp(rng.normal(size=m))) for _ in range(few)]
        rates = [np.mean([d.effect >= MUCH and d.p <= UNLIKELY for d in found])]
        for kinds in KINDS:
            weights = 1 / np.arange(1, kinds + 1)
            before, now = (rng.multinomial(size, weights / weights.sum(), DRAWS) for size in (n, m))
            found = [of_kinds(*both) for both in zip(before, now, strict=True)]
            rates.append(np.mean([d.effect >= MUCH and d.p <= UNLIKELY for d in found]))
        yield f"| {n} and {m} | " + " | ".join(f"{rate:.4f}" for rate in rates) + " |"


def page(looks: Counter[str], alarms: Counter[tuple[str, str]], said: list[str], tables: int) -> Iterator[str]:
    """Yield the lines of the results."""
    yield "# False alarms\n"
    yield f"{datetime.datetime.now(datetime.UTC).date()}; {tables} tables; {looks['in order']:,} looks at a column in the"
    yield f"order of its table, {looks['drawn']:,} in rows drawn and parted at random. Made by"
    yield "`python benchmarks/false_alarms.py`, whose docstring says what counts.\n"
    total, checks = sum(alarms.values()), sum(looks.values()) * len([*CHECKS])
    yield f"In all {total} warnings that are not true, in {checks:,} looks of a check at a column.\n"
    yield "| check | in order | drawn | share |\n|---|---|---|---|"
    for name in CHECKS:
        code = name.replace("_", "-")
        counts = [alarms[mode, code] for mode in ("in order", "drawn")]
        yield f"| {code} | {counts[0]} | {counts[1]} | {sum(counts) / max(sum(looks.values()), 1):.5f} |"
    yield "\n## What was said\n"
    yield "\n".join(["| table | warning |\n|---|---|", *said]) if said else "Nothing."
    yield "\n## Two samples of one distribution\n\nShare of pairs said to differ much, and not by chance.\n"
    yield from of_distances()


def main() -> None:
    """Look at every table under every seed, print the rates, and write them when all tables were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the real tables, one folder each")
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--out", type=Path, help="where the page goes")
    asked = parser.parse_args()
    pa.set_cpu_count(1)
    names = asked.tables.split(",")
    looks, alarms, said = Counter[str](), Counter[tuple[str, str]](), list[str]()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        for name in names:
            seen, found, lines = of_table(name, asked.data, seed)
            looks, alarms, said = looks + seen, alarms + found, said + lines
    text = "\n".join(page(looks, alarms, list(dict.fromkeys(said)), len(names))) + "\n"
    print(text)
    out = asked.out or (RESULTS if names == list(TABLES) else None)
    if out is not None:
        out.write_text(text)


if __name__ == "__main__":
    main()
