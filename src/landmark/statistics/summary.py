"""What is to be known of every column before its type is decided.

A column is first tallied: its distinct values, how often each occurs, and where it was first seen. All that
costs more than counting (reading numbers and dates, lengths, patterns) is done on distinct values only, and
what needs no more than an impression on a bounded sample of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.profile import PROBABILITIES, ColumnProfile, Stray, TableProfile
from landmark.core import dates
from landmark.core.cells import numbers
from landmark.core.table import Floats, Ints, Mask, as_text, is_text, whole
from landmark.statistics.fingerprints import Prints, chained, distinct

SAMPLE = 1000
"""Distinct values that are looked at for dates, delimiters, words and keys."""
PROBE = 16
"""Values on which every date format is tried; those that read one of them are tried on the whole sample."""
MOST_TOP, MOST_STRAYS, MOST_TEXT = 20, 10, 120
"""Entries kept of each list, and characters kept of a text."""
LABELS = 10
"""A column of more distinct values has no yes and no in it."""
DELIMITERS = (",", ";", "|")
YES_NO = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n", "on", "off", "1", "0", "1.0", "0.0"})
KEY = r"^(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{24,64})$"
DATED = r"[0-9]{4}"
"""What every date format that is recognised by itself contains."""


@dataclass(frozen=True)
class Tally:
    """A column as distinct values (d,), in order of first appearance, with int64 (d,) counts and first rows.

    Of the same rows in two parts, tallies can be joined into the tally of the whole.
    """

    values: pa.Array
    counts: Ints
    first: Ints
    rows: int
    nan: int = 0

    @property
    def held(self) -> int:
        """Return the number of rows that hold a value."""
        return int(self.counts.sum())

    def share(self, which: Mask) -> float:
        """Return the share of values that a mask over distinct values (d,) stands for."""
        return float(self.counts[which].sum()) / max(self.held, 1)

    def stray(self, place: int) -> Stray:
        """Return one distinct value with its count, and the row it was first seen in, counted from 1."""
        text = as_text(self.values.slice(place, 1))[0].as_py()
        return Stray(text=_short(text), count=int(self.counts[place]), row=int(self.first[place]) + 1)

    def sample(self) -> Tally:
        """Return the tally of at most SAMPLE distinct values, evenly spaced."""
        if len(self.values) <= SAMPLE:
            return self
        kept = np.linspace(0, len(self.values) - 1, SAMPLE).astype(np.int64)
        return Tally(self.values.take(pa.array(kept)), self.counts[kept], self.first[kept], self.rows)


def profile(table: pa.Table, rows: Ints | None = None) -> TableProfile:
    """Return what is to be known of every column; `rows` (n,) are the numbers the rows have elsewhere, from 0."""
    rows = np.arange(table.num_rows) if rows is None else rows
    columns: dict[str, ColumnProfile] = {}
    prints: Prints = np.zeros(table.num_rows, np.uint64)
    for name, values in zip(table.column_names, table.columns, strict=True):
        array = whole(values)
        counted, codes = tally(array, rows)
        columns[name] = described(name, array.type, counted)
        prints = chained(prints, codes.astype(np.uint64))
    return TableProfile(rows=table.num_rows, columns=columns, duplicates=table.num_rows - distinct(prints))


def column(name: str, array: pa.Array, rows: Ints | None = None) -> ColumnProfile:
    """Return what is to be known of one column of values (n,)."""
    array = whole(array)
    counted, _ = tally(array, np.arange(len(array)) if rows is None else rows)
    return described(name, array.type, counted)


def tally(array: pa.Array, rows: Ints) -> tuple[Tally, Ints]:
    """Return the tally of values (n,), and for each row its place in the tally (n,), -1 where it is missing.

    >>> counted, codes = tally(pa.array(["b", None, "a", "b", ""]), np.arange(5))
    >>> counted.values.to_pylist(), counted.counts.tolist(), counted.first.tolist(), codes.tolist()
    (['b', 'a'], [2, 1], [0, 2], [0, -1, 1, 0, -1])
    """
    nan = 0
    if pa.types.is_nested(array.type) or pa.types.is_null(array.type):
        array = as_text(array)
    elif pa.types.is_floating(array.type):
        holes = pc.is_nan(array)
        nan = holes.true_count
        array = pc.if_else(holes, pa.scalar(None, array.type), array) if nan else array
    coded = array.dictionary_encode()
    values, codes = coded.dictionary, coded.indices
    codes = np.asarray((codes.fill_null(-1) if codes.null_count else codes).to_numpy(), np.int64)
    empty = pc.index(values, "").as_py() if is_text(array.type) else -1
    if empty >= 0:
        codes = np.where(codes == empty, -1, codes - (codes > empty))
        values = values.filter(pc.not_equal(values, ""))
    held = codes if codes.min(initial=0) >= 0 else codes[codes >= 0]
    first = np.empty(len(values), np.int64)
    first[held[::-1]] = (rows if held is codes else rows[codes >= 0])[::-1]  # of equal places the last write stays
    return Tally(values, np.bincount(held, minlength=len(values)), first, len(array), nan), codes


def described(name: str, kind: pa.DataType, counted: Tally) -> ColumnProfile:
    """Return the profile of a column of some Arrow type, from its tally."""
    facts: dict[str, Any] = {"nan": counted.nan}
    if len(counted.values) == 0:
        pass
    elif is_text(kind):
        facts |= text_facts(counted)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments = counted.values.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(pa.int64())
        facts |= moment_facts(moments.to_numpy(), counted)
    elif pa.types.is_boolean(kind):
        facts |= {"booleans": 1.0}
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        facts |= length_facts(pc.binary_length(counted.values), counted)
    elif not is_text(counted.values.type):
        facts |= number_facts(counted)
    return ColumnProfile(
        name=name,
        physical=str(kind),
        count=counted.rows,
        missing=counted.rows - counted.held,
        distinct=len(counted.values),
        top=most_frequent(counted),
        lists=pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind),
        **facts,
    )


def most_frequent(counted: Tally) -> tuple[tuple[str, int], ...]:
    """Return the most frequent values as text, with their counts; of equals the one first seen."""
    if pa.types.is_binary(counted.values.type) or pa.types.is_large_binary(counted.values.type):
        return ()
    order = np.argsort(-counted.counts, kind="stable")[:MOST_TOP]
    texts = as_text(counted.values.take(pa.array(order))).to_pylist()
    return tuple(zip(map(_short, texts), counted.counts[order].tolist(), strict=True))


def text_facts(counted: Tally) -> dict[str, Any]:
    """Return what text values say: whether they read as numbers, dates, lists, yes and no, and how long they are."""
    facts = number_facts(counted)
    if len(counted.values) <= LABELS:
        words = [text.strip().lower() in YES_NO for text in counted.values.to_pylist()]
        facts["booleans"] = counted.share(np.array(words))
    facts |= length_facts(pc.utf8_length(counted.values), counted)
    if facts["numbers"] == 1.0:
        return facts | {"words_mean": 1.0}
    facts |= date_facts(counted, facts["numbers"]) | oddities(counted, facts.get("oddities", {}))
    some = counted.sample()
    words = pc.count_substring_regex(some.values, r"\S+").to_numpy()
    facts["words_mean"] = float((words * some.counts).sum()) / some.held
    marks = {mark: some.share(_holds(some.values, mark)) for mark in DELIMITERS}
    facts["delimiters"] = {mark: share for mark, share in marks.items() if share}
    if counted.held == len(counted.values):
        facts["keys"] = some.share(_flags(pc.match_substring_regex(some.values, KEY)))
    return facts


def number_facts(counted: Tally) -> dict[str, Any]:
    """Return the numeric facts of the values that read as numbers, and the strays that do not."""
    x, odd = numbers(counted.values)
    facts: dict[str, Any] = {"numbers": counted.share(~odd)}
    if odd.all():
        return facts
    if odd.any():
        facts["strays"] = strays(counted, odd)
    finite, counts = np.isfinite(x), counted.counts
    infinite = np.isinf(x)
    if infinite.any():
        facts["oddities"] = {"infinite": counted.stray(int(np.argmax(infinite)))}
    round_ = finite & (x == np.floor(x))
    ahead = x - counted.first
    facts |= {
        "integers": counted.share(round_),
        "nan": counted.nan + int(counts[np.isnan(x) & ~odd].sum()),
        "infinite": int(counts[infinite].sum()),
        "zeros": int(counts[x == 0].sum()),
        "negatives": int(counts[x < 0].sum()),
        "counter": len(x) == counted.rows > 1 and bool(round_.all() and (ahead == ahead[0]).all()),
    }
    return facts | spread_facts(x[finite], counts[finite])


def spread_facts(x: Floats, counts: Ints) -> dict[str, Any]:
    """Return range, mean, deviation and quantiles of finite numbers x (d,) that occur `counts` (d,) times."""
    if len(x) == 0:
        return {}
    order = np.argsort(x)
    ordered, below = x[order], np.cumsum(counts[order])
    n = int(below[-1])
    places = np.searchsorted(below, np.array(PROBABILITIES) * (n - 1), side="right")
    with np.errstate(over="ignore", invalid="ignore"):  # enormous values: an infinite deviation is the answer
        mean = float((x / n * counts).sum())
        square = float((np.square(x - mean) / max(n - 1, 1) * counts).sum())
    return {
        "minimum": float(ordered[0]),
        "maximum": float(ordered[-1]),
        "mean": mean,
        "std": square**0.5,
        "quantiles": tuple(ordered[places].astype(float).tolist()),
    }


def date_facts(counted: Tally, numeric: float) -> dict[str, Any]:
    """Return the share that each date format reads, and where more reads as dates than as numbers, their facts."""
    some = counted.sample()
    if not _flags(pc.match_substring_regex(some.values, DATED)).any():
        return {}
    shares = {form: some.share(~dates.parse(some.values, form)[1]) for form in formats(some.values)}
    if not shares:
        return {}
    best = max(shares, key=lambda form: shares[form])
    if shares[best] <= numeric:
        return {"dates": shares}
    moments, odd = dates.parse(counted.values, best)
    facts = moment_facts(moments[~odd], Tally(counted.values, counted.counts[~odd], counted.first, counted.rows))
    shares[best] = counted.share(~odd)
    return facts | {"dates": shares, "strays": strays(counted, odd)}


def formats(values: pa.Array) -> list[str]:
    """Return the date formats that read some of distinct values (d,), in the order they are known.

    Every format is tried on a few values only, then again on a few of those that none has read.
    """
    found: list[str] = []
    unread = values
    for _ in range(len(dates.FORMATS)):
        step = max(len(unread) // PROBE, 1)
        probe = unread.take(pa.array(np.arange(0, len(unread), step)[:PROBE]))
        new = [f for f in dates.FORMATS if f not in found and not dates.parse(probe, f)[1].all()]
        if not new:
            break
        found += new
        left = np.logical_and.reduce([dates.parse(unread, form)[1] for form in new])
        unread = unread.filter(pa.array(left))
        if len(unread) == 0:
            break
    return [form for form in dates.FORMATS if form in found]


def moment_facts(moments: Ints, counted: Tally) -> dict[str, Any]:
    """Return the facts of dates (d,) in microseconds since 1970."""
    return spread_facts(moments.astype(np.float64), counted.counts)


def length_facts(lengths: pa.Array, counted: Tally) -> dict[str, Any]:
    """Return the facts of lengths (d,) of distinct values."""
    sizes = np.asarray(lengths.to_numpy(), np.int64)
    return {"length_mean": float((sizes * counted.counts).sum()) / counted.held, "length_max": int(sizes.max())}


def oddities(counted: Tally, known: dict[str, Stray]) -> dict[str, Any]:
    """Return where a NUL, or the character that stands for undecodable bytes, was first seen."""
    marks = {"nul": "\0", "invalid": "\ufffd"}
    masks = {code: _holds(counted.values, mark) for code, mark in marks.items()}
    seen = {code: counted.stray(int(np.argmax(mask))) for code, mask in masks.items() if mask.any()}
    return {"oddities": known | seen} if known or seen else {}


def strays(counted: Tally, odd: Mask) -> tuple[Stray, ...]:
    """Return the values of a mask (d,), most frequent first."""
    places = np.flatnonzero(odd)
    order = np.argsort(-counted.counts[places], kind="stable")[:MOST_STRAYS]
    return tuple(counted.stray(int(place)) for place in places[order])


def compact(known: ColumnProfile) -> dict[str, Any]:
    """Return the reference summary that a model file carries: no value but numbers and repeated labels.

    A text that occurs once may be somebody's name; labels are kept where they repeat and the column has few.
    """
    kept: dict[str, Any] = {"count": known.count, "missing": known.missing, "distinct": known.distinct}
    numeric = {name: getattr(known, name) for name in ("minimum", "maximum", "mean", "std")}
    kept |= {name: value for name, value in numeric.items() if value is not None and np.isfinite(value)}
    if known.quantiles:
        kept["quantiles"] = list(known.quantiles)
    if known.length_max and known.numbers < 1:
        kept |= {"length_mean": known.length_mean, "length_max": known.length_max, "words_mean": known.words_mean}
    if known.distinct <= known.values / 10:
        kept["top"] = [[text, count] for text, count in known.top if count > 1]
    return kept


def _holds(values: pa.Array, mark: str) -> Mask:
    return _flags(pc.match_substring(values, mark))


def _flags(array: pa.Array) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), bool)


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
