"""Apply a proposed edit to a contract."""

from __future__ import annotations

from typing import Any

from landmark.artifacts.contract import Change, Contract, Edit


def applied(contract: Contract, edit: Edit) -> Contract:
    """Return the contract after an edit.

    >>> contract = Contract.model_validate({"columns": {"age": {"type": "number", "least": 0}}})
    >>> edit = Edit(code="too-small", column="age", changes=(Change(place=("columns", "age", "least"), value=-1),))
    >>> applied(contract, edit).columns["age"].least
    -1.0
    """
    tree = plain(contract)
    for change in edit.changes:
        put(tree, change)
    return Contract.model_validate(tree)


def plain(contract: Contract) -> dict[str, Any]:
    """Return what a contract says as plain values, without what it does not say."""
    return contract.model_dump(mode="json", exclude_defaults=True)


def put(tree: dict[str, Any], change: Change) -> None:
    """Carry out one change in a tree of plain values."""
    *sections, last = change.place
    for section in sections:
        if change.remove and section not in tree:
            return
        tree = tree.setdefault(section, {})
    if change.remove:
        tree.pop(last, None)
    else:
        tree[last] = change.value
