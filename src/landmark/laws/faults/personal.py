"""Faults of privacy: what tells a person apart stands in a column that everybody may read. All of it is made up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from landmark.laws.faults.fault import Planted, fault
from landmark.laws.faults.ground import Ground, added, given_rows, new_name, put, some, texts

Made = tuple[Ground, Planted] | None
Drawn = Callable[[np.random.Generator], str]
FIRST = ["anna", "ben", "carla", "david", "eva", "felix", "greta", "henry", "ines", "jonas"]
LAST = ["smith", "mueller", "rossi", "martin", "novak", "silva", "jansen", "kowalski"]
REMARKS = ("called twice", "paid in the shop", "will come again", "asked for a receipt", "was not at home")


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_mail(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """People write their mail address into a text."""
    return _told(ground, rng, amount, lambda g: f"{g.choice(FIRST)}.{g.choice(LAST)}{g.integers(99)}@mail.example.org")


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_phone(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """People write their phone number into a text."""
    ways = ("+49 30 {a:04} {b:04}", "+1 (555) {c:03}-{b:04}", "+44 20 7{c:03} {b:04}")
    return _told(ground, rng, amount, lambda g: str(g.choice(ways)).format(**_digits(g)))


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_card(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """People write the number of a card into a text; its last digit is a check."""
    return _told(ground, rng, amount, _card)


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_iban(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """People write the number of an account into a text; its first two digits are a check."""
    return _told(ground, rng, amount, _iban)


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_ip(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """A log writes the address of somebody's machine into a text."""
    return _told(ground, rng, amount, lambda g: ".".join(str(part) for part in (84, *g.integers(1, 255, 3))))


@fault("personal-data", weak=0.002, medium=0.01, strong=0.05)
def personal_national(ground: Ground, rng: np.random.Generator, amount: float) -> Made:
    """People write the number that their country gave them into a text: a social security number of the US."""
    return _told(
        ground, rng, amount, lambda g: f"{g.integers(100, 666)}-{g.integers(10, 100)}-{g.integers(1000, 10_000)}"
    )


def _told(ground: Ground, rng: np.random.Generator, share: float, drawn: Drawn) -> Made:
    """Add something personal to some texts; a table without texts gets a column of remarks that holds it."""
    names = ground.inputs("text")
    table, name = ground.rows, str(rng.choice(names)) if names else new_name(ground.rows, "remark")
    if not names:
        table = added(table, name, [str(rng.choice(REMARKS)) for _ in range(table.num_rows)])
    rows = some(given_rows(table, name), share, rng, 3)
    told = [f"{text} {drawn(rng)}" for text in texts(table, name)[rows]]
    touched = rows if names else np.arange(table.num_rows)
    return ground.with_rows(put(table, name, rows, told)), Planted((name,), touched, (name,))


def _digits(rng: np.random.Generator) -> dict[str, int]:
    return {"a": int(rng.integers(10_000)), "b": int(rng.integers(10_000)), "c": int(rng.integers(100, 1000))}


def _card(rng: np.random.Generator) -> str:
    """Return 16 digits that begin with 4 and satisfy Luhn's check (ISO/IEC 7812-1)."""
    digits = [4, *rng.integers(0, 10, 14).tolist()]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits)]
    digits.append(-sum(doubled) % 10)
    text = "".join(map(str, digits))
    return " ".join(text[i : i + 4] for i in range(0, 16, 4)) if rng.random() < 0.5 else text


def _iban(rng: np.random.Generator) -> str:
    """Return a German account number that satisfies the check of ISO 13616: the rest by 97 is 1."""
    account = "".join(map(str, rng.integers(0, 10, 18).tolist()))
    check = 98 - int(f"{account}131400") % 97
    text = f"DE{check:02}{account}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)) if rng.random() < 0.5 else text
