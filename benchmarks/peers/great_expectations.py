"""Great Expectations: its onboarding assistant profiles the reference; the rows are validated against what it expects."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.remove(str(Path(__file__).parent))  # this file has the name of the package
import great_expectations as gx
import pandas as pd

sys.path.append(str(Path(__file__).parent))
from adapter import Raised, main, topic_of

TOPICS = {
    **{"not_be_null": "missing", "be_null": "missing", "row_count": "rows", "to_match_set": "schema"},
    **{"column_count": "schema", "in_set": "category", "unique": "unique", "length": "text", "regex": "text"},
    **{"type": "type", "between": "range", "strftime": "type", "dateutil": "type"},
}
CONTEXT = gx.get_context()
ASSETS = CONTEXT.sources.add_pandas("pairs")
CURRENT = ASSETS.add_dataframe_asset("current")
KEPT: dict[str, Any] = {}


def look(reference: pd.DataFrame, current: pd.DataFrame, target: str, key: str) -> Raised:
    if key not in KEPT:
        asset = ASSETS.add_dataframe_asset(f"reference {key}")
        profiled = CONTEXT.assistants.onboarding.run(batch_request=asset.build_batch_request(dataframe=reference))
        KEPT[key] = profiled.get_expectation_suite(f"suite {key}")
    request = CURRENT.build_batch_request(dataframe=current)
    validated = CONTEXT.get_validator(batch_request=request, expectation_suite=KEPT[key]).validate(
        result_format="BOOLEAN_ONLY"
    )
    raised: Raised = []
    for result in validated.results:
        if not result.success:
            name = result.expectation_config.expectation_type
            column = result.expectation_config.kwargs.get("column", "")
            raised.append((column, topic_of(name, TOPICS), name))
    return raised


if __name__ == "__main__":
    main(look)
