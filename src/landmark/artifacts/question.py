"""What a person asks of a table: the part of the document that many steps read."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from landmark.artifacts.artifact import Artifact

TaskKind = Literal["regression", "binary", "multiclass", "multilabel"]


class Task(Artifact):
    """What is to be predicted, as the ladder sees it.

    A prediction is float64 (n, width): the value for a regression (n, 1), the probability of each label
    otherwise (rows sum to 1, except for multilabel, where each label stands alone).
    """

    kind: TaskKind
    labels: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of columns of a prediction."""
        return max(len(self.labels), 1)

    @property
    def decision(self) -> str:
        """Return the kind of tensor that the decision is: a number, a label's text, or a flag for each label."""
        return {"regression": "float64", "multilabel": "int64"}.get(self.kind, "string")


class Output(Artifact):
    """One thing to predict: a column, and what is said of it."""

    name: str
    options: dict[str, Any] = Field({}, description="declared type and settings, as in `columns`")
    people: dict[str, float] = Field({}, description="metric -> what people reach")
    metric: str | None = None


class Question(Artifact):
    """The question: which columns are given, which are to be predicted, and what is known beforehand."""

    name: str
    outputs: tuple[Output, ...]
    inputs: tuple[str, ...] | None = Field(None, description="None: every column that is not something else")
    columns: dict[str, dict[str, Any]] = Field({}, description="what the document declares of columns")
    slices: tuple[tuple[str, ...], ...] = ()
    sample: str | None = Field(None, description="the column whose values keep their share in a sample")
    document: str = Field("", description="digest of the resolved document, places left out")

    def features(self) -> set[str]:
        """Return the names of features that are made of several columns, and so are no column themselves."""
        return {name for name, declared in self.columns.items() if declared.get("columns")}

    def names(self) -> dict[str, str]:
        """Return every column of the table that the question names: its place in the document -> its name."""
        made = self.features()
        named = {f"outputs[{n}]": output.name for n, output in enumerate(self.outputs)}
        for name, declared in self.columns.items():
            parts = enumerate(declared["columns"] if name in made else ())
            named |= {f"columns.{name}.columns[{n}]": part for n, part in parts} or {f"columns.{name}": name}
        named |= {f"inputs[{n}]": name for n, name in enumerate(self.inputs or ()) if name not in made}
        for n, names in enumerate(self.slices):
            places = [f"slices[{n}]"] if len(names) == 1 else [f"slices[{n}][{i}]" for i in range(len(names))]
            named |= dict(zip(places, names, strict=True))
        return named if self.sample is None else {**named, "data.sample.column": self.sample}
