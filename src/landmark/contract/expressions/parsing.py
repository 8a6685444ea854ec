"""From a text to an expression: Python's parser reads it, and what is understood of its tree becomes parts.

Every mistake is noted with its place; a part that is wrong has no kind, and what is built on it is not complained of.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from landmark.contract.expressions.functions import FUNCTIONS, Function, contains
from landmark.contract.expressions.parts import (
    ARITHMETIC,
    ARROW,
    NOW,
    Columns,
    Holds,
    Part,
    among,
    compared,
    spread,
)
from landmark.core import dates
from landmark.core.errors import did_you_mean

LONGEST, DEEPEST, MOST_PARTS = 2000, 30, 400
"""Characters of an expression, levels of its tree, and parts it may have."""
TOO_MUCH = "too deep or too long to be understood"
SIGNS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">"}
SIGNS |= {"GtE": ">=", "In": "in", "NotIn": "not in"}
REFUSED = {
    "Attribute": ("a dot after a name is not understood", "a column with a dot in its name is col('a.b')"),
    "Subscript": ("brackets after a name are not understood", "a column with brackets in its name is col('a[b]')"),
    "Pow": ("powers are not understood", "multiply, as in a * a"),
    "IfExp": ("if and else are not understood", "say when: the rows that are meant, in the rule"),
}
ALLOWED = "comparisons, and, or, not, in, + - * /, numbers, 'texts', columns, and functions"
SINGLE, QUOTED = re.compile("(?<![=!<>:])=(?!=)"), re.compile("'[^']*'|\"[^\"]*\"")
PLAIN_ESCAPES = "\\'\"nt"


class Wrong(NamedTuple):
    """A mistake in an expression: the character where it begins, counted from 1, and how to mend it."""

    at: int
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Expression:
    """An expression that was understood: its text, the columns it looks at, and how to compute it."""

    text: str
    columns: tuple[str, ...]
    run: Callable[[Columns], Any]

    def holds(self, columns: Columns, rows: int, now: int | None = None) -> pa.Array:
        """Return whether it holds in each of so many rows, null where that is unknown; now: microseconds since 1970."""
        return spread(self.run({**columns, NOW: pa.scalar(now, pa.int64())}), rows)


def parse(text: str, columns: Mapping[str, Holds]) -> Expression | list[Wrong]:
    """Return the expression of a text over columns of some kinds, or everything that is wrong with it.

    >>> parse("a + b == total", dict.fromkeys(("a", "b", "total"), Holds.NUMBER)).columns
    ('a', 'b', 'total')
    >>> parse("totl > 0", {"total": Holds.NUMBER})
    [Wrong(at=1, what="there is no column 'totl'", fix="did you mean 'total'?")]
    """
    if len(text) > LONGEST:
        return [Wrong(LONGEST, f"longer than {LONGEST} characters", "make several rules of it")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that mean nothing, which are refused below
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        return [_broken(text.strip(), error)]
    except (ValueError, RecursionError, MemoryError):
        return [Wrong(1, "this is no expression", f"use {ALLOWED}")]
    scope = _Scope(text.strip(), columns)
    part = scope.part(tree)
    if part.holds not in (None, Holds.TRUTH):
        scope.say(tree, f"this is a {part.holds}, and a rule is something that holds or does not", "compare it")
    return scope.wrong or Expression(text, tuple(scope.used), part.run)


def _broken(text: str, error: SyntaxError) -> Wrong:
    """Return what is wrong with a text that is no Python, in the words of somebody who writes none."""
    offset = max(min((error.offset or 1), len(text)), 1)
    if (error.lineno or 1) > 1:
        offset = min(len(text), sum(map(len, text.splitlines(True)[: (error.lineno or 1) - 1])) + offset)
    single = SINGLE.search(QUOTED.sub(lambda found: "'" * len(found[0]), text))
    if single is not None:
        return Wrong(single.start() + 1, "one = means nothing here", "write == to compare")
    fix = "a name with blanks or signs, or one that is a word of Python, is written col('my column')"
    return Wrong(offset, f"this cannot be read: {error.msg}", fix)


def _nothing(columns: Columns) -> Any:
    raise AssertionError("a part that is wrong is never computed")


NOTHING = Part(None, _nothing)


@dataclass
class _Scope:
    """The text that is read, the columns that are known, those it uses, and what is wrong with it."""

    text: str
    columns: Mapping[str, Holds]
    used: dict[str, None] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    depth: int = 0
    parts: int = 0

    def say(self, node: ast.AST, what: str, fix: str = "") -> Part:
        """Note a mistake at a node, and return the part that stands for it."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        lines = self.text.splitlines(True) or [""]
        before = sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode(errors="ignore"))
        self.wrong.append(Wrong(before + 1, what, fix))
        return NOTHING

    def part(self, node: ast.AST) -> Part:
        """Return the part of a node."""
        self.parts, self.depth = self.parts + 1, self.depth + 1
        try:
            if self.depth > DEEPEST or self.parts > MOST_PARTS:
                return NOTHING if self.wrong else self.say(node, TOO_MUCH, "make several rules of it")
            read = READERS.get(type(node).__name__)
            return self.refuse(node) if read is None else read(self, node)
        finally:
            self.depth -= 1

    def refuse(self, node: ast.AST) -> Part:
        """Note that a node is none of those that are understood."""
        what, fix = REFUSED.get(type(node).__name__, ("this is not understood", f"use {ALLOWED}"))
        return self.say(node, what, fix)

    def column(self, node: ast.AST, name: str) -> Part:
        """Return the part of a column."""
        known = self.columns
        if name not in known:  # Python's parser writes names in their normal form
            name = next((each for each in known if unicodedata.normalize("NFKC", each) == name), name)
        if name not in known:
            word = "" if name not in FUNCTIONS else f"{name} is a function: {name}(...)"
            return self.say(node, f"there is no column '{name}'", word or did_you_mean(name, known))
        self.used[name] = None
        return Part(known[name], lambda columns: columns[name])


def _name(scope: _Scope, node: ast.Name) -> Part:
    return scope.column(node, node.id)


def _constant(scope: _Scope, node: ast.Constant) -> Part:
    """Return a number, a text, True or False, as it is written out."""
    value = node.value
    if isinstance(value, bool):
        return _written(Holds.TRUTH, value)
    if isinstance(value, (int, float)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            return scope.say(node, "too large a number")
        return _written(Holds.NUMBER, number)
    if isinstance(value, str):
        source = ast.get_source_segment(scope.text, node) or ""
        if source[:1] not in "rR" and _has_odd_escape(source):
            return scope.say(node, "a backslash that Python would swallow", f"put an r before it: r{source}")
        if any("\ud800" <= character <= "\udfff" for character in value):
            return scope.say(node, "half a character, which no text holds")
        return _written(Holds.TEXT, value)
    if value is None:
        return scope.say(node, "None compares with nothing", "is_missing(column)")
    return scope.refuse(node)


def _has_odd_escape(source: str) -> bool:
    """Return whether a text in quotes has a backslash before something else than a plain escape."""
    after = iter(source)
    return any(character == "\\" and next(after, "") not in PLAIN_ESCAPES for character in after)


def _written(holds: Holds, value: Any) -> Part:
    scalar = pa.scalar(value, ARROW[holds])
    return Part(holds, lambda columns: scalar, value)


def _logic(scope: _Scope, node: ast.BoolOp) -> Part:
    join = pc.and_kleene if isinstance(node.op, ast.And) else pc.or_kleene
    word = "and" if isinstance(node.op, ast.And) else "or"
    parts = [_wanted(scope, value, Holds.TRUTH, f"what stands beside {word}") for value in node.values]
    if any(part.holds is None for part in parts):
        return NOTHING
    result = parts[0]
    for part in parts[1:]:
        result = _both(Holds.TRUTH, join, result, part)
    return result


def _unary(scope: _Scope, node: ast.UnaryOp) -> Part:
    if isinstance(node.op, ast.Not):
        part = _wanted(scope, node.operand, Holds.TRUTH, "what stands after not")
        return part if part.holds is None else Part(Holds.TRUTH, lambda columns: pc.invert(part.run(columns)))
    if not isinstance(node.op, (ast.USub, ast.UAdd)):
        return scope.refuse(node)
    part = _wanted(scope, node.operand, Holds.NUMBER, "what has a sign")
    if part.holds is None or isinstance(node.op, ast.UAdd):
        return part
    if part.written is not None:
        return _written(Holds.NUMBER, -part.written)
    return Part(Holds.NUMBER, lambda columns: pc.negate(part.run(columns)))


def _arithmetic(scope: _Scope, node: ast.BinOp) -> Part:
    word = type(node.op).__name__
    if word not in ARITHMETIC:
        what, fix = REFUSED.get(word, ("this sign is not understood", f"use {ALLOWED}"))
        return scope.say(node, what, fix)
    first, second = (
        _wanted(scope, side, Holds.NUMBER, f"what stands beside {SIGNS[word]}") for side in (node.left, node.right)
    )
    if None in (first.holds, second.holds):
        return NOTHING
    return _both(Holds.NUMBER, ARITHMETIC[word], first, second)


def _comparison(scope: _Scope, node: ast.Compare) -> Part:
    """Return a comparison, or several in a row that all must hold: 0 <= a < b."""
    sides, result = [node.left, *node.comparators], Part(None, _nothing)
    for i, operator in enumerate(node.ops):
        word = type(operator).__name__
        if word in ("In", "NotIn"):
            part = _membership(scope, sides[i], sides[i + 1], word == "NotIn")
        elif word in SIGNS:
            part = _compared(scope, node, word, scope.part(sides[i]), scope.part(sides[i + 1]))
        else:
            return scope.say(node, "is compares nothing here", "write == or is_missing(column)")
        if part.holds is None:
            return NOTHING
        result = part if i == 0 else _both(Holds.TRUTH, pc.and_kleene, result, part)
    return result


def _compared(scope: _Scope, node: ast.AST, word: str, first: Part, second: Part) -> Part:
    if None in (first.holds, second.holds):
        return NOTHING
    first, second = _as_moment(first, second), _as_moment(second, first)
    if first.holds != second.holds:
        numbers = {first.holds, second.holds} == {Holds.NUMBER, Holds.TEXT}
        fix = "put quotes around it, or compare number(column)" if numbers else ""
        if Holds.MOMENT in (first.holds, second.holds):
            fix = "write the date as '2024-12-31'"
        return scope.say(node, f"a {first.holds} beside a {second.holds} compares nothing", fix)
    assert first.holds is not None
    run = compared(word, first.holds)
    if run is None:
        return scope.say(node, f"{SIGNS[word]} does not compare a {first.holds}", "for a set: 'item' in column")
    return _both(Holds.TRUTH, run, first, second)


def _as_moment(part: Part, other: Part) -> Part:
    """Return a written text beside a date as the date it says; what says none stays a text."""
    if other.holds != Holds.MOMENT or not isinstance(part.written, str):
        return part
    (moment,), _ = dates.parse(pa.array([part.written]), "Y-m-d")
    return part if moment == dates.MISSING else _written(Holds.MOMENT, int(moment))


def _membership(scope: _Scope, item: ast.expr, where: ast.expr, negated: bool) -> Part:
    """Return whether a value is among written ones, or a written text in a text or set."""
    look = _among_written if isinstance(where, (ast.List, ast.Tuple)) else _within
    part = look(scope, item, where)
    if part.holds is None or not negated:
        return part
    return Part(Holds.TRUTH, lambda columns: pc.invert(part.run(columns)))


def _among_written(scope: _Scope, item: ast.expr, where: Any) -> Part:
    part = scope.part(item)
    values = [_as_moment(scope.part(each), part) for each in where.elts]
    if part.holds is None or any(value.holds is None for value in values):
        return NOTHING
    if any(value.written is None or value.holds != part.holds for value in values) or not values:
        return scope.say(where, f"what stands after in must be written out, each a {part.holds}")
    known = pa.array([value.written for value in values], ARROW[part.holds])
    return Part(Holds.TRUTH, lambda columns: among(part.run(columns), known))


def _within(scope: _Scope, item: ast.expr, where: ast.expr) -> Part:
    piece, whole = scope.part(item), scope.part(where)
    if None in (piece.holds, whole.holds):
        return NOTHING
    if not isinstance(piece.written, str) or whole.holds not in (Holds.TEXT, Holds.LIST):
        return scope.say(where, "in looks for a written text in a text or set, or for a value in (a, b)")
    text = pa.scalar(piece.written)
    return Part(Holds.TRUTH, lambda columns: contains(_array(whole.run(columns)), text))


def _call(scope: _Scope, node: ast.Call) -> Part:
    """Return the part of a function of `functions`, of col('name'), or of now()."""
    if not isinstance(node.func, ast.Name):
        return scope.say(node, "this cannot be called", f"the functions are: {', '.join(sorted(FUNCTIONS))}")
    name = node.func.id
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        return scope.say(node, f"{name} takes plain values only", f"{name}(a, b)")
    if name == "col":
        if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            return scope.column(node, node.args[0].value)
        return scope.say(node, "col takes the name of one column, in quotes", "col('my column')")
    if name == "now":
        return scope.say(node, "now takes nothing") if node.args else Part(Holds.MOMENT, lambda columns: columns[NOW])
    function = FUNCTIONS.get(name)
    if function is None:
        return scope.say(node, f"there is no function '{name}'", did_you_mean(name, [*FUNCTIONS, "col", "now"]))
    return _called(scope, node, name, function)


def _called(scope: _Scope, node: ast.Call, name: str, function: Function) -> Part:
    least, given = len(function.takes), len(node.args)
    if given < least or (given > least and not function.again):
        more = " or more" if function.again else ""
        return scope.say(node, f"{name} takes {least}{more} values, not {given}", f"it is {function.says}")
    parts = [scope.part(argument) for argument in node.args]
    if any(part.holds is None for part in parts):
        return NOTHING
    for i, part in enumerate(parts):
        takes = function.takes[min(i, least - 1)]
        if part.holds not in takes:
            kinds = " or ".join(takes)
            return scope.say(node.args[i], f"{name} takes a {kinds} here, not a {part.holds}")
        if i in function.written and part.written is None:
            return scope.say(node.args[i], f"{name} takes a text written out here")
    if function.alike and len({part.holds for part in parts}) > 1:
        return scope.say(node, f"{name} takes values of one kind")
    made = Part(function.gives or parts[0].holds, _run_of(function, parts))
    return made if name != "matches" else _with_pattern(scope, node, made, parts[1].written)


def _with_pattern(scope: _Scope, node: ast.Call, made: Part, pattern: str) -> Part:
    """Return the part of `matches`, if its pattern is one."""
    try:
        pc.match_substring_regex(pa.array(["x"]), pattern)
    except pa.ArrowInvalid as error:
        return scope.say(node.args[1], f"no regular expression: {str(error).rpartition(': ')[2]}")
    return made


def _run_of(function: Function, parts: list[Part]) -> Callable[[Columns], Any]:
    """Return how a function is computed: arguments that are written out stay single values."""

    def run(columns: Columns) -> Any:
        values = [part.run(columns) for part in parts]
        if function.written:
            values[0] = _array(values[0])
        return function.run(*values)

    return run


def _array(value: Any) -> Any:
    return pa.repeat(value, 1) if isinstance(value, pa.Scalar) else value


def _both(holds: Holds, join: Callable[[Any, Any], Any], first: Part, second: Part) -> Part:
    return Part(holds, lambda columns: join(first.run(columns), second.run(columns)))


def _wanted(scope: _Scope, node: ast.expr, holds: Holds, where: str) -> Part:
    """Return the part of a node that must be of a kind."""
    part = scope.part(node)
    if part.holds in (None, holds):
        return part
    return scope.say(node, f"{where} must be a {holds}, not a {part.holds}")


READERS: dict[str, Callable[[_Scope, Any], Part]] = {
    "Name": _name,
    "Constant": _constant,
    "BoolOp": _logic,
    "UnaryOp": _unary,
    "BinOp": _arithmetic,
    "Compare": _comparison,
    "Call": _call,
}
