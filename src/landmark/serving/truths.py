"""What a late label can be: of the kind of its output, as the answer shows it; and whether the model knows the class.

An answer tells its outputs apart by itself: a number stands alone, classes share a probability of one among them, and
what is left are sets, whose items have a probability each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from landmark.core import cells

Kind: TypeAlias = Literal["a number", "a class", "a set"]


def outputs_of(answer: Mapping[str, Any]) -> set[str]:
    """Return the outputs of an answer; what else is in it is the probability of a label of one of them.

    >>> sorted(outputs_of({"y": "a", "y.p.a": 0.7, "y.p.b": 0.3, "z": 1.5}))
    ['y', 'z']
    """
    return {name for name in answer if not any(name.startswith(f"{other}.p.") for other in answer)}


def kind_of(answer: Mapping[str, Any], output: str) -> Kind:
    """Return what an output is.

    >>> kind_of({"y": "a", "y.p.a": 0.7, "y.p.b": 0.3}, "y"), kind_of({"z": 1.5}, "z")
    ('a class', 'a number')
    """
    shares = _shares(answer, output)
    if not shares:
        return "a number"
    whole = math.isclose(sum(share or 0.0 for share in shares.values()), 1.0, abs_tol=1e-6)
    return "a class" if whole and not isinstance(answer[output], list) else "a set"


def fits(kind: Kind, label: Any) -> bool:
    """Return whether a label can be of a kind; text may be a number or a set, as files write them.

    >>> fits("a number", "1.5"), fits("a number", "soon"), fits("a class", ["a"]), fits("a set", ["a"])
    (True, False, False, True)
    """
    if kind == "a number":
        return _is_number(label)
    return not isinstance(label, (list, dict)) if kind == "a class" else isinstance(label, (list, str))


def is_new(answer: Mapping[str, Any], output: str, label: Any) -> bool:
    """Return whether a label that fits is a class, or a list with an item, that the model has no probability for.

    >>> is_new({"y": True, "y.p.False": 0.4, "y.p.True": 0.6}, "y", "false"), is_new({"z": 1.5}, "z", 3)
    (False, False)
    """
    known, kind, answered = _shares(answer, output), kind_of(answer, output), answer[output]
    if kind == "a number" or (kind == "a set" and isinstance(label, str)):  # what parts a text is not known here
        return False
    usual = pa.array(answered if isinstance(answered, list) else [answered]).type
    items = label if isinstance(label, list) else [label]
    return not all(_texts(item, str(usual)) & known.keys() for item in items)


def _shares(answer: Mapping[str, Any], output: str) -> dict[str, float | None]:
    """Return the probability of each label of an output."""
    start = f"{output}.p."
    return {key.removeprefix(start): value for key, value in answer.items() if key.startswith(start)}


def _texts(value: Any, physical: str) -> set[str]:
    """Return the texts by which a value of JSON may stand among labels of an Arrow type."""
    written = [str(value), *([str(int(value))] if isinstance(value, float) and value.is_integer() else [])]
    read, _ = cells.texts(pa.array(written, pa.string()), physical)
    return {*written, *(text for text in read.to_pylist() if text is not None)}


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return not math.isnan(cells.numbers(pa.array([value]))[0][0])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= 2**1023  # what Python reads as a whole number may be larger than any float
