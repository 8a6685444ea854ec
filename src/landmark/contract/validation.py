"""Hold a table against a contract: rows pass once, in bounded memory, and every promise not kept is a breach.

Missing values keep every promise but `present`. What is shared out (a share of rows with a value, of values that
may be others, of rows in which a rule must hold) is broken only beyond what chance explains, so that the same
contract serves ten rows and ten million.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.contract import Breach, ColumnTerms, Contract, Rule, Validation
from landmark.contract import breaches
from landmark.contract.expressions import Expression, Holds, parse
from landmark.contract.reading import HOLDS, Read
from landmark.contract.states import Tally
from landmark.contract.watching import Watch
from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import whole

BLOCK_ROWS, BLOCK_BYTES = 1 << 16, 1 << 26
"""Rows, or bytes, that are looked at together."""
MOST_NEW, KEPT_NEW = 1000, 5000
"""New columns, and rows of them, that are kept to propose terms for."""


@dataclass
class RuleWatch:
    """One rule while a table passes."""

    rule: Rule
    holds: Expression
    when: Expression | None
    asked: int = 0
    tally: Tally = field(default_factory=Tally)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns it looks at."""
        return tuple(dict.fromkeys([*self.holds.columns, *(self.when.columns if self.when else ())]))

    def add(self, columns: dict[str, Read], rows: int, first: int, now: int | None) -> None:
        """Take in the columns (rows,) of rows from `first` on."""
        values = {name: columns[name].values for name in self.columns}
        wrong = pc.invert(self.holds.holds(values, rows, now))
        asked = pc.is_valid(wrong)
        if self.when is not None:
            meant = pc.fill_null(self.when.holds(values, rows, now), False)
            wrong, asked = pc.and_kleene(wrong, meant), pc.and_(asked, meant)
        self.asked += asked.true_count
        self.tally.add(np.asarray(pc.fill_null(wrong, False).to_numpy(zero_copy_only=False), bool), first)


@dataclass
class Passage:
    """A table while it passes: its columns and rules, and what is kept of columns that are new."""

    contract: Contract
    environment: str
    text: bool
    now: int | None
    rows: int = 0
    columns: dict[str, Watch] = field(default_factory=dict)
    rules: dict[str, RuleWatch] = field(default_factory=dict)
    new: dict[str, list[pa.Array]] = field(default_factory=dict)
    names: tuple[str, ...] | None = None

    def begin(self, names: list[str]) -> None:
        """Get ready for a table of columns of these names."""
        self.names = tuple(names)
        known = self.contract.reference.columns if self.contract.reference else {}
        there = {name: self.contract.columns[name] for name in names if name in self.contract.columns}
        rules = {name: rule for name, rule in self.contract.rules.items() if belongs(rule, self.environment)}
        seen = kinds(self.contract.columns) if rules else {}
        read = {name: _rule(rule, seen) for name, rule in rules.items()}
        self.rules = {name: watch for name, watch in read.items() if all(each in there for each in watch.columns)}
        texts = {name for watch in self.rules.values() for name in watch.columns}
        self.columns = {name: Watch(terms, known.get(name), name in texts) for name, terms in there.items()}
        self.new = {name: [] for name in [name for name in names if name not in there][:MOST_NEW]}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows."""
        if self.names is None:
            self.begin(batch.schema.names)
        first = self.rows + 1
        needed = {name for watch in self.rules.values() for name in watch.columns}
        needed |= {
            each for name, watch in self.columns.items() for each in (*watch.terms.tells, *[name] * bool(watch.pairs))
        }
        kept: dict[str, Read] = {}
        for name, watch in self.columns.items():
            got = watch.add(batch.column(name), first)
            if name in needed:
                kept[name] = got
        for name, watch in self.columns.items():
            if watch.pairs:
                watch.tell(kept[name], kept, first)
        for rule in self.rules.values():
            rule.add(kept, batch.num_rows, first, self.now)
        for name, parts in self.new.items():
            if sum(map(len, parts)) < KEPT_NEW:
                parts.append(batch.column(name).slice(0, KEPT_NEW).take(pa.array(range(min(KEPT_NEW, batch.num_rows)))))
        self.rows += batch.num_rows

    def end(self, of: int | None = None) -> Validation:
        """Return what was found in the rows that have passed, which are some `of` a table's."""
        rows = self.rows if of is None else of
        return Validation(rows=self.rows, environment=self.environment, breaches=tuple(found(self, rows)))


def validate(
    contract: Contract,
    batches: Iterable[pa.RecordBatch],
    environment: str = "training",
    *,
    text: bool = True,
    now: int | None = None,
    of: int | None = None,
) -> Validation:
    """Return what holding rows against a contract shows, in the order of the contract.

    `text`: the source writes all cells as text, so that its types say nothing. `now` (microseconds since 1970) is
    needed where freshness is promised; without it that is not judged. Rows are counted from 1; `of` is the number of
    all rows, where these are a part of them.
    Raises: UserError for an environment that the contract does not know.
    """
    if environment not in contract.environments:
        fix = did_you_mean(environment, contract.environments)
        raise UserError("environment", f"'{environment}' is none of the contract's", fix=fix)
    passage = Passage(contract, environment, text, now)
    for batch in blocks(batches):
        passage.add(batch)
    return passage.end(of)


def belongs(terms: ColumnTerms | Rule, environment: str) -> bool:
    """Return whether a column or a rule is meant for an environment."""
    return not terms.only or environment in terms.only


def found(passage: Passage, rows: int) -> Iterator[Breach]:
    """Yield every breach: of the table and its number of rows, of its columns, of its rules."""
    contract, environment = passage.contract, passage.environment
    yield from breaches.of_rows(contract, rows)
    judged = len(passage.columns)
    for name, terms in contract.columns.items():
        if not belongs(terms, environment):
            if name in passage.columns:
                yield breaches.unexpected(contract, name, environment)
        elif name in passage.columns and passage.rows:
            yield from breaches.of_column(contract, name, passage.columns[name], passage.text, passage.now, judged)
        elif passage.names is not None and not terms.optional and name not in passage.columns:
            yield breaches.gone(contract, name, passage.names)
    for name in passage.names or ():
        if name not in contract.columns:
            yield breaches.new(contract, name, passage.new.get(name), passage.text)
    for name, rule in passage.rules.items():
        yield from breaches.of_rule(contract, name, rule.rule, rule.tally, rule.asked)


def blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the same rows in batches of about BLOCK_ROWS: many small ones would cost more than what is in them."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    empty = None
    for batch in batches:
        empty = batch.slice(0, 0)
        for start in range(0, batch.num_rows, BLOCK_ROWS):
            part = batch.slice(start, BLOCK_ROWS)
            waiting.append(part)
            rows, size = rows + part.num_rows, size + part.nbytes
            if rows >= BLOCK_ROWS or size >= BLOCK_BYTES:
                yield _joined(waiting)
                waiting, rows, size = [], 0, 0
    if waiting:
        yield _joined(waiting)
    elif empty is not None:
        yield empty


def _joined(parts: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(parts) == 1:
        return parts[0]
    table = pa.Table.from_batches(parts)
    return pa.RecordBatch.from_arrays([whole(column) for column in table.columns], names=table.column_names)


def kinds(columns: dict[str, ColumnTerms]) -> dict[str, Holds]:
    """Return what an expression sees of each column."""
    return {name: HOLDS.get(terms.type, Holds.TEXT) for name, terms in columns.items() if terms.type != "image"}


def _rule(rule: Rule, columns: dict[str, Holds]) -> RuleWatch:
    """Return a rule ready to be asked. Raises: UserError where it cannot be read."""
    read = []
    for text in (rule.holds, rule.when):
        made = None if text is None else parse(text, columns)
        if isinstance(made, list):
            raise UserError(f"rule '{text}', character {made[0].at}", made[0].what, fix=made[0].fix)
        read.append(made)
    holds, when = read
    assert holds is not None
    return RuleWatch(rule, holds, when)
