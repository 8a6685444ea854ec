"""All checks on one page: `python -m landmark.reports.checks > docs/checks.md`."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from landmark.artifacts.readiness import MEANING
from landmark.checks import CHECKS

HEAD = """# Checks of a table

What `landmark check` looks for before any model is trained. The code is the name of the file in `src/landmark/checks/`,
and of the waiver. A table stays at the level while the check finds something worse than a note. Every finding says
where, in which row first, what was seen, and what to do next. False alarms are by look at a column of clean tables, as
`benchmarks/false_alarms.py` measured them (`benchmarks/results/false_alarms.md`).
"""


def page() -> str:
    """Return the page of all checks as Markdown, by the level that each holds a table at."""
    return "\n".join([HEAD, *lines()]) + "\n"


def lines() -> Iterator[str]:
    """Yield a table of checks for each level, the lowest first."""
    checks = {name.replace("_", "-"): CHECKS[name] for name in CHECKS}
    for level, meaning in MEANING.items():
        held = {code: check for code, check in sorted(checks.items()) if level == check.HOLDS_AT}
        if held:
            yield f"## Holds at {level}: {meaning}\n"
            yield "| code | what it is | what it says | false alarms |\n|---|---|---|---|"
            yield from (row(code, check) for code, check in held.items())
            yield ""


def row(code: str, check: Any) -> str:
    """Return the line of one check: what its file says of it, the source if there is one, and its rate."""
    told = inspect.cleandoc(check.__doc__)
    source = re.search(r"Source: (.+?)(?:\n\n|$)", told, re.DOTALL)
    story = f"{first(told)} Source: {' '.join(source[1].split())}" if source else first(told)
    rate = getattr(check, "FALSE_ALARMS", None)
    measured = "not measured" if rate is None else f"{rate:.3%}"
    return f"| {code} | {story} | {first(inspect.cleandoc(check.check.__doc__))} | {measured} |"


def first(text: str) -> str:
    """Return the first paragraph of a text as one line of a table.

    >>> first("One | two.")
    'One / two.'
    """
    return " ".join(text.split("\n\n", 1)[0].split()).replace("|", "/")


if __name__ == "__main__":
    sys.stdout.write(page())
