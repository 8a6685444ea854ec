"""Plant faults, hand them to other tools in their own environments, and count what they raise on the right column.

Generous to them: a fault counts as found when the tool raises anything of a comparable topic on one of its columns (or,
for faults of rows, on the table) that it does not raise without the fault. Tools that compare get the very same rows,
without the fault, as reference; for faults between training and judging rows they get these two. What it costs is shown
beside: what they raise on other rows of the same clean table. Ours gets the same rows, and no reference.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from fault_tables import TABLES, Clean

from landmark.core.errors import UserError
from landmark.core.findings import Finding, warn
from landmark.core.table import as_text, is_text, whole
from landmark.laws.faults import FAULTS, Ground, Planted
from landmark.laws.faults.walk import checked
from peers import install
from peers.install import python

HERE = Path(__file__).resolve().parent
PEERS = {name: pins for name, pins in install.PEERS.items() if (HERE / f"{name}.py").exists()}
"""Tools that say what is wrong with a table; others are installed for other benchmarks."""
KEPT = HERE.parent / "results" / "peers.json"
CHOSEN = ("titanic", "housing", "bike_hour", "tickets")
ROWS, LIMIT_S = 2000, 5000
NOTHING: dict[bool, tuple[Finding, ...]] = {False: (), True: ()}
OF_TABLES = {"duplicates", "conflict", "rows", "outliers", "imbalance"}
"""Topics that a tool raises on the table as a whole."""
TOPICS = {
    **dict.fromkeys(("sentinel", "outliers", "impossible-value", "infinite"), "range outliers type category drift"),
    **dict.fromkeys(("mixed-nulls",), "missing type category"),
    **dict.fromkeys(("mixed-types", "number-marks"), "type category"),
    **dict.fromkeys(("category-variants", "blanks-around-cells"), "category text type"),
    **dict.fromkeys(("truncated-text", "invalid-text", "personal-data"), "text category"),
    **dict.fromkeys(("mixed-dates", "spreadsheet-dates"), "type text category"),
    **dict.fromkeys(("future-dates", "swapped-dates", "end-before-start"), "range outliers order drift"),
    **dict.fromkeys(("capped-values", "capped-target", "stuck-value", "precision-change"), "range drift unique"),
    **dict.fromkeys(("unit-jump", "unit-change", "swapped-columns"), "range drift outliers type category"),
    **dict.fromkeys(("missing-much", "missing-depends-on-target", "target-missing"), "missing"),
    **dict.fromkeys(("missing-together", "empty-column"), "missing correlation constant type"),
    **dict.fromkeys(("judging-anomaly", "class-unseen"), "missing category drift"),
    **dict.fromkeys(("constant-column",), "constant"),
    **dict.fromkeys(("identifier-column",), "unique"),
    **dict.fromkeys(("repeated-column", "misaligned-columns"), "correlation"),
    **dict.fromkeys(("duplicate-rows", "near-duplicates", "train-test-overlap"), "duplicates"),
    **dict.fromkeys(("conflicting-labels", "label-noise"), "conflict duplicates drift"),
    **dict.fromkeys(("dependent-rows", "group-leakage"), "duplicates leakage"),
    **dict.fromkeys(("few-rows",), "rows"),
    **dict.fromkeys(("shifted-rows",), "type category range outliers"),
    **dict.fromkeys(("sorted-target",), "order drift"),
    **dict.fromkeys(("imbalance", "accuracy-trap"), "imbalance drift"),
    **dict.fromkeys(("class-not-judged", "label-shift", "drift"), "category drift imbalance range"),
    **dict.fromkeys(("leakage", "identifier-leak"), "leakage correlation"),
    **dict.fromkeys(("time-leakage",), "leakage range"),
}
"""Code of ours -> topics of others that say something comparable."""

Raised = set[tuple[str, str, str]]


def run(data: Path, faults: Iterable[str], names: Iterable[str], at_once: int) -> dict[str, Any]:
    """Return, and keep beside the results, what the named tools find, with what others found when they ran last."""
    made = kept() or {"tools": {}}
    with tempfile.TemporaryDirectory() as folder:
        pairs = list(planted(data, faults, Path(folder)))
        jobs = Path(folder) / "jobs.json"
        jobs.write_text(json.dumps([job for job, _, _ in pairs]))

        def one(name: str) -> tuple[str, dict[str, Any]]:
            return name, ours(pairs) if name == "landmark" else scored(pairs, raised_by(name, jobs))

        with ThreadPoolExecutor(at_once) as pool:
            for name, tool in pool.map(one, [name for name in names if name == "landmark" or python(name).exists()]):
                made["tools"][name] = tool | {"date": str(datetime.datetime.now(datetime.UTC).date())}
                print(f"{name}: {summary(tool)}", flush=True)
                KEPT.write_text(json.dumps(made, indent=1) + "\n")
    return made


def kept() -> dict[str, Any] | None:
    """Return what was found when the other tools ran last."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else None


Pair = tuple[dict[str, str], tuple[Clean, Ground], Planted | None]


def planted(data: Path, faults: Iterable[str], folder: Path) -> Iterator[Pair]:
    """Yield pairs of tables, as files: clean ones first, then every fault in one table, then every fault in another."""
    homes = {name: Home(TABLES[name](data, 2 * ROWS, 0), folder) for name in CHOSEN}
    for home in homes.values():
        yield from home.without_fault()
    again: list[tuple[str, list[Home]]] = []
    for turn, fault in enumerate(faults):
        order = [homes[CHOSEN[(turn + i) % len(CHOSEN)]] for i in range(len(CHOSEN))]
        able = [home for home in order if home.clean.plant(fault, "medium", 0, NOTHING) is not None]
        if able:
            yield able[0].with_fault(fault)
            again.append((fault, able[1:2]))
    for fault, others in again:
        for home in others:
            yield home.with_fault(fault)


class Home:
    """A clean table to plant in: its odd rows, and judging rows apart; the even rows are other clean rows."""

    def __init__(self, whole_table: Clean, folder: Path) -> None:
        rows = whole_table.one.rows
        self.other, own = (rows.take(pa.array(range(start, rows.num_rows, 2))) for start in (0, 1))
        self.clean = replace(whole_table, one=whole_table.one.with_rows(own))
        self.folder = folder

    def without_fault(self) -> Iterator[Pair]:
        """Yield the rows against themselves, against other clean rows, and judging rows against training rows."""
        one, two = self.clean.one, self.clean.two
        yield self.pair("False/same", one.rows, one.rows), (self.clean, one), None
        yield self.pair("False/clean", one.rows, self.other), (self.clean, one), None
        yield self.pair("True/clean", two.rows, two.judging), (self.clean, two), None

    def with_fault(self, fault: str) -> Pair:
        """Return the rows with a fault, and what they are to be compared with."""
        given = FAULTS[fault].given
        made = self.clean.plant(fault, "medium", 0, NOTHING)
        assert made is not None
        before, current = (made[0].rows, made[0].judging) if given else (self.clean.one.rows, made[0].rows)
        return self.pair(f"{given}/{fault}", before, current), (self.clean, made[0]), made[1]

    def pair(self, name: str, reference: pa.Table, current: pa.Table) -> dict[str, str]:
        """Return a job of two files; a reference that is the same is one file."""
        same = {id(self.clean.one.rows): "one", id(self.clean.two.rows): "two"}.get(
            id(reference), name.replace("/", "-")
        )
        return {
            "name": f"{self.clean.name}/{name}",
            "target": self.clean.one.target(),
            "reference": written(reference, self.folder / f"{self.clean.name}-{same}-reference.csv"),
            "current": written(current, self.folder / f"{self.clean.name}-{name.replace('/', '-')}.csv"),
        }


def written(table: pa.Table, path: Path) -> str:
    """Write a table as a CSV file, lists as texts, and return its path."""
    for place, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        if pa.types.is_nested(kind):
            table = table.set_column(place, name, as_text(whole(table.column(name))))
        elif is_text(kind):
            text = whole(table.column(name))
            table = table.set_column(place, name, pa.array([t and t.replace("\0", "") for t in text.to_pylist()]))
    pacsv.write_csv(table, path)
    return str(path)


def ours(pairs: list[Pair]) -> dict[str, Any]:
    """Return the score of our own checks on the same rows."""
    raised: dict[str, dict[str, Any]] = {}
    start = time.process_time()
    for job, (clean, ground), _ in pairs:
        try:
            said = checked(ground, clean.source, clean.options)
        except UserError:
            said = ()
        told = {(f.where, f"our {f.level}", f"{f.code} {f.seen}") for f in said}
        raised[job["name"]] = {"raised": told, "seconds": 0.0}
    score = scored(pairs, raised)
    return score | {"seconds": round((time.process_time() - start) / len(pairs), 2)}


def raised_by(name: str, jobs: Path) -> dict[str, dict[str, Any]]:
    """Return what a tool raised by the name of the job; where it takes too long, what it raised until then."""
    log = jobs.with_name(f"{name}.jsonl")
    with log.open("w") as lines:
        try:
            subprocess.run(
                [python(name), HERE / f"{name}.py", jobs],
                stdout=lines,
                stderr=subprocess.DEVNULL,
                timeout=LIMIT_S,
                cwd=jobs.parent,
            )
        except subprocess.TimeoutExpired:
            print(f"{name}: stopped after {LIMIT_S} s", flush=True)
    done = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    return {job["name"]: job | {"raised": {tuple(one) for one in job["raised"]}} for job in done}


def scored(pairs: list[Pair], raised: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return how many planted faults were found, by fault, and how much was raised on clean rows."""
    by: dict[str, list[int]] = {}
    alarms = columns = errors = 0
    for job, (_, ground), what in pairs:
        table, given, fault = job["name"].split("/")
        done = raised.get(job["name"])
        if done is None:
            continue
        errors += "error" in done
        if fault == "same":
            continue
        if what is None:
            alarms, columns = (
                alarms + sum(topic != "our note" for _, topic, _ in done["raised"]),
                columns + len(ground.rows.column_names),
            )
            continue
        without = "clean" if given == "True" else "same"
        before = raised.get(f"{table}/{given}/{without}", {"raised": set()})["raised"]
        counts = by.setdefault(fault, [0, 0])
        counts[0] += any(is_of(one, what) for one in done["raised"] - before)
        counts[1] += 1
    seconds = [done["seconds"] for done in raised.values()]
    return {
        "by": by,
        "alarms": alarms,
        "columns": columns,
        "errors": errors,
        "seconds": round(sum(seconds) / max(len(seconds), 1), 2),
    }


def is_of(one: tuple[str, str, str], what: Planted) -> bool:
    """Return whether what was raised is about a planted fault."""
    column, topic, told = one
    if topic.startswith("our "):
        return what.is_named_by(warn(told.split()[0], column, ""))
    wanted = {topic for code in what.codes for topic in TOPICS.get(code, "").split()}
    return topic in wanted and (column in what.where or (column == "" and topic in OF_TABLES))


def total(tool: dict[str, Any]) -> tuple[int, int]:
    """Return how many faults a tool found, of how many it was shown."""
    return sum(found for found, _ in tool["by"].values()), sum(shown for _, shown in tool["by"].values())


def summary(tool: dict[str, Any]) -> str:
    found, shown = total(tool)
    return f"{found}/{shown} found, {tool['alarms']} raised on {tool['columns']} clean columns, {tool['seconds']} CPU s a table, {tool['errors']} failed"


def best(made: dict[str, Any], fault: str) -> str:
    """Return the tool of others that found a fault most often, and how often."""
    counts = {name: tool["by"].get(fault, [0, 0]) for name, tool in made["tools"].items() if name != "landmark"}
    name = max(counts, key=lambda name: counts[name][0] / max(counts[name][1], 1), default="")
    return (
        f"{name} {counts[name][0]}/{counts[name][1]}"
        if name and counts[name][0]
        else "none"
        if name and counts[name][1]
        else ""
    )


def page(made: dict[str, Any]) -> list[str]:
    """Return the lines of the results about other tools."""
    lines = [
        "## Beside other tools\n",
        f"Every fault in two of {', '.join(CHOSEN)}, of each at most {ROWS:,} rows; medium strength, one seed, "
        f"at most {LIMIT_S} s a tool (then only what it was shown counts). "
        + (__doc__ or "").split("\n\n")[1].replace("\n", " ").strip()
        + "\n",
        "| tool | date | found | share | raised on clean rows, per 100 columns | failed | CPU s a table |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in (name for name in ("landmark", *PEERS) if name in made["tools"]):
        tool = made["tools"][name]
        found, shown = total(tool)
        cells = [
            PEERS[name][0] if name in PEERS else name,
            tool["date"],
            f"{found}/{shown}",
            f"{found / max(shown, 1):.1%}",
        ]
        cells += [f"{100 * tool['alarms'] / max(tool['columns'], 1):.0f}", str(tool["errors"]), str(tool["seconds"])]
        lines.append(f"| {' | '.join(cells)} |")
    gone = [name for name in PEERS if name not in made["tools"]]
    return [*lines, *([f"\nNot run to the end, and so not shown: {', '.join(gone)}."] if gone else [])]
