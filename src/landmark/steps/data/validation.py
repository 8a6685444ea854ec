"""Step `validation`: hold the rows against the contract that stands beside the document.

Training rows must keep it; of judging rows it is only said, for nothing may be decided by them. How fresh the rows are
is not asked here: what a run gives must not depend on the day it is done.
"""

from __future__ import annotations

import pyarrow as pa

from landmark.artifacts.contract import Breach, Contract, RowTerms, Validation, Validations
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.contract.validation import validate
from landmark.core.table import Ints


def validation(table: Table, split: Split, contract: Contract) -> Validations:
    """Return what training rows and judging rows do not keep; rows are counted as in the table.

    What is promised of the number of rows is asked of the whole table, and what is promised of every day, or hour, of
    no part of a table that was not parted by time. Raises: UserError for a contract that knows no training.
    """
    rows, numbers = table.rows.num_rows, split.test if table.test is None else None
    asked = contract if table.test is not None or split.by == "time" else _of_no_period(contract)
    partly = asked.model_copy(update={"rows": RowTerms(least=None)})
    return Validations(
        train=_held(asked, training_rows(table, split), split.train, table.text, rows),
        test=_held(partly, judging_rows(table, split), numbers, table.text, None),
    )


def _of_no_period(contract: Contract) -> Contract:
    """Return a contract that does not ask for a row in every period: rows drawn from all leave some without one."""
    columns = {name: terms.model_copy(update={"every": None}) for name, terms in contract.columns.items()}
    return contract.model_copy(update={"columns": columns})


def _held(contract: Contract, rows: pa.Table, numbers: Ints | None, text: bool, of: int | None) -> Validation:
    seen = validate(contract, rows.to_batches(), text=text, of=of)
    if numbers is None:
        return seen
    return seen.model_copy(update={"breaches": tuple(_placed(breach, numbers) for breach in seen.breaches)})


def _placed(breach: Breach, numbers: Ints) -> Breach:
    """Return a breach with its rows as people count them, where row n of those looked at is numbers[n - 1] from 0."""
    rows = tuple(int(numbers[row - 1]) + 1 for row in breach.rows)
    finding = breach.finding.model_copy(update={"row": rows[0] if rows else None})
    return breach.model_copy(update={"rows": rows, "finding": finding})
