"""What every adapter does: read pairs of tables, let a tool look at each, and write down what it raised.

python ADAPTER.py JOBS.json writes a line of JSON for each job to standard output: its name, what was raised as
[column, topic, what] ("" for the table as a whole), and the CPU seconds it took. Nothing of ours is imported here.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

Raised = list[tuple[str, str, str]]
Look = Callable[[pd.DataFrame, pd.DataFrame, str, str], Raised]
"""Reference rows, rows to look at, the target, and a name of the reference under which work may be kept."""


def main(look: Look) -> None:
    """Carry out the jobs of the file named on the command line."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for job in json.loads(Path(sys.argv[1]).read_text()):
        start = time.process_time()
        done: dict[str, Any] = {"name": job["name"]}
        quiet = io.StringIO()
        try:
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
                reference, current = (pd.read_csv(job[part], low_memory=False) for part in ("reference", "current"))
                done["raised"] = sorted(set(look(reference, current, job["target"], job["reference"])))
        except Exception as error:
            done |= {"raised": [], "error": f"{type(error).__name__}: {str(error)[:300]}"}
        done["seconds"] = round(time.process_time() - start, 2)
        print(json.dumps(done), flush=True)


def topic_of(name: str, topics: dict[str, str]) -> str:
    """Return the topic of the first word that occurs in a name."""
    return next((topic for word, topic in topics.items() if word.lower() in name.lower()), "other")
