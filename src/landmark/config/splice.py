"""Change single places of a YAML document and leave everything else as people wrote it, comments and all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import yaml

from landmark.artifacts.contract import Change
from landmark.config.yaml12 import BREAKS, LONGEST_KEY, dump, line, parse
from landmark.contract.edits import put

Pair: TypeAlias = tuple[yaml.Node, yaml.Node]
"""A key and its value."""


def spliced(text: str, changes: Sequence[Change], comment: str = "") -> str:
    r"""Return a document in which some places are set to values or taken away; comment: what to say beside them.

    >>> spliced("a:\n  b: 1  # why\n", [Change(place=("a", "b"), value=2)], "by Ada")
    'a:\n  b: 2  # why; by Ada\n'
    >>> spliced("a: {b: 1}\n", [Change(place=("a", "c"), value="no")])
    "a: {b: 1, c: 'no'}\n"
    """
    comment = " ".join(BREAKS.sub(" ", comment).split())
    for change in changes:
        text = _changed(text if text.endswith("\n") or not text else text + "\n", change, comment)
    return text


def keyed(name: str, indent: str, value: Any = None) -> list[str]:
    """Return the lines of a key with its value beside it, or to be followed by one below; very long ones are two."""
    key = line(name, None).removesuffix(" null")
    beside = "" if value is None else " " + line("x", value).removeprefix("x: ")
    if len(key) < LONGEST_KEY:
        return [f"{indent}{key}{beside}"]
    return [f"{indent}? {key.removesuffix(':')}", f"{indent}:{beside}"]


def _changed(text: str, change: Change, comment: str) -> str:
    """Return the text after one change: written at the innermost place that stands on lines of its own."""
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    tree = parse(text, "").value or {}
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        put(tree, change)
        return dump(tree)
    place = change.place
    for depth, part in enumerate(place):
        pair = next(((key, value) for key, value in node.value if key.value == part), None)
        rest = Change(place=place[depth + 1 :], value=change.value, remove=change.remove)
        if pair is None:
            return text if change.remove else _inserted(text, node, part, _nested(rest), comment)
        if not rest.place:
            return _removed(text, pair, comment) if change.remove else _replaced(text, pair, change.value, comment)
        node, tree = pair[1], tree[part]
        if not isinstance(node, yaml.MappingNode) or node.flow_style:
            tree = tree if isinstance(tree, dict) else {}
            put(tree, rest)
            return _replaced(text, pair, tree, comment)
    raise AssertionError("a place has at least one part")


def _nested(change: Change) -> Any:
    """Return the value that a change puts where nothing was."""
    value = change.value
    for part in reversed(change.place):
        value = {part: value}
    return value


def _inserted(text: str, parent: yaml.MappingNode, key: str, value: Any, comment: str) -> str:
    """Return the text with one line more, after the last of a mapping, as far in as its first."""
    start = _line_start(text, parent.value[0][0].start_mark.index)
    indent = text[start : start + len(text[start:]) - len(text[start:].lstrip(" "))]
    after = _line_end(text, max(_end(text, pair) for pair in parent.value)) + 1
    *above, last = keyed(key, indent, value)
    made = "".join(f"{each}\n" for each in (*above, _noted(last, comment)))
    return text[:after] + made + text[after:]


def _replaced(text: str, pair: Pair, value: Any, comment: str) -> str:
    """Return the text with another value of a key, on the key's line; what stands behind the value stays."""
    colon = text.index(":", pair[0].end_mark.index) + 1
    end = _end(text, pair)
    written = line("x", value).removeprefix("x: ")
    last = _line_end(text, end)
    return f"{text[:colon]} {_noted(written + text[end:last], comment)}{text[last:]}"


def _removed(text: str, pair: Pair, comment: str) -> str:
    """Return the text without a key, and with a line that says so where there is something to say."""
    start = _line_start(text, pair[0].start_mark.index)
    indent = " " * pair[0].start_mark.column
    said = f"{indent}# {pair[0].value} was taken away: {comment}\n" if comment else ""
    return text[:start] + said + text[_line_end(text, _end(text, pair)) + 1 :]


def _end(text: str, pair: Pair) -> int:
    """Return where the value of a key ends, without the blanks and comments after it."""
    key, node = pair
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last if isinstance(last, tuple) else (key, last))
    if node.start_mark.index == node.end_mark.index:  # nothing stands there
        return text.index(":", key.end_mark.index) + 1
    return node.start_mark.index + len(text[node.start_mark.index : node.end_mark.index].rstrip())


def _noted(text: str, comment: str) -> str:
    """Return the end of a line with a comment, behind the one that is there."""
    if not comment:
        return text
    said = text.rstrip()
    return f"{said}; {comment}" if " #" in said and not said.endswith(('"', "'")) else f"{said}  # {comment}"


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
