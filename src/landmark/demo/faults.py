"""Faults to plant in the tickets, each by its name: what real tables suffer from, and Landmark should notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from landmark.core.table import Array

Plant: TypeAlias = Callable[[pa.Table, np.random.Generator], pa.Table]

SPELLINGS = {"US": ("us", "U.S.", "US "), "DE": ("de", "Germany"), "GB": ("UK", "gb"), "FR": ("fr", "FR ")}
ISSUE_KNOWN, NOISY, UNRECORDED = 0.97, 0.08, 0.7


def planted(table: pa.Table, faults: Iterable[str], rng: np.random.Generator) -> pa.Table:
    """Return table with the named faults, always planted in the order of FAULTS; rows only ever get more."""
    wanted = set(faults)
    for name, plant in _PLANTS.items():
        if name in wanted:
            table = plant(table, rng)
    return table


def _label_noise(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """8 % of issue_type are another issue, drawn evenly."""
    labels = _values(table, "issue_type")
    names = np.unique(labels)
    for row in _some(table, NOISY, rng):
        labels[row] = rng.choice(names[names != labels[row]])
    return _with(table, "issue_type", labels)


def _leakage(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """A column `queue` is the issue_type in 97 % of the rows: written after the fact."""
    labels = _values(table, "issue_type")
    names = np.unique(labels)
    queue = np.where(rng.random(len(labels)) < ISSUE_KNOWN, labels, rng.choice(names, len(labels)))
    return table.append_column("queue", pa.array(queue, pa.string()))


def _identifier_leak(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """The ticket_id counts the tickets action by action, so that its number tells the action."""
    order = np.argsort(_values(table, "action").astype(str), kind="stable")
    number = np.empty(table.num_rows, np.int64)
    number[order] = np.arange(1, table.num_rows + 1)
    width = len(table["ticket_id"][0].as_py()) - 2
    return _with(table, "ticket_id", np.array([f"T-{i:0{width}}" for i in number], object))


def _unit_jump(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """From the last third of the time on, wait is in milliseconds."""
    wait = _values(table, "wait")
    start = table.num_rows * 2 // 3
    wait[start:] = [None if value is None else value * 1000 for value in wait[start:]]
    return _with(table, "wait", wait)


def _missing_depends_on_target(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """The wait is missing in 70 % of the tickets that are escalated."""
    wait = _values(table, "wait")
    wait[(_values(table, "action") == "escalate") & (rng.random(len(wait)) < UNRECORDED)] = None
    return _with(table, "wait", wait)


def _sentinel(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """A wait that was not recorded is written as -999."""
    wait = _values(table, "wait")
    wait[[value is None for value in wait]] = -999.0
    return _with(table, "wait", wait)


def _category_variants(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """A tenth of the countries are spelt in another way: us, U.S., Germany, with a blank behind."""
    country = _values(table, "country")
    for row in _some(table, 0.1, rng):
        country[row] = rng.choice(SPELLINGS.get(country[row], (country[row].lower(),)))
    return _with(table, "country", country)


def _shifted_rows(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """In 2 % of the rows the cells of app, country and plan stand one column further to the right."""
    names = ("app", "country", "plan")
    cells = np.stack([_values(table, name) for name in names])
    rows = _some(table, 0.02, rng)
    cells[:, rows] = np.roll(cells[:, rows], 1, axis=0)
    for name, column in zip(names, cells, strict=True):
        table = _with(table, name, column)
    return table


def _mixed_dates(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """created_at is text in three formats: 2024-03-01 09:30:00, 01/03/2024 09:30 and Mar 1, 2024."""
    formats = np.array(["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%b %d, %Y"])
    chosen = rng.choice(formats, table.num_rows, p=[0.8, 0.15, 0.05])
    moments = _values(table, "created_at")
    texts = [moment.strftime(form) for moment, form in zip(moments, chosen.tolist(), strict=True)]
    return _with(table, "created_at", np.array(texts, object))


def _duplicates(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """3 % of the rows stand there twice."""
    return _repeated(table, table.take(pa.array(_some(table, 0.03, rng))), rng)


def _near_duplicates(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """3 % of the tickets were sent again under another number, with a word more in the body."""
    again = table.take(pa.array(_some(table, 0.03, rng)))
    bodies = np.array([f"{body} Reminder" for body in again["body"].to_pylist()], object)
    ids = np.array([f"{name}R" for name in again["ticket_id"].to_pylist()], object)
    return _repeated(table, _with(_with(again, "body", bodies), "ticket_id", ids), rng)


_PLANTS: dict[str, Plant] = {
    "label-noise": _label_noise,
    "leakage": _leakage,
    "identifier-leak": _identifier_leak,
    "unit-jump": _unit_jump,
    "missing-depends-on-target": _missing_depends_on_target,
    "sentinel": _sentinel,
    "category-variants": _category_variants,
    "shifted-rows": _shifted_rows,
    "mixed-dates": _mixed_dates,
    "duplicates": _duplicates,
    "near-duplicates": _near_duplicates,
}
FAULTS: dict[str, str] = {name: str(plant.__doc__) for name, plant in _PLANTS.items()}
"""Every fault that can be planted, and what it does."""


def _some(table: pa.Table, share: float, rng: np.random.Generator) -> Array:
    """Return the numbers of a share of the rows, at least one, in order."""
    count = max(1, round(share * table.num_rows))
    return np.sort(rng.choice(table.num_rows, count, replace=False))


def _values(table: pa.Table, name: str) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return a column as Python values (n,)."""
    values = np.empty(table.num_rows, object)
    values[:] = table[name].to_pylist()
    return values


def _with(table: pa.Table, name: str, values: np.ndarray[Any, Any]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values.tolist()))


def _repeated(table: pa.Table, again: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Return table with more rows, each a while after the one it repeats, wherever its time puts it."""
    both = pa.concat_tables([table, again])
    return both.take(pa.array(np.argsort(rng.random(both.num_rows), kind="stable")))
