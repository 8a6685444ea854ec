"""Which data type the values of a column look like, and which an output is: told from a profile alone."""

from __future__ import annotations

from landmark.artifacts.profile import ColumnProfile
from landmark.datatypes import DATATYPES, Likeness
from landmark.statistics import missing_codes

PLAIN = ("binary", "category", "number", "text")
"""Types between which an output is decided by its values; any other type of a column is its type as an output."""
MOSTLY = 0.95
"""Share that must read as numbers; with more other texts than that, they are words among which are numbers."""
FEW_NUMBERS = 20
"""Whole numbers of at most so many different values may be counts or codes; more are always numbers."""
FEW_CODES = 10
"""Codes are numbered 0, 1, 2, ... without a gap; more of them than this are taken for counts."""


def infer(profile: ColumnProfile) -> tuple[str, Likeness]:
    """Return the likeliest type of one column, with the reason and the options its values suggest."""
    likely = {name: datatype.likeness([profile]) for name, datatype in DATATYPES.items() if datatype.COLUMNS == 1}
    if not is_mostly_numbers(profile):
        likely["number"] = likely["number"]._replace(score=0.0)
    best = max(likely, key=lambda name: likely[name].score)
    return best, likely[best]


def infer_output(profile: ColumnProfile) -> tuple[str, Likeness]:
    """Return the type of an output, and why: what can be asked for decides more than how it is written."""
    name, like = infer(profile)
    if name not in PLAIN:
        return name, like
    if profile.distinct == 2:
        return "binary", DATATYPES["binary"].likeness([profile])
    if name == "category" or not is_mostly_numbers(profile):
        return "category", DATATYPES["category"].likeness([profile])
    kinds, low = profile.distinct, profile.minimum
    reason = f"{kinds} different numbers"
    if profile.integers == 1 and kinds <= FEW_NUMBERS and low is not None and profile.maximum is not None:
        in_a_row = low in (0, 1) and profile.maximum - low == kinds - 1
        if in_a_row and kinds <= FEW_CODES:
            reason = f"{kinds} whole numbers in a row from {low:.0f}, as kinds are numbered; amounts? type: number"
            return "category", DATATYPES["category"].likeness([profile])._replace(why=reason)
        reason = f"{kinds} whole numbers, as counts are; kinds? type: category"
    return "number", DATATYPES["number"].likeness([profile])._replace(why=reason)


def is_mostly_numbers(profile: ColumnProfile) -> bool:
    """Return whether the values that are no token for none nearly all read as numbers."""
    tokens = sum(stray.count for stray in profile.strays if missing_codes.is_token(stray.text))
    return profile.numbers * profile.values >= MOSTLY * (profile.values - tokens)
