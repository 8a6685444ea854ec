"""How results show themselves in a notebook: short tables, without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from landmark.reports.terminal import number, size


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return an HTML table; every cell is escaped."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def checked_html(summary: dict[str, Any]) -> str:
    """Return the level, the findings and the types of `check`."""
    findings = table(
        ("level", "code", "where", "seen", "next"),
        ([f[key] for key in ("level", "code", "where", "seen", "next")] for f in summary["findings"]),
    )
    columns = table(("column", "type", "use"), ((name, c["type"], c["use"]) for name, c in summary["columns"].items()))
    return f"<p>readiness <b>{summary['level']}</b></p>{findings}{columns}"


def trained_html(summary: dict[str, Any]) -> str:
    """Return the candidates of every output beside each other, and the gate."""
    parts = []
    for name, output in summary["outputs"].items():
        rows = [
            (
                rung["model"] + (" *" if rung["model"] == output["chosen"] else ""),
                number(rung["test"]),
                number(rung["score"]),
                number(rung["train_cpu_s"], 2),
                size(rung["size_bytes"]),
            )
            for rung in output["candidates"]
        ]
        head = ("candidate", f"test {output['metric']}", f"fold {output['loss']}", "CPU s", "size")
        parts.append(f"<p><b>{escape(name)}</b>: {escape(output['why'])}</p>{table(head, rows)}")
    gate = "passed" if summary["gate"]["passed"] else "refused"
    return "".join(parts) + f"<p>readiness {summary['level']}, gate {gate}, model {escape(summary['model'])}</p>"
