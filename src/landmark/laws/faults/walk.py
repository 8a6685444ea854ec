"""What the data steps say of a ground, in this process and without a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.contract import Validations
from landmark.artifacts.readiness import Readiness
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.findings import Finding
from landmark.core.options import Options
from landmark.core.table import is_text
from landmark.laws.faults.ground import Ground
from landmark.pipeline import DATA


def checked(
    ground: Ground, source: Table | None = None, options: Mapping[str, Options] | None = None, seed: int = 0
) -> tuple[Finding, ...]:
    """Return the findings about a ground.

    `source` is the table that it was made of: what was noticed when it was read is said again. `options` are by the
    step's name. Raises: UserError where a step refuses to go on.
    """
    own: dict[str, Any] = {"rows": ground.rows, "test": ground.test, "digest": ""}
    all_text = all(is_text(kind) for kind in ground.rows.schema.types)
    table = Table(source="planted", text=all_text, **own) if source is None else source.model_copy(update=own)
    made: dict[str, Artifact] = {"table": table, "question": ground.question, "validation": Validations()}
    context = Context(seed=seed)
    for step in DATA:
        if step.name in made:
            continue
        given: dict[str, Any] = {name: made[name] for name in step.needs}
        if step.options is not None:
            given["options"] = (options or {}).get(step.name) or step.options()
        made[step.name] = step.run(**given, **({"context": context} if step.wants_context else {}))
    readiness = made["readiness"]
    assert isinstance(readiness, Readiness)
    return readiness.findings
