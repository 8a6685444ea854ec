"""One pass over a table: what is to be known of every column, and of columns together.

Read in this order:

- `blocks` cuts the rows into blocks of a fixed size, wherever a reader has cut them, and draws some of them.
- `columns/` has one kind of state for each kind of column. A state takes a column block by block, is merged with the
  state of other blocks, and says at the end what it has seen. Whatever came in which order, or from how many threads,
  the answer is the same to the last bit: counts are whole numbers, sums of powers are exact (`sums/power_sums`), a
  sample holds the values or rows with the smallest fingerprints, and blocks are cut in the same places.
- `sums/` is what states are made of: samples of distinct values and frequent ones (`sketches`), a histogram on a grid
  that suits every scale (`spread`), ranks from it and the drawn rows (`ranks`), days and steps (`calendar`).
- `text/` looks at texts: which of them read as numbers or dates, their shapes, scripts and languages.
- `table_state` is all columns of a table, `drawn_rows` what each holds in the drawn rows, `across` what columns tell of
  each other there. `packing` turns a state into plain values and back, so that it can be kept, or sent and merged.
- `stream` runs all this over a source that need not fit into memory; `in_memory` over a table that does, where distinct
  and frequent values and repeated rows are then counted exactly. Both give a `TableProfile`.
- `reference` is the little of it that a model file carries.
"""

from landmark.statistics.summary.in_memory import column, profile
from landmark.statistics.summary.reference import compact
from landmark.statistics.summary.stream import profile_stream

__all__ = ["column", "compact", "profile", "profile_stream"]
