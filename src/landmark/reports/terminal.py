"""What a person reads in the terminal: tables on standard output, as wide as the window."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

MARKS = {"block": "[bold red]block[/]", "warn": "[yellow]warn[/]", "note": "[dim]note[/]"}
MOST = 30
"""Findings and columns shown; the rest is counted."""


def number(value: Any, digits: int = 4) -> str:
    """Return a number for reading: significant digits, thousands apart, a dash where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def size(count: int) -> str:
    """Return bytes as kB or MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def show_training(summary: dict[str, Any]) -> None:
    """Print the candidates of every output beside the baselines, the gate, and where the files are."""
    console = Console()
    for name, output in summary["outputs"].items():
        console.print(candidates_table(name, output))
        why = f"{output['why']}. {above(output['next'])}".rstrip()
        console.print(f"[bold]{escape(output['chosen'])}[/] is taken: {escape(why)}")
        for finding in output["passed_over"]:
            console.print(f"[dim]passed over: {escape(finding['where'])}: {escape(finding['seen'])}[/]")
        console.print()
    show_findings(console, summary["findings"] + summary["gate"]["findings"])
    gate = "[green]passed[/]" if summary["gate"]["passed"] else "[bold red]refused[/]"
    console.print(f"readiness [bold]{summary['level']}[/]   gate {gate}   run {summary['run']}")
    show_rows_told(console, summary)
    console.print(f"model file  {summary['model']}", soft_wrap=True)
    if summary.get("report"):
        console.print(f"report      {summary['report']}", soft_wrap=True)


def above(rung: dict[str, Any]) -> str:
    """Return what the next rung would change, and for what price, if there is one."""
    if not rung["model"]:
        return ""
    change = f"{'lower' if rung['gain'] > 0 else 'raise'} the loss by {number(abs(rung['gain']), 3)}"
    return f"The next rung, {rung['model']}, would {change} for {rung['price']}."


def candidates_table(name: str, output: dict[str, Any]) -> Table:
    """Return one output's rungs and landmarks as a table; the chosen rung is marked."""
    unit = f" ({output['unit']})" if output["unit"] and output["metric"] in ("rmse", "mae") else ""
    title = f"{name}: {output['task']}, {output['rows']:,} judging rows, loss: {output['loss']}"
    table = Table(title=escape(title), title_justify="left", title_style="bold", box=SIMPLE, pad_edge=False)
    table.add_column("", no_wrap=True)
    for heading in (f"test {output['metric']}{unit}", "95 % interval", "fold loss", "CPU s", "one row", "size"):
        table.add_column(heading, justify="right", no_wrap=" " not in heading or heading[0].isdigit())
    for mark in ("random", "people", "previous"):
        if output["landmarks"].get(mark) is not None:
            table.add_row(f"[dim]{mark}[/]", number(output["landmarks"][mark]), *[""] * 5)
    for rung in output["candidates"]:
        chosen = rung["model"] == output["chosen"]
        low, high = rung["interval"] or (None, None)
        label = (rung["landmark"] or rung["model"]).replace("_", " ")
        table.add_row(
            f"[bold green]{label} *[/]" if chosen else label,
            number(rung["test"]),
            f"{number(low, 3)} – {number(high, 3)}",
            f"{number(rung['score'], 3)} ± {number(rung['standard_error'], 1)}",
            number(rung["train_cpu_s"], 2),
            f"{rung['latency_us']:.0f} µs",
            size(rung["size_bytes"]),
        )
    return table


def show_findings(console: Console, findings: Sequence[dict[str, Any]]) -> None:
    """Print findings in the order given, each with what to do next on a line of its own."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for finding in findings[:MOST]:
        row = f", row {finding['row']}" if finding.get("row") is not None else ""
        said = f"{finding['code']} [bold]{escape(finding['where'])}[/]{row}: {escape(finding['seen'])}"
        waived = finding.get("waived")
        todo = f"{waived['by']} answers for it: {waived['why']}" if waived else finding["next"]
        mark = "[dim]waived[/]" if waived else MARKS[finding["level"]]
        table.add_row(mark, f"{said}\n[dim]{escape(todo)}[/]" if todo else said)
    console.print(table)
    if len(findings) > MOST:
        console.print(f"[dim]and {len(findings) - MOST} more: --json shows all[/]")


def show_check(checked: dict[str, Any], document: str = "landmark.yaml") -> None:
    """Print the level, what holds it there and what to do, what else was found, and what every column is."""
    console = Console()
    held, level = checked["next"]["findings"], checked["level"]
    console.print(f"readiness [bold]{level}[/]: {checked['meaning']}")
    show_rows_told(console, checked)
    if held:
        onward = "" if checked["next"]["level"] == level else f", on the way to {checked['next']['level']}"
        console.print(f"\n[bold]What holds it at {level}[/]{onward}:")
        show_findings(console, held)
    others = [finding for finding in checked["findings"] if finding not in held]
    if others:
        console.print("\n[bold]Found as well[/]:")
        show_findings(console, others)
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("column", "type", "use", "why"):
        table.add_column(heading)
    for name, column in list(checked["columns"].items())[:MOST]:
        table.add_row(escape(name), column["type"], column["use"], escape(column["why"]))
    console.print(table)
    if len(checked["columns"]) > MOST:
        console.print(f"[dim]and {len(checked['columns']) - MOST} more columns: --json shows all[/]")
    named = "" if document == "landmark.yaml" else f" -c {shlex.quote(document)}"
    console.print(f"[dim]as a page: landmark report {checked['run']} -o check.html{escape(named)}[/]")


def show_rows_told(console: Console, told: dict[str, Any]) -> None:
    """Print that rows are a sample, where they are, and whether those that teach keep the contract, if one stands."""
    held = told.get("contract")
    if told.get("sample"):
        console.print(f"[yellow]a sample[/]: {escape(told['sample'])}")
    if held is not None:
        kept = "[green]kept[/]" if held["kept"] else "[bold red]not kept[/]"
        console.print(f"contract {kept}   version {held['version'][:19]}")


def show_evaluation(judged: dict[str, Any]) -> None:
    """Print every metric of every output, then the slices."""
    console = Console()
    for name, output in judged["outputs"].items():
        table = Table(title=escape(f"{name}: {output['rows']:,} rows"), title_justify="left", title_style="bold")
        table.add_column("metric")
        table.add_column("value", justify="right")
        for metric, value in output["test"].items():
            low, high = output["interval"]
            span = f"  ({number(low)} to {number(high)})" if metric == output["metric"] else ""
            table.add_row(metric, number(value) + span)
        console.print(table)
        for part in output["slices"]:
            low, high = part["interval"]
            value = f"{number(part['value'])} ({number(low)} to {number(high)}), {part['rows']} rows"
            console.print(f"  {escape(part['where'])}: {value}")
    show_findings(console, judged["findings"])


def show_model(manifest: dict[str, Any]) -> None:
    """Print a model file's manifest: columns in, answers out, how good, who signed."""
    console = Console()
    data, run = manifest["data"][:12], manifest["run"][:12]
    console.print(f"[bold]{escape(manifest['name'])}[/]   level {manifest['level']}   data {data}   run {run}")
    table = Table(title="needs", title_justify="left")
    for heading in ("input", "type", "columns", "unit"):
        table.add_column(heading)
    for name, column in manifest["columns"].items():
        table.add_row(
            escape(name), column["type"], escape(", ".join(column["columns"])), str(column["options"].get("unit") or "")
        )
    console.print(table)
    for name, output in manifest["outputs"].items():
        interval = output["interval"]
        console.print(
            f"answers [bold]{escape(name)}[/] ({output['task']}) by {output['model']}: {output['metric']} "
            f"{number(interval['value'])} ({number(interval['low'])} to {number(interval['high'])})"
        )
    gate = "passed" if manifest["gate"].get("passed") else "refused"
    show_rows_told(console, manifest)
    console.print(f"gate {gate}; trained on {manifest['rows']['train']:,} rows, judged on {manifest['rows']['test']:,}")
    for mark in manifest.get("marks", ()):
        console.print(f"{mark['mark']} by {escape(mark['by'])} on {mark['at']}: {escape(mark['note'])}")
    show_findings(console, manifest["findings"])


def show_validation(held: dict[str, Any]) -> None:
    """Print whether a table keeps its contract, and what it does not keep."""
    console = Console()
    word = "[green]keeps[/]" if held["kept"] else "[bold red]does not keep[/]"
    rows = f"{held['rows']:,} rows, {escape(held['environment'])}"
    console.print(f"{escape(held['data'])} {word} {escape(held['schema'])} ({rows})", soft_wrap=True)
    show_findings(console, held["findings"])


def show_rows(rows: Iterable[dict[str, Any]], headings: Sequence[str]) -> None:
    """Print rows of texts under headings."""
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(number(row.get(heading))) for heading in headings))
    Console().print(table)


def show_lineage(graph: dict[str, Any]) -> None:
    """Print each artifact with what it was made of."""
    console = Console()
    for node in graph["artifacts"]:
        parents = ", ".join(parent["step"] for parent in node["parents"]) or "given"
        console.print(f"[bold]{escape(node['step'])}[/] {node['uri'][:19]}  from {escape(parents)}")
