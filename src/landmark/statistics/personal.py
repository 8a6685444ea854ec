"""What tells a person apart, found in texts by its form and, where it has one, by its check digit.

Every kind is a pattern that many texts are tried against at once, and a proof that only what matches is asked for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What the letters at odd places of an Italian tax code count."""


def digits(text: str) -> list[int]:
    """Return the digits in a text."""
    return [int(character) for character in text if character.isdigit()]


def luhn(text: str) -> bool:
    """Return whether the last digit is the check of the others. Source: ISO/IEC 7812-1 (2017), annex B.

    >>> luhn("4539 1488 0343 6467"), luhn("4539 1488 0343 6468")
    (True, False)
    """
    reverse = digits(text)[::-1]
    return sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(reverse)) % 10 == 0


def is_card(text: str) -> bool:
    """Return whether a number of 13 to 19 digits, not all of them equal, is one of a payment card."""
    number = digits(text)
    return 13 <= len(number) <= 19 and number[0] in (3, 4, 5, 6) and len(set(number)) > 2 and luhn(text)


def is_iban(text: str) -> bool:
    """Return whether an account number has the right check digits. Source: ISO 13616-1 (2020).

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    plain = re.sub(r"\s", "", text).upper()
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def is_phone(text: str) -> bool:
    """Return whether a number has as many digits as those of telephones. Source: ITU-T E.164 (2010).

    >>> is_phone("+49 30 1234 5678"), is_phone("(555) 123"), is_phone("+1 2 3 4")
    (True, False, False)
    """
    return 9 <= len(digits(text)) <= 15


def is_address(text: str) -> bool:
    """Return whether a text is the address of a machine that is neither the own one nor a mask nor a version."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    short = address.version == 4 and max(address.packed) < 32
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or short)


def is_ssn(text: str) -> bool:
    """Return whether a social security number of the US may have been given out; it has no check digit.

    Source: Social Security Administration, randomization of numbers (2011).
    """
    area, group, serial = (int(part) for part in text.split("-"))
    return area not in (0, 666) and area < 900 and group > 0 and serial > 0


def is_dni(text: str) -> bool:
    """Return whether a Spanish DNI or NIE has the right letter: the number by 23.

    >>> is_dni("12345678Z"), is_dni("12345678-A")
    (True, False)
    """
    plain = text.replace("-", "").upper()
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return DNI[int(number) % 23] == plain[-1]


def is_codice_fiscale(text: str) -> bool:
    """Return whether the last letter of an Italian tax code is right. Source: Decreto Ministeriale 23.12.1976.

    >>> is_codice_fiscale("RSSMRA85T10A562S"), is_codice_fiscale("RSSMRA85T10A562T")
    (True, False)
    """
    values = [int(c) if c.isdigit() else LETTERS.index(c) for c in text]
    total = sum(ODD[value] if place % 2 == 0 else value for place, value in enumerate(values[:15]))
    return LETTERS[total % 26] == text[15]


def is_nir(text: str) -> bool:
    """Return whether a French social security number has the right key: 97 less the number by 97 (INSEE).

    >>> is_nir("2 55 08 14 168 025 38"), is_nir("2 55 08 14 168 025 39")
    (True, False)
    """
    plain = re.sub(r"\s", "", text).replace("2A", "19").replace("2B", "18")
    return int(plain[13:]) == 97 - int(plain[:13]) % 97


def is_cpf(text: str) -> bool:
    """Return whether a Brazilian CPF has its two check digits right.

    >>> is_cpf("529.982.247-25"), is_cpf("529.982.247-26")
    (True, False)
    """
    number = digits(text)
    checks = [sum(d * w for d, w in zip(number[:n], range(n + 1, 1, -1), strict=True)) * 10 % 11 % 10 for n in (9, 10)]
    return len(set(number)) > 1 and checks == number[9:]


def is_resident(text: str) -> bool:
    """Return whether a Chinese resident number has the right last sign. Source: GB 11643 (1999).

    >>> is_resident("11010519491231002X"), is_resident("110105194912310021")
    (True, False)
    """
    total = sum(int(d) * (2 ** (17 - place) % 11) for place, d in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17].upper()


def is_hetu(text: str) -> bool:
    """Return whether a Finnish personal code has the right last sign: its digits by 31.

    >>> is_hetu("131052-308T"), is_hetu("131052-308U")
    (True, False)
    """
    return HETU[int(text[:6] + text[7:10]) % 31] == text[10].upper()


def is_personnummer(text: str) -> bool:
    """Return whether a Swedish personal number has a day of birth and the right last digit.

    >>> is_personnummer("811228-9874"), is_personnummer("811228-9873")
    (True, False)
    """
    plain = "".join(map(str, digits(text)))[-10:]
    return 1 <= int(plain[2:4]) <= 12 and 1 <= int(plain[4:6]) <= 31 and luhn(plain)


def always(text: str) -> bool:
    """Return that the form is proof enough."""
    return True


@dataclass(frozen=True)
class Kind:
    """One kind of personal data: what people call it, its form, and what proves it."""

    name: str
    pattern: str
    proof: Callable[[str], bool]

    @property
    def form(self) -> re.Pattern[str]:
        """Return the pattern, compiled; Python keeps it."""
        return re.compile(self.pattern)


KINDS = (
    Kind("mail addresses", r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}", always),
    Kind(
        "phone numbers",
        r"(?<![\w.,/-])(?:\+[0-9]{1,3}|\([0-9]{2,5}\)|0[1-9][0-9]{1,3})[ ./()-]{0,2}"
        r"(?:[0-9]{1,5}[ ./()-]{0,2}){1,5}[0-9]{2,5}",
        is_phone,
    ),
    Kind(
        "card numbers",
        r"\b[3-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}\b|\b3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{5}\b",
        is_card,
    ),
    Kind("account numbers (IBAN)", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", is_iban),
    Kind("IPv4 addresses", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", is_address),
    Kind("IPv6 addresses", r"\b(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}\b", is_address),
    Kind("US social security numbers", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", is_ssn),
    Kind("Spanish DNI or NIE", r"\b(?:[0-9]{8}|[XYZ][0-9]{7})-?[TRWAGMYFPDXBNJZSQVHLCKE]\b", is_dni),
    Kind("Italian tax codes", r"\b[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b", is_codice_fiscale),
    Kind("French NIR", r"\b[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}\b", is_nir),
    Kind("Brazilian CPF", r"\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b", is_cpf),
    Kind("Chinese resident numbers", r"\b[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx]\b", is_resident),
    Kind("Finnish personal codes", r"\b[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]\b", is_hetu),
    Kind("Swedish personal numbers", r"\b(?:19|20)?[0-9]{6}[-+][0-9]{4}\b", is_personnummer),
)
DIGITS, FEWEST, MOST = r"[0-9]{12,19}", 10, 0.95
"""A whole number that may be one of a card; different ones among which chance makes no share so great of valid ones."""
SUSPECT = r"@|[0-9][0-9A-Za-z:. ()+/-]{4,}[0-9A-Za-z]"
"""What every text with one of them holds, to pass the others over quickly."""


def personal(texts: list[str]) -> dict[str, list[int]]:
    """Return the kinds of personal data in texts, each with the places of the texts that hold it.

    Where most of what has the form lacks the proof, the rest has it by chance: part numbers, say.

    >>> personal(["write to a.name@mail.org", "nothing", "my card 4539 1488 0343 6467", "from 84.12.250.7"])
    {'mail addresses': [0], 'card numbers': [2], 'IPv4 addresses': [3]}
    >>> personal([f"part 1234{i:04}Z" for i in range(99)])
    {}
    """
    found: dict[str, list[int]] = {}
    for kind in KINDS:
        proven = [(place, kind.proof(m.group())) for place, t in enumerate(texts) for m in kind.form.finditer(t)]
        held = sorted({place for place, good in proven if good})
        if held and 2 * sum(good for _, good in proven) >= len(proven):
            found[kind.name] = held
    return found


def card_numbers(texts: list[str]) -> dict[str, list[int]]:
    """Return the places of different texts that are card numbers in digits alone, where nearly all such numbers are.

    Of any other numbers a tenth has a valid last digit.

    >>> card_numbers([f"453914880343{i:04}" for i in range(10_000) if luhn(f"453914880343{i:04}")])["card numbers"][:3]
    [0, 1, 2]
    >>> card_numbers([f"453914880343{i:04}" for i in range(10_000)])
    {}
    """
    able = [place for place, text in enumerate(texts) if re.fullmatch(DIGITS, text.strip())]
    held = [place for place in able if luhn(texts[place])]
    return {"card numbers": held} if len(held) >= max(FEWEST, MOST * len(able)) else {}
