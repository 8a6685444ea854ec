"""Evidently: the presets for drift and for a summary, with the tests that it makes of the reference.

Texts are declared to be kinds: its own drift of texts takes minutes a column. It stops at a column of one side only,
and at one that is numbers on one side only: the first is left out, the second handed over as texts.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.remove(str(Path(__file__).parent))  # this file has the name of the package
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset, DataSummaryPreset

sys.path.append(str(Path(__file__).parent))
from adapter import Raised, main, topic_of

TOPICS = {
    **{"Missing": "missing", "Empty": "missing", "Drift": "drift", "Duplicated": "duplicates", "RowCount": "rows"},
    **{"ColumnCount": "schema", "Constant": "constant", "Category": "category", "UniqueValue": "category"},
    **{"Min": "range", "Max": "range", "Mean": "range", "Std": "range", "Quantile": "range", "Range": "range"},
}


def definition(frame: pd.DataFrame) -> DataDefinition:
    numbers = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    return DataDefinition(numerical_columns=numbers, categorical_columns=[n for n in frame if n not in numbers])


def look(reference: pd.DataFrame, current: pd.DataFrame, target: str, key: str) -> Raised:
    report = Report([DataDriftPreset(), DataSummaryPreset()], include_tests=True)
    shared = [name for name in reference if name in current]
    reference, current = reference[shared].copy(), current[shared].copy()
    for name in shared:
        if reference[name].dtype != current[name].dtype and object in (reference[name].dtype, current[name].dtype):
            reference[name], current[name] = (f[name].astype("string").astype(object) for f in (reference, current))
    rows, before = (Dataset.from_pandas(frame, definition(frame)) for frame in (current, reference))
    raised: Raised = []
    for test in report.run(rows, before).dict()["tests"]:
        if str(test["status"]).endswith("FAIL"):
            params = test["metric_config"]["params"]
            kind = params["type"].rpartition(":")[2]
            quantile = f" {params['quantile']}" if "quantile" in params else ""
            label = re.sub(r"[-\d.]+|±", "", test["name"]) if "Unique" in kind else ""
            raised.append((params.get("column", ""), topic_of(kind, TOPICS), f"{kind}{quantile} {label}".strip()))
    return raised


if __name__ == "__main__":
    main(look)
