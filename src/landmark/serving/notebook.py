"""What a model shows of itself in a notebook: what it takes, what it gives, how good it was found."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from landmark.artifacts.manifest import ColumnEntry, Manifest, OutputEntry


def html(manifest: Manifest) -> str:
    """Return two small tables, without styles or scripts of their own."""
    outputs = _table(
        ("output", "type", "model", "on rows never seen", "constant"),
        (_output(name, entry) for name, entry in manifest.outputs.items()),
    )
    columns = _table(
        ("input", "type", "from", "unit"), (_column(name, entry) for name, entry in manifest.columns.items())
    )
    title = f"{manifest.name}, level {manifest.level}, {manifest.rows.get('train', 0)} training rows"
    return f"<div><p><b>{escape(title)}</b> <code>{escape(manifest.digest[:12])}</code></p>{outputs}{columns}</div>"


def _output(name: str, entry: OutputEntry) -> tuple[str, ...]:
    value, low, high = entry.interval.value, entry.interval.low, entry.interval.high
    constant = entry.landmarks.get("constant")
    found = f"{entry.metric} {value:.4g} ({low:.4g} to {high:.4g})"
    return name, entry.type, entry.model, found, "" if constant is None else f"{constant:.4g}"


def _column(name: str, entry: ColumnEntry) -> tuple[str, ...]:
    return name, entry.type, ", ".join(entry.columns), entry.options.get("unit") or ""


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    return f"<table><thead>{line(head, 'th')}</thead><tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table>"
