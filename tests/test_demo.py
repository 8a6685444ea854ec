"""The demo tickets: the ceiling is honest, the same seed gives the same bytes, and faults are what they say."""

from __future__ import annotations

import json
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from landmark.core.errors import UserError
from landmark.demo import issues, law, tickets, writing
from landmark.files.content import of_table

ROWS = 10_000


@pytest.fixture(scope="module")
def demo() -> tickets.Demo:
    return tickets.make(ROWS, 3)


def planted(fault: str, rows: int = 1000) -> tuple[pa.Table, pa.Table]:
    """Return the tickets without a fault and with it."""
    return tickets.make(rows, 0).table, tickets.make(rows, 0, [fault]).table


def test_columns_and_types(demo: tickets.Demo) -> None:
    kinds = {name: str(kind) for name, kind in zip(demo.table.schema.names, demo.table.schema.types, strict=True)}
    assert kinds == {
        "ticket_id": "string",
        "created_at": "timestamp[us]",
        "app": "string",
        "country": "string",
        "plan": "string",
        "wait": "double",
        "tags": "list<item: string>",
        "subject": "string",
        "body": "string",
        "issue_type": "string",
        "action": "string",
        "refund": "double",
    }
    ids, moments = demo.table["ticket_id"].to_pylist(), demo.table["created_at"].to_numpy()
    assert len(set(ids)) == ROWS and np.all(np.diff(moments) >= np.timedelta64(0)) and demo.table["wait"].null_count > 0
    assert (
        len(set(demo.table["issue_type"].to_pylist())) == len(issues.ISSUES)
        and min(demo.table["refund"].to_pylist()) >= 0
    )
    assert len(set(demo.table["body"].to_pylist())) > 0.95 * ROWS


def test_the_same_seed_gives_the_same_tickets() -> None:
    tables = [tickets.make(300, seed).table for seed in (1, 1, 2)]
    digests = [of_table(table) for table in tables]
    assert digests[0] == digests[1] != digests[2]


def test_the_ceiling_is_what_its_own_probabilities_expect(demo: tickets.Demo) -> None:
    """Were the beliefs wrong, what they expect to score and what they score would differ by many standard errors."""
    for name in ("issue_type", "action"):
        known, truth = demo.belief[name], demo.truth[name]
        assert np.allclose(known.sum(axis=1), 1)
        highest = known.max(axis=1)
        error = np.sqrt(np.mean(highest * (1 - highest)) / ROWS)
        assert abs(demo.ceiling[name]["accuracy"] - highest.mean()) < 4 * error
        entropy = -np.sum(known * np.log(np.maximum(known, 1e-300)), axis=1)
        surprise = -np.log(known[np.arange(ROWS), truth])
        assert abs(np.mean(surprise - entropy)) < 4 * np.std(surprise - entropy) / np.sqrt(ROWS)
        for label in range(known.shape[1]):
            off = (truth == label) - known[:, label]
            assert abs(off.mean()) < 4 * off.std() / np.sqrt(ROWS)
    off = demo.truth["refund"] - demo.belief["refund"]
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(ROWS)


def test_no_belief_can_be_sharpened_by_any_input(demo: tickets.Demo) -> None:
    """Where a belief used an input wrongly, what it leaves of the truth would depend on that input."""
    columns = {name: np.asarray(demo.table[name].to_pylist()) for name in ("app", "country", "plan")}
    moments = np.asarray(demo.table["created_at"].to_numpy()).astype("datetime64[h]").astype(int)
    columns |= {"hour": moments % 24 // 6, "weekend": (moments // 24 + 3) % 7 >= 5}
    wait = np.nan_to_num(np.asarray(demo.table["wait"].to_numpy()), nan=-1.0)
    columns["wait"] = np.searchsorted([0, 300, 900, 3000], wait)
    bodies, tags = demo.table["body"].to_pylist(), demo.table["tags"].to_pylist()
    columns |= {tag: np.array([tag in row for row in tags]) for tag in issues.TAGS}
    columns |= {word: np.array([word in body for body in bodies]) for word in ("money", "box", "code", "never")}
    off = [
        score
        for values in columns.values()
        for value in np.unique(values)
        for score in chain.from_iterable(_off(demo, name, values == value) for name in demo.truth)
    ]
    assert len(off) > 500 and max(map(abs, off)) < 4.5  # standard errors, of some hundred comparisons


def _off(demo: tickets.Demo, name: str, rows: Any) -> list[float]:
    """Return by how many standard errors the truth of some rows differs from what is believed of them, by label."""
    known, truth = demo.belief[name][rows], demo.truth[name][rows]
    if name == "refund":
        left = truth - known
        return [float(left.sum() / np.sqrt(np.sum(left**2)))]
    left = (truth[:, None] == np.arange(known.shape[1])) - known
    spread = np.sum(known * (1 - known), axis=0)
    return [float(value) for value in left.sum(axis=0)[spread > 5] / np.sqrt(spread[spread > 5])]


def test_belief_is_bayes_rule_by_hand() -> None:
    """One ticket, its joint probability multiplied out factor by factor for every issue and action."""
    drawn = law.draw(50, np.random.default_rng(5))
    known = law.belief(drawn)
    names = [issue.name for issue in issues.ISSUES]
    table = law._law()
    for row in range(50):
        joint = np.zeros((len(names), len(issues.ACTIONS)))
        time, weekend = drawn.second[row] % 86_400 // 21_600, int(drawn.second[row] // 86_400 % 7 >= 5)
        prior = table.app[:, drawn.app[row]] * table.plan[:, drawn.plan[row]] * table.time[:, time]
        prior = prior * table.weekend[:, weekend]
        for i, issue in enumerate(issues.ISSUES):
            p = prior[i] * table.subject[i, drawn.subject[row]]
            for sentence in drawn.sentences[row][drawn.sentences[row] >= 0]:
                p *= table.sentence[i, sentence]
            for tag, there in zip(issues.TAGS, drawn.tags[row], strict=True):
                chance = law.TAGGED if tag in issue.tags else law.STRAY_TAG
                p *= chance if there else 1 - chance
            wait, times = drawn.wait[row], 1.0
            if not np.isnan(wait):
                off = np.log(wait / (issue.wait_s * law.QUICKER[drawn.plan[row]])) / law.WAIT_SPREAD
                p, times = p * np.exp(-(off**2) / 2), wait / law.USUAL_WAIT_S
            weights = np.array(issue.actions) * law.PLAN_ACTIONS[drawn.plan[row]] * times**law.WAIT_ACTIONS
            asked = table.ask[:, drawn.ask[row]] if drawn.ask[row] >= 0 else 1.0
            joint[i] = p * weights / weights.sum() * asked
        joint /= joint.sum()
        assert np.allclose(joint.sum(axis=1), known["issue_type"][row]) and np.allclose(
            joint.sum(axis=0), known["action"][row]
        )


def test_every_sentence_is_known_from_its_text() -> None:
    """The ceiling counts on sentences that cannot be mistaken for each other, nor for idle talk."""
    for family in ((*writing.SENTENCES, *writing.REQUESTS, *issues.FILLERS), writing.SUBJECTS):
        looks = [writing.wordings(sentence) for sentence in family]
        assert all(a.isdisjoint(b) for a, b in combinations(looks, 2))
        assert not any(". " in text for text in chain.from_iterable(looks))


def test_probabilities_are_probabilities() -> None:
    table = law._law()
    for part in (table.subject, table.sentence, table.ask):
        assert np.allclose(part.sum(axis=1), 1) and part.min() >= 0
    for weights in (law.SENTENCES, [law.OWN + law.NEAR, 1 - law.OWN - law.NEAR]):
        assert np.isclose(sum(weights), 1)
    assert set(chain.from_iterable(issue.near for issue in issues.ISSUES)) <= {issue.name for issue in issues.ISSUES}
    assert set(chain.from_iterable(issue.tags for issue in issues.ISSUES)) <= set(issues.TAGS)


def test_ceiling_of_some_rows(demo: tickets.Demo) -> None:
    assert demo.ceiling_of(np.arange(ROWS)) == demo.ceiling
    right = np.flatnonzero(demo.belief["action"].argmax(axis=1) == demo.truth["action"])
    assert demo.ceiling_of(right)["action"]["accuracy"] == 1.0 > demo.ceiling["action"]["accuracy"]


def test_a_plain_reader_comes_near(demo: tickets.Demo) -> None:
    """Counting, for each issue, how often each sentence comes with it, is enough to come near: no trick is needed."""
    drawn = law.draw(ROWS, np.random.default_rng(8))
    half = ROWS // 2
    seen = np.ones((len(issues.ISSUES), len(writing.SENTENCES)))
    for sentence in drawn.sentences[:half].T:
        there = sentence >= 0
        np.add.at(seen, (drawn.issue[:half][there], sentence[there]), 1)
    titled = np.ones((len(issues.ISSUES), len(writing.SUBJECTS)))
    np.add.at(titled, (drawn.issue[:half], drawn.subject[:half]), 1)
    score = np.log(titled / titled.sum(axis=1, keepdims=True)).T[drawn.subject[half:]]
    log_seen = np.log(seen / seen.sum(axis=1, keepdims=True)).T
    for sentence in drawn.sentences[half:].T:
        score += np.where(sentence[:, None] >= 0, log_seen[sentence], 0.0)
    accuracy = np.mean(score.argmax(axis=1) == drawn.issue[half:])
    ceiling = np.mean(law.belief(drawn)["issue_type"][half:].argmax(axis=1) == drawn.issue[half:])
    assert 0.9 * ceiling < accuracy < ceiling


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_written_files(tmp_path: Path, format: Any) -> None:
    ceiling = tickets.write(tmp_path / "demo", 200, 1, ["duplicates"], format)
    kept = json.loads((tmp_path / "demo" / "ceiling.json").read_text())
    assert kept["outputs"] == ceiling == tickets.make(200, 1).ceiling and kept["faults"] == ["duplicates"]
    document = (tmp_path / "demo" / "landmark.yaml").read_text()
    assert f"data: tickets.{format}\n" in document and "{name: refund, type: number, unit: USD}" in document
    if format == "parquet":
        assert pq.read_table(tmp_path / "demo" / "tickets.parquet").num_rows == 206
    else:
        lines = (tmp_path / "demo" / "tickets.csv").read_text().splitlines()
        assert len(lines) == 207 and lines[0].startswith('"ticket_id","created_at"')


def test_the_document_is_one(tmp_path: Path) -> None:
    from landmark.config import load

    tickets.write(tmp_path, 50, 0)
    question = load(tmp_path).question()
    assert [output.name for output in question.outputs] == ["issue_type", "action", "refund"]


def test_unknown_faults_and_no_rows() -> None:
    with pytest.raises(UserError, match="did you mean 'duplicates'"):
        tickets.make(10, 0, ["duplicate"])
    with pytest.raises(UserError, match="at least one"):
        tickets.make(0, 0)
    assert all(text.endswith(".") and "\n" not in text for text in tickets.FAULTS.values())


@pytest.mark.parametrize("fault", sorted(tickets.FAULTS))
def test_every_fault_changes_the_table_and_not_the_ceiling(fault: str) -> None:
    clean, faulty = planted(fault)
    assert not faulty.equals(clean) and faulty.num_rows >= clean.num_rows
    assert tickets.make(1000, 0, [fault]).ceiling == tickets.make(1000, 0).ceiling
    assert of_table(faulty) == of_table(planted(fault)[1])


def _share_changed(clean: pa.Table, faulty: pa.Table, column: str) -> float:
    pairs = zip(clean[column].to_pylist(), faulty[column].to_pylist(), strict=True)
    return float(np.mean([a != b for a, b in pairs]))


def test_label_noise() -> None:
    assert _share_changed(*planted("label-noise"), "issue_type") == pytest.approx(0.08)


def test_leakage() -> None:
    _, faulty = planted("leakage")
    agree = np.mean(np.asarray(faulty["queue"].to_pylist()) == np.asarray(faulty["issue_type"].to_pylist()))
    assert 0.95 < agree < 0.99


def test_identifier_leak() -> None:
    _, faulty = planted("identifier-leak")
    order = np.argsort(faulty["ticket_id"].to_pylist())
    actions = np.asarray(faulty["action"].to_pylist())[order]
    assert np.sum(actions[1:] != actions[:-1]) == len(issues.ACTIONS) - 1


def test_unit_jump() -> None:
    clean, faulty = planted("unit-jump")
    ratio = np.asarray(faulty["wait"].to_numpy()) / np.asarray(clean["wait"].to_numpy())
    assert np.nanmax(ratio[:666]) == 1 and np.allclose(ratio[666:][~np.isnan(ratio[666:])], 1000)


def test_missing_depends_on_target() -> None:
    _, faulty = planted("missing-depends-on-target")
    gone, escalated = faulty["wait"].is_null().to_numpy(), np.asarray(faulty["action"].to_pylist()) == "escalate"
    assert gone[escalated].mean() > 0.6 > 0.2 > gone[~escalated].mean()


def test_sentinel() -> None:
    clean, faulty = planted("sentinel")
    assert faulty["wait"].null_count == 0
    assert np.sum(np.asarray(faulty["wait"].to_numpy()) == -999) == clean["wait"].null_count


def test_category_variants() -> None:
    clean, faulty = planted("category-variants")
    assert len(set(faulty["country"].to_pylist())) > len(issues.COUNTRIES) >= len(set(clean["country"].to_pylist()))
    assert _share_changed(clean, faulty, "country") == pytest.approx(0.1)


def test_shifted_rows() -> None:
    clean, faulty = planted("shifted-rows")
    rows = [i for i in range(1000) if clean["app"][i] != faulty["app"][i]]
    assert len(rows) == 20 and all(faulty["country"][i] == clean["app"][i] for i in rows)


def test_mixed_dates() -> None:
    _, faulty = planted("mixed-dates")
    texts = faulty["created_at"].to_pylist()
    counts = [sum(mark in text for text in texts) for mark in ("-", "/", ",")]
    assert sum(counts) == 1000 and counts[0] > 700 and min(counts) > 20


def test_duplicates() -> None:
    _, faulty = planted("duplicates")
    assert faulty.num_rows == 1030 and len({str(row) for row in faulty.to_pylist()}) == 1000
    _, near = planted("near-duplicates")
    assert near.num_rows == 1030 and len({str(row) for row in near.to_pylist()}) == 1030
    assert sum(body.endswith(" Reminder") for body in near["body"].to_pylist()) == 30
