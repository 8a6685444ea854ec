"""TensorFlow Data Validation: a schema inferred from the reference, and the anomalies of the rows against it."""

from __future__ import annotations

import pandas as pd
import tensorflow_data_validation as tfdv
from adapter import Raised, main, topic_of
from tensorflow_metadata.proto.v0 import anomalies_pb2

TOPICS = {
    **{"PRESENT": "missing", "MISSING": "missing", "DRIFT": "drift", "COMPARATOR": "drift", "ENUM": "category"},
    **{"DOMAIN": "category", "UNIQUE": "unique", "NEW_COLUMN": "schema", "EXAMPLES": "rows", "TYPE": "type"},
    **{"OUT_OF_RANGE": "range", "BOUNDS": "range", "NAN": "missing", "INF": "range"},
}
KEPT: dict[str, object] = {}


def look(reference: pd.DataFrame, current: pd.DataFrame, target: str, key: str) -> Raised:
    if key not in KEPT:
        KEPT[key] = tfdv.infer_schema(tfdv.generate_statistics_from_dataframe(reference, n_jobs=1))
    found = tfdv.validate_statistics(tfdv.generate_statistics_from_dataframe(current, n_jobs=1), KEPT[key])
    raised: Raised = []
    for name, info in found.anomaly_info.items():
        for reason in info.reason:
            kind = anomalies_pb2.AnomalyInfo.Type.Name(reason.type)
            raised.append((name.strip("'"), topic_of(kind, TOPICS), kind))
    return raised


if __name__ == "__main__":
    main(look)
