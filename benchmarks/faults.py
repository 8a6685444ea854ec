"""Every fault of `landmark.laws.faults` planted in every clean table: is it found, with its code and its column?

python benchmarks/faults.py --data FOLDER [--faults a,b] [--tables x,y] [--strength medium] [--seeds 1] [--peers all]

A table is cut to 5,000 rows. What is said of the clean table is subtracted; a fault that a table has by nature is not
planted there. Found: a finding that was not there before has one of the fault's codes, at one of its places, or a step
refuses to go on and names the place. False alarm: a warning about a clean table, in one piece or with judging rows apart,
that is not among what is known to be true of it (`fault_tables.py`); they are counted by columns x checks that look at
columns. `--peers` runs other tools on the same faults (peers/), in environments of their own; what they found
last is kept in results/peers.json.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
from fault_tables import TABLES, Clean
from peers import compare

from landmark.checks import CHECKS
from landmark.core.errors import UserError
from landmark.core.findings import Finding, Level
from landmark.laws.faults import FAULTS, STRENGTHS, Strength
from landmark.laws.faults.walk import checked

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "faults.md"
ROWS = 5000
OF_TABLES = {"attestation", "duplicate-rows", "near-duplicates", "train-test-overlap", "missing-together"}
"""Checks that look at rows or at the whole, and so at no column by itself."""
NEAR = 0.05
WORDS = {
    **{"cent": "cents?|¢", "lb": "lbs?|pounds?", "mile": "miles?|mi", "degF": "degF|°F|fahrenheit"},
    **{"degC": "degC|°C|celsius", "s": "s|seconds?", "min": "min|minutes?", "h": "h|hours?", "USD": "USD|dollars?"},
    **{"EUR": "EUR|euros?", "ms": "ms|milliseconds?"},
}
"""Unit -> how else a finding may call it."""


@dataclass
class Try:
    """One fault planted once, and what came of it."""

    table: str
    seed: int
    fault: str
    strength: Strength
    where: tuple[str, ...]
    codes: tuple[str, ...]
    found: bool = False
    noted: bool = False
    refused: str = ""
    elsewhere: list[str] = field(default_factory=list)
    factor: bool | None = None
    pair: bool | None = None


@dataclass
class Report:
    """What was found of one table: its tries, its false alarms, its traps, and how much was looked at."""

    table: str
    tries: list[Try] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    traps: dict[str, bool] = field(default_factory=dict)
    column_checks: int = 0
    seconds: float = 0.0


def judged(clean: Clean, name: str, strength: Strength, seed: int, known: dict[bool, set[Finding]]) -> Try | None:
    """Return what is said of a planted fault, None where it cannot be planted."""
    made = clean.plant(name, strength, seed, known)
    if made is None:
        return None
    ground, what = made
    done = Try(clean.name, seed, name, strength, what.where, what.codes)
    try:
        findings = checked(ground, clean.source, clean.options)
    except UserError as error:
        done.refused = error.line()
        done.found = any(error.where == place or error.where.startswith(f"{place}, row ") for place in what.where)
        return done
    before = known[FAULTS[name].given]
    new = [finding for finding in findings if finding not in before]
    named = [finding for finding in new if what.is_named_by(finding)]
    done.found = bool(named)
    done.noted = done.found and all(finding.level == Level.NOTE for finding in named)
    touched = {*what.where, *what.columns, *(finding.where for finding in before), "rows"}
    for finding in new:
        apart = touched.isdisjoint({finding.where, *finding.where.split(", "), *finding.where.split("+")})
        if apart and not what.moved and finding.level != Level.NOTE and not clean.is_true(finding):
            done.elsewhere.append(f"{finding.code} at {finding.where}: {finding.seen}")
    if what.factor is not None:
        text = " ".join(f"{finding.seen} {finding.next}" for finding in named)
        done.factor = any(abs(value / what.factor - 1) <= NEAR for value in factors(text))
        done.pair = any(all(says(text, unit) for unit in pair) for pair in what.pairs)
    return done


def factors(text: str) -> list[float]:
    """Return the factors that a text names: x1000, x 0.45."""
    return [
        float(found.replace(",", ""))
        for found in re.findall(r"[x×] ?(\d[\d,]*\.?\d*(?:e-?\d+)?)", text)
        if float(found.replace(",", "")) > 0
    ]


def says(text: str, unit: str) -> bool:
    return bool(re.search(rf"(?<![\w°])(?:{WORDS.get(unit, re.escape(unit))})(?!\w)", text, re.IGNORECASE))


def look(work: tuple[str, Path, int, tuple[str, ...], tuple[Strength, ...]]) -> Report:
    """Return the report on one table under one seed."""
    name, data, seed, faults, strengths = work
    start = time.perf_counter()
    clean = TABLES[name](data, ROWS, seed)
    report = Report(name)
    known: dict[bool, set[Finding]] = {}
    for given in (False, True):
        findings = checked(clean.ground(given), clean.source, clean.options)
        known[given] = set(findings)
        report.alarms += [
            f"{f.code} at {f.where}: {f.seen}" for f in findings if f.level != Level.NOTE and not clean.is_true(f)
        ]
        columns = len({s for s in clean.ground(given).rows.column_names})
        report.column_checks += columns * len([check for check in CHECKS if check.replace("_", "-") not in OF_TABLES])
    for truth in clean.truths:
        if truth.must:
            told = f"{name}: {truth.codes.split()[0]} at {truth.places.replace('|', ', ')} ({truth.why})"
            report.traps[told] = any(truth.covers(f) for part in known.values() for f in part)
    for fault in faults:
        for strength in strengths:
            try:
                done = judged(clean, fault, strength, seed, known)
            except Exception as error:  # a fault of ours, in a check or in planting: named, and the others go on
                where = traceback.extract_tb(error.__traceback__)[-1]
                done = Try(name, seed, fault, strength, (), (), refused=f"{error!r} in {where.filename}:{where.lineno}")
            if done is not None:
                report.tries.append(done)
    report.seconds = time.perf_counter() - start
    return report


def share(tries: Iterable[Try]) -> str:
    found = [done.found for done in tries]
    return f"{sum(found)}/{len(found)}" if found else ""


def percent(tries: Iterable[Try]) -> str:
    found = [done.found for done in tries]
    return f"{sum(found) / len(found):.1%}" if found else "none planted"


def page(reports: list[Report], strengths: tuple[Strength, ...], peers: dict[str, Any] | None) -> str:
    """Return the results as a Markdown page."""
    tries = [done for report in reports for done in report.tries]
    by = defaultdict[tuple[str, Strength], list[Try]](list)
    for done in tries:
        by[done.fault, done.strength].append(done)
    packages = ", ".join(f"{name} {version(name)}" for name in ("landmark", "pyarrow", "numpy"))
    lines = [
        "# Planted faults\n",
        f"{datetime.datetime.now(datetime.UTC).date()}; Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores; {packages}.",
        "Made by `python benchmarks/faults.py`, whose docstring says what counts as found and as a false alarm.\n",
        *totals(reports, tries, strengths),
        "## By fault",
        f"\nFound of planted. Any of the codes counts.{' The best peer at medium strength: see below.' if peers else ''}\n",
        f"| fault | codes | {' | '.join(strengths)} | only noted | missed, not weak, in |{' best peer |' if peers else ''}",
        f"|{'---|' * (len(strengths) + 4 + bool(peers))}",
    ]
    for name in dict.fromkeys(done.fault for done in tries):
        cells = [share(by[name, strength]) for strength in strengths]
        noted = sum(done.noted for strength in strengths for done in by[name, strength])
        missed = {d.table for strength in strengths for d in by[name, strength] if not d.found and strength != "weak"}
        gone = ", ".join(sorted(missed)) if len(missed) < len({d.table for d in tries if d.fault == name}) else "all"
        best = f" {compare.best(peers, name)} |" if peers else ""
        lines.append(
            f"| {name} | {', '.join(FAULTS[name].codes)} | {' | '.join(cells)} | {noted or ''} | {gone} |{best}"
        )
    lines += ["", *alarms(reports), *traps(reports)]
    if peers:
        lines += compare.page(peers)
    return "\n".join(lines) + "\n"


def totals(reports: list[Report], tries: list[Try], strengths: tuple[Strength, ...]) -> Iterator[str]:
    tables = len({report.table for report in reports})
    seeds = ", ".join(str(seed) for seed in sorted({done.seed for done in tries}))
    yield f"{len({done.fault for done in tries})} faults in {tables} tables, {len(tries)} planted by seed {seeds} in {sum(r.seconds for r in reports):.0f} s.\n"
    yield "| measure | reached | wanted |\n|---|---|---|"
    wanted = {"weak": "", "medium": ">= 95 %", "strong": ">= 99 %"}
    for strength in strengths:
        yield f"| found, {strength} | {percent(d for d in tries if d.strength == strength)} | {wanted[strength]} |"
    count, checks = sum(len(r.alarms) for r in reports), sum(r.column_checks for r in reports)
    yield f"| false alarms on clean tables, one in so many column-checks | {count} in {checks:,}{f' (1 in {checks / count:.0f})' if count else ''} | 1 in 200 |"
    units = [done for done in tries if done.factor is not None and done.found]
    if units:
        yield f"| factor of a unit within 5 %, of those found | {sum(bool(d.factor) for d in units)}/{len(units)} | all |"
        yield f"| pair of units named, of those found | {sum(bool(d.pair) for d in units)}/{len(units)} | >= 90 % |"
    kept = [held for report in reports for held in report.traps.values()]
    yield f"| real traps found | {sum(kept)}/{len(kept)} | all |"
    yield f"| refused, naming the place | {sum(bool(d.refused) and d.found for d in tries)} | |"
    yield f"| failed, or refused for another reason | {sum(bool(d.refused) and not d.found for d in tries)} | 0 |"
    yield f"| warnings about untouched columns, in planted tables | {sum(len(d.elsewhere) for d in tries)} | 0 |\n"


def alarms(reports: list[Report]) -> Iterator[str]:
    counted = Counter(f"| {report.table} | {alarm} |" for report in reports for alarm in report.alarms)
    yield "## False alarms\n"
    yield "\n".join(["| table | said |\n|---|---|", *counted]) + "\n" if counted else "None.\n"
    apart = [(d, said) for report in reports for d in report.tries for said in d.elsewhere]
    if apart:
        yield "Of columns that nobody touched, once a fault stood in another:\n\n| table | fault | said |\n|---|---|---|"
        yield "\n".join(f"| {d.table} | {d.fault} ({d.strength}) | {said} |" for d, said in apart) + "\n"


def traps(reports: list[Report]) -> Iterator[str]:
    yield "## Traps of the real tables\n\n| trap | found |\n|---|---|"
    told = {trap: held for report in reports for trap, held in report.traps.items()}
    yield "\n".join(f"| {trap} | {'yes' if held else 'NO'} |" for trap, held in told.items()) + "\n"


def main() -> None:
    """Plant, look, print, and write the results when everything was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the real tables, one folder each")
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--strength", choices=STRENGTHS, action="append")
    parser.add_argument("--seeds", type=int, default=1, help="how many draws of rows, columns and faults")
    parser.add_argument("--seed", type=int, default=0, help="the first of them: checks are tuned on 0")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument(
        "--peers", help="run other tools, too: all, or some by their names; landmark for ours beside them"
    )
    parser.add_argument("--out", type=Path, help="where the page goes; a JSON file is written beside it")
    asked = parser.parse_args()
    strengths = tuple(s for s in STRENGTHS if s in (asked.strength or STRENGTHS))
    faults, tables = tuple(asked.faults.split(",")), tuple(asked.tables.split(","))
    seeds = range(asked.seed, asked.seed + asked.seeds)
    work = [(table, asked.data, seed, faults, strengths) for seed in seeds for table in tables]
    pa.set_cpu_count(1)
    reports = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for report in pool.map(look, work):
            reports.append(report)
            print(
                f"{report.table}: {share(report.tries)} found, {len(report.alarms)} false alarms, {report.seconds:.0f} s",
                flush=True,
            )
    tools = ("landmark", *compare.PEERS) if asked.peers == "all" else (asked.peers or "").split(",")
    peers = compare.run(asked.data, FAULTS, tools, asked.jobs) if asked.peers else compare.kept()
    text = page(reports, strengths, peers)
    print(text)
    for done in (done for report in reports for done in report.tries if done.refused):
        print(f"refused: {done.table} {done.fault} {done.strength}: {done.refused}")
    everything = (faults, tables, strengths, asked.seed) == (tuple(FAULTS), tuple(TABLES), STRENGTHS, 0)
    out = asked.out or (RESULTS if everything else None)
    if out is not None:
        out.write_text(text)
        out.with_suffix(".json").write_text(json.dumps([asdict(report) for report in reports], indent=1))


if __name__ == "__main__":
    main()
