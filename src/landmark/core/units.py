"""Units of measurement: is a word a unit, and what is a value in another one. pint is loaded when asked.

Every currency is a dimension of its own: what a dollar is worth in euros is not a matter of units.
"""

from __future__ import annotations

import re
from functools import cache
from tokenize import TokenError
from typing import Any

import numpy as np

from landmark.core.errors import UserError, did_you_mean
from landmark.core.table import Floats

CURRENCIES = (
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW"),
    *("MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR"),
)
"""ISO 4217 codes; upper case, as the standard writes them."""
WHOLE = ("JPY", "KRW", "VND")
"""Currencies that the standard gives no hundredth; that of another is written cent_USD."""
CENT = re.compile(r"\bcents?\b")
"""A hundredth of a currency that is not named: of which, only another unit beside it can tell."""

SHOWN = ("s", "ms", "min", "h", "day", "year", "m", "km", "mm", "inch", "mile", "kg", "g", "lb", "degC", "degF", "%")
"""Units shown to somebody whose word is near to none."""

_POWER = r"(?:%|°?[^\W\d_]\w{0,30})(?:(?:\^|\*\*)-?[1-9])?"
_WRITTEN = re.compile(rf"(?:1 ?/ ?)?{_POWER}(?:(?: ?[*/] ?| ){_POWER}){{0,5}}")
"""Products of powers of names. What pint reads beyond that can be made to compute for ever (9**9**9**9)."""


def check_unit(unit: str, where: str = "unit") -> None:
    """Do nothing where a text is a unit, as s, kg, km/h, degC, USD or EUR/kWh. Raises: UserError where it is none.

    >>> check_unit("EUR/kWh")
    >>> check_unit("yeers", "columns.age.unit")
    Traceback (most recent call last):
    landmark.core.errors.UserError: columns.age.unit: 'yeers' is not a unit. Fix: did you mean 'year'?
    """
    _unit(unit, where)


def convert(values: Floats, given: str, wanted: str, where: str = "unit") -> Floats:
    """Return values (n,) in one unit as values (n,) in another. Raises: UserError where these measure different things.

    >>> convert(np.array([1.0, 90.0]), "h", "min").tolist()
    [60.0, 5400.0]
    >>> convert(np.array([250.0]), "cent", "USD").tolist()
    [2.5]
    """
    first, second = _unit(_told_cent(given, wanted), where), _unit(_told_cent(wanted, given), where)
    if first.dimensionality != second.dimensionality:
        measured = f"'{given}' ({first.dimensionality}) cannot become '{wanted}' ({second.dimensionality})"
        raise UserError(where, measured, fix="there are no exchange rates here" if _is_money(given, wanted) else "")
    return np.asarray(_registry().Quantity(np.asarray(values, np.float64), first).to(second).magnitude, np.float64)


@cache
def _registry() -> Any:
    """Return pint's registry with every currency, and its cent, as a dimension of its own, and ratio beside percent."""
    from pint import UnitRegistry

    registry: Any = UnitRegistry()
    for code in CURRENCIES:
        registry.define(f"{code} = [{code}]")
        if code not in WHOLE:
            registry.define(f"cent_{code} = {code} / 100")
    registry.define("ratio = 1")
    return registry


def _unit(text: str, where: str) -> Any:
    """Return pint's unit of a text. Raises: UserError where it is none."""
    from pint import PintError

    try:
        if not _WRITTEN.fullmatch(text):
            raise ValueError(text)
        return _registry().parse_units(text)
    except (PintError, ArithmeticError, AssertionError, AttributeError, KeyError, TypeError, ValueError, TokenError):
        shown = text.strip()[:40]
        known = [name for name in _registry() if len(name) > 2] + list(SHOWN)
        near = did_you_mean(shown.upper(), CURRENCIES) if shown.upper() in CURRENCIES else did_you_mean(shown, known)
        fix = near if near.startswith("did") else did_you_mean("\0", SHOWN)
        if CENT.search(shown):
            fix = f"say of which currency: {CENT.sub('cent_USD', shown)}"
        raise UserError(where, f"'{shown}' is not a unit", fix=fix) from None


def _told_cent(unit: str, beside: str) -> str:
    """Return a unit whose cent is that of the currency of the unit beside it.

    >>> _told_cent("cent/kWh", "EUR/kWh"), _told_cent("cent", "kg")
    ('cent_EUR/kWh', 'cent')
    """
    code = next((code for code in CURRENCIES if code in beside and code not in WHOLE), None)
    return unit if code is None else CENT.sub(f"cent_{code}", unit)


def _is_money(*units: str) -> bool:
    return all(any(code in unit for code in CURRENCIES) for unit in units)
