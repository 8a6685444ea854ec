"""YAML 1.2 as a person means it: `no` is text, `012` is twelve, and every value knows its line.

The events come from libyaml; the tree is built here, because libyaml's own tree knows only the rules of
YAML 1.1 and overflows the stack on deep nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from landmark.core.errors import UserError

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands: ("columns", "age", "unit"), ("outputs", 0)."""

MOST_VALUES = 1_000_000
"""Aliases of aliases grow without bound; a document of 100,000 described columns stays below this."""
DEEPEST = 60
TOO_DEEP = f"nested deeper than {DEEPEST} levels"
LONGEST_INT = 400
LONGEST_KEY = 1024
"""Of a key that stands on the line of its value: YAML 1.2.2, section 7.4.2."""

INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
BREAKS = re.compile("[\n\r\x85\u2028\u2029]")
WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
"""The plain scalars of the core schema that are neither text nor written in digits."""

HINTS = {
    "cannot start any token": "indent with blanks, never with tabs; quote a value that begins with @ or `",
    "mapping values are not allowed": "quote a value that contains ': ', or indent the line as its neighbours",
    "could not find expected ':'": "write KEY: VALUE, with a blank after the colon",
    "unexpected end of stream": "close the quote that was opened here",
}
HINT = "look at the brackets, quotes and indentation of this line and of the one above"


@dataclass(frozen=True)
class Marked:
    """A document's values, the line of each, and numbers and truth values as they were written."""

    value: Any
    file: str = ""
    lines: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    mistakes: tuple[UserError, ...] = ()

    def seen(self, place: Place) -> Any:
        """Return the single value that stands at a place; None where it is no single one, or not there.

        >>> marked = parse("columns: {age: {unit: s}}", "landmark.yaml")
        >>> marked.seen(("columns", "age", "unit")), marked.seen(("columns", "age")), marked.seen(("store",))
        ('s', None, None)
        """
        value = self.value
        for part in place:
            inside = part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value))
            if not inside:
                return None
            value = value[part]
        return None if isinstance(value, (dict, list)) else value

    def where(self, place: Place) -> str:
        r"""Return file, line and path of a place; a place that is not there has the line of what would hold it.

        >>> parse("columns:\n  age: {unit: s}", "landmark.yaml").where(("columns", "age", "unit"))
        'landmark.yaml:2 columns.age.unit'
        """
        known = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), None)
        file = f"{self.file}:{known}" if known and self.file else self.file
        return f"{file} {dotted(place)}".strip() or "document"


def dotted(place: Place) -> str:
    """Return a place as a person writes it.

    >>> dotted(("outputs", 0, "unit"))
    'outputs[0].unit'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def scalar(text: str) -> Any:
    """Return what a plain scalar means by the core schema of YAML 1.2.

    Source: YAML 1.2.2, section 10.3.2.

    >>> [scalar(text) for text in ("no", "012", "1e3", "~", "0o17", "1_000", "2024-01-01")]
    ['no', 12, 1000.0, None, 15, '1_000', '2024-01-01']
    """
    if text in WORDS:
        return WORDS[text]
    if len(text) <= LONGEST_INT and INT.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    return float(text) if FLOAT.fullmatch(text) else text


def parse(content: str | bytes, file: str) -> Marked:
    """Return the values of one YAML document with their lines.

    Raises: UserError where the text is not YAML; keys said twice are collected in `mistakes`.
    """
    text = _decoded(content, file)
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        node = _Builder(events, file).document()
    except yaml.MarkedYAMLError as error:
        raise _broken(error, text, file) from None
    except yaml.reader.ReaderError as error:
        raise UserError(file, f"not YAML: {error.reason}", fix="save it as plain text in UTF-8") from None
    reading = _Reading(file)
    value = None if node is None else reading.value(node, ())
    return Marked(value, file, reading.lines, reading.texts, tuple(reading.mistakes))


def _decoded(content: str | bytes, file: str) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(f"{file}:{line}", "not text in UTF-8", fix="save the file as UTF-8") from None


def _broken(error: yaml.MarkedYAMLError, text: str, file: str) -> UserError:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be read"
    if "nesting depth" in problem:  # newer releases of libyaml have a limit of their own, which is met first
        problem = TOO_DEEP
    if "unexpected end of stream" in problem and error.context_mark:
        mark = error.context_mark
    lines, line = text.splitlines(), mark.line if mark else 0
    seen = lines[line].strip() if line < len(lines) else None
    fix = next((hint for words, hint in HINTS.items() if words in problem), HINT)
    return UserError(f"{file}:{line + 1}", f"not YAML: {problem}", seen=seen, fix=fix)


@dataclass(slots=True)
class _Node:
    """One node: a text, a list of nodes, or a list of pairs of nodes."""

    line: int
    text: str = ""
    plain: bool = False
    items: list[_Node] | None = None
    pairs: list[tuple[_Node, _Node]] | None = None


@dataclass
class _Builder:
    """Events in, nodes out; an alias is the very node it names."""

    events: Iterator[Any]
    file: str
    anchors: dict[str, _Node] = field(default_factory=dict)

    def document(self) -> _Node | None:
        """Return the node of the only document, None where there is none."""
        roots: list[_Node] = []
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if roots:
                    raise self._refuse(event, "a second document begins here", "a file holds one: remove this ---")
                roots.append(self._node(next(self.events), 0))
        return roots[0] if roots else None

    def _node(self, event: Any, depth: int) -> _Node:
        if depth > DEEPEST:
            raise self._refuse(event, TOO_DEEP, HINT)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                what = f"*{event.anchor} names nothing that is complete above it"
                raise self._refuse(event, what, f"mark what is meant by &{event.anchor}")
            return self.anchors[event.anchor]
        if event.tag is not None and event.tag != "!" and not event.tag.startswith("tag:yaml.org,2002:"):
            raise self._refuse(event, f"the tag {event.tag} is not understood", "leave it out")
        node = self._made(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _made(self, event: Any, depth: int) -> _Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return _Node(line, event.value, event.implicit[0])
        inside = []
        while not isinstance(after := next(self.events), yaml.CollectionEndEvent):
            inside.append(self._node(after, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return _Node(line, items=inside)
        return _Node(line, pairs=list(zip(inside[::2], inside[1::2], strict=True)))

    def _refuse(self, event: Any, what: str, fix: str) -> UserError:
        return UserError(f"{self.file}:{event.start_mark.line + 1}", what, fix=fix)


@dataclass
class _Reading:
    """What is gathered while nodes become values."""

    file: str
    lines: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    mistakes: list[UserError] = field(default_factory=list)
    values: int = 0

    def value(self, node: _Node, place: Place) -> Any:
        """Return the value of a node that stands at a place."""
        self.values += 1
        if self.values > MOST_VALUES:
            what = f"more than {MOST_VALUES:,} values"
            raise UserError(f"{self.file}:{node.line}", what, fix="use fewer aliases")
        self.lines.setdefault(place, node.line)
        if node.items is not None:
            return [self.value(item, (*place, i)) for i, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node.pairs, place)
        if not node.plain:
            return node.text
        value = scalar(node.text)
        if isinstance(value, (bool, int, float)):
            self.texts[place] = node.text
        return value

    def _mapping(self, pairs: list[tuple[_Node, _Node]], place: Place) -> dict[str, Any]:
        """Return a mapping; its keys are names, so they are text as it is written."""
        values: dict[str, Any] = {}
        for key, node in pairs:
            if key.items is not None or key.pairs is not None:
                raise UserError(f"{self.file}:{key.line}", "a key must be a word", fix="quote it, or write KEY: VALUE")
            inside = (*place, key.text)
            if key.text in values:
                first = f"it is in line {self.lines[inside]} too: keep one"
                self.mistakes.append(UserError(f"{self.file}:{key.line} {dotted(inside)}", "said twice", fix=first))
                continue
            self.lines[inside] = key.line
            values[key.text] = self.value(node, inside)
        return values


class _Dumper(yaml.CSafeDumper):
    """Writes texts in quotes wherever YAML 1.1 or 1.2 would read them as something else; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that everything is written out."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Return a text as a node; in double quotes, with escapes, where it would break the line."""
    style = '"' if BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
for _tag, _pattern in (("int", INT), ("float", FLOAT)):
    _Dumper.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern.pattern})$"), list("-+.0123456789")
    )


def dump(tree: Any) -> str:
    r"""Return a tree of plain values as YAML text, in their order, with the innermost collections on one line.

    >>> dump({"a": "no", "b": ["012", 12], "c": {"d": None}})
    "a: 'no'\nb: ['012', 12]\nc: {d: null}\n"
    """
    text: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    return text


def line(key: str, value: Any) -> str:
    """Return one setting on one line; it is read again where the key is at most LONGEST_KEY characters of YAML.

    >>> line("a: b", {"type": "number", "missing": ("?",)})
    "'a: b': {type: number, missing: ['?']}"
    """
    parts = (
        yaml.dump([part], Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=1 << 30)
        for part in (key, value)
    )
    return ": ".join(part.strip()[1:-1] for part in parts)
