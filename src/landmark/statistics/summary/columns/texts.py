"""Text: what it reads as, how long it is, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import Stray
from landmark.core import cells
from landmark.core.table import Floats, Ints, Mask, as_text, whole
from landmark.statistics.date_formats import PROBE, likely_formats
from landmark.statistics.fingerprints import Prints
from landmark.statistics.summary.blocks import Part
from landmark.statistics.summary.columns import Ending, add_up
from landmark.statistics.summary.drawn_rows import Drawn, spread_out
from landmark.statistics.summary.profile_fields import kinds_facts, length_facts, spread_facts
from landmark.statistics.summary.sums import ranks
from landmark.statistics.summary.sums.calendar import Calendar
from landmark.statistics.summary.sums.counts import Counts, counted
from landmark.statistics.summary.sums.distinct_values import Kinds, grouped
from landmark.statistics.summary.sums.first_seen import First
from landmark.statistics.summary.sums.sketches import Group, Sample
from landmark.statistics.summary.sums.spread import Lead, Order, Spread
from landmark.statistics.summary.sums.weights import Weighing
from landmark.statistics.summary.text import appearance
from landmark.statistics.summary.text.text_block import TextBlock, Values, block_of

STRAYS = 512
"""Distinct values that are no numbers, as far as they are told apart from the others."""
FEW = 2000
"""Distinct values up to which a block is thought to repeat them."""
MARKS = {"nul": "\0", "invalid": "\ufffd"}


@dataclass
class Texts:
    """A column of text. `told`: it is of a type of text; others come here as Python writes them."""

    told: bool = True
    count: int = 0
    empty: int = 0
    held: int = 0
    read: int = 0
    blank: int = 0
    kinds: Kinds = field(default_factory=Kinds)
    lengths: Counts = field(default_factory=Counts)
    order: Order = field(default_factory=Order)
    number_order: Order = field(default_factory=Order)
    numbers: Spread = field(default_factory=Spread)
    lead: Lead = field(default_factory=Lead)
    strays: Sample = field(default_factory=lambda: Sample(room=STRAYS))
    dates: dict[str, Calendar] = field(default_factory=dict)
    marks: dict[str, First] = field(default_factory=dict)
    weighing: Weighing = field(default_factory=Weighing)
    like: Values | None = field(default=None, repr=False, compare=False)

    def update(self, part: Part) -> Drawn:
        """Add one block; return the numbers, the fingerprints and the moments that its drawn rows hold."""
        block = block_of(part, self._repeats(), self.like)
        self.like = block.values
        self.count += len(part.array)
        self.empty += block.empty
        self.held += block.size
        x = self._add(block, part) if block.size else None
        self.weighing.add(block.held, part.weights, x)
        moments = self._add_dates(block, part) if block.size else None
        return Drawn(
            None if x is None else spread_out(x, block.held, part.drawn),
            block.drawn(part.drawn),
            None if moments is None else spread_out(moments, block.held, part.drawn),
        )

    def merge(self, other: Texts) -> None:
        """Add another column of text."""
        add_up(self, other, "count", "empty", "held", "read", "blank")
        for name in ("kinds", "lengths", "order", "numbers", "number_order", "lead", "strays", "weighing"):
            getattr(self, name).merge(getattr(other, name))
        for form, calendar in other.dates.items():
            self.dates.setdefault(form, Calendar()).merge(calendar)
        for code, first in other.marks.items():
            self.marks.setdefault(code, First()).merge(first)

    def facts(self, ending: Ending) -> dict[str, Any]:
        """Return what a profile says of text."""
        sample, held = self.kinds.sample, self.held
        facts: dict[str, Any] = {"count": self.count, "missing": self.count - held, "empty": self.empty}
        facts |= kinds_facts(self.kinds, held, lambda prints: [])
        weighted = self.weighing.facts(ending.drawn, ending.weights, self._named)
        if not held or not self.told:
            return facts | weighted
        known = _tally(sample)
        facts |= length_facts(self.lengths, held) | {"order": self.order.name()}
        facts |= self._number_facts(known, ending)
        if self.read < held:
            facts |= self._date_facts(known, ending, facts)
            facts |= appearance.look(known, facts["distinct"] == held, ending.row)
        else:
            facts["words_mean"] = 1.0
        seen = {code: self.marks[code].stray(ending.row) for code in sorted(self.marks)}
        return facts | weighted | {"oddities": seen | facts.get("oddities", {})}

    def _repeats(self) -> bool:
        """Return whether the blocks so far let one think that the next one has few distinct values."""
        return 0 < len(self.kinds.sample.prints) <= min(FEW, self.held // 8)

    def _add(self, block: TextBlock, part: Part) -> Floats | None:
        """Add the texts of a block; return the numbers (n,) that they read as, None where none does."""
        values, rows = block.values, block.rows
        if rows is None:
            self.kinds.rows(values.prints, block.places, values.names)
            self.lengths.add(*values.sizes_counted(None))
        else:

            def first() -> Ints:
                return block.of_used(block.first())

            order = values.order if block.used is None else None
            prints, own = block.of_used(values.prints), block.of_used(rows)
            self.kinds.values(prints, own, block.places, first, block.names, order)
            self.lengths.add(*counted(block.of_used(values.lengths), own))
        if not self.order.settled:
            before = _before(part)
            heads = () if before is None else before.heads.byteswap()
            self.order.add(block.of_rows(values.heads.byteswap()), *heads)
        self._add_marks(block)
        if block.numbers is None:
            return None
        x, odd = (block.of_rows(facts) for facts in block.numbers)
        if odd.any():
            self._add_strays(block, block.numbers[1])
        self._add_numbers(x, odd, block, part)
        return x

    def _add_strays(self, block: TextBlock, odd: Mask) -> None:
        """Add the values of a block that are no numbers, where others are: those of a mask (d,)."""
        prints, rows = block.values.prints, block.rows
        at = np.flatnonzero(odd if rows is None else odd & (rows > 0))
        if rows is None:
            group = grouped(prints, at)
        else:
            at = at[np.argsort(prints[at])]
            group = Group(prints[at], rows[at], block.first()[at], at)
        self.strays.add(group._replace(first=block.places.of(group.first)), block.values.names)

    def _add_numbers(self, x: Floats, odd: Mask, block: TextBlock, part: Part) -> None:
        """Add the numbers (n,) of the rows that hold a text, and the mask of those that are none."""
        self.read += len(x) - int(np.count_nonzero(odd))
        known = ~np.isnan(x)
        clean = bool(known.all())
        self.blank += 0 if clean else int(np.count_nonzero(~known & ~odd))
        if self.lead.steady:
            self.lead.add(x, part.numbers if block.held is None else part.numbers[block.held])
        own = x if clean else x[known]
        if not self.number_order.settled:
            before = _before(part)
            last = None if before is None else before.numbers
            self.number_order.add(own, *(() if last is None or np.isnan(last[0][0]) else last[0]))
        infinite = self.numbers.infinite
        self.numbers.add(own)
        if self.numbers.infinite > infinite:
            at = int(np.argmax(np.isinf(x)))
            first = self.marks.setdefault("infinite", First())
            first.add(block.places.one(at), block.text(at), self.numbers.infinite - infinite)

    def _add_dates(self, block: TextBlock, part: Part) -> Floats | None:
        """Add the dates among the texts that are no numbers; return the moments (n,) by the format that reads most."""
        best: Floats | None = None
        most = 0
        for form in likely_formats(block.probe(PROBE)):
            moments, bad = (block.of_rows(facts) for facts in block.values.moments(form))
            read = int(np.count_nonzero(~bad))
            self.dates.setdefault(form, Calendar()).add(moments[~bad], _moment_before(part, form))
            if read > most:
                best, most = np.where(bad, np.nan, moments.astype(np.float64)), read
        return best

    def _add_marks(self, block: TextBlock) -> None:
        """Add where a NUL, or the character that stands for undecodable bytes, is seen."""
        for code in block.values.marks():
            which = block.of_rows(block.values.holds(MARKS[code]))
            if which.any():
                at = int(np.argmax(which))
                first = self.marks.setdefault(code, First())
                first.add(block.places.one(at), block.text(at), int(np.count_nonzero(which)))

    def _number_facts(self, known: appearance.Tally, ending: Ending) -> dict[str, Any]:
        """Return the facts of the values that read as numbers, and the strays that do not."""
        spread = self.numbers
        facts: dict[str, Any] = {"numbers": self.read / self.held}
        if not self.read:
            return facts
        x, odd = cells.numbers(known.values)
        if self.read < self.held:
            facts["strays"] = self._strays(known, odd, ending)
        exact = (x[~odd], known.counts[~odd]) if known.complete else None
        return facts | {
            "integers": spread.whole / self.held,
            "nan": self.blank,
            "infinite": spread.infinite,
            "zeros": spread.zeros,
            "negatives": spread.negatives(),
            "counter": self.lead.steady and self.count == spread.whole > 1,
            "order": self.number_order.name() if self.read == self.held else self.order.name(),
            **spread_facts(spread, ranks.of_column(spread, exact, ending.drawn.numbers)),
        }

    def _strays(self, known: appearance.Tally, odd: Mask, ending: Ending) -> tuple[Stray, ...]:
        """Return the values that are no numbers: of all, or of those kept and those that stood among numbers."""
        if known.complete:
            return known.where(odd).strays(ending.row)
        own, apart = known.where(odd), _tally(self.strays)
        apart = apart.where(~np.asarray(pc.is_in(apart.values, own.values).to_numpy(zero_copy_only=False), bool))
        return own.beside(apart).strays(ending.row)

    def _date_facts(self, known: appearance.Tally, ending: Ending, facts: dict[str, Any]) -> dict[str, Any]:
        """Return the share that each date format reads, and where more reads as dates than as numbers, their facts."""
        shares = appearance.date_shares(known)
        best = max(shares, key=lambda form: shares[form], default="")
        if not best or shares[best] <= facts["numbers"]:
            return {"dates": shares} if shares else {}
        moments, odd = Values(known.values).moments(best)
        calendar = self.dates.get(best, Calendar())
        spread, exact = calendar.spread, None
        if known.complete:
            exact, spread = (moments[~odd].astype(np.float64), known.counts[~odd]), Spread()
            spread.add(exact[0], True, exact[1])
        shares[best] = spread.held / self.held if spread.held else shares[best]
        return {
            "dates": shares,
            "strays": known.where(odd).strays(ending.row),
            "order": calendar.order.name(),
            "gaps": calendar.gaps(),
            **spread_facts(spread, ranks.of_column(spread, exact, ending.drawn.moments)),
        }

    def _named(self, prints: Prints) -> list[str | None]:
        """Return the texts of values that were kept of the column."""
        sample, hits = self.kinds.sample, self.kinds.hits
        known = {} if sample.texts is None else dict(zip(sample.prints.tolist(), sample.texts.tolist(), strict=False))
        if hits.texts is not None:
            known |= dict(zip(hits.prints.tolist(), hits.texts.tolist(), strict=True))
        return [known.get(print_) for print_ in prints.tolist()]


def _tally(sample: Sample) -> appearance.Tally:
    """Return the values of a sample whose texts are kept."""
    texts = [] if sample.texts is None else sample.texts.tolist()
    size = len(texts)
    return appearance.Tally(pa.array(texts, pa.string()), sample.counts[:size], sample.first[:size], not sample.full)


def _before(part: Part) -> Values | None:
    """Return the text above the first row of a block, None where there is none."""
    if part.before is None:
        return None
    text = as_text(whole(part.before))[0].as_py() if len(part.before) else None
    return Values(pa.array([text])) if text else None


def _moment_before(part: Part, form: str) -> int | None:
    """Return the date above the first row of a block, None where it is none in a format."""
    before = _before(part)
    if before is None:
        return None
    moments, bad = before.moments(form)
    return None if bad[0] else int(moments[0])
