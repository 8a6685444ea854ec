"""How often the checks of numbers and of judging rows say something of tables in which there is nothing to be said.

    python benchmarks/false_alarms.py --data FOLDER [--rounds 3] [--rows 100,500,5000]

Rows of real tables are drawn at random and parted at random: whatever is then said of their order, or of judging rows
against training rows, is false. In their own order, and of single numbers, something may be true: `--list` prints it.
The distances alone are tried on drawn samples of 50 to 50,000 rows and 2 to 1,000 kinds.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from landmark.artifacts.question import Output, Question
from landmark.artifacts.split import judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.checks import CHECKS, Evidence
from landmark.core.context import Context
from landmark.core.errors import UserError
from landmark.core.findings import Finding, Level
from landmark.core.seeds import generator
from landmark.core.table import held, take, whole
from landmark.statistics.distances import MUCH, UNLIKELY, of_kinds, of_numbers
from landmark.steps.data import profile, schema, split
from landmark.steps.data import table as reading

OF_JUDGING = ("unit_change", "precision_change", "drift", "label_shift", "swapped_columns")
OF_ORDER = ("unit_jump", "stuck_value")
OF_VALUES = ("sentinel", "impossible_value", "outliers", "capped_target", "capped_values")
SIZES = ((50, 50), (200, 50), (800, 200), (2000, 2000), (5000, 200), (50_000, 500), (50_000, 50_000))
KINDS = (2, 5, 20, 200, 1000)


def output_of(rows: pa.Table) -> str | None:
    """Return the last column that can be asked for."""
    for name in reversed(rows.column_names):
        array = whole(rows.column(name))
        given = array.filter(pa.array(held(array)))
        if len(given) > 0.9 * len(array) and len(given.unique()) >= 2:
            return str(name)
    return None


def looked_at(table: Table, target: str, checks: Iterable[str]) -> tuple[int, list[Finding]]:
    """Return how many columns were looked at, and what some checks find."""
    question, context = Question(name="clean", outputs=(Output(name=target),)), Context()
    parts = split.split(table, question, split.Options(), context)
    seen = profile.profile(table, parts, context)
    known = schema.schema(table, parts, seen, question)
    evidence = Evidence(question, parts, seen, known, training_rows(table, parts), judging_rows(table, parts))
    return len(evidence.sources()), [finding for name in checks for finding in CHECKS[name].check(evidence)]


def of_one(work: tuple[Path, tuple[int, ...], int]) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return columns looked at by mode, findings by mode and check, and what they say, of one table."""
    place, sizes, rounds = work
    pa.set_cpu_count(1)
    looks, alarms, said = Counter[str](), Counter[str](), list[str]()
    try:
        source = reading.table(reading.Options(source=place.name, folder=str(place.parent)), Context())
    except UserError:
        return looks, alarms, said
    target = output_of(source.rows)
    tries = [("in order", 0, source)]
    for size in sorted({min(size, source.rows.num_rows) for size in sizes}):
        for turn in range(rounds):
            drawn = generator(turn, place.name, str(size)).permutation(source.rows.num_rows)[:size]
            half = max(size // 2, int(size * (0.5, 0.8, 0.9)[turn % 3]))
            sides = [take(source.rows, rows) for rows in (drawn[:half], drawn[half:])]
            tries.append(("drawn", turn, source.model_copy(update={"rows": sides[0], "test": sides[1]})))
    for mode, turn, table in tries if target is not None else ():
        checks = (*OF_JUDGING, *OF_ORDER, *OF_VALUES)
        try:
            columns, findings = looked_at(table, str(target), checks)
        except UserError:  # too few rows of it, or one label only
            continue
        looks[mode] += columns
        for finding in findings:
            if finding.level != Level.NOTE:
                alarms[f"{mode} {finding.code}"] += 1
                said.append(f"{place.name} {mode} {table.rows.num_rows}/{turn} {finding}")
    return looks, alarms, said


def of_distances(draws: int) -> Iterator[str]:
    """Yield how often two samples of one distribution are said to differ, by their sizes and the number of kinds."""
    rng = np.random.default_rng(0)
    yield "| rows | of numbers | " + " | ".join(f"of {k} kinds" for k in KINDS) + " |"
    yield "|---" * (len(KINDS) + 2) + "|"
    for n, m in SIZES:
        few = max(draws // max((n + m) // 2000, 1), 100)
        found = [of_numbers(np.exp(rng.normal(size=n)), np.exp(rng.normal(size=m))) for _ in range(few)]
        rates = [np.mean([d.effect >= MUCH and d.p <= UNLIKELY for d in found])]
        for kinds in KINDS:
            weights = 1 / np.arange(1, kinds + 1)
            before, now = (rng.multinomial(size, weights / weights.sum(), draws) for size in (n, m))
            found = [of_kinds(*both) for both in zip(before, now, strict=True)]
            rates.append(np.mean([d.effect >= MUCH and d.p <= UNLIKELY for d in found]))
        yield f"| {n} and {m} | " + " | ".join(f"{rate:.4f}" for rate in rates) + " |"


def main() -> None:
    """Look at every table, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder whose tables are read, and those below it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", default="100,500,5000")
    parser.add_argument("--draws", type=int, default=2000, help="samples for the distances alone")
    parser.add_argument("--list", action="store_true", help="print what was said")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    places = sorted(asked.data.glob("**/*.csv*"))
    sizes = tuple(int(size) for size in asked.rows.split(","))
    looks, alarms = Counter[str](), Counter[str]()
    with ProcessPoolExecutor(asked.jobs) as pool:
        for seen, found, said in pool.map(of_one, ((place, sizes, asked.rounds) for place in places)):
            looks, alarms = looks + seen, alarms + found
            print(*said if asked.list else (), sep="\n", end="\n" if said and asked.list else "", flush=True)
    print(f"\n{len(places)} tables; {looks['drawn']} looks at a column of drawn rows, {looks['in order']} in order\n")
    print("| check | drawn rows: warnings by column-check | in order |\n|---|---|---|")
    for name in (*OF_JUDGING, *OF_ORDER, *OF_VALUES):
        counts = [(alarms[f"{mode} {name.replace('_', '-')}"], looks[mode]) for mode in ("drawn", "in order")]
        print(f"| {name} | " + " | ".join(f"{count} = {count / max(of, 1):.5f}" for count, of in counts) + " |")
    print("\nWarnings by distance alone, of two samples of one distribution\n")
    print("\n".join(of_distances(asked.draws)))


if __name__ == "__main__":
    main()
