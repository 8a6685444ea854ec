"""ydata-profiling: the alerts of a report on the rows; the reference is not looked at."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.remove(str(Path(__file__).parent))  # this file has the name of the package
import pandas as pd
from ydata_profiling import ProfileReport

sys.path.append(str(Path(__file__).parent))
from adapter import Raised, main, topic_of

TOPICS = {
    **{"missing": "missing", "near_duplicates": "duplicates", "duplicates": "duplicates", "constant": "constant"},
    **{"unsupported": "type", "type_date": "type", "unique": "unique", "high_cardinality": "unique", "zeros": "zeros"},
    **{"high_correlation": "correlation", "imbalance": "imbalance", "infinite": "range", "skewed": "outliers"},
    **{"uniform": "drift", "seasonal": "drift", "non_stationary": "drift", "empty": "rows", "dirty": "category"},
}


def look(reference: pd.DataFrame, current: pd.DataFrame, target: str, key: str) -> Raised:
    report = ProfileReport(current, progress_bar=False, interactions=None, samples=None)
    return [
        (alert.column_name or "", topic_of(alert.alert_type.name, TOPICS), f"{alert.alert_type.name}{others(alert)}")
        for alert in report.get_description().alerts
    ]


def others(alert: object) -> str:
    """Return with which columns one is correlated: a new one is something new."""
    return " ".join(["", *map(str, getattr(alert, "values", {}).get("fields", ()))])


if __name__ == "__main__":
    main(look)
