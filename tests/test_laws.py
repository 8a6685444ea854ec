"""Every data type, found by itself, keeps the laws that a type of somebody else is held to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmark.datatypes import DATATYPES, predictable
from landmark.laws.datatypes import LAWS, Law, mixture
from landmark.laws.targets import TARGET_LAWS

OF_ANY_ROWS = ("wires_the_same_tensors", "keeps_its_word", "judges_every_row_alone", "encodes_truth")
"""Laws that look at the rows they are given; the others hold a type to its example and its strange values."""


def cases() -> Iterator[tuple[str, Law]]:
    for name, module in DATATYPES.items():
        for law in LAWS + (TARGET_LAWS if predictable(module) else ()):
            yield name, law


def named(case: object) -> str | None:
    return getattr(case, "__name__", None)


@pytest.mark.parametrize(("name", "law"), list(cases()), ids=named)
def test_law(name: str, law: Law) -> None:
    law(DATATYPES[name], mixture(DATATYPES[name], range(80)))


@pytest.mark.parametrize(("name", "law"), [c for c in cases() if c[1].__name__ in OF_ANY_ROWS], ids=named)
@given(picks=st.lists(st.integers(0, 299), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_law_on_drawn_rows(name: str, law: Law, picks: list[int]) -> None:
    law(DATATYPES[name], mixture(DATATYPES[name], picks))


def test_every_type_is_found() -> None:
    assert {"number", "binary", "category", "text", "date", "set", "geo", "image"} <= set(DATATYPES)
