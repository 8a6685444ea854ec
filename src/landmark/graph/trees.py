"""LightGBM boosters as one TreeEnsemble node: exact in float64, with missing values and native categories.

The text that LightGBM saves is read, not its JSON dump: the same seventeen digits at an eighth of the CPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import numpy_helper

from landmark.artifacts.features import Value
from landmark.core.table import Floats, Ints, Mask
from landmark.graph.builder import Graph

AT_MOST, MEMBER, SUM = 0, 6, 1
"""Node modes BRANCH_LEQ and BRANCH_MEMBER, and the aggregate function, of ai.onnx.ml's TreeEnsemble 5."""

CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2
"""Bits of LightGBM's `decision_type`; above the shift stands the kind of missing: 0 none, 1 zero, 2 NaN."""

LISTS = ("featureids", "truenodeids", "trueleafs", "falsenodeids", "falseleafs", "missing_value_tracks_true")
"""What stands in the node once for each inner node of the trees, as whole numbers."""


@dataclass(frozen=True)
class Part:
    """One booster of an ensemble: its saved text, the first output it adds to, the factor of its leaves."""

    text: str
    target: int = 0
    scale: float = 1.0


@dataclass(frozen=True)
class Tree:
    """One tree. Inner nodes (m,); a child below zero is the leaf ~child. `members` holds a set per member test."""

    feature: Ints
    threshold: Floats
    member: Mask
    missing_left: Mask
    left: Ints
    right: Ints
    leaves: Floats
    members: list[Ints]


def tree_ensemble(g: Graph, x: Value, parts: Sequence[Part], width: int) -> Value:
    """Add the sum of boosters over x float64 (n, columns); return the raw scores float64 (n, width)."""
    trees = [(tree, target, part.scale) for part in parts for tree, target in _targets(part)]
    nodes = np.cumsum([0, *(len(tree.feature) for tree, _, _ in trees)])
    leaves = np.cumsum([0, *(len(tree.leaves) for tree, _, _ in trees)])
    left, left_leaf = _children([tree.left for tree, _, _ in trees], nodes, leaves)
    right, right_leaf = _children([tree.right for tree, _, _ in trees], nodes, leaves)
    member = np.concatenate([tree.member for tree, _, _ in trees])
    threshold = np.concatenate([tree.threshold for tree, _, _ in trees])
    attributes: dict[str, Any] = {
        "nodes_featureids": np.concatenate([tree.feature for tree, _, _ in trees]).tolist(),
        "nodes_splits": numpy_helper.from_array(np.where(member, 0.0, threshold)),
        "nodes_modes": numpy_helper.from_array(np.where(member, MEMBER, AT_MOST).astype(np.uint8)),
        "nodes_missing_value_tracks_true": np.concatenate([t.missing_left for t, _, _ in trees]).astype(int).tolist(),
        "nodes_truenodeids": left.tolist(),
        "nodes_trueleafs": left_leaf.tolist(),
        "nodes_falsenodeids": right.tolist(),
        "nodes_falseleafs": right_leaf.tolist(),
        "leaf_targetids": np.concatenate([np.full(len(t.leaves), target) for t, target, _ in trees]).tolist(),
        "leaf_weights": numpy_helper.from_array(np.concatenate([t.leaves * scale for t, _, scale in trees])),
    }
    sets = [members for tree, _, _ in trees for members in tree.members]
    if sets:  # each set ends with NaN
        flat = np.concatenate([np.append(members.astype(np.float64), np.nan) for members in sets])
        attributes["membership_values"] = numpy_helper.from_array(flat)
    return g.op(
        "TreeEnsemble",
        x,
        domain="ai.onnx.ml",
        n_targets=width,
        aggregate_function=SUM,
        post_transform=0,
        tree_roots=nodes[:-1].tolist(),
        **attributes,
    )


def _children(sides: list[Ints], nodes: Ints, leaves: Ints) -> tuple[Ints, Ints]:
    """Return the children on one side of all trees as numbers in the ensemble, and whether each is a leaf."""
    ids = [
        np.where(side < 0, ~side + leaf, side + node) for side, node, leaf in zip(sides, nodes, leaves, strict=False)
    ]
    return np.concatenate(ids), (np.concatenate(sides) < 0).astype(np.int64)


def _targets(part: Part) -> Iterator[tuple[Tree, int]]:
    """Yield every tree with the output it adds to: a booster of several classes takes turns."""
    head, *blocks = part.text.partition("\nend of trees")[0].split("\nTree=")
    turns = int(_fields(head)["num_tree_per_iteration"])
    for i, block in enumerate(blocks):
        yield _tree(_fields(block)), part.target + i % turns


def _tree(fields: dict[str, str]) -> Tree:
    leaves = _floats(fields["leaf_value"])
    if len(leaves) == 1:  # no split was worth it: a node that leads to its leaf either way
        nothing = np.zeros(1, np.int64)
        return Tree(nothing, np.zeros(1), np.zeros(1, bool), np.zeros(1, bool), ~nothing, ~nothing, leaves, [])
    decision = _ints(fields["decision_type"])
    threshold = _floats(fields["threshold"])
    member = (decision & CATEGORICAL).astype(bool)
    missing = decision >> MISSING_SHIFT & 3
    assert not np.any(missing[~member] == 1), "zero_as_missing has no counterpart in a TreeEnsemble"
    # where training saw nothing missing, LightGBM takes NaN for zero
    missing_left = np.where(missing == 2, decision & DEFAULT_LEFT != 0, threshold >= 0)
    return Tree(
        feature=_ints(fields["split_feature"]),
        threshold=threshold,
        member=member,
        missing_left=missing_left & ~member,
        left=_ints(fields["left_child"]),
        right=_ints(fields["right_child"]),
        leaves=leaves,
        members=_members(fields, threshold[member].astype(np.int64)),
    )


def _members(fields: dict[str, str], sets: Ints) -> list[Ints]:
    """Return the categories of each member test, which LightGBM keeps as bits of 32-bit words."""
    if not len(sets):
        return []
    bounds = _ints(fields["cat_boundaries"])
    words = _ints(fields["cat_threshold"]).astype("<u4")
    bits = [np.unpackbits(words[bounds[i] : bounds[i + 1]].view(np.uint8), bitorder="little") for i in sets]
    return [np.flatnonzero(set_bits) for set_bits in bits]


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _floats(text: str) -> Floats:
    return np.array(text.split(), dtype=np.float64)


def _ints(text: str) -> Ints:
    return np.array(text.split(), dtype=np.int64)


def flaw(attributes: dict[str, Any], columns: int) -> str:
    """Return what is wrong with the attributes of a TreeEnsemble over so many columns, or nothing.

    The runtime walks the nodes as it is told: one that leads to itself never ends, one that is reached twice is
    walked twice, and twice again below it.
    """
    nodes = {name: np.asarray(attributes[f"nodes_{name}"]) for name in LISTS}
    values = {name: numpy_helper.to_array(attributes[name]) for name in ("nodes_splits", "nodes_modes", "leaf_weights")}
    targets, roots = np.asarray(attributes["leaf_targetids"]), np.asarray(attributes["tree_roots"])
    count, leaves = len(nodes["featureids"]), len(targets)
    lengths = {len(values["nodes_splits"]), len(values["nodes_modes"]), *map(len, nodes.values())}
    if lengths != {count} or len(values["leaf_weights"]) != leaves:
        return "trees whose lists differ in length"
    if values["nodes_splits"].dtype != np.float64 or values["leaf_weights"].dtype != np.float64:
        return "trees that are not float64"
    if not np.isin(values["nodes_modes"], (AT_MOST, MEMBER)).all():
        return "trees that compare otherwise than these models do"
    ends = np.isnan(numpy_helper.to_array(attributes["membership_values"])) if "membership_values" in attributes else []
    if np.sum(ends) != np.sum(values["nodes_modes"] == MEMBER):
        return "trees with more or fewer sets than tests of membership"
    if not _within(nodes["featureids"], columns) or not _within(targets, attributes["n_targets"]):
        return "trees that read a column, or add to a target, which is not there"
    children = []
    for side in ("true", "false"):
        ids, is_leaf = nodes[f"{side}nodeids"], nodes[f"{side}leafs"].astype(bool)
        inner = ids[~is_leaf]
        if not _within(ids[is_leaf], leaves) or not _within(inner, count) or np.any(inner <= np.flatnonzero(~is_leaf)):
            return "trees with a node that leads back, or nowhere"
        children.append(inner)
    if not _within(roots, count):
        return "trees with a root that is not there"
    reached = np.bincount(np.concatenate([*children, roots]), minlength=count)
    return "" if np.all(reached == 1) else "trees that share nodes, or leave some out"


def _within(numbers: Ints, size: int) -> bool:
    return bool(np.all((numbers >= 0) & (numbers < size)))
