"""Text tables: every cell as text, whatever the dialect; what is odd is said, what cannot be read is refused."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landmark.core.errors import Mistakes, UserError
from landmark.core.findings import Finding
from landmark.files import delimited
from landmark.files.places import Place
from landmark.sources import csv as source
from landmark.sources import stream

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def read(
    folder: Path, content: bytes | None, name: str = "t.csv", **format: Any
) -> tuple[dict[str, list[str | None]], list[Finding]]:
    """Return the columns of a text table, written first where content is given, and what was noticed."""
    if content is not None:
        (folder / name).write_bytes(content)
    findings: list[Finding] = []
    opened = stream(name, format, folder, findings)
    assert opened.text and set(opened.schema.types) == {pa.string()}
    columns: dict[str, list[str | None]] = pa.Table.from_batches(opened.batches, opened.schema).to_pydict()
    return columns, findings


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("content", "format", "wanted"),
    [
        (b"a,b\n1,2\n", {}, {"a": ["1"], "b": ["2"]}),
        (b"a;b\n1,5;2,5\n3,5;4,5\n", {}, {"a": ["1,5", "3,5"], "b": ["2,5", "4,5"]}),
        (b"a\tb\nx, y\tz\n", {}, {"a": ["x, y"], "b": ["z"]}),
        (b"a|b\r\n1|2\r\n", {}, {"a": ["1"], "b": ["2"]}),
        (b"a:b\n1:2\n", {}, {"a": ["1"], "b": ["2"]}),
        (b"a,b\r1,2\r", {}, {"a": ["1"], "b": ["2"]}),
        (b"time\n12:30\n", {}, {"time": ["12:30"]}),
        (b"text\nhello, you\na, b, c\n", {}, {"text": ["hello, you", "a, b, c"]}),
        (b"a,tags\n1,x;y\n2,x;y;z\n", {}, {"a": ["1", "2"], "tags": ["x;y", "x;y;z"]}),
        (b'a,b\n1,"x\n""y"", z"\n\n2,""\n3,\n', {}, {"a": ["1", "2", "3"], "b": ['x\n"y", z', None, None]}),
        (b'a,b\n007,True\n 1 ,NA\n', {}, {"a": ["007", " 1 "], "b": ["True", "NA"]}),
        (b"\xef\xbb\xbfa,b\n1,2\n", {}, {"a": ["1"], "b": ["2"]}),
        ("a\tb\né\t2\n".encode("utf-16"), {}, {"a": ["é"], "b": ["2"]}),
        ("a,b\né,2\n".encode("latin-1"), {"encoding": "latin-1"}, {"a": ["é"], "b": ["2"]}),
        (b"1,2\n3,4\n", {"header": "no"}, {"column_1": ["1", "3"], "column_2": ["2", "4"]}),
        (b"1,2\n3,4\n", {"names": ["x", "y"]}, {"x": ["1", "3"], "y": ["2", "4"]}),
        (b"x,y\n3,4\n", {"names": ["x", "y"]}, {"x": ["3"], "y": ["4"]}),
        (b"a,b\n3,4\n", {"names": ["x", "y"], "header": "yes"}, {"x": ["3"], "y": ["4"]}),
        (b"made by\nus, on a day\na,b\n3,4\n", {"skip": 2}, {"a": ["3"], "b": ["4"]}),
        (b'a, b\n1, "x, y"\n2,  ? \n', {"strip": "yes", "missing": ["?"]}, {"a": ["1", "2"], "b": ["x, y", None]}),
        (b"a, b\n1, x\n2,  \n", {"strip": "yes"}, {"a": ["1", "2"], "b": ["x", None]}),
        (b"a, b \n 1 ,  x\n ?,y\n", {"strip": "yes", "missing": ["?"]}, {"a": ["1", None], "b": ["x", "y"]}),
        (b"a,b\n?,NA\n", {"missing": ["?"]}, {"a": [None], "b": ["NA"]}),
        (b'a,b\n5" pipe,"x"\n', {"quote": ""}, {"a": ['5" pipe'], "b": ['"x"']}),
        (b"a/b\n1/2\n", {"delimiter": "/"}, {"a": ["1"], "b": ["2"]}),
        (b"a;b\n0,5;x,y\n-7,25e3;1.2.2024\n", {"decimal": ","}, {"a": ["0.5", "-7.25e3"], "b": ["x,y", "1.2.2024"]}),
        (b"a\n1.234,5\n12.34\n,5\n", {"decimal": ",", "thousands": "."}, {"a": ["1234.5", "12.34", ".5"]}),
        (b'a\n"1,234"\n"1,234.5"\n"12,34"\n', {"thousands": ","}, {"a": ["1234", "1234.5", "12,34"]}),
        (b"a\tb;c\n1\t2\n", {"delimiter": "tab"}, {"a": ["1"], "b;c": ["2"]}),
    ],
)  # fmt: skip
def test_dialects(tmp_path: Path, content: bytes, format: dict[str, Any], wanted: dict[str, list[str | None]]) -> None:
    columns, _ = read(tmp_path, content, **format)
    assert columns == wanted and list(columns) == list(wanted)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.bz2", "t.csv.zst", "t.tsv.gz", "t.csv"])
def test_compressed_by_content_not_by_name(tmp_path: Path, name: str) -> None:
    plain = b"a,b\n1,2\n"
    packed: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "zst": lambda b: pa.compress(b, "zstd", asbytes=True),
    }
    pack = packed.get(name.rpartition(".")[2], gzip.compress)
    assert read(tmp_path, pack(plain), name)[0] == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b,y\n", "no row below"),
        (b"a,b,a\n1,2,3\n", "columns 1 and 3 have the same name, 'a'"),
        (b"a,b,y\n" + b"1,2,3,4\n1\n5,6,0\n" * 20, "ragged beyond repair: 40 of 60 rows without 3 cells"),
        (b'a,b\n1,2\n3,"x\n4,5\n6,7\n', "data row 2: a quote is opened and never closed"),
        (b"a,b\n" + b"1,2\n" * 40 + b'"x,3\n4,5\n6,7\n', "data row 41: a quote is opened and never closed"),
        (b"a,b,c\n" + b"1,2,3\n" * 9 + b'1,"2,3\n' + b"1,2,3\n" * 190, "line 11, data row 10: a quote is opened"),
        (b"a,b,c\n" + b'1,"2\n",3\n' * 4 + b'1,2"\n' + b'1,2,"3\n' + b"1,2\n" * 9, "line 11, data row 6: a quote is"),
        (b"PK\x03\x04zip", "workbook"),
        (b"PAR1parquet", "Parquet"),
        (gzip.compress(b"a,b\n" + bytes(range(32, 127)) * 999)[:-30], "cannot be read to the end"),
    ],
)
def test_unreadable(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(UserError, match=says) as raised:
        read(tmp_path, content)
    assert raised.value.exit_code == 2 and "t.csv" in raised.value.where


def test_few_ragged_rows_are_repaired_and_said(tmp_path: Path) -> None:
    rows = [b"1,2,3"] * 30 + [b"4,5"] + [b"6,7,8"] * 30 + [b"9,9,9,9"]
    columns, findings = read(tmp_path, b"a,b,c\n" + b"\n".join(rows))
    assert len(columns["a"]) == 62 and columns["c"][30] is None and columns["c"][-1] == "9"
    (found,) = findings
    assert found.code == "ragged-rows" and found.row == 31 and "2 of 62 rows" in found.seen


def test_empty_cells_too_many_are_no_cells(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a,b\n1,2,\n3,4,\n")
    assert columns == {"a": ["1", "3"], "b": ["2", "4"]} and findings == []


def test_the_share_that_is_repaired_has_an_edge(tmp_path: Path) -> None:
    good = round(1 / delimited.RAGGED) - 1
    read(tmp_path, b"a,b\n" + b"1,2\n" * good + b"1\n")
    with pytest.raises(UserError, match="beyond repair"):
        read(tmp_path, b"a,b\n" + b"1,2\n" * (good - 1) + b"1\n")


def test_damaged_text_is_replaced_and_said_with_column_and_row(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a,b\nx,1\n\xff\xfe,2\nu\x00v,\xe9\n\xff,\n")
    assert columns == {"a": ["x", "\ufffd\ufffd", "u\ufffdv", "\ufffd"], "b": ["1", "2", "\ufffd", None]}
    said = {(found.where, found.row): found.seen for found in findings}
    assert {found.code for found in findings} == {"invalid-text"} and said.keys() == {("a", 2), ("a", 3), ("b", 3)}
    assert said["a", 2].startswith("2 cells whose bytes") and said["a", 3].startswith("1 cell with a NUL")


def test_blanks_around_the_names_of_columns_are_said(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a, b ,c\n1,2,3\n")
    assert list(columns) == ["a", "b", "c"]
    assert [(f.code, f.seen) for f in findings if "names" in f.code] == [
        ("blanks-around-names", "blanks around column names are left out: b")
    ]


def test_damaged_text_in_ragged_rows_and_in_names(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a,\xff\n" + b"1,2\n" * 40 + b"\xff\n", quote='"')
    assert list(columns) == ["a", "\ufffd"] and columns["a"][-1] == "\ufffd"
    assert sorted(codes(findings)) == ["invalid-text", "ragged-rows"] and {found.row for found in findings} == {41}


def test_bytes_unknown_to_the_declared_encoding_are_said(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a,b\n\x81\xe9,2\n", encoding="cp1252")
    assert columns["a"] == ["\ufffd\u00e9"] and codes(findings) == ["invalid-text"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"39,State\n50,Private\n", "header-is-data"),
        (b"x, y\n" + b"1, 2\n" * 20, "blanks-around-cells"),
        (b",a\n0,x\n", "nameless-columns"),
        (b"a^b^c\n" + b"1^2^3\n" * 9, "unknown-delimiter"),
    ],
)
def test_what_may_not_be_meant_is_said(tmp_path: Path, content: bytes, code: str) -> None:
    assert codes(read(tmp_path, content)[1]) == [code]


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(Mistakes) as raised:
        read(tmp_path, b"a\n1\n", delimeter=";", quote="ab", encoding="utf-9")
    lines = str(raised.value)
    assert "data.format.delimeter" in lines and "did you mean 'delimiter'?" in lines
    assert "data.format.quote" in lines and "data.format.encoding" in lines


def test_one_mark_cannot_mean_two_things(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="thousands and decimal are the same mark"):
        read(tmp_path, b"a\n1,5\n", decimal=",", thousands=",")


def test_wrong_number_of_names(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"format\.names"):
        read(tmp_path, b"1,2\n", names=["x"])


def test_files_of_a_pattern_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "p2.csv").write_bytes(b"b,a\n4,3\n")
    (tmp_path / "p1.csv").write_bytes(b"a,b\n1,2\n")
    assert read(tmp_path, None, "p*.csv")[0] == {"a": ["1", "3"], "b": ["2", "4"]}
    (tmp_path / "p3.csv").write_bytes(b"a,B\n1,2\n")
    with pytest.raises(UserError, match=r"p3\.csv: column 'b' is not there"):
        read(tmp_path, None, "p*.csv")


def test_a_cell_larger_than_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BLOCK", 1 << 10)
    monkeypatch.setattr(source, "_LARGEST_BLOCK", 1 << 16)
    monkeypatch.setattr(source, "_BYTES_PER_COLUMN", 1)
    for size in (10_000, 1_000_000):
        big = "x" * size
        columns, _ = read(
            tmp_path, f"a,b,c\n{'1,2,3' + chr(10)}".encode() * 1 + b"1,2,3\n" * 999 + f"4,{big},5\n6,7,8\n".encode()
        )
        assert len(columns["a"]) == 1002 and columns["b"][1000] == big and columns["b"][1001] == "7"


def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    columns, findings = read(tmp_path, b"a,b,c\n1,2,3\n1," + b"x" * 100_000_000 + b",3\n4,5,6\n")
    assert [len(cell or "") for cell in columns["b"]] == [1, 100_000_000, 1] and findings == []


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(100_000))
    row = ",".join(["1.25"] * 100_000)
    (tmp_path / "wide.csv").write_text("\n".join([names, *[row] * 12, ""]))
    opened = stream("wide.csv", {}, tmp_path, [])
    assert sum(batch.num_rows for batch in opened.batches) == 12 and len(opened.schema) == 100_000


cells = st.text(st.sampled_from('ab,; "\n\r\t\0é\udcff'), max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=6), st.integers(0, 3))
@example([["", "x"], ["", ""]], 0)
def test_both_readers_give_the_same_rows(rows: list[list[str]], blanks: int) -> None:
    """The careful reader goes on where the fast one stopped, so both must count and read rows alike."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if blanks == 1 else csv.QUOTE_MINIMAL).writerows([["a", "b"], *rows])
    content = text.getvalue().replace("\r\n", "\n" * (blanks + 1)).encode("utf-8", "surrogateescape")
    place = _InMemory(content)
    dialect = delimited.Dialect(",", '"', 0, False, "utf-8")
    layout = source._Layout(dialect, ["a", "b"], True)
    careful = pa.Table.from_batches(delimited.careful_batches(place.place, dialect, ["a", "b"], True, []))
    try:
        fast = pa.Table.from_batches(source._fast_batches(place.place, layout, source.Options(), 1 << 16))
    except pa.ArrowInvalid:  # what Arrow refuses is the careful reader's
        return
    as_bytes = pa.schema({"a": pa.binary(), "b": pa.binary()})
    assert fast.cast(as_bytes).to_pylist() == careful.cast(as_bytes).to_pylist()


class _InMemory:
    """A place whose file is bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = Place(self, "t.csv", "t.csv")

    def open_input_stream(self, path: str, compression: str | None) -> Any:
        return pa.BufferReader(self.content)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")
@pytest.mark.parametrize(
    ("name", "format", "shape"),
    [
        ("adult/adult-train.csv.gz", {"header": "no", "strip": "yes", "missing": ["?"]}, (32_561, 15)),
        ("banking77/train.csv.gz", {}, (10_003, 2)),
        ("california_housing/housing.csv.gz", {}, (20_640, 10)),
        ("diamonds/diamonds.csv.gz", {}, (53_940, 10)),
        ("m4_hourly/Hourly-train.csv.gz", {}, (414, 961)),
        ("sms_spam/sms.tsv.gz", {"header": "no"}, (5_572, 2)),
        ("titanic/titanic.csv", {}, (891, 11)),
    ],
)
def test_real_tables(name: str, format: dict[str, Any], shape: tuple[int, int]) -> None:
    columns, findings = read(DATA, None, name, **format)
    assert (len(next(iter(columns.values()))), len(columns)) == shape and findings == []
