"""Deepchecks: the suite of data integrity on the rows, and that of a train-test split on the columns of both."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.remove(str(Path(__file__).parent))  # this file has the name of the package
import pandas as pd
from deepchecks.tabular import Dataset
from deepchecks.tabular.suites import data_integrity, train_test_validation

sys.path.append(str(Path(__file__).parent))
from adapter import Raised, main

TOPICS = {
    **{"IsSingleValue": "constant", "SpecialCharacters": "text", "MixedNulls": "missing", "PercentOfNulls": "missing"},
    **{"MixedDataTypes": "type", "StringMismatch": "category", "StringMismatchComparison": "category"},
    **{"DataDuplicates": "duplicates", "StringLengthOutOfBounds": "text", "ConflictingLabels": "conflict"},
    **{"OutlierSampleDetection": "outliers", "FeatureLabelCorrelation": "leakage", "ClassImbalance": "imbalance"},
    **{"FeatureFeatureCorrelation": "correlation", "IdentifierLabelCorrelation": "leakage"},
    **{"DatasetsSizeComparison": "rows", "NewLabelTrainTest": "category", "NewCategoryTrainTest": "category"},
    **{"TrainTestSamplesMix": "duplicates", "FeatureLabelCorrelationChange": "leakage", "FeatureDrift": "drift"},
    **{"LabelDrift": "drift", "MultivariateDrift": "drift", "DateTrainTestLeakageDuplicates": "leakage"},
    **{"DateTrainTestLeakageOverlap": "leakage", "IndexTrainTestLeakage": "leakage"},
}
KINDS = 60


def dataset(frame: pd.DataFrame, target: str, kinds: list[str]) -> Dataset:
    return Dataset(frame, label=target, cat_features=[name for name in kinds if name in frame])


def look(reference: pd.DataFrame, current: pd.DataFrame, target: str, key: str) -> Raised:
    texts = [name for name in reference if reference[name].dtype == object and name != target]
    kinds = [name for name in texts if reference[name].nunique() <= KINDS]
    shared = [name for name in reference if name in current]
    known, new, whole = (
        dataset(frame.dropna(subset=[target]), target, kinds) for frame in (reference[shared], current[shared], current)
    )
    results = [*data_integrity().run(whole).results, *train_test_validation().run(known, new).results]
    raised: Raised = []
    for result in results:
        name = type(getattr(result, "check", None)).__name__
        for condition in getattr(result, "conditions_results", ()):
            if condition.category.name in ("FAIL", "WARN"):
                named = [c for c in current.columns if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", condition.details)]
                if name in ("ClassImbalance", "LabelDrift", "NewLabelTrainTest"):
                    named = [target]
                raised += [(column, TOPICS.get(name, "other"), name) for column in named or [""]]
    return raised


if __name__ == "__main__":
    main(look)
