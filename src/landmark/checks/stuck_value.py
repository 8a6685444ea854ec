"""The same number row after row where a column varies elsewhere: a sensor broke, a form was filled down.

Source: Ni et al., Sensor Network Data Fault Types (2009).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.table import Floats
from landmark.statistics.change_points import Run, longest_run

HOLDS_AT: ReadinessLevel = "B2"
FALSE_ALARMS = 0.0
FEWEST, FEWEST_OTHERS = 20, 10
"""Rows of a run, and distinct numbers elsewhere, below which nothing is said."""
LONGER = 4.0
"""How many times as long as any other run, and as chance makes one of its number, it must be."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """Name each column of numbers that stands still for longer than it ever does elsewhere, and where that begins.

    Where several columns do so in the very same rows, these may belong together, and 0 may mean that there was nothing
    to measure: that is a note.
    """
    found = dict[str, tuple[str, Run, int, int]]()
    for column, source in evidence.measured():
        for by in evidence.orders:
            x, rows = evidence.in_order(column, source, by)
            run = longest_run(x) if len(x) > FEWEST else None
            if run is not None and source not in found and is_stuck(x, run):
                found[source] = by, run, int(rows[run.start]), len(x)
    together = Counter((by, run.start, run.length) for by, run, *_ in found.values())
    for source, (by, run, row, count) in found.items():
        say = warn if together[by, run.start, run.length] == 1 and run.value != 0 else note
        way = f", in the order of '{by}'" if by else ""
        seen = f"{run.length} of {count} rows that follow each other{way} hold {run.value:.6g}"
        more = f"{seen}; elsewhere no number stands in more than {run.next_longest}"
        todo = "find out whether it was measured at all; leave these rows out, or their values empty"
        yield say("stuck-value", source, more, todo, row)


def is_stuck(x: Floats, run: Run) -> bool:
    """Return whether the longest run of numbers (n,) is far longer than any other, and than chance makes one."""
    return run.length >= FEWEST and run.length >= LONGER * max(run.next_longest, by_chance(x, run))


def by_chance(x: Floats, run: Run) -> float:
    """Return how long a run of its number is likely to be by how often that is repeated elsewhere in x (n,).

    Source: Schilling, The Longest Run of Heads (1990).
    """
    rest = np.concatenate([x[: run.start], x[run.start + run.length :]])
    if len(np.unique(rest)) < FEWEST_OTHERS:
        return float(np.inf)
    same = rest[:-1] == run.value
    repeated = (float((same & (rest[1:] == run.value)).sum()) + 1) / (float(same.sum()) + 2)
    return float(np.log(len(x)) / -np.log(repeated))
