"""The one base of every schema a person can write: frozen, nothing unknown, nothing coerced by surprise."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Use = Literal["feature", "target", "identifier", "weight", "exposure", "protected", "ignore"]


class Options(BaseModel):
    """Base of the settings of a variant or of a section of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ColumnOptions(Options):
    """What may be said of a column of any type; each data type's `Options` adds its own.

    A column's options are its whole contract at the border: `wire` reads nothing else, so training and
    serving cannot disagree about what a raw value means.
    """

    use: Use = Field(
        "feature",
        description="feature: is learnt from; target: is predicted; identifier: names rows; weight: how much a row "
        "counts; exposure: is learnt from, fixed in service; protected: is learnt from, and models are judged on each "
        "of its groups; ignore: is left out",
    )
    missing: tuple[str, ...] = Field((), description="texts that mean: no value (an empty cell always does)")
    physical: str | None = Field(None, description="the column's type in the training source, as Arrow names it")
