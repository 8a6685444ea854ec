"""Faults of single cells: how values, and no values, are written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from landmark.core.table import Ints, Strings
from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, Kind, given_rows, numbers, put, put_numbers, some, texts

Made = tuple[Ground, Planted] | None

NO_VALUES = ("NA", "n/a", "-", "none", "unknown", "NULL", "#N/A")
WORDS = ("see note", "about 5", "n.k.", "approx.", "more than 100")
DAMAGE = {"'": "â€™", "e": "Ã©", "a": "Ã¤", "o": "Ã¶", "u": "Ã¼"}
"""Letters -> what their kin with accents become when UTF-8 is read as Windows-1252."""
FEWEST_LETTERS, MOSTLY_SHOWN = 5, 0.6
"""Letters of a word that can be misspelt, and share of numbers that must look different in another way of writing."""


@fault("sentinel", weak=0.01, medium=0.03, strong=0.1)
def sentinel_negative(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An export writes -999 where nothing was measured."""
    names = [name for name in ground.inputs("number") if np.nanmin(numbers(ground.rows, name)) > -500]
    return _one_number(ground, names, -999.0, amount, rng)


@fault("sentinel", weak=0.01, medium=0.03, strong=0.1)
def sentinel_nines(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """An old system fills a field with nines where nothing was measured."""
    names = [name for name in ground.inputs("number") if np.nanmax(numbers(ground.rows, name)) < 5e6]
    if not names:
        return None
    name = str(rng.choice(names))
    highest = np.nanmax(numbers(ground.rows, name))
    code = next(10.0**digits - 1 for digits in range(3, 9) if 10.0**digits - 1 > 1.3 * highest)
    return _one_number(ground, [name], code, amount, rng)


@fault("mixed-nulls", "missing-code", weak=0.01, medium=0.03, strong=0.1)
def mixed_nulls(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Several people leave a field open, and each writes it in their own way: NA, n/a, -, none."""
    return _some_cells(ground, ("kinds", "number"), amount, rng, lambda _: str(rng.choice(NO_VALUES)), least=6)


@fault("mixed-types", weak=0.005, medium=0.02, strong=0.06)
def mixed_types(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Somebody types words into a column of numbers: `see note`, `12 cm`."""
    return _some_cells(
        ground,
        ("number",),
        amount,
        rng,
        lambda text: f"{text} cm" if rng.random() < 0.3 else str(rng.choice(WORDS)),
        least=3,
    )


@fault("mixed-types", "category-variants", weak=0.1, medium=0.25, strong=0.5)
def coded_kinds(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """One of two sources writes kinds as numbers: 1 for red, 2 for green."""
    code = dict[str, str]()
    return _some_cells(ground, ("kinds",), amount, rng, lambda text: code.setdefault(text, str(1 + len(code))))


@fault("category-variants", weak=0.005, medium=0.02, strong=0.1)
def spelling_case(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Kinds are typed by hand, in capitals here and small letters there."""

    def other(text: str) -> str:
        ways = sorted({text.upper(), text.lower(), text.title()} - {text})
        return str(rng.choice(ways)) if ways else text

    return _some_cells(ground, ("kinds",), amount, rng, other, least=2)


@fault("category-variants", weak=0.005, medium=0.02, strong=0.1)
def spelling_blanks(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Kinds carry blanks that nobody sees: before, behind, or two between words."""

    def other(text: str) -> str:
        return str(rng.choice([f" {text}", f"{text} ", text.replace(" ", "  ") if " " in text.strip() else f"{text} "]))

    return _some_cells(ground, ("kinds",), amount, rng, other, least=2)


@fault("category-variants", "misspelt-kinds", weak=0.003, medium=0.01, strong=0.03)
def misspelt_kinds(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A kind is misspelt now and then: one letter left out, doubled, or two of them exchanged."""

    def other(text: str) -> str:
        inner = [i for i in range(1, len(text) - 1) if text[i : i + 2].isalpha()]
        if len(inner) < FEWEST_LETTERS - 2:
            return text
        i, way = int(rng.choice(inner)), int(rng.integers(3))
        middle = ("", text[i] * 2, text[i + 1] + text[i])[way]
        return text[:i] + middle + text[i + 1 + (way == 2) :]

    return _some_cells(ground, ("kinds",), amount, rng, other, least=2)


@fault("blanks-around-cells", "category-variants", weak=0.02, medium=0.1, strong=0.5)
def blanks_around_cells(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Part of the file was written with a blank after each delimiter."""
    names = ground.inputs("kinds")
    rows, touched = some(np.arange(ground.rows.num_rows), amount, rng, 2), ground.rows
    for name in names:
        filled = np.intersect1d(rows, given_rows(touched, name))
        touched = put(touched, name, filled, [f" {text}" for text in texts(touched, name)[filled]])
    return (ground.with_rows(touched), Planted(tuple(names), rows)) if names else None


@fault("number-marks", "mixed-types", weak=0.05, medium=0.3, strong=1.0)
def decimal_commas(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A spreadsheet of another country writes 1,5 for 1.5."""
    return _rewritten_numbers(ground, amount, rng, lambda text: text.replace(".", ","))


@fault("number-marks", "mixed-types", weak=0.05, medium=0.3, strong=1.0)
def thousands_marks(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Numbers come from a report made for people: 12,345."""
    return _rewritten_numbers(ground, amount, rng, _with_marks)


@fault("mixed-types", "number-marks", "unit-in-cells", weak=0.05, medium=0.3, strong=1.0)
def unit_in_cells(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """The unit is written into the cells: 12 kg."""
    unit = str(rng.choice(["kg", "USD", "cm"]))
    return _rewritten_numbers(ground, amount, rng, lambda text: f"{text} {unit}")


@fault("truncated-text", weak=0.02, medium=0.08, strong=0.25)
def truncated_text(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A field of a database holds so many characters, and the rest of a longer text was cut off."""
    names = ground.inputs("text")
    if not names:
        return None
    name = str(rng.choice(names))
    cells = texts(ground.rows, name)
    longest = int(np.quantile([len(text) for text in cells], 1 - amount))
    rows = np.flatnonzero([len(text) > longest for text in cells]).astype(np.int64)
    if len(rows) < 3:
        return None
    rows_of = put(ground.rows, name, rows, [text[:longest] for text in cells[rows]])
    return ground.with_rows(rows_of), Planted((name,), rows)


@fault("invalid-text", weak=0.005, medium=0.02, strong=0.1)
def mojibake(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Texts with accents were written in one encoding and read in another: Ã© for é."""

    def other(text: str) -> str:
        there = [letter for letter in DAMAGE if letter in text]
        letter = str(rng.choice(there)) if there else ""
        return text.replace(letter, DAMAGE[letter], 1) if letter else text

    return _some_cells(ground, ("text", "kinds"), amount, rng, other, least=3)


@fault("invalid-text", weak=0.001, medium=0.005, strong=0.02)
def replacement_marks(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """Bytes that were no text in the declared encoding became U+FFFD."""
    return _some_cells(ground, ("text", "kinds"), amount, rng, lambda text: text[:1] + "\ufffd" + text[2:])


@fault("invalid-text", weak=0.001, medium=0.005, strong=0.02)
def nul(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A program left a NUL in the texts it wrote."""
    return _some_cells(ground, ("text", "kinds"), amount, rng, lambda text: text[:1] + "\0" + text[1:])


@fault("infinite", weak=0.001, medium=0.005, strong=0.02)
def infinite(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A ratio was computed without looking at its denominator."""
    names = [name for name in ground.inputs("number") if not pa.types.is_integer(ground.rows.schema.field(name).type)]
    return _one_number(ground, names, np.inf, amount, rng, 1)


def _one_number(
    ground: Ground, names: list[str], code: float, share: float, rng: np.random.Generator, least: int = 3
) -> Made:
    """Write one number into some cells of one of the columns."""
    if not names:
        return None
    name = str(rng.choice(names))
    rows = some(given_rows(ground.rows, name), share, rng, least)
    values = np.full(len(rows), code)
    if np.isfinite(code):
        return ground.with_rows(put_numbers(ground.rows, name, rows, values)), Planted((name,), rows)
    return ground.with_rows(put(ground.rows, name, rows, [*values])), Planted((name,), rows)


def _some_cells(
    ground: Ground,
    kinds: tuple[Kind, ...],
    share: float,
    rng: np.random.Generator,
    other: Callable[[str], str],
    least: int = 1,
) -> Made:
    """Write some cells of a column of some kinds in another way; cells whose way does not differ stay."""
    names = ground.inputs(*kinds)
    rng.shuffle(names)
    for name in names:
        cells = texts(ground.rows, name)
        rows = some(given_rows(ground.rows, name), share, rng, least)
        changed = np.array([other(text) for text in cells[rows]], object)
        differ = changed != cells[rows]
        if differ.mean() >= 0.5 and differ.sum() >= least:
            rows, changed = rows[differ], changed[differ]
            return ground.with_rows(put(ground.rows, name, rows, changed.tolist())), Planted((name,), rows)
    return None


def _rewritten_numbers(ground: Ground, share: float, rng: np.random.Generator, other: Callable[[str], str]) -> Made:
    """Write a share of the numbers of a column in another way, which most of them must show."""
    names = [name for name in ground.inputs("number") if _shown(texts(ground.rows, name), other)]
    if not names:
        return None
    name = str(rng.choice(names))
    cells = texts(ground.rows, name)
    drawn = given_rows(ground.rows, name) if share == 1 else some(given_rows(ground.rows, name), share, rng, 5)
    rows = _that_differ(drawn, cells, other)
    return ground.with_rows(put(ground.rows, name, rows, [other(text) for text in cells[rows]])), Planted((name,), rows)


def _shown(cells: Strings, other: Callable[[str], str]) -> bool:
    filled = cells[cells != ""]
    return len(_that_differ(np.arange(len(filled)), filled, other)) > MOSTLY_SHOWN * len(filled)


def _that_differ(rows: Ints, cells: Strings, other: Callable[[str], str]) -> Ints:
    return rows[[other(text) != text for text in cells[rows]]]


def _with_marks(text: str) -> str:
    """Return a number with a comma between its thousands."""
    sign, digits, point, rest = text[:1] == "-", *text.lstrip("-").partition(".")
    return f"{'-' * sign}{int(digits):,}{point}{rest}" if digits.isdigit() else text
