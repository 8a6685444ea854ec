"""Every column gets a type, a use and options, from training rows and what is declared, and it is said why."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from data_steps import Walk, question, table, walk

from landmark.artifacts.question import Output, Question
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Level
from landmark.datatypes import wire_all
from landmark.statistics.identifiers import why_identifier
from landmark.statistics.summary import column as profiled
from landmark.steps.data.profile import profile
from landmark.steps.data.schema import infer, infer_output, schema
from landmark.steps.data.split import Options as SplitOptions
from landmark.steps.data.split import split
from landmark.steps.data.table import Options as TableOptions
from landmark.steps.data.table import table as read_table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RNG = np.random.default_rng(0)
N = 100
WORDS = [f"word{i}" for i in range(16)]


def rows(**columns: Any) -> dict[str, Any]:
    """Return N rows: an output, a number, and more columns."""
    return {"y": ["no", "yes"] * (N // 2), "x": [f"{v:.3f}" for v in RNG.normal(size=N)], **columns}


def types(walked: Walk) -> dict[str, str]:
    """Return the type of every column that is learnt from."""
    return {column.name: column.type for column in walked.schema.features}


def cycle(*values: Any) -> list[Any]:
    """Return N values, in turn."""
    return [values[i % len(values)] for i in range(N)]


SENTENCES = [" ".join(RNG.choice(WORDS, 9)) for _ in range(N)]
SETS = [";".join(sorted(set(RNG.choice(WORDS[:6], 3)))) for _ in range(N)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"{v:.2f}" for v in RNG.normal(size=N)], "number"),
        ([str(v) for v in RNG.integers(0, 1000, N)], "number"),
        (pa.array(RNG.normal(size=N)), "number"),
        (cycle("no", "yes", None), "binary"),
        (pa.array(cycle(True, False)), "binary"),
        (cycle("0", "1"), "binary"),
        (cycle("red", "green", "blue"), "category"),
        (cycle("007", "012", "101"), "category"),
        (SENTENCES, "text"),
        ([f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(N)], "date"),
        ([f"{1 + i % 28}.{1 + i % 12}.2023 10:30" for i in range(N)], "date"),
        (pa.array([date(2024, 1, 1 + i % 28) for i in range(N)]), "date"),
        (SETS, "set"),
        (pa.array([s.split(";") for s in SETS]), "set"),
        ([f"photos/{i}.jpg" for i in range(N)], "image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_type_is_told_from_values(values: Any, kind: str) -> None:
    walked = walk(rows(c=values))
    column = walked.schema.columns["c"]
    assert (column.type, column.use) == (kind, "feature"), column.why
    assert column.why and column.options["physical"] == str(walked.table.rows.schema.field("c").type)
    assert wire_all([column], walked.table.rows, strict=kind != "image")


def test_two_neighbouring_columns_make_a_place() -> None:
    lat, lon = ([f"{v:.4f}" for v in RNG.uniform(lo, hi, N)] for lo, hi in ((35, 50), (-120, -80)))
    walked = walk(rows(longitude=lon, latitude=lat))
    place = walked.schema.columns["latitude+longitude"]
    assert (place.type, place.columns) == ("geo", ("latitude", "longitude"))
    assert list(walked.schema.columns) == ["y", "x", "latitude+longitude"]
    apart = walk(rows(longitude=lon, z=cycle("1.5", "2.5", "3.5"), latitude=lat))
    assert types(apart) == {"x": "number", "longitude": "number", "z": "number", "latitude": "number"}
    said = walk(rows(longitude=lon, latitude=lat), columns={"longitude": {"type": "number"}})
    assert types(said)["latitude"] == "number"
    named = walk(rows(a=lat, b=lon), columns={"place": {"type": "geo", "columns": ["a", "b"]}})
    assert named.schema.columns["place"].columns == ("a", "b") and "a" not in named.schema.columns


@pytest.mark.parametrize(
    ("values", "codes", "kind"),
    [
        (cycle("1.5", "2.25", "7", "?"), ("?",), "number"),
        (cycle("1.5", "2.25", "7", "NA", "-"), ("NA", "-"), "number"),
        (cycle("2024-01-01", "2024-02-03", "2023-04-05", "unknown"), ("unknown",), "date"),
        (cycle("red", "green", "blue", "?"), ("?",), "category"),
        (cycle("yes", "no", "--"), ("--",), "binary"),
        (cycle("red", "green", "blue", "unknown"), (), "category"),
        (cycle("+", "-", "+-"), (), "category"),
        (cycle("+", "-"), (), "binary"),
        (cycle("a", "-"), (), "binary"),
    ],
    ids=str,
)
def test_a_text_means_no_value_only_where_that_is_proven(values: list[Any], codes: tuple[str, ...], kind: str) -> None:
    walked = walk(rows(c=values))
    column = walked.schema.columns["c"]
    assert column.type == kind and set(column.options["missing"]) == set(codes)
    said = [f for f in walked.schema.findings if f.code == "missing-code"]
    assert {f.seen.split("'")[1] for f in said} == set(codes)
    for finding in said:
        assert finding.level == Level.NOTE and finding.where == "c" and finding.row is not None
        assert walked.table.rows.column("c")[finding.row - 1].as_py() in codes


def test_one_more_text_and_nothing_is_proven() -> None:
    numbers = [f"{v:.2f}" for v in RNG.normal(size=N - 2)]
    walked = walk(rows(c=[*numbers, "NA", "12 cm"]), test=rows(c=[*numbers, "1", "2"]))
    assert not [f for f in walked.schema.findings if f.code == "missing-code"]


def test_a_word_proven_in_one_column_means_the_same_in_another() -> None:
    numbers = cycle("1.5", "2.25", "7", "unknown")
    walked = walk(rows(a=cycle("red", "green", "blue", "unknown"), b=numbers, c=cycle("low", "high", "none")))
    assert walked.schema.columns["a"].options["missing"] == ["unknown"]
    assert walked.schema.columns["c"].options["missing"] == []
    labels = walk({"y": cycle("red", "green", "blue", "unknown"), "b": numbers})
    assert labels.schema.columns["y"].options["missing"] == []


def test_a_declaration_of_codes_has_the_last_word() -> None:
    values = cycle("red", "green", "?", "none")
    none = walk(rows(c=values), columns={"c": {"missing": []}})
    assert none.schema.columns["c"].options["missing"] == []
    both = walk(rows(c=values), columns={"c": {"missing": ["none", "?"]}})
    assert both.schema.columns["c"].options["missing"] == ["none", "?"]
    assert both.schema.columns["c"].type == "binary"


def test_mostly_numbers_are_numbers_and_less_are_words() -> None:
    numbers = [str(v) for v in RNG.integers(0, 10_000, 1000)]
    tokens = ["NA"] * 200 + ["12 cm"] * 5
    assert infer(profiled("c", pa.array(numbers + tokens)))[0] == "number"
    few, many = ([*numbers[share:], *(f"v{i}" for i in range(share))] for share in (20, 120))
    assert infer(profiled("c", pa.array(few)))[0] == "number"
    assert infer(profiled("c", pa.array(many)))[0] in ("text", "category")


KEYS = [
    ("id", [f"k{i * 7}" for i in range(N)], "id"),
    ("page_id", [str(i * 7 % 9973) for i in range(N)], "page_id"),
    ("PassengerId", pa.array([i * 7 % 9973 for i in range(N)]), "PassengerId"),
    ("instant", [str(i + 17) for i in range(N)], "counts"),
    ("token", [str(uuid.UUID(int=i * 2**70 + i)) for i in range(N)], "machine"),
]


@pytest.mark.parametrize(("name", "values", "reason"), KEYS, ids=[name for name, *_ in KEYS])
def test_what_names_rows_is_not_learnt_from(name: str, values: Any, reason: str) -> None:
    walked = walk(rows(**{name: values}))
    column = walked.schema.columns[name]
    assert column.use == column.options["use"] == "identifier" and reason in column.why
    (said,) = [f for f in walked.schema.findings if f.code == "identifier-column"]
    assert said.where == name and f"columns.{name}.use" in said.next
    for more in ({"columns": {name: {"use": "feature"}}}, {"inputs": (name, "x")}):
        assert name in types(walk(rows(**{name: values}), **more))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("amount", [str(i * 7 % 9973) for i in range(N)]),
        ("id", cycle("a", "b")),
        ("paid", [f"{i}.5" for i in range(N)]),
    ],
)
def test_what_only_resembles_a_key_is_learnt_from(name: str, values: list[str]) -> None:
    assert why_identifier(profiled(name, pa.array(values))) is None


def test_the_last_input_is_never_taken_away() -> None:
    walked = walk({"y": cycle("no", "yes"), "id": [str(i) for i in range(N)]})
    assert types(walked) == {"id": "number"} and walked.schema.columns["id"].options["use"] == "feature"
    assert [f.level for f in walked.schema.findings if f.code == "identifier-only"] == [Level.WARN]


def test_constant_and_empty_columns_are_left_out_and_said() -> None:
    columns = rows(one=["same"] * N, none=[None] * N, flag=cycle("set", None))
    walked = walk(columns)
    assert {name: walked.schema.columns[name].use for name in ("one", "none", "flag")} == {
        "one": "ignore",
        "none": "ignore",
        "flag": "feature",
    }
    assert {f.code: f.where for f in walked.schema.findings} == {"constant-column": "one", "empty-column": "none"}
    assert "one" in types(walk(columns, columns={"one": {"use": "feature"}}))
    assert "one" in types(walk(columns, inputs=("one", "x")))


def test_declared_uses_are_honoured() -> None:
    columns = rows(
        w=cycle("1", "2"), g=cycle("f", "m"), p=cycle("1", "2", "3"), k=cycle("a", "b", "c"), i=cycle("u", "v")
    )
    uses = {"w": "weight", "g": "protected", "p": "exposure", "k": "identifier", "i": "ignore"}
    walked = walk(columns, columns={name: {"use": use} for name, use in uses.items()})
    assert {name: walked.schema.columns[name].use for name in uses} == uses
    assert {name: walked.schema.columns[name].options["use"] for name in uses} == uses
    assert walked.schema.columns["w"].type == "number"
    assert set(types(walked)) == {"x", "g", "p"}
    with pytest.raises(UserError, match="more than one weight"):
        walk(columns, columns={"w": {"use": "weight"}, "p": {"use": "weight"}})


def test_only_named_inputs_are_learnt_from() -> None:
    walked = walk(rows(a=cycle("u", "v"), b=cycle("u", "w")), inputs=("a",), columns={"b": {"use": "protected"}})
    assert set(types(walked)) == {"a", "b"}
    assert walked.schema.columns["x"].use == "ignore" and "inputs" in walked.schema.columns["x"].why


def test_the_column_that_parts_the_rows_is_no_input() -> None:
    part = walk(rows(p=cycle("train", "train", "test")), by={"by": "column", "column": "p"})
    group = walk(rows(g=cycle(*(f"g{i}" for i in range(9)))), by={"by": "group", "column": "g"})
    assert part.schema.columns["p"].use == "ignore" and group.schema.columns["g"].use == "identifier"
    asked = walk(
        rows(g=cycle(*(f"g{i}" for i in range(9)))),
        by={"by": "group", "column": "g"},
        columns={"g": {"use": "feature"}},
    )
    assert "g" in types(asked)


@pytest.mark.parametrize(
    ("values", "kind", "why"),
    [
        (cycle("yes", "no"), "binary", ""),
        (cycle("3", "8"), "binary", "two"),
        (cycle("a", "b", "c"), "category", ""),
        (cycle("0", "1", "2"), "category", "in a row"),
        (cycle("1", "2", "3", "4", "5"), "category", "in a row"),
        (cycle("3", "4", "6", "7"), "number", "counts"),
        (cycle(*map(str, range(15))), "number", "counts"),
        (cycle("0.5", "1", "1.5"), "number", "3 different numbers"),
        ([str(i * 37 % 101) for i in range(N)], "number", "101 different numbers".replace("101", "100")),
        (SETS, "set", ""),
        (SENTENCES, "category", ""),
        (cycle("01", "02", "03"), "category", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_an_output_is_follows_from_what_can_be_asked_of_it(values: list[str], kind: str, why: str) -> None:
    found, like = infer_output(profiled("y", pa.array(values)))
    assert found == kind and why in like.why


def test_an_outputs_declared_type_is_taken() -> None:
    said = Output(name="y", options={"type": "number", "unit": "USD"})
    walked = walk({"y": cycle("0", "1", "2"), "x": cycle("1.5", "2.5")}, (said,))
    column = walked.schema.columns["y"]
    assert (column.type, column.use, column.options["unit"], column.why) == ("number", "target", "USD", "declared")
    both = walk({"y": cycle("0", "1", "2"), "x": cycle("1.5", "2.5")}, columns={"y": {"type": "number", "unit": "m"}})
    assert both.schema.columns["y"].options["unit"] == "m"


def test_the_options_that_values_suggest_are_taken_where_nothing_is_declared() -> None:
    walked = walk(rows(d=[f"{1 + i % 28}/{1 + i % 12}/2023" for i in range(N)], s=SETS))
    assert walked.schema.columns["d"].options["formats"] == ["d/m/Y"]
    assert walked.schema.columns["s"].options["delimiter"] == ";"
    said = walk(
        rows(d=cycle("1/2/2023", "2/3/2023", "3/4/2023")), columns={"d": {"type": "date", "formats": ["d/m/Y"]}}
    )
    assert said.schema.columns["d"].options["formats"] == ["d/m/Y"]


def test_all_mistakes_are_told_at_once_with_the_nearest_word() -> None:
    with pytest.raises(Mistakes) as refused:
        walk(rows(c=cycle("a", "b")), columns={"colour": {"type": "text"}, "cc": {"use": "ignore"}}, inputs=("xx",))
    lines = refused.value.line().splitlines()
    assert len(lines) == 3 and "did you mean 'x'?" in lines[2]
    declared = {"x": {"type": "nummber"}, "c": {"type": "category", "max_value": 3}, "y": {"type": "text"}}
    with pytest.raises(Mistakes) as refused:
        walk(rows(c=cycle("a", "b")), columns=declared)
    text = refused.value.line()
    assert all(word in text for word in ("'number'", "'max_values'", "cannot be predicted", "columns.c.max_value"))
    with pytest.raises(UserError, match="made of 2 column"):
        walk(rows(c=cycle("a", "b")), columns={"c": {"type": "geo"}})


def test_a_metric_of_another_task_is_refused_with_all_that_does_not_fit() -> None:
    asked = [
        Output(name="y", metric="rmse", people={"rmse": 3, "mae": 2, "acuracy": 0.8, "f1": 0.5}),
        Output(name="x", metric="roc_auc"),
        Output(name="kind", metric="accuracy", people={"accuracy": 0.9}),
    ]
    with pytest.raises(Mistakes) as refused:
        walk(
            rows(kind=cycle("a", "b", "c"), w=cycle("1", "2"), v=cycle("1", "2")),
            asked,
            columns={"w": {"use": "weight"}, "v": {"use": "weight", "unitt": "s"}},
        )
    told = {mistake.where: mistake for mistake in refused.value.mistakes}
    assert list(told) == [
        "columns.v.unitt",
        "outputs.y.metric",
        "landmarks.people.y.mae",
        "landmarks.people.y.acuracy",
        "outputs.x.metric",
    ]
    assert "binary" in str(told["outputs.y.metric"].seen) and "roc_auc" in told["outputs.y.metric"].fix
    assert told["landmarks.people.y.acuracy"].fix == "did you mean 'accuracy'?"
    assert told["outputs.x.metric"].what == "'roc_auc' is no metric of a regression output"


def test_an_output_that_cannot_be_learnt_is_told_with_the_others() -> None:
    said = (Output(name="y", options={"type": "binary", "positive": "oui"}), Output(name="x", metric="accuracy"))
    with pytest.raises(Mistakes) as refused:
        walk(rows(z=cycle("1", "2", "3")), said)
    assert [mistake.where for mistake in refused.value.mistakes] == ["columns.y.positive", "outputs.x.metric"]


def test_a_date_cannot_be_predicted_and_that_is_said() -> None:
    with pytest.raises(UserError, match="a column of type date cannot be predicted") as refused:
        walk({"y": [f"2024-{1 + i % 12:02}-01" for i in range(N)], "x": cycle("1.5", "2.5")})
    assert refused.value.where == "outputs.y"


@pytest.mark.parametrize("more", [{"one": ["same"] * N}, {"none": [None] * N}, {}])
def test_without_an_input_nothing_is_learnt(more: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="no input column is left") as refused:
        walk({"y": cycle("no", "yes"), **more})
    assert refused.value.exit_code == 2


def test_answers_of_two_outputs_must_not_have_one_name() -> None:
    columns = {"y": cycle("a", "b", "c"), "y.p.a": cycle("u", "v"), "x": cycle("1.5", "2.5", "3")}
    with pytest.raises(UserError, match=r"'y.p.a'") as refused:
        walk(columns, ("y", "y.p.a"))
    assert refused.value.exit_code == 2
    assert walk(columns, ("y",)).schema.targets[0].name == "y"
    more = {**columns, "x.p": cycle("1", "2.5", "7"), "x.p.u": cycle("u", "v", "w"), "x": cycle("u", "v")}
    with pytest.raises(Mistakes) as refused:
        walk(more, ("y", "y.p.a", "x", "x.p.u"))
    assert [mistake.where for mistake in refused.value.mistakes] == ["outputs.y.p.a", "outputs.x", "outputs.x.p.u"]


def test_of_very_many_columns_those_that_tell_most_are_kept() -> None:
    n, wide = 40, 5_050
    noise = RNG.normal(size=(wide, n))
    y = np.arange(n) % 2
    columns: dict[str, Any] = {f"c{i}": pa.array(noise[i]) for i in range(wide)}
    columns |= {"tells": pa.array(noise[0] * 0.1 + y), "kind": pa.array([f"k{v}{i % 2}" for i, v in enumerate(y)])}
    walked = walk({"y": pa.array([f"l{v}" for v in y]), **columns})
    kept = types(walked)
    assert len(kept) == 2_000 and {"tells", "kind"} <= set(kept)
    (said,) = [f for f in walked.schema.findings if f.code == "too-many-columns"]
    assert said.level == Level.WARN and "5052" in said.seen and "inputs:" in said.next
    left = next(c for c in walked.schema.columns.values() if c.use == "ignore")
    assert left.options["use"] == "ignore" and "too many" in left.why


def test_rows_outside_training_change_nothing() -> None:
    columns = rows(c=cycle("red", "green", "?"), n=cycle("1", "2.5", "9", "NA"))
    asked, context = question(("y",)), Context()
    first = table(columns)
    parts = split(first, asked, SplitOptions(), context)
    wild = {name: list(values) for name, values in columns.items()}
    for row in parts.test:
        wild["c"][row], wild["n"][row], wild["x"][row] = f"wild{row}", "text", "2024-01-01"
    found = [schema(t, parts, profile(t, parts, context), asked) for t in (first, table(wild))]
    assert found[0] == found[1]


TABLES = [
    ("titanic/titanic.csv", "survived", "binary: survived sex; number: pclass age; text: name; category: embarked"),
    ("california_housing/housing.csv.gz", "median_house_value", "geo: latitude+longitude; category: ocean_proximity"),
    ("diamonds/diamonds.csv.gz", "price", "number: price carat; category: cut color clarity"),
    ("md_mlc_churn/mlc_churn.csv.gz", "churn", "binary: churn international_plan; category: state area_code"),
    ("bike_hour/hour.csv.gz", "cnt", "date: dteday; number: instant cnt hr"),
    ("banking77/train.csv.gz", "category", "text: text; category: category"),
]


@pytest.mark.parametrize(("path", "output", "kinds"), TABLES, ids=[path for path, *_ in TABLES])
def test_real_tables_are_typed_as_people_would(path: str, output: str, kinds: str) -> None:
    if not (DATA / path).exists():
        pytest.skip("the shared data sets are not here")
    names = dict.fromkeys(pa.csv.open_csv(DATA / path).schema.names, pa.string())
    cells = pa.csv.ConvertOptions(column_types=names, strings_can_be_null=True, null_values=[""])
    lines = pa.csv.ParseOptions(newlines_in_values=True)
    whole = Table(
        rows=pa.csv.read_csv(DATA / path, convert_options=cells, parse_options=lines), source=path, digest="", text=True
    )
    asked, context = question((output,)), Context()
    parts = split(whole, asked, SplitOptions(), context)
    found = schema(whole, parts, profile(whole, parts, context), asked)
    wanted = {name: kind for kind, text in (part.split(": ") for part in kinds.split("; ")) for name in text.split()}
    assert {name: found.columns[name].type for name in wanted} == wanted
    assert "instant" not in wanted or found.columns["instant"].use == "identifier"


def test_codes_that_the_format_declares_are_known_in_service_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{'none' if i % 5 == 0 else i},{i % 2}\n" for i in range(40)))
    options = TableOptions(source="t.csv", folder=str(tmp_path), format={"missing": ["none"]})
    read = read_table(options, Context())
    asked = Question(name="q", outputs=(Output(name="y"),))
    parts = split(read, asked, SplitOptions(), Context())
    contract = schema(read, parts, profile(read, parts, Context()), asked)
    assert contract.columns["a"].type == "number" and contract.columns["a"].options["missing"] == ["none"]


def test_a_number_that_is_declared_to_name_rows_is_not_learnt_from() -> None:
    values = rows(code=cycle(*map(str, range(7))), other=cycle(*map(str, range(11))))
    for kind, use in (("identifier", "identifier"), ("count", "feature")):
        found = walk(values, columns={"code": {"type": "number", "kind": kind}})
        assert found.schema.columns["code"].use == use and found.schema.columns["other"].use == "feature"
