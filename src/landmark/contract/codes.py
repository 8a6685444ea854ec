"""What may be found when a table is held against a contract: every code, how grave it is, and what it means."""

from __future__ import annotations

from typing import NamedTuple

from landmark.core.findings import Level


class Code(NamedTuple):
    """The level of a code's findings unless the contract says otherwise, and what they mean."""

    level: Level
    meaning: str


CODES: dict[str, Code] = {
    "too-few-rows": Code(Level.BLOCK, "fewer rows than there must be, or none at all"),
    "too-many-rows": Code(Level.BLOCK, "more rows than there may be"),
    "column-gone": Code(Level.BLOCK, "a column of the contract is not there"),
    "column-new": Code(Level.WARN, "a column that the contract does not know"),
    "column-unexpected": Code(Level.NOTE, "a column that does not belong into this environment"),
    "type-changed": Code(Level.BLOCK, "most cells do not read as the column's type, or are lists where none were"),
    "stored-changed": Code(Level.WARN, "the source's own type is of another family, though the cells can be read"),
    "unreadable": Code(Level.BLOCK, "some cells do not read as the column's type"),
    "never-present": Code(Level.BLOCK, "no row has a value"),
    "missing-more": Code(Level.BLOCK, "fewer rows have a value than must have one"),
    "not-whole": Code(Level.BLOCK, "numbers with a fraction where all were whole"),
    "infinite": Code(Level.BLOCK, "infinite numbers"),
    "too-small": Code(Level.BLOCK, "numbers or dates below the least"),
    "too-large": Code(Level.BLOCK, "numbers or dates above the greatest"),
    "impossible-value": Code(Level.BLOCK, "values that what is measured cannot have: a share above 1, half a count"),
    "new-value": Code(Level.BLOCK, "values, or items of sets, that are none of those there may be"),
    "few-distinct": Code(Level.BLOCK, "fewer different values than there must be"),
    "many-distinct": Code(Level.BLOCK, "more different values than there may be"),
    "too-short": Code(Level.BLOCK, "texts or pictures below the least length"),
    "too-long": Code(Level.BLOCK, "texts or pictures above the greatest length"),
    "few-items": Code(Level.BLOCK, "sets or lists with fewer items than they must have"),
    "many-items": Code(Level.BLOCK, "sets or lists with more items than they may have"),
    "pattern-broken": Code(Level.BLOCK, "texts that do not have the column's pattern"),
    "not-unique": Code(Level.BLOCK, "values that came before"),
    "not-sorted": Code(Level.BLOCK, "rows out of the column's order"),
    "not-told": Code(Level.BLOCK, "a value with several values of a column that it tells"),
    "span-empty": Code(Level.BLOCK, "periods without the rows that each must have"),
    "stale": Code(Level.BLOCK, "the newest date is older than it may be"),
    "rule-broken": Code(Level.BLOCK, "rows in which a rule does not hold; its level is the rule's own"),
    "skew": Code(Level.WARN, "a distribution farther from the reference than it may be, and not by chance"),
    "no-reference": Code(Level.NOTE, "a limit for skew and nothing to compare with"),
}
