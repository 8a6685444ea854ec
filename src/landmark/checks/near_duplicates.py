"""Rows that are nearly others: sent again with a word more, or measured again. Learnt by heart, they flatter the score.

Two texts are nearly alike where they share four fifths of their runs of five characters; two rows, where all columns
but one are equal, and that one differs a little.
Source: Broder, On the resemblance and containment of documents (1997); Elmagarmid, Ipeirotis & Verykios, Duplicate
Record Detection (2007).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landmark.artifacts.readiness import ReadinessLevel
from landmark.artifacts.schema import Column
from landmark.checks import Evidence
from landmark.core.findings import Finding, note, warn
from landmark.core.seeds import generator
from landmark.core.table import Floats, Ints, Mask, as_text, has, whole
from landmark.statistics.association import quantities
from landmark.statistics.fingerprints import Prints, of_values
from landmark.statistics.overlap import beside, but_one, near_pairs, plain, runs_of, share

HOLDS_AT: ReadinessLevel = "B3"
FALSE_ALARMS = 0.0
MUCH = 0.01
"""Share of rows from which a score flatters."""
MOST_LETTERS, MOST_CELLS = 4_000_000, 5_000_000
"""Characters of a column of texts, and cells of a table, that are looked at; of more, evenly spaced rows."""
FEWEST_COLUMNS, FEWEST_NUMBERS, FEWEST = 4, 20, 3
"""Columns of a table whose rows are compared, different numbers of the one that differs, and rows that are named."""
MOSTLY, OFTEN = 0.8, 0.1
"""Share of the other columns that must be equal beside a text, unless so many are in that share of any two rows."""
LITTLE, FINEST, NATURAL = 0.05, 1e-5, 0.3
"""Standard deviations that a number may differ by, those that are rounding, and share of pairs that is only natural."""
CHANCE, SOME_PAIRS = 3.0, 2000
"""Standard deviations by which pairs that differ a little must be more than by chance; pairs of texts compared."""
SAME_TEXT, WORDS = 0.6, 2.0
"""Share of common runs of two texts in rows that are equal else, and words of a text on average."""


@dataclass(frozen=True)
class Look:
    """Training and judging rows that are looked at, by their places in their tables."""

    evidence: Evidence
    train: Ints
    test: Ints

    def column(self, source: str) -> pa.Array:
        """Return the values of a column in these rows (n,), those of training rows first."""
        sides = (self.evidence.train, self.train), (self.evidence.test, self.test)
        parts = [whole(rows.column(source)).take(pa.array(places)) for rows, places in sides]
        return pa.concat_arrays(parts if parts[0].type == parts[1].type else [as_text(part) for part in parts])

    @property
    def judging(self) -> Mask:
        """Return which of the rows (n,) judge."""
        return np.arange(len(self.train) + len(self.test)) >= len(self.train)


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say which training rows are nearly others, and which judging rows nearly training rows: by a text, and whole."""
    sources = [(column, source) for column, source in evidence.sources() if has(evidence.test, source)]
    for column, source in sources:
        known = evidence.profile.train.columns[source]
        if column.type == "text" and known.words_mean >= WORDS:
            look = looked(evidence, int(MOST_LETTERS / max(known.length_mean, 1.0)))
            others = [other for c, other in sources if other != source and c.use != "target"]
            yield from said(look, source, *alike_by_text(look, source, others))
    if len(sources) >= FEWEST_COLUMNS:
        look = looked(evidence, max(MOST_CELLS // len(sources), 1000))
        yield from said(look, "rows", *alike_but_for_one(look, sources))


def looked(evidence: Evidence, most: int) -> Look:
    """Return at most so many rows: as large a share of the training rows as of the judging rows, evenly spaced."""
    sizes = evidence.train.num_rows, evidence.test.num_rows
    part = min(1.0, most / max(sum(sizes), 1))
    train, test = (np.linspace(0, size - 1, int(np.ceil(part * size))).astype(np.int64) for size in sizes)
    return Look(evidence, train, test)


def said(look: Look, where: str, near: Mask, known: Mask) -> Iterator[Finding]:
    """Say how many training rows (n,) are near others, and how many judging rows (m,) are near training rows."""
    evidence, some = look.evidence, " that were looked at" if len(look.train) < look.evidence.train.num_rows else ""
    sides = (
        ("training", "another", near, look.train, evidence.train_row),
        ("judging", "a", known, look.test, evidence.test_row),
    )
    for part, other, hits, places, row_of in sides:
        if hits.sum() >= FEWEST:
            share = f"{int(hits.sum())} of {len(hits)} {part} rows{some} ({hits.mean():.1%})"
            flags = np.zeros(int(places.max()) + 1, bool)
            flags[places] = hits
            say = warn if hits.mean() >= MUCH else note
            yield say(
                "near-duplicates",
                where,
                f"{share} are nearly {other} training row",
                "remove repeats, or split by group or time",
                row_of(flags),
            )


def alike_by_text(look: Look, source: str, others: list[str]) -> tuple[Mask, Mask]:
    """Return which training rows have nearly the text of another one, and which judging rows that of one of these.

    Texts that differ in case and signs only are counted too, where some differ by more. If other columns tell rows
    apart, most of them must be equal as well.
    """
    coded = plain(as_text(look.column(source))).dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(), np.int64)
    different = near_pairs(coded.dictionary)
    order = np.argsort(codes, kind="stable")
    given = order[codes[order] >= 0]
    begins = np.searchsorted(codes[given], np.arange(len(coded.dictionary) + 1))
    same = given[:-1][codes[given][:-1] == codes[given][1:]], given[1:][codes[given][:-1] == codes[given][1:]]
    ends = given[begins[:-1]], given[begins[1:] - 1]
    near = [np.column_stack([one[different[:, 0]], two[different[:, 1]]]) for one in ends for two in ends]
    pairs = np.concatenate([*near, np.column_stack(same)]) if len(different) else np.empty((0, 2), np.int64)
    return by_side(agreeing(look, pairs, others), look.judging)


def agreeing(look: Look, pairs: Ints, others: list[str]) -> Ints:
    """Return the pairs (m, 2) of rows in which most other columns are equal; all, if in any two rows they often are."""
    if not others or len(pairs) == 0:
        return pairs
    anyhow = np.column_stack([np.arange(len(look.judging)), generator(0, "near").permutation(len(look.judging))])
    equal, usual = np.zeros(len(pairs)), np.zeros(len(anyhow))
    for other in others:
        prints = of_values(look.column(other))
        equal += prints[pairs[:, 0]] == prints[pairs[:, 1]]
        usual += prints[anyhow[:, 0]] == prints[anyhow[:, 1]]
    enough = MOSTLY * len(others)
    if (usual >= enough).mean() > OFTEN:
        return pairs
    return pairs[equal >= enough]


def by_side(pairs: Ints, judging: Mask) -> tuple[Mask, Mask]:
    """Return which training rows are in a pair (m, 2) with another one, and which judging rows with a training row."""
    sides = judging[pairs]
    near, known = np.zeros(len(judging), bool), np.zeros(len(judging), bool)
    near[pairs[~sides.any(axis=1)]] = True
    across = sides[:, 0] != sides[:, 1]
    known[pairs[across][sides[across]]] = True
    return near[~judging], known[judging]


def alike_but_for_one(look: Look, sources: list[tuple[Column, str]]) -> tuple[Mask, Mask]:
    """Return which training rows are others but for a little in one column, and which judging rows are so."""
    rows = pa.table({source: look.column(source) for _, source in sources})
    found = [np.empty((0, 2), np.int64)]
    for (column, source), prints in zip(sources, but_one(rows), strict=True):
        known = look.evidence.profile.train.columns[source]
        if column.type in ("number", "geo") and known.distinct >= FEWEST_NUMBERS:
            found.append(numbers_apart(quantities(whole(rows.column(source))), prints))
        elif column.type in ("text", "category") and known.words_mean >= WORDS:
            found.append(texts_apart(whole(rows.column(source)), prints))
    return by_side(np.concatenate(found), look.judging)


def numbers_apart(x: Floats | None, prints: Prints) -> Ints:
    """Return the pairs (m, 2) of rows that are equal but for a number x (n,), which differs a little in them.

    None where that is natural: many rows are equal but for it, or it differs by as little in any two rows.
    """
    none = np.empty((0, 2), np.int64)
    if x is None:
        return none
    spread = float(np.nanstd(x)) or 1.0
    x = np.round(x / spread / FINEST) * FINEST
    pairs = beside(prints, x)
    apart = np.abs(x[pairs[:, 0]] - x[pairs[:, 1]])
    pairs, apart = pairs[apart > 0], apart[apart > 0]
    if len(pairs) == 0 or len(pairs) > NATURAL * len(x):
        return none
    little = max(LITTLE, float(np.diff(np.unique(x[~np.isnan(x)])).min()) + FINEST)
    anyhow = np.abs(x - generator(0, "near").permutation(x))
    expected = float((anyhow[anyhow > 0] <= little).mean()) * len(pairs)
    close = apart <= little
    return pairs[close] if close.sum() > expected + CHANCE * np.sqrt(expected) else none


def texts_apart(texts: pa.Array, prints: Prints) -> Ints:
    """Return the pairs (m, 2) of rows that are equal but for a text (n,), of which most is common to them."""
    coded = as_text(texts).dictionary_encode()
    rank = np.append(pc.rank(coded.dictionary).to_numpy(), 0)
    pairs = beside(prints, rank[coded.indices.fill_null(len(rank) - 1).to_numpy()])
    if len(pairs) > NATURAL * len(texts):
        return np.empty((0, 2), np.int64)
    words = [plain(as_text(texts).take(pa.array(side))).to_pylist() for side in pairs[:SOME_PAIRS].T]
    close = [bool(a and b and a != b and are_alike(a, b)) for a, b in zip(*words, strict=True)]
    return np.asarray(pairs[:SOME_PAIRS][np.array(close, bool)], np.int64)


def are_alike(one: str, other: str) -> bool:
    """Return whether one text begins with the other, or both have most of their runs in common."""
    return one.startswith(other) or other.startswith(one) or share(runs_of(one), runs_of(other)) >= SAME_TEXT
