"""Rules as people write them, `end >= start and total == a + b`, read once and computed for whole columns.

The text is Python's expression syntax, read by Python's own parser; of what that gives only the nodes in `parts`
and the functions in `functions` are understood, everything else is refused with its place. Nothing of a text is
ever executed: each node becomes a function of columns.

A missing value makes what is said of it unknown, as in a database: a rule is broken only where it is false.
Numbers are equal within one part in 10^9, so that 0.1 + 0.2 == 0.3.
"""

from landmark.contract.expressions.parsing import Expression, Wrong, parse
from landmark.contract.expressions.parts import Holds

__all__ = ["Expression", "Holds", "Wrong", "parse"]
