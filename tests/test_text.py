"""Text: what the graph makes of it is what a few lines of Python make of it."""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from landmark.artifacts.features import FIRST, Feature, Role
from landmark.core.table import Floats
from landmark.datatypes import DATATYPES, text
from landmark.datatypes.text import vocabulary
from landmark.datatypes.text.state import WORD_BITS, State, pack_characters, unpack_characters
from landmark.graph.bags import csr
from landmark.graph.operators import bounded
from landmark.graph.run import session
from landmark.laws.datatypes import build
from landmark.statistics.summary import profile

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAIN = [
    "My card has not arrived",
    "my CARD is lost, lost, lost!",
    "Where is my card?",
    "Wo ist meine Karte? KARTE!",
    "Why was my transfer declined twice",
    "the transfer was declined, why?",
    "你好 世界",
    "你好 你",
    "你 好",
    "",
] * 3


class Made:
    """A type fitted on texts, and what its graph gives."""

    def __init__(self, texts: list[str], **options: Any) -> None:
        self.options = text.Options(**options)
        columns = {"x": pa.array(texts, pa.string())}
        self.state: State = text.fit(columns, self.options)
        self.model, self.features = build(text, self.options, self.state, columns)
        self.engine = session(self.model)

    def feature(self, name: str) -> Feature:
        return next(feature for feature in self.features if feature.name == name)

    def of(self, texts: list[str | None]) -> dict[str, Floats]:
        """Return VALUES as they are and TOKENS as dense bags."""
        wired = text.wire({"x": pa.array(texts, pa.string())}, self.options, True)
        names = [output.name for output in self.engine.get_outputs()]
        out = dict(zip(names, self.engine.run(names, wired), strict=True))
        return {
            f.name: out[f.value] if f.weight is None else csr(out[f.value], out[f.weight], f.size).toarray()
            for f in self.features
        }

    def bag(self, name: str, given: str) -> dict[str, float]:
        """Return the weights of one text by what the codes stand for."""
        row, labels = self.of([given])[f"feature.{name}"][0], self.feature(f"feature.{name}").labels
        return {labels[i - FIRST]: float(row[i]) for i in np.flatnonzero(row)}


@cache
def made() -> Made:
    return Made(TRAIN)


def expected(found: Counter[str], known: dict[str, float]) -> dict[str, float]:
    """Return sublinear tf-idf of norm 1, as textbooks have it."""
    weights = {gram: (1 + math.log(count)) * known[gram] for gram, count in found.items() if gram in known}
    norm = math.sqrt(sum(weight**2 for weight in weights.values()))
    return {gram: weight / norm for gram, weight in weights.items()}


def rarity(labels: tuple[str, ...], documents: tuple[int, ...]) -> dict[str, float]:
    total = made().state.documents
    return {label: math.log((1 + total) / (1 + n)) + 1 for label, n in zip(labels, documents, strict=True)}


def character_grams(given: str) -> Counter[str]:
    """Return all runs of three and four characters, folded, in a text set in blanks."""
    known = set("".join(made().state.alphabet))
    folded = "".join(c.lower()[0] if c in known else " " for c in given)
    padded = f" {folded} "
    return Counter(padded[i : i + n] for n in (3, 4) for i in range(len(padded) - n + 1))


def phrases(given: str) -> Counter[str]:
    """Return words and pairs of words that training texts hold; an unknown word parts a pair."""
    state = made().state
    known = dict(zip(state.spellings, state.spelt, strict=True))
    words = re.findall(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+", given)
    folded = [state.words[known[word] - 1] if word in known else "" for word in words]
    pairs = [f"{a} {b}" for a, b in pairwise(folded) if a and b]
    return Counter([*filter(None, folded), *pairs])


WORDS = ["my", "My", "card", "CARD", "lost", "transfer", "declined", "why", "你好", "Karte", "unseen", "?", ",", "x-y"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text("abcdrmyt 你!é", max_size=6)), max_size=40))
def test_the_graph_gives_textbook_weights(words: list[str]) -> None:
    given = " ".join(words) or "my"
    state = made().state
    for name, grams, labels, kept in (
        ("characters", character_grams(given), state.character_labels, state.characters.documents),
        ("words", phrases(given), state.phrase_labels, state.phrases.documents),
    ):
        want = expected(grams, rarity(labels, kept))
        got = made().bag(name, given)
        assert got.keys() == want.keys()
        assert got == pytest.approx(want, rel=1e-12)


def test_case_does_not_matter_even_if_never_seen_so() -> None:
    for spelling in ("karte", "Karte", "KARTE"):
        assert made().bag("words", spelling) == {"karte": 1.0}
    assert made().bag("characters", "TRANSFER") == made().bag("characters", "transfer") != {}
    folded = Made(["straße İstanbul"] * 3)
    assert set(folded.bag("words", "STRASSE Straße STRAßE")) == {"straße"}


def test_scripts_without_blanks_are_read_character_by_character() -> None:
    assert set(made().bag("words", "你好世")) == {"你", "好", "世", "你 好", "好 世"}
    assert set(Made(["カード がとどかない"] * 2).bag("words", "がと")) == {"が", "と", "が と"}


def test_rare_grams_get_no_code() -> None:
    state = Made(["once alpha", "twice beta", "twice gamma", "thrice"] + ["thrice"] * 2).state
    assert set(state.phrase_labels) == {"twice", "thrice"}
    assert " onc" not in state.character_labels and "thri" in state.character_labels
    few = Made(TRAIN, max_grams=5, max_words=3).state
    assert len(few.characters.keys) == 5 and len(few.phrases.keys) == 3
    assert min(few.phrases.documents) >= max(made().state.phrases.documents[3:])


def test_no_gram_spans_two_blanks() -> None:
    labels = Made(["a,  b;;c d"] * 5, grams=(2, 3)).state.character_labels
    assert not [label for label in labels if "  " in label] and " b;" in labels


def test_facts_about_the_text() -> None:
    got = made().of(["Ab 1!?!", "", None, "\n", "é"])["feature"]
    np.testing.assert_allclose(got[0], [7, 2, 1 / 7, 1 / 7, 2, 1])
    assert np.isnan(got[1:3]).all()
    np.testing.assert_array_equal(got[3], [1, 0, 0, 0, 0, 0])


def test_a_missing_text_has_no_tokens() -> None:
    got = made().of([None])
    assert got["feature.characters"].sum() == got["feature.words"].sum() == 0


def test_a_huge_cell_is_cut_off_at_once() -> None:
    cut = Made(TRAIN, max_chars=50)
    huge = "my card " * 1_000_000
    assert len(text.wire({"x": pa.array([huge])}, cut.options, True)["x"][0]) == 50
    assert cut.of([huge])["feature"][0, 0] == 50
    assert cut.bag("words", huge) == cut.bag("words", huge[:50])


def test_counting_does_not_pair_every_token_with_every_other() -> None:
    rows = ["my card is lost " * 250] * 32
    got = made().of([*rows])["feature.words"]
    assert np.ptp(got, axis=0).max() == 0 and got.any()


def test_many_texts_are_sampled_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text number {i} of many" for i in range(300)]
    monkeypatch.setattr(vocabulary, "CHARACTERS", 2000)
    state, turned = Made(texts).state, Made(texts[::-1]).state
    assert 50 < state.documents < 120
    assert state == turned


def test_packing_is_exact() -> None:
    rng = np.random.default_rng(0)
    letters = rng.integers(0, 4096, (20, 9))
    for n in (2, 3, 4, 5):
        packed = pack_characters(letters, n)
        assert packed.min() > 0
        assert [unpack_characters(key) for key in packed[0].tolist()] == [
            letters[0, i : i + n].tolist() for i in range(10 - n)
        ]
    assert all(key >> WORD_BITS < 1 << WORD_BITS for key in made().state.phrases.keys)


def test_labels_say_what_a_code_stands_for() -> None:
    assert {" my ", "card"} <= set(made().state.character_labels)
    assert {"my card", "lost"} <= set(made().state.phrase_labels)
    assert made().feature("feature").labels == ("length", "words", "upper case", "digits", "!", "?")
    assert [feature.role for feature in made().features] == [Role.VALUES, Role.TOKENS, Role.TOKENS]


def test_the_graph_may_stand_in_a_model_file() -> None:
    bounded(onnx.ModelProto.FromString(made().model).graph)


def likeliest(values: Sequence[str | None]) -> str:
    (seen,) = profile(pa.table({"x": pa.array(values, pa.string())})).columns.values()
    said = {name: module.likeness([seen]).score for name, module in DATATYPES.items() if module.COLUMNS == 1}
    return max(said, key=lambda name: said[name])


def test_what_is_written_once_is_text_and_what_repeats_is_a_kind() -> None:
    rng = np.random.default_rng(0)
    assert likeliest([f"{a} {b} {i}" for i, (a, b) in enumerate(rng.choice(WORDS, (200, 2)))]) == "text"
    assert likeliest([str(word) for word in rng.choice(WORDS, 200)]) == "category"
    assert likeliest([str(i / 7) for i in range(200)]) == "number"
    (numbers,) = profile(pa.table({"x": [str(i / 7) for i in range(200)]})).columns.values()
    assert text.likeness([numbers]).score == 0
    said = [f"please tell me where case {i} of mine has gone" for i in range(100)]
    assert likeliest(said * 10) == "text"


@pytest.mark.skipif(not (DATA / "titanic").exists(), reason="shared data is not there")
def test_names_tickets_and_cabins_are_text() -> None:
    everything = pyarrow.csv.ConvertOptions(strings_can_be_null=True, column_types={"ticket": pa.string()})
    table = pyarrow.csv.read_csv(DATA / "titanic" / "titanic.csv", convert_options=everything)
    kinds = {name: likeliest(table[name].to_pylist()) for name in ("name", "ticket", "cabin", "embarked")}
    assert kinds == {"name": "text", "ticket": "text", "cabin": "text", "embarked": "category"}


@pytest.mark.skipif(not (DATA / "banking77").exists(), reason="shared data is not there")
def test_a_vocabulary_is_small_and_names_what_people_write() -> None:
    with gzip.open(DATA / "banking77" / "train.csv.gz") as file:
        texts = pyarrow.csv.read_csv(file)["text"].to_pylist()
    state = Made(texts).state
    assert state.documents == len(texts)
    assert 10_000 < len(state.characters.keys) <= 20_000 and len(state.phrases.keys) == 10_000
    assert {"top up", "exchange rate"} <= set(state.phrase_labels)


def test_some_length_of_grams_is_asked_for() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        text.Options(grams=())
