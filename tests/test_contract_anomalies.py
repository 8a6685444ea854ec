"""docs/anomalies.md is true: it lists every code, and every anomaly it names is planted here and found as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from landmark.artifacts.contract import ColumnTerms, Contract, Rule
from landmark.config.contract import read
from landmark.contract.codes import CODES
from landmark.contract.expressions.functions import FUNCTIONS
from landmark.contract.inference import infer
from landmark.contract.skew import reference
from landmark.contract.validation import validate
from landmark.core.errors import UserError
from landmark.core.findings import Finding
from landmark.sources import stream

DOC = (Path(__file__).resolve().parents[1] / "docs" / "anomalies.md").read_text(encoding="utf-8")
NOT_DETECTED, ALL = 25, 88
"""Of the enum `Type` in anomalies.proto without UNKNOWN_TYPE, and of TFDV's own reference."""
N = 60
Found = set[str]


def table_of(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading of the document."""
    lines = DOC.split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if line.startswith("|")]
    return rows[2:]


def held(schema: str, columns: dict[str, Any], text: bool = False, **more: Any) -> Found:
    made = read(schema, "schema.yaml")
    batches = pa.table(columns).to_batches()
    return {breach.finding.code for breach in validate(made, batches, text=text, **more).breaches}


def column(terms: str, cells: Any, text: bool = False, more: str = "") -> Found:
    return held(f"columns: {{c: {terms}}}\n{more}", {"c": cells}, text)


def rule(expression: str, share: float = 1.0, **columns: Any) -> Found:
    types = {name: "set" if isinstance(next(filter(None, cells)), list) else "text" for name, cells in columns.items()}
    named = ", ".join(f"{name}: {{type: {type}}}" for name, type in types.items())
    return held(f'columns: {{{named}}}\nrules: {{r: {{holds: "{expression}", share: {share}}}}}', columns)


def refused(schema: str) -> Found:
    with pytest.raises(UserError, match=r"schema\.yaml:\d"):
        read(schema, "schema.yaml")
    return {"refused"}


def skewed(before: Any, after: Any, labels: bool = False) -> Found:
    known = reference(pa.array(before), 0, labels)
    assert known is not None
    told = known.model_dump_json(exclude_defaults=True)
    kind = "category" if labels else "number"
    return column(f"{{type: {kind}}}", after, more=f"reference: {{rows: {len(before)}, columns: {{c: {told}}}}}")


def invalid_text(folder: Path) -> Found:
    (folder / "t.csv").write_bytes(b"c,d\n" + b"a,1\n" * 20 + b"\xff,1\n")
    noticed: list[Finding] = []
    opened = stream("t.csv", {}, folder, noticed)
    assert validate(read("columns: {c: {type: text}, d: {type: number}}", "s"), opened.batches).breaches == ()
    return {finding.code for finding in noticed}


def inferred() -> Found:
    terms = infer(pa.table({"c": [f"AB-{i:04}" for i in range(500)]})).contract.columns["c"]
    return {"inferred"} if terms.pattern else set()


RNG = np.random.default_rng(0)
BINARY, STORED = "{type: binary, values: ['0', '1']}", "{type: text, stored: string}"
WHOLE = "{type: binary, stored: int64, values: ['0', '1']}"
SAME = "is_missing(value) == is_missing(index)"
AMOUNTS = RNG.normal(10, 2, 1000)
EXAMPLES: dict[str, Callable[[], Found]] = {
    "BOOL_TYPE_BIG_INT": lambda: column(BINARY, [0, 1, 2]),
    "BOOL_TYPE_SMALL_INT": lambda: column(BINARY, [0, 1, -1]),
    "BOOL_TYPE_UNEXPECTED_FLOAT": lambda: column(BINARY, [0.0, 1.0, 0.5]),
    "BOOL_TYPE_UNEXPECTED_STRING": lambda: column("{type: binary, values: [yes, no]}", ["yes", "no", "maybe"]),
    "BOOL_TYPE_INVALID_CONFIG": lambda: refused("columns: {c: {type: binary, values: [yes, yes]}}"),
    "BOOL_TYPE_BYTES_NOT_INT": lambda: column(WHOLE, [b"0", b"1"]),
    "BOOL_TYPE_BYTES_NOT_STRING": lambda: column(STORED, [b"yes", b"no"]),
    "BOOL_TYPE_FLOAT_NOT_INT": lambda: column(WHOLE, [0.0, 1.0, 0.5]) - column(WHOLE, [0.0, 1.0]),
    "BOOL_TYPE_FLOAT_NOT_STRING": lambda: column(STORED, [0.5, 1.5]),
    "BOOL_TYPE_INT_NOT_STRING": lambda: column(STORED, [0, 1]),
    "BOOL_TYPE_STRING_NOT_INT": lambda: column(WHOLE, ["0", "1"]),
    "ENUM_TYPE_UNEXPECTED_STRING_VALUES": lambda: column("{type: category, values: [a, b]}", ["a", "c"]),
    "ENUM_TYPE_BYTES_NOT_STRING": lambda: column(STORED, [b"a"]),
    "ENUM_TYPE_FLOAT_NOT_STRING": lambda: column(STORED, [1.5]),
    "ENUM_TYPE_INT_NOT_STRING": lambda: column(STORED, [1]),
    "FEATURE_TYPE_LOW_FRACTION_PRESENT": lambda: column("{type: text, present: always}", ["a", None]),
    "FEATURE_TYPE_LOW_NUMBER_PRESENT": lambda: column("{type: text, filled: 2}", ["a", None]),
    "FEATURE_TYPE_NOT_PRESENT": lambda: column("{type: text, present: 0.1}", [None, ""]),
    "FEATURE_TYPE_NO_VALUES": lambda: column("{type: set, items: {least: 1}}", [["a"], []]),
    "FEATURE_TYPE_LOW_NUMBER_VALUES": lambda: column("{type: set, items: {least: 2}}", [["a", "b"], ["a"]]),
    "FEATURE_TYPE_HIGH_NUMBER_VALUES": lambda: column("{type: set, items: {most: 1}}", [["a", "b"], ["a"]]),
    "FEATURE_TYPE_UNEXPECTED_REPEATED": lambda: column("{type: number}", [[1, 2], [3]]),
    "FEATURE_TYPE_LOW_UNIQUE": lambda: column("{type: text, distinct: {least: 2}}", ["a", "a"]),
    "FEATURE_TYPE_HIGH_UNIQUE": lambda: column("{type: text, distinct: {most: 1}}", ["a", "b"]),
    "FEATURE_TYPE_NO_UNIQUE": lambda: column("{type: number, distinct: {least: 2}}", [1.5, 1.5]),
    "FLOAT_TYPE_SMALL_FLOAT": lambda: column("{type: number, least: 0}", [0.5, -0.5]),
    "FLOAT_TYPE_BIG_FLOAT": lambda: column("{type: number, most: 1}", [0.5, 1.5]),
    "FLOAT_TYPE_NOT_FLOAT": lambda: column("{type: number, stored: double}", ["a", "b"]),
    "FLOAT_TYPE_STRING_NOT_FLOAT": lambda: column("{type: number}", ["1.5", "2.5", "x"]),
    "FLOAT_TYPE_NON_STRING": lambda: column("{type: number, stored: string}", [1.5]),
    "FLOAT_TYPE_UNKNOWN_TYPE_NUMBER": lambda: column("{type: number}", [{"x": 1}]),
    "FLOAT_TYPE_HAS_NAN": lambda: column("{type: number, present: always}", [1.5, float("nan")]),
    "FLOAT_TYPE_HAS_INF": lambda: column("{type: number}", [1.5, float("-inf")]),
    "INT_TYPE_SMALL_INT": lambda: column("{type: number, least: 0}", [0, -1]),
    "INT_TYPE_BIG_INT": lambda: column("{type: number, most: 1}", [0, 2]),
    "INT_TYPE_INT_EXPECTED": lambda: column("{type: number, whole: true, stored: int64}", [1.0, 1.5]),
    "INT_TYPE_NOT_INT_STRING": lambda: column("{type: number, whole: true}", ["1", "1.5"]),
    "INT_TYPE_NOT_STRING": lambda: column("{type: number, stored: string}", [1]),
    "INT_TYPE_STRING_EXPECTED": lambda: column("{type: number, whole: true, stored: string}", [1.0]),
    "INT_TYPE_UNKNOWN_TYPE_NUMBER": lambda: column("{type: number, whole: true}", [{"x": 1}]),
    "STRING_TYPE_NOW_FLOAT": lambda: column(STORED, [1.5]),
    "STRING_TYPE_NOW_INT": lambda: column(STORED, [1]),
    "UNEXPECTED_DATA_TYPE": lambda: column("{type: date}", ["a", "b"]),
    "VALUE_NESTEDNESS_MISMATCH": lambda: column("{type: set}", [[["a"]], [["b"]]]),
    "LOW_SUPPORTED_IMAGE_FRACTION": lambda: column("{type: image}", [b"\xff\xd8\xff", b"\xff\xd8\xff", b"text"]),
    "MAX_IMAGE_BYTE_SIZE_EXCEEDED": lambda: column("{type: image, length: {most: 5}}", [b"\xff\xd8\xff" + bytes(9)]),
    "EMBEDDING_SHAPE_INVALID": lambda: column("{type: set, items: 3}", [[0.1, 0.2, 0.3], [0.1]]),
    "INVALID_FEATURE_SHAPE": lambda: column("{type: set, items: 2}", [[1, 2], [1, 2, 3]]),
    "SEQUENCE_VALUE_TOO_FEW_OCCURRENCES": lambda: rule("count(t, '[CLS]') >= 1", t=[["[CLS]", "a"], ["a"]]),
    "SEQUENCE_VALUE_TOO_MANY_OCCURRENCES": lambda: rule("count(t, '[CLS]') <= 1", t=[["[CLS]"] * 2, ["a"]]),
    "SEQUENCE_VALUE_TOO_SMALL_FRACTION": lambda: rule("'spam' in t", 0.5, t=[["a"]] * N),
    "SEQUENCE_VALUE_TOO_LARGE_FRACTION": lambda: rule("'spam' not in t", 0.5, t=[["spam"]] * N),
    "FEATURE_COVERAGE_TOO_LOW": lambda: column("{type: set, values: [a], others: 0.1}", [["a", "b"]] * N),
    "FEATURE_COVERAGE_TOO_SHORT_AVG_TOKEN_LENGTH": lambda: rule("len(t) / words(t) >= 3", t=["long words", "a b c"]),
    "NLP_WRONG_LOCATION": lambda: rule(r"matches(t, r'\\[CLS\\].*')", t=["[CLS] a", "a [CLS]"]),
    "SPARSE_FEATURE_MISSING_VALUE": lambda: rule(SAME, value=["a", None], index=["1", "2"]),
    "SPARSE_FEATURE_MISSING_INDEX": lambda: rule(SAME, value=["a", "b"], index=["1", None]),
    "SPARSE_FEATURE_LENGTH_MISMATCH": lambda: rule("len(v) == len(i)", v=[["a"], ["b"]], i=[["1"], ["2", "3"]]),
    "SPARSE_FEATURE_NAME_COLLISION": lambda: refused("columns:\n  c: {type: text}\n  c: {type: set}\n"),
    "WEIGHTED_FEATURE_MISSING_VALUE": lambda: rule(SAME, value=["a", None], index=["1", "2"]),
    "WEIGHTED_FEATURE_MISSING_WEIGHT": lambda: rule(SAME, value=["a", "b"], index=["1", None]),
    "WEIGHTED_FEATURE_LENGTH_MISMATCH": lambda: rule("len(v) == len(w)", v=[["a"], ["b"]], w=[["1"], ["2", "3"]]),
    "WEIGHTED_FEATURE_NAME_COLLISION": lambda: refused("columns:\n  c: {type: text}\n  c: {type: set}\n"),
    "SCHEMA_MISSING_COLUMN": lambda: held("columns: {c: {type: text}, d: {type: text}}", {"c": ["a"]}),
    "SCHEMA_NEW_COLUMN": lambda: held("columns: {c: {type: text}}", {"c": ["a"], "d": ["a"]}),
    "SCHEMA_TRAINING_SERVING_SKEW": lambda: skewed(AMOUNTS, AMOUNTS * 2),
    "COMPARATOR_L_INFTY_HIGH": lambda: skewed(["a"] * 90 + ["b"] * 10, ["a"] * 50 + ["b"] * 50, True),
    "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH": lambda: skewed(AMOUNTS, AMOUNTS + 5),
    "COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH": lambda: skewed(["a"] * 90 + ["b"] * 10, ["b"] * 100, True),
    "COMPARATOR_CONTROL_DATA_MISSING": lambda: column("{type: number, skew: 0.1}", [1, 2]),
    "COMPARATOR_TREATMENT_DATA_MISSING": lambda: held("columns: {c: {type: text}}", {"d": ["a"]}) - {"column-new"},
    "COMPARATOR_LOW_NUM_EXAMPLES": lambda: column(
        "{type: number}", [1, 2], more="rows: {least_share: 0.5}\nreference: {rows: 10}"
    ),
    "COMPARATOR_HIGH_NUM_EXAMPLES": lambda: column(
        "{type: number}", [1, 2], more="rows: {most_share: 0.1}\nreference: {rows: 10}"
    ),
    "DATASET_LOW_NUM_EXAMPLES": lambda: column("{type: number}", [1, 2], more="rows: {least: 3}"),
    "DATASET_HIGH_NUM_EXAMPLES": lambda: column("{type: number}", [1, 2], more="rows: {most: 1}"),
    "NO_DATA_IN_SPAN": lambda: column("{type: date, every: {span: day}}", ["2024-01-01", "2024-01-03"]),
    "SEMANTIC_DOMAIN_UPDATE": inferred,
    "DOMAIN_INVALID_FOR_TYPE": lambda: refused("columns: {c: {type: text, least: 0}}"),
    "FEATURE_MISSING_NAME": lambda: refused("columns: [{type: text}]"),
    "FEATURE_MISSING_TYPE": lambda: refused("columns: {c: {present: always}}"),
    "INVALID_SCHEMA_SPECIFICATION": lambda: refused("columns: {c: {type: text, present: 1.5}}"),
    "INVALID_DOMAIN_SPECIFICATION": lambda: refused("columns: {c: {type: number, least: 2, most: 1}}"),
    "STATS_NOT_AVAILABLE": lambda: column("{type: number, skew: 0.1}", [1, 2]),
    "DERIVED_FEATURE_BAD_LIFECYCLE": lambda: column("{type: number, only: serving}", [1, 2]),
    "DERIVED_FEATURE_INVALID_SOURCE": lambda: refused("columns: {c: {type: text}}\nrules: {r: {holds: d == c}}"),
    "CUSTOM_VALIDATION": lambda: rule("a == b", a=["x", "y"], b=["x", "z"]),
    "MULTIPLE_REASONS": lambda: column("{type: number, present: always, least: 0}", [1, None, -1]),
}


def test_the_document_lists_every_code_with_its_level_and_no_other() -> None:
    rows = {code.strip("`"): (level, meaning) for code, level, meaning in table_of("Codes")}
    assert rows == {code: (str(told.level), told.meaning) for code, told in CODES.items()}


def test_the_document_lists_every_type_once() -> None:
    rows = table_of("Beside TensorFlow Data Validation")
    names = [row[0] for row in rows]
    assert len(names) == len(set(names)) == ALL
    assert sum(row[1] == "no" for row in rows) == NOT_DETECTED
    assert set(names) == EXAMPLES.keys() | {"ENUM_TYPE_INVALID_UTF8"}


@pytest.mark.parametrize("row", table_of("Beside TensorFlow Data Validation"), ids=lambda row: str(row[0]))
def test_every_type_is_found_as_the_document_says(row: list[str], tmp_path: Path) -> None:
    name, _, codes, _ = row
    found = invalid_text(tmp_path) if name == "ENUM_TYPE_INVALID_UTF8" else EXAMPLES[name]()
    assert found == set(codes.replace("`", "").split(", "))


GUIDE = (Path(__file__).resolve().parents[1] / "docs" / "contract.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_line_and_every_function() -> None:
    for kind in (ColumnTerms, Rule, Contract):
        for line, field in kind.model_fields.items():
            assert re.search(rf"^\| `{line}` \|.* {re.escape(field.description or '')} \|$", GUIDE, re.MULTILINE), line
    for name, function in FUNCTIONS.items():
        assert f"| `{name}` | {function.says} |\n" in GUIDE


def test_the_example_of_the_guide_is_a_contract() -> None:
    text = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0]
    more = "  total: {type: number}\n  paid: {type: number}\n  status: {type: category}\n"
    assert read(text.replace("rules:\n", more + "rules:\n"), "schema.yaml").rules.keys() == {"paid in full"}
