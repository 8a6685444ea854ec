"""What a person did that cannot be done, said so that they can mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

PASSWORD = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")
"""Who asks, and the password, in the address of a database: never shown."""


class UserError(Exception):
    """A mistake its reader can mend: `where: what (seen). Fix: fix`.

    >>> print(UserError("columns.age.unit", "'yeers' is not a unit", fix=did_you_mean("yeers", ["years", "days"])))
    columns.age.unit: 'yeers' is not a unit. Fix: did you mean 'years'?
    """

    exit_code = 2

    def __init__(self, where: str, what: str, *, seen: Any = None, fix: str = "") -> None:
        self.where, self.what, self.seen, self.fix = where, what, seen, fix
        super().__init__(self.line())

    def line(self) -> str:
        """Return the mistake as one line of text."""
        said = self.seen is None or f"'{self.seen}'" in self.what
        seen = "" if said else f" (seen: {_short(self.seen)})"
        fix = f" Fix: {self.fix}" if self.fix else ""
        what = self.what if seen else self.what.rstrip(".")
        return f"{self.where}: {what}{seen}.{fix}".replace("\n", " ")

    def as_json(self) -> dict[str, Any]:
        """Return the shape `--json` prints: where, what, seen, fix."""
        return {"where": self.where, "what": self.what, "seen": _short(self.seen), "fix": self.fix}

    def moved(self, where: Callable[[str], str]) -> UserError:
        """Return the same mistake at another place.

        >>> print(UserError("outputs.y", "it has one value").moved("landmark.yaml:2 {}".format))
        landmark.yaml:2 outputs.y: it has one value.
        """
        return type(self)(where(self.where), self.what, seen=self.seen, fix=self.fix)


class Mistakes(UserError):
    """Several mistakes at once, so that nobody mends a document one run at a time."""

    def __init__(self, mistakes: Iterable[UserError]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        super().__init__(first.where, first.what, seen=first.seen, fix=first.fix)

    def line(self) -> str:
        """Return one line for each mistake."""
        return "\n".join(mistake.line() for mistake in self.mistakes)

    def as_json(self) -> dict[str, Any]:
        """Return the first mistake, and all of them under `all`."""
        return {**self.mistakes[0].as_json(), "all": [mistake.as_json() for mistake in self.mistakes]}

    def moved(self, where: Callable[[str], str]) -> UserError:
        """Return the same mistakes, each at another place."""
        return type(self)(mistake.moved(where) for mistake in self.mistakes)


class RefusedFile(UserError):
    """A model file that is not opened: damaged, tampered with, hostile, or of another format."""


class NotReady(UserError):
    """The data is below the readiness level the document requires."""

    exit_code = 3


def refuse_all(mistakes: Iterable[UserError]) -> None:
    """Pass where there is no mistake. Raises: Mistakes with every one there is."""
    found = tuple(mistakes)
    if found:
        raise Mistakes(found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the nearest known word as a question, or the known words when none is near.

    >>> did_you_mean("ouputs", ["outputs", "inputs"])
    "did you mean 'outputs'?"
    >>> did_you_mean("YEAR", ["Year", "ALIGN"])
    "did you mean 'Year'?"
    """
    known = sorted(set(known))
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(word, known, n=1, cutoff=0.6) or get_close_matches(word.casefold(), folded, n=1)
    if near:
        return f"did you mean '{folded.get(near[0], near[0])}'?"
    shown = (word if any(map(str.isalnum, word)) else repr(word) for word in known[:20])
    return f"one of: {', '.join(shown)}" if known else ""


def _short(value: Any, most: int = 120) -> Any:
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    text = PASSWORD.sub("…", value if isinstance(value, str) else repr(value))
    return text if len(text) <= most else text[: most - 1] + "…"
