"""What one pass over a table costs, beside reading it and beside other summarisers: CPU seconds, wall, peak memory.

    .venv/bin/python benchmarks/summary.py [parquet] [csv] [threads] [memory] [peers] [--runs 5] [--rows 5e6]

Every figure is of a process of its own, measured from a warmed-up start (imports and one tiny table come before the
clock) and the median of several interleaved runs; ratios are taken run by run. Everything runs on one thread but for
the part `threads`. The table has 12 numeric columns and 8 of text, dates and flags; it is made once, under `.peers/`,
where each peer gets an environment of its own. Parts that are not named keep the figures of the last time.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from peers import install

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".peers"
DATA = PEERS / "data"
FIGURES = PEERS / "summary.json"
RESULTS = ROOT / "benchmarks" / "results" / "summary.md"
PART = 1 << 18
"""Rows that are made at a time; a row group has four times as many."""
TIMES = 10
"""How much larger the file of the part `memory` is."""
FEW, LESS = 20_000, 200_000
"""Rows that the slower peers get."""
PACKAGES = {"duckdb": "duckdb", "polars": "polars", "ydata_profiling": "ydata-profiling"}
PACKAGES |= {"tfdv": "tensorflow-data-validation"}
"""Peers and the packages that they are."""
WORDS = (
    "the of a to in is it for on with as was at by be this are from or an have not but had they which you one we all "
    "her she there would their him been has when who will more if no out so said what up its about into than them can "
    "only other new some could time these two may then do first any my now such like our over man me even most made"
).split()


# ---- the table -------------------------------------------------------------------------------------------------------


def columns(rng: Any, start: int, n: int) -> Any:
    """Return n rows: twelve columns of numbers, eight of text, dates and flags, from two values to all different."""
    import numpy as np
    import pyarrow as pa

    odd = rng.standard_t(3, n)
    odd[rng.random(n) < 1e-3] = np.nan
    odd[rng.random(n) < 1e-5] = np.inf
    towns = np.array([f"{a}{b}{c}" for a in ("Al", "Ber", "Cor") for b in WORDS[:80] for c in ("", "ton", "wick")])
    text = np.array(WORDS)[rng.integers(0, len(WORDS), (n, 5))]
    said = text[:, 0]
    for i in range(1, 5):
        said = np.char.add(np.char.add(said, " "), text[:, i])
    kinds = np.minimum(rng.geometric(0.15, n) - 1, 29).astype(np.int32)
    goods = (100_000 * rng.random(n) ** 2).astype(np.int32)
    code = np.char.add(rng.integers(10, 99, n).astype("U2"), "-")
    return pa.table(
        {
            "normal": rng.normal(50, 12, n),
            "skewed": rng.lognormal(3, 1.2, n),
            "uniform": rng.random(n),
            "price": np.round(rng.gamma(2, 40, n), 2),
            "gaps": pa.array(rng.normal(size=n), mask=rng.random(n) < 0.1),
            "odd": odd,
            "narrow": rng.normal(size=n).astype(np.float32),
            "id": np.arange(start, start + n),
            "count": rng.poisson(4, n),
            "age": rng.integers(0, 100, n).astype(np.int32),
            "large": rng.integers(0, 10**12, n),
            "zipf": np.minimum(rng.zipf(1.5, n), 10**6),
            "country": pa.array(np.array([f"Country {i}" for i in range(30)])[kinds]),
            "town": pa.array(towns[(len(towns) * rng.random(n) ** 3).astype(np.int32)]),
            "product": pa.array(np.array([f"SKU-{i * 7919 % 1000003:07d}" for i in range(100_000)])[goods]),
            "code": pa.array(np.char.add(code, rng.integers(10**6, 10**7, n).astype("U7"))),
            "text": pa.array(said),
            "day": pa.array(rng.integers(18_000, 19_800, n).astype(np.int32)).cast(pa.date32()),
            "created": pa.array(
                1_600_000_000_000_000 + np.arange(start, start + n) * 10_000_000 + rng.integers(0, 10**7, n)
            ).cast(pa.timestamp("us")),
            "flag": pa.array(rng.random(n) < 0.3, mask=rng.random(n) < 0.02),
        }
    )


def parts(rows: int) -> Iterator[Any]:
    """Yield the table piece by piece."""
    import numpy as np

    for start in range(0, rows, PART):
        yield columns(np.random.default_rng(start), start, min(PART, rows - start))


def table_file(rows: int, ending: str) -> Path:
    """Return the table as a file, made if it is not there yet.

    It is made in a process of its own: a child inherits the peak memory of the process that starts it.
    """
    path = DATA / f"table-{rows}.{ending}"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, __file__, "--make", str(rows), ending], check=True)
        path.with_suffix(".making").rename(path)
    return path


def make(rows: int, ending: str) -> None:
    """Write the table, four parts to a row group."""
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    making = DATA / f"table-{rows}.making"
    schema = next(parts(1)).schema
    writer = pq.ParquetWriter(making, schema) if ending == "parquet" else pacsv.CSVWriter(making, schema)
    waiting: list[Any] = []
    for start, piece in zip(range(0, rows, PART), parts(rows), strict=True):
        waiting.append(piece)
        if len(waiting) == 4 or start + PART >= rows:
            writer.write_table(pa.concat_tables(waiting), 4 * PART)
            waiting = []
    writer.close()


# ---- what is measured, each in a process of its own ------------------------------------------------------------------


def ours(path: str, threads: int = 1) -> Callable[[], Any]:
    """Return what `landmark data summary --json` does, but for printing."""
    import pyarrow as pa

    import landmark.api

    pa.set_cpu_count(threads)

    def work() -> Any:
        return landmark.api.summary(path, threads=threads)

    small = DATA / "tiny.csv"
    small.write_text("a,b\n1,x\n2,y\n")
    landmark.api.summary(str(small), threads=1)
    return work


def read_table(path: str) -> Callable[[], Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.array(["warm"]).to_pylist()
    return lambda: pq.read_table(path, use_threads=False).num_rows


def read_batches(path: str) -> Callable[[], Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.array(["warm"]).to_pylist()

    def work() -> int:
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
        return sum(batch.num_rows for batch in file.iter_batches(1 << 16, use_threads=False))

    return work


def read_csv(path: str) -> Callable[[], Any]:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    pa.array(["warm"]).to_pylist()
    return lambda: pacsv.read_csv(path, read_options=pacsv.ReadOptions(use_threads=False)).num_rows


def duckdb_summarize(path: str) -> Callable[[], Any]:
    import duckdb

    link = duckdb.connect(config={"threads": 1})
    link.execute("summarize select 1 as a").fetchall()
    finite = "case when isfinite(odd) then odd end as odd"  # its deviation ends in an error at NaN or infinity
    return lambda: link.execute(f"summarize select * replace ({finite}) from '{path}'").fetchall()


def polars_describe(path: str) -> Callable[[], Any]:
    import polars as pl

    pl.LazyFrame({"a": [1.0]}).describe()

    def work() -> Any:
        pl.Config.set_engine_affinity("streaming")
        return pl.scan_parquet(path).describe()

    return work


def ydata(path: str) -> Callable[[], Any]:
    import warnings

    import pandas as pd
    from ydata_profiling import ProfileReport

    warnings.simplefilter("ignore")
    frame = pd.read_parquet(path)
    ProfileReport(frame.head(50), minimal=True, progress_bar=False).get_description()
    return lambda: ProfileReport(frame, minimal=True, progress_bar=False).get_description()


def tfdv(path: str) -> Callable[[], Any]:
    import pandas as pd
    import tensorflow_data_validation

    frame = pd.read_parquet(path)
    tensorflow_data_validation.generate_statistics_from_dataframe(frame.head(50), n_jobs=1)
    return lambda: tensorflow_data_validation.generate_statistics_from_dataframe(frame, n_jobs=1)


CASES: dict[str, Callable[..., Callable[[], Any]]] = {
    one.__name__: one
    for one in (ours, read_table, read_batches, read_csv, duckdb_summarize, polars_describe, ydata, tfdv)
}


def child(case: str, arguments: list[str]) -> None:
    """Measure one case and print its figures as JSON."""
    import resource

    work = CASES[case](*(int(a) if a.isdigit() else a for a in arguments))
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print("\n" + json.dumps(spent | {"rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def measured(case: str, *arguments: object, python: Path | None = None) -> dict[str, float] | None:
    """Return the figures of one case in a process of its own; None where it does not run there."""
    command = [str(python or sys.executable), __file__, "--child", case, *map(str, arguments)]
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **one, **quiet}, timeout=3600)
    if done.returncode:
        print(f"  {case}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"  {case} {[Path(str(a)).name for a in arguments]}: {figures}", flush=True)
    return figures


def environment(peer: str) -> Path | None:
    """Return the Python of a peer's own environment, made if it is not there; None where it was not run."""
    if not (install.PLACE / peer).exists():
        install.install(peer)
    own = install.python(peer)
    return own if own.exists() else None


def version(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True).stdout.strip()


# ---- the parts -------------------------------------------------------------------------------------------------------


def interleaved(cases: dict[str, Callable[[], dict[str, float] | None]], runs: int) -> dict[str, list[Any]]:
    """Return the figures of every case, one of each in turn."""
    found: dict[str, list[Any]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, work in cases.items():
            found[name].append(work())
    return found


def parquet(rows: int, runs: int) -> dict[str, Any]:
    path = table_file(rows, "parquet")
    names = {"landmark": ours, "pyarrow, read_table": read_table, "pyarrow, iter_batches": read_batches}
    return interleaved({name: lambda one=one: measured(one.__name__, path) for name, one in names.items()}, runs)


def csv(rows: int, runs: int) -> dict[str, Any]:
    path = table_file(rows // 5, "csv")
    names = {"landmark": ours, "pyarrow, read_csv": read_csv}
    return interleaved({name: lambda one=one: measured(one.__name__, path) for name, one in names.items()}, runs)


def threads(rows: int, runs: int) -> dict[str, Any]:
    path = table_file(rows, "parquet")
    return interleaved({f"{n} thread{'s' * (n > 1)}": lambda n=n: measured("ours", path, n) for n in (1, 2)}, runs)


def memory(rows: int, runs: int) -> dict[str, Any]:
    sizes = {f"{size:,} rows": table_file(size, "parquet") for size in (rows, TIMES * rows)}
    return interleaved({name: lambda path=path: measured("ours", path, 2) for name, path in sizes.items()}, 1)


def peers(rows: int, runs: int) -> dict[str, Any]:
    """Measure ours beside those that install; the slower ones on fewer rows, said as for all by their number."""
    fast = {"DuckDB, summarize": ("duckdb_summarize", "duckdb"), "Polars, describe": ("polars_describe", "polars")}
    path = table_file(rows, "parquet")
    cases: dict[str, Callable[[], Any]] = {"landmark": partial(measured, "ours", path)}
    for name, (case, peer) in fast.items():
        python = environment(peer)
        cases[name] = partial(measured, case, path, python=python) if python else lambda: None
    found: dict[str, Any] = interleaved(cases, runs)
    for name, case, peer, size in (
        ("ydata-profiling, minimal", "ydata", "ydata_profiling", FEW),
        ("TFDV", "tfdv", "tfdv", LESS),
    ):
        python = environment(peer)
        one = python and measured(case, table_file(size, "parquet"), python=python)
        scaled = one and {"cpu": one["cpu"] * rows / size, "wall": one["wall"] * rows / size, "rss": one["rss"]}
        found[f"{name} (on {size:,} rows, scaled)"] = [scaled]
    pythons = {package: environment(peer) for peer, package in PACKAGES.items()}
    found["versions"] = {p: version(python, p) if python else "was not run" for p, python in pythons.items()}
    return found


PARTS = {one.__name__: one for one in (parquet, csv, threads, memory, peers)}


# ---- the report ------------------------------------------------------------------------------------------------------


def middle(figures: list[Any], name: str) -> float | None:
    known = [one[name] for one in figures if one]
    return statistics.median(known) if known else None


def ratio(one: list[Any], other: list[Any], name: str = "cpu") -> str:
    pairs = [a[name] / b[name] for a, b in zip(one, other, strict=False) if a and b]
    return f"{statistics.median(pairs):.2f}" if pairs else "-"


def table(found: dict[str, Any], against: str = "landmark") -> list[str]:
    lines = ["| | CPU s | wall s | peak MB | CPU beside landmark |", "|---|---|---|---|---|"]
    for name, figures in found.items():
        if name == "versions":
            continue
        cells = [middle(figures, key) for key in ("cpu", "wall", "rss")]
        text = ["-" if cell is None else f"{cell:.2f}" if cell < 100 else f"{cell:,.0f}" for cell in cells]
        lines.append(f"| {name} | {' | '.join(text)} | {ratio(figures, found.get(against, []))} |")
    return lines


def bars(known: dict[str, Any]) -> list[str]:
    """Return what was asked for, and what is."""
    lines = ["| asked for | measured |", "|---|---|"]
    if "parquet" in known:
        own = known["parquet"]["figures"]
        plain, lean = (ratio(own["landmark"], own[f"pyarrow, {how}"]) for how in ("read_table", "iter_batches"))
        lines.append(f"| CPU <= 1.7x plain decode | {plain} of `read_table`, {lean} of the leanest `iter_batches` |")
    if "peers" in known:
        own = known["peers"]["figures"]
        lines.append(f"| CPU <= 0.33x DuckDB `SUMMARIZE` | {ratio(own['landmark'], own['DuckDB, summarize'])} |")
    if "csv" in known:
        own = known["csv"]["figures"]
        lines.append(f"| CSV: CPU <= 2x pyarrow's decode | {ratio(own['landmark'], own['pyarrow, read_csv'])} |")
    if "threads" in known:
        own = known["threads"]["figures"]
        lines.append(f"| 2 threads >= 1.7x of 1, wall | {ratio(own['1 thread'], own['2 threads'], 'wall')} |")
    if "memory" in known:
        own = known["memory"]["figures"]
        peaks = ", ".join(f"{middle(figures, 'rss'):.0f} MB at {name}" for name, figures in own.items())
        lines.append(f"| peak <= 600 MB, no more for a 10x larger file | {peaks} (2 threads) |")
    return lines


def report(known: dict[str, Any]) -> str:
    titles = {
        "parquet": "Parquet, {rows:,} x 20, one thread",
        "csv": "CSV, {fifth:,} x 20, one thread",
        "threads": "Threads, Parquet, {rows:,} x 20",
        "memory": "Memory, Parquet, 2 threads",
        "peers": "Others, Parquet, {rows:,} x 20, one thread",
    }
    lines = ["# One pass over a table", "", "Made by `python benchmarks/summary.py`, each part at its own date.", ""]
    lines += bars(known)
    for part, title in titles.items():
        if part not in known:
            continue
        own = known[part]
        heading = title.format(rows=own["rows"], fifth=own["rows"] // 5)
        lines += ["", f"## {heading}", "", own["about"], "", *table(own["figures"])]
        others = own["figures"].get("versions")
        if others:
            lines += ["", "; ".join(f"{name} {number}" for name, number in others.items()) + "."]
    return "\n".join(lines) + "\n"


def about(runs: int) -> str:
    from importlib.metadata import version as of

    packages = ", ".join(f"{name} {of(name)}" for name in ("landmark", "pyarrow", "numpy"))
    busy = os.getloadavg()[0]
    return (
        f"{datetime.datetime.now(datetime.UTC).date()}; Python {platform.python_version()}, {os.cpu_count()} cores "
        f"(load {busy:.0f} from other work at the end); {packages}. Medians of {runs} interleaved runs."
    )


def main() -> None:
    """Measure the parts that are asked for, all if none is, and write the results of all that was ever measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=float, default=5e6)
    chosen = parser.parse_args()
    for part in chosen.parts or PARTS:
        print(part, flush=True)
        figures = PARTS[part](int(chosen.rows), chosen.runs)
        known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
        known[part] = {"rows": int(chosen.rows), "about": about(chosen.runs), "figures": figures}
        FIGURES.write_text(json.dumps(known))
        RESULTS.write_text(report(known))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:2] == ["--make"]:
        make(int(sys.argv[2]), sys.argv[3])
    else:
        main()
