"""Which rows teach and which rows judge."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.table import Table
from landmark.core.findings import Finding
from landmark.core.table import take


class Split(Artifact):
    """Row numbers of the table: int64, `train` in time order for a split by time.

    `test` is empty when judging rows were given as a table of their own. `groups` int64 (len(train),) ties
    rows that must stay together (also those of one moment), None elsewhere; `test_groups` int64 (len(test),) does
    so for a split by group only, where rows err together. `by` is the rule that made the split, `column` the
    column it looked at.
    """

    by: str
    column: str | None = None
    train: Any
    test: Any
    groups: Any = None
    test_groups: Any = None
    findings: tuple[Finding, ...] = ()


def training_rows(table: Table, split: Split) -> pa.Table:
    """Return the rows that may be learnt from."""
    return take(table.rows, split.train)


def judging_rows(table: Table, split: Split) -> pa.Table:
    """Return the rows that judge; nothing is ever fitted on them."""
    return take(table.rows, split.test) if table.test is None else table.test
