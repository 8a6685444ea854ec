"""Every step, found by its file, keeps the laws of steps on a small table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tables import people

from landmark.artifacts.contract import Contract
from landmark.artifacts.evaluation import Previous
from landmark.artifacts.question import Output, Question
from landmark.contract.codes import CODES
from landmark.core.context import Context
from landmark.laws import steps as laws
from landmark.pipeline import ALL
from landmark.steps import Step
from landmark.steps.data.table import Options as TableOptions

STEPS = {step.name: step for step in laws.every_step()}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The arguments of every step, made by the steps before it."""
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("source")
    pq.write_table(people(150), folder / "t.parquet")
    outputs = (Output(name="bought"), Output(name="spent"), Output(name="tags"))
    known: dict[str, Any] = {
        "question": Question(name="q", outputs=outputs, slices=(("city",),)),
        "previous": Previous(),
        "contract": Contract.model_validate(
            {
                "columns": {"spent": {"type": "number", "distinct": 2, "sorted": "ascending"}},
                "levels": dict.fromkeys(CODES, "warn"),
            }
        ),
    }
    calls: dict[str, dict[str, Any]] = {}
    for step in ALL:
        arguments = {name: known[name] for name in step.needs}
        if step.options is not None:
            is_table = step.name == "table"
            arguments["options"] = TableOptions(source="t.parquet", folder=str(folder)) if is_table else step.options()
        if step.wants_context:
            arguments["context"] = Context(seed=3)
        calls[step.name] = arguments
        known[step.name] = step.run(**arguments)
    return calls


def test_the_pipeline_lists_every_step_there_is() -> None:
    assert {step.name for step in ALL} == STEPS.keys()
    assert all(isinstance(step, Step) for step in ALL)


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", STEPS)
def test_steps_keep_the_laws(name: str, law: laws.Law, calls: dict[str, dict[str, Any]]) -> None:
    law(STEPS[name], calls[name])


def test_a_step_that_breaks_a_law_is_caught(calls: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    from dataclasses import replace
    from itertools import count

    number = count()
    split = STEPS["split"]

    def never_the_same(**arguments: Any) -> Any:
        return split.run(**arguments).model_copy(update={"by": str(next(number))})

    with pytest.raises(AssertionError):
        laws.gives_the_same_again(replace(split, run=never_the_same), calls["split"])
