"""New rows, opened, and held on their way against the contract of the project whose model reads them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from landmark.artifacts.contract import Contract
from landmark.config.contract import FILE, load
from landmark.contract.validation import Passage
from landmark.core.findings import Finding, Level
from landmark.files.memory import table_of
from landmark.sources import Stream, described, stream

IN_MEMORY = "table in memory"
MODELS = "models"
"""The folder of a project in which model files lie."""


def contract_of(model: str | Path | None, named: str | Path | None) -> Contract | None:
    """Return the contract that is named, else the one beside the document from which a model was made; or None.

    A model that came from no file has no project.

    Raises: UserError where the one named is not there, Mistakes with all that is wrong with a contract.
    """
    if named is not None:
        return load(Path(named))
    if model is None or (folder := Path(model).absolute().parent).name != MODELS:
        return None
    return load(folder.parent / FILE) if (folder.parent / FILE).is_file() else None


def opened_table(
    data: Any, format: dict[str, Any] | None, noticed: list[Finding], coded: bool = False
) -> tuple[Stream, str]:
    """Return a table (a path, a query, or a frame in memory) as a stream of rows, and what it is called.

    `coded`: columns of few texts may come as dictionaries, as `stream` says.
    """
    if isinstance(data, (str, Path)) or (isinstance(data, Mapping) and "sql" in data):
        source = str(data) if isinstance(data, Path) else data
        return stream(source, format or {}, Path(), noticed, coded), described(source)
    table = table_of(data, IN_MEMORY, noticed)
    return Stream(False, table.schema, iter(table.to_batches())), IN_MEMORY


def watched(
    batches: Iterable[pa.RecordBatch],
    contract: Contract | None,
    environment: str,
    text: bool,
    findings: list[Finding],
    apart: Collection[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Yield batches as they are; with the last one taken, what they do not keep of a contract is among findings.

    Of columns set `apart`, and for environments that the contract does not know, nothing is said. Nothing stops: who
    wants that asks `landmark data validate`.
    """
    if contract is None or environment not in contract.environments:
        yield from batches
        return
    passage = Passage(contract, environment, text, time.time_ns() // 1000)
    for batch in batches:
        passage.add(batch)
        yield batch
    for finding in passage.end().findings:
        if finding.where not in apart:
            level = Level.NOTE if finding.level == Level.NOTE else Level.WARN
            todo = f"landmark data validate TABLE --environment {environment}, and mend or accept what it finds"
            findings.append(finding.model_copy(update={"level": level, "next": todo}))
