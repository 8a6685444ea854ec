"""A sampling weight among the inputs: it says how many people a row stands for, and nothing of the one it is about.

Told by three signs together: what it is called, positive numbers in every row, and that it goes with no other column,
as the weight of a body or of a parcel does.

Source: Lohr, Sampling: Design and Analysis (2021), ch. 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn
from landmark.core.table import Floats
from landmark.statistics.association import directions, strength

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
CALLED = re.compile(
    r"(?i)((^|.*[^a-z])(f(i)?n(a)?l|sampl(e|ing)|survey|person|pop(ulation)?|base|design|house(hold)?|hh|p|freq|case)"
    r"[ _.-]?)?(weights?|wgts?|wts?)[ _.-]?\d*"
)
"""What weights of rows are called: fnlwgt, sample_weight, pweight, wt2; no weight of something."""
COMPARED = ("number", "geo", "category", "binary", "date")
"""Types it is compared with: of texts, hardly one is there twice."""
FEWEST, TOGETHER = 20, 0.1
"""Different numbers it must have, and the share of the variance of another column that it may tell."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name the inputs that look like weights of rows."""
    for column in evidence.schema.features:
        source = column.columns[0]
        if column.type != "number" or not CALLED.fullmatch(source):
            continue
        x = evidence.numbers(column, source)
        if not (x > 0).all() or len(np.unique(x)) < FEWEST or goes_with_another(evidence, source, x):
            continue
        seen = f"by its name a weight of rows; it is {x.min():.6g} to {x.max():.6g}, and goes with no other column"
        yield warn("weight-column", source, seen, f"if rows stand for so many: columns.{source}: {{use: weight}}")


def goes_with_another(evidence: Evidence, source: str, x: Floats) -> bool:
    """Return whether numbers (n,) of the rows that are looked at tell of any other column, or of an output."""
    rows = evidence.looked[0]
    told = x[:, None] - x.mean()
    told = told / np.sqrt(np.square(told).sum())
    for column, other in evidence.sources():
        if other == source or column.type not in COMPARED:
            continue
        values = evidence.values(column, other, rows)
        if column.use == "target":
            tells = strength(rows.column(source), directions(values, column.type == "number"))
        else:
            tells = strength(values, told)
        if tells > TOGETHER:
            return True
    return False
