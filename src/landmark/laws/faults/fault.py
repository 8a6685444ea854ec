"""A fault: a function that plants it, the codes that count as found, and how much of it is weak, medium and strong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from landmark.core.findings import Finding
from landmark.core.table import Ints
from landmark.laws.faults.ground import Ground

Strength = Literal["weak", "medium", "strong"]
STRENGTHS: tuple[Strength, ...] = ("weak", "medium", "strong")


@dataclass(frozen=True)
class Planted:
    """What was planted: where it may be said to be, and the cells that were touched.

    `where` are the places that a finding of one of the codes may name: columns, or "rows". `columns` are those
    touched or added, `rows` (m,) the rows of the table that differ from before: added, or with other cells.
    `in_test`: the rows are judging rows. `moved`: rows changed their places, or fewer are left. For a change of
    units, `factor` is the new number by the old one, and `pairs` the units, old and new, between which it lies.
    """

    where: tuple[str, ...]
    rows: Ints = field(compare=False)
    columns: tuple[str, ...] = ()
    in_test: bool = False
    moved: bool = False
    factor: float | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()

    def is_found(self, findings: Iterable[Finding]) -> bool:
        """Return whether one of the findings has a code and a place of what was planted."""
        return any(self.is_named_by(finding) for finding in findings)

    def is_named_by(self, finding: Finding) -> bool:
        """Return whether a finding says what was planted: one place, or a list that holds one of them."""
        named = {finding.where, *finding.where.split(", "), *finding.where.split("+")}
        return finding.code in self.codes and not named.isdisjoint(self.where)


Plant: TypeAlias = Callable[[Ground, np.random.Generator, float], tuple[Ground, Planted] | None]


@dataclass(frozen=True)
class Fault:
    """One kind of fault, by its name. `given`: it is about rows that teach and rows that judge, given apart."""

    name: str
    story: str
    codes: tuple[str, ...]
    amounts: dict[Strength, float]
    given: bool
    function: Plant

    def plant(self, ground: Ground, rng: np.random.Generator, strength: Strength) -> tuple[Ground, Planted] | None:
        """Return the ground with the fault in it, and what was planted; None where nothing there can have it.

        A fault of one table is planted in the rows; judging rows given apart are not part of the ground then.
        """
        if self.given and ground.test is None:
            return None
        whole = ground if self.given else replace(ground, test=None)
        made = self.function(whole, rng, self.amounts[strength])
        if made is None:
            return None
        planted = made[1] if made[1].columns else replace(made[1], columns=made[1].where)
        return made[0].alike(), replace(planted, codes=self.codes)


def fault(*codes: str, weak: float, medium: float, strong: float, given: bool = False) -> Callable[[Plant], Fault]:
    """Return what makes a fault of a function: its name and its docstring are those of the fault.

    What the three numbers measure is the function's own: a share of the rows, a number of standard deviations.
    """
    amounts: dict[Strength, float] = {"weak": weak, "medium": medium, "strong": strong}

    def made(function: Plant) -> Fault:
        name, story = function.__name__.replace("_", "-"), str(function.__doc__)
        return Fault(name, story.strip(), codes, amounts, given, function)

    return made
