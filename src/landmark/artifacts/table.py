"""The table at the door: Arrow, with the rows that judge kept apart when they are given."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pydantic import Field

from landmark.artifacts.artifact import Artifact
from landmark.core.findings import Finding


class Table(Artifact):
    """Rows as they came: text sources as text, typed sources typed. `test` holds judging rows, if given.

    `kind` is that of the source, `missing` the texts that its format declares to mean no value. `digest` is of the
    content (names, types, values in order), not of the place it came from.
    """

    rows: pa.Table
    test: pa.Table | None = None
    source: str
    digest: str
    text: bool
    missing: tuple[str, ...] = ()
    kind: str = ""
    format: dict[str, Any] = Field({}, description="how the document says the source is written")
    sample: str = Field("", description="how these rows were drawn from all; empty where these are all")
    beside: bool = Field(False, description="whether they hold what lies in files beside the source: pictures")
    findings: tuple[Finding, ...] = ()
