"""Every model keeps the laws of models."""

from __future__ import annotations

from typing import Any

import pytest

from landmark.core.findings import Finding
from landmark.laws.models import LAWS, Case, Law, cases, cases_for, suits
from landmark.models import MODELS, ladder

PAIRS = [
    pytest.param(MODELS[name], case, id=f"{name}-{case.name}") for name in MODELS for case in cases_for(MODELS[name])
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize(("module", "case"), PAIRS)
def test_law(law: Law, module: Any, case: Case) -> None:
    law(module, case)


@pytest.mark.parametrize("name", list(MODELS))
def test_a_model_refuses_with_a_reason(name: str) -> None:
    for case in cases():
        said = suits(MODELS[name], case)
        assert said is None or (isinstance(said, Finding) and said.seen)
    assert cases_for(MODELS[name])


def test_the_ladder_is_ordered_by_cost() -> None:
    costs = [MODELS[name].COST for name in ladder()]
    assert costs == sorted(costs)


def test_no_two_models_stand_for_one_landmark() -> None:
    stood = [model.LANDMARK for _, model in MODELS.items() if model.LANDMARK]
    assert sorted(stood) == ["best_column", "constant"]
