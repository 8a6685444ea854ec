"""The checks of cells, dates, rows, labels and leaks: each finds its fault, says where, and is silent without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from data_steps import Walk, walk
from test_checks import BASE, DAYS, YES, N, clean, given, numbers, put

from landmark.core.findings import Level
from landmark.statistics.personal import luhn

Columns = dict[str, Any]
HOURS = [str(when) for when in np.datetime64("2024-01-01T00:00:00") + np.arange(N) * np.timedelta64(31, "h")]
"""Moments in the order of the table, over eight months."""
MONTHS = [f"{1986 + i % 4}, {('January', 'April', 'June', 'August', 'October')[i % 5]}" for i in range(N)]
CARDS = [10 * n + d for n in range(453914880340000, 453914880340000 + N) for d in range(10) if luhn(f"{n}{d}")]
MAIL, CARD = "a.name@mail.example.org", "4539 1488 0343 6467"


def every(step: int, value: Any, values: list[Any], start: int = 0) -> list[Any]:
    """Return values with another one in every so-manieth place."""
    return [value if i % step == start else old for i, old in enumerate(values)]


def kinds(*names: str, seed: int = 2) -> list[str]:
    """Return N kinds drawn from some names."""
    return [str(kind) for kind in np.random.default_rng(seed).choice(names, N)]


def texts(seed: int = 3, words: int = 9, count: int = N) -> list[str]:
    """Return different texts of some words each."""
    rng = np.random.default_rng(seed)
    known = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(400)]
    return [" ".join(rng.choice(known, words)) for _ in range(count)]


def written(x: Any) -> list[str]:
    """Return numbers as texts."""
    return [f"{v:.6f}" for v in x]


def chosen(flags: Any, yes: str = "yes", no: str = "no") -> list[str]:
    """Return one of two labels for each flag."""
    return [str(label) for label in np.where(flags, yes, no)]


LONG = texts()
UNEVEN = [text[: 20 + 37 * i % 100] for i, text in enumerate(texts(words=20))]


def exchanged(days: list[str]) -> list[str]:
    """Return days with month and day in each other's places in twelve rows in the middle of the table."""
    able = [i for i, day in enumerate(days) if int(day[8:10]) <= 12 and day[8:10] != day[5:7] and 30 < i < 170]
    turned = {i: f"{day[:4]}-{day[8:10]}-{day[5:7]}{day[10:]}" for i, day in enumerate(days) if i in able[:12]}
    return [turned.get(i, day) for i, day in enumerate(days)]


def summer(swapped: bool) -> list[str]:
    """Return days of July and August in no order, or with some of them written day first."""
    days = np.random.default_rng(4).permutation(np.datetime64("2024-07-01") + np.arange(N) % 62).astype(str).tolist()
    turned = [f"{d[:4]}-{d[8:]}-{d[5:7]}" if i % 3 == 0 and int(d[8:]) <= 12 else d for i, d in enumerate(days)]
    return turned if swapped else days


def ends(*early: int) -> list[str]:
    """Return moments some hours after HOURS, but before them in some rows, counted from 1."""
    lasts = np.random.default_rng(4).integers(1, 40, N) * np.where(np.isin(np.arange(1, N + 1), early), -1, 1)
    return [str(np.datetime64(day) + np.timedelta64(int(hours), "h")) for day, hours in zip(HOURS, lasts, strict=True)]


def again(columns: Columns, **other: Callable[[Any], Any]) -> Columns:
    """Return rows with the first six once more behind the others, with a column of them changed."""
    return {name: [*v, *map(other.get(name, lambda value: value), v[:6])] for name, v in columns.items()}


def sent_again() -> Walk:
    """Return rows of a text only, and judging rows of which five are of training with a word more."""
    test = [*(f"{text} again" for text in LONG[:5]), *texts(seed=20, count=15)]
    return walk({"y": YES, "c": LONG}, test={"y": YES[:20], "c": test})


def subjects(alike: bool = True) -> Columns:
    """Return rows of 50 subjects, four of each, mixed, alike in all but for a little, or in nothing."""
    rng = np.random.default_rng(5)
    subject = rng.permutation(np.arange(N) % 50)
    of = subject if alike else rng.permutation(subject)
    x, z = (rng.normal(size=50)[of] + 0.01 * rng.normal(size=N) for _ in range(2))
    plan, answer = (rng.choice(labels, 50)[of].tolist() for labels in (["a", "b", "c"], ["yes", "no"]))
    said = {"y": answer, "x": written(x), "z": written(z), "plan": plan}
    return {**said, "subject": [f"S{number:03}" for number in subject]}


def following(mixed: bool) -> Columns:
    """Return rows in which each number is near the one before, or the same rows mixed."""
    rng = np.random.default_rng(6)
    a, b = (10 * np.sin(np.arange(N) / length) + rng.normal(size=N) for length in (9, 11))
    order = rng.permutation(N) if mixed else np.arange(N)
    return {"y": chosen(a + rng.normal(size=N) > 0), "a": written(a), "b": written(b)} | (
        {"y": chosen((a + rng.normal(size=N) > 0)[order]), "a": written(a[order]), "b": written(b[order])}
    )


def households(shared: bool) -> Walk:
    """Return rows of households that are of one answer, with judging rows of the same, or of other ones."""
    house = np.random.default_rng(13).permutation(np.arange(N) % 40)
    others = np.arange(20) if shared else np.arange(40, 60)
    named = [[f"H{number:03}" for number in part] for part in (house, others)]
    test = {"y": chosen(others % 2 == 0), "x": numbers(seed=14)[:20], "kind": BASE["kind"][:20], "house": named[1]}
    return walk({**clean(), "y": chosen(house % 2 == 0), "house": named[0]}, test=test)


def moved(count: int) -> Columns:
    """Return rows of kinds, in some of which the cells stand one column further to the right."""
    names: dict[str, tuple[str, ...]] = {"channel": ("app", "web", "shop"), "country": ("US", "DE", "FR", "IN")}
    names |= {"plan": ("free", "pro"), "queue": ("fast", "slow", "late", "none yet", "other")}
    columns = {name: kinds(*some, seed=len(some)) for name, some in names.items()}
    for row in range(30, 30 + 7 * count, 7):
        cells = [columns[name][row] for name in names]
        for name, cell in zip(names, [cells[-1], *cells[:-1]], strict=True):
            columns[name][row] = cell
    return {"x": BASE["x"], **columns, "y": YES}


def block(start: int, stop: int, together: bool = False) -> Columns:
    """Return two numbers that go with each other, in a block of rows put in order apart, or together."""
    rng = np.random.default_rng(11)
    a = rng.normal(size=N)
    b = a + 0.5 * rng.normal(size=N)
    order = start + np.argsort(a[start:stop])
    if together:
        b[start:stop] = b[order]
    a[start:stop] = a[order]
    return clean(a=written(a), b=written(b))


def labelled(wrong: float, apart: float = 5.0, size: int = 1500) -> Columns:
    """Return rows whose labels two numbers tell, from far apart, but for some that are wrong."""
    rng = np.random.default_rng(12)
    side = rng.integers(0, 2, size)
    a, b = (rng.normal(size=size) + apart * side for _ in range(2))
    return {"y": chosen((rng.random(size) < wrong) ^ (side == 1)), "a": written(a), "b": written(b)}


def judged(without: str) -> Walk:
    """Return training rows of three labels, and judging rows that lack one, or none."""
    answers = kinds("red", "green", "blue", seed=18)
    judging = [answer if answer != without else "red" for answer in answers[:60]]
    return walk(clean(y=answers), test={"y": judging, "x": numbers(seed=19)[:60], "kind": BASE["kind"][:60]})


def dated(judging: slice) -> Walk:
    """Return training rows of 240 days on which the answer rises and falls, and judging rows of some of them."""
    rng = np.random.default_rng(15)
    level, days = np.sin(np.arange(240) / 20) * 5 + rng.normal(size=240), np.datetime64("2023-01-01") + np.arange(240)
    mask = np.isin(np.arange(240), np.arange(240)[judging])
    parts = [
        {"y": written(level[side]), "x": written(rng.normal(size=side.sum())), "day": days[side].astype(str).tolist()}
        for side in (~mask, mask)
    ]
    return walk(parts[0], test=parts[1])


def parted(noise: float) -> Columns:
    """Return a target that two columns add up to, but for some noise."""
    rng = np.random.default_rng(16)
    a, b = rng.normal(50, 5, N), rng.normal(20, 9, N)
    return {"y": written(a + b + noise * rng.normal(size=N)), "a": written(a), "b": written(b)}


def keyed(told: float, size: int = 600) -> Columns:
    """Return a code and its key, which tell the answer together in a share of the rows."""
    rng = np.random.default_rng(17)
    answer, key = rng.integers(0, 2, (2, size))
    code = np.where(rng.random(size) < told, answer ^ key, rng.integers(0, 2, size))
    desk, shelf = chosen(key, "D1", "D2"), chosen(code, "S1", "S2")
    return {"y": chosen(answer), "desk": desk, "shelf": shelf, "x": written(rng.normal(size=size))}


def empty(where: Any, values: list[str]) -> list[str | None]:
    """Return values without those that are marked."""
    return [None if gone else value for gone, value in zip(where, values, strict=True)]


AT = np.arange(N)
ODD = (AT >= 10) & (AT < 30)
NULLS = {"r7": "n/a", "r9": "unknown", "r12": "NULL"}
CODED = put(every(5, "2", every(5, "1", kinds("red", "green", "blue")), 1), r1="red", r2="red")
FAULTS: list[tuple[str, str, int | None, Callable[[], Walk]]] = [
    ("mixed-nulls", "c", 7, lambda: given(clean(c=put(kinds("red", "green"), **NULLS)))),
    ("mixed-nulls", "c", 8, lambda: given(clean(c=put(kinds("red", "green"), r8="None")))),
    ("mixed-nulls", "c", 7, lambda: given(clean(c=put(numbers(), **NULLS)))),
    ("category-variants", "c", 9, lambda: given(clean(c=put(kinds("Berlin", "Munich"), r9="Berlim")))),
    ("category-variants", "c", 9, lambda: given(clean(c=put(kinds("Berlin", "Munich"), r9="Muinch")))),
    ("mixed-types", "c", 1, lambda: given(clean(c=[f"{v} kg" for v in numbers()]))),
    ("mixed-types", "c", 2, lambda: given(clean(c=[f"{v} EUR" if i % 3 == 1 else v for i, v in enumerate(numbers())]))),
    ("mixed-types", "c", 1, lambda: given(clean(c=[f"${1234.56 + i:.2f}" for i in range(N)]))),
    ("mixed-types", "c", 1, lambda: given(clean(c=[f"{'-' * (i % 2)}EUR {v}" for i, v in enumerate(numbers())]))),
    ("mixed-types", "c", None, lambda: given(clean(c=CODED))),
    ("truncated-text", "c", None, lambda: given(clean(c=[text[:60] for text in UNEVEN]))),
    ("invalid-text", "c", 6, lambda: given(clean(c=put(LONG, r6="the cafÃ© is closed today")))),
    ("invalid-text", "c", 6, lambda: given(clean(c=put(LONG, r6="it doesnâ€™t work at all")))),
    ("invalid-text", "c", 6, lambda: given(clean(c=put(LONG, r6="it doesn\x92t work at all")))),
    ("spreadsheet-dates", "c", 4, lambda: given(clean(c=put(DAYS, r4="12-Mar")))),
    ("swapped-dates", "c", None, lambda: given(clean(c=exchanged(HOURS)))),
    ("swapped-dates", "c", None, lambda: given(clean(c=summer(swapped=True)))),
    ("future-dates", "c", 5, lambda: given(clean(c=put(HOURS, r5="2124-01-02T00:00:00")))),
    ("end-before-start", "d", 5, lambda: given(clean(c=HOURS, d=ends(5, 9)))),
    ("near-duplicates", "c", 1, lambda: given(again({"y": YES, "c": LONG}, c=lambda text: f"{text} thanks"))),
    ("near-duplicates", "rows", 1, lambda: given(again(clean(w=numbers()), x=lambda v: f"{float(v) + 0.01:.9f}"))),
    ("near-duplicates", "rows", 1, lambda: given(again(clean(c=LONG, w=numbers()), c=lambda text: f"{text} Thanks."))),
    ("near-duplicates", "c", 1, sent_again),
    ("dependent-rows", "subject", None, lambda: given(subjects())),
    ("dependent-rows", "rows", None, lambda: walk(following(mixed=False))),
    ("group-leakage", "house", 1, lambda: households(shared=True)),
    ("shifted-rows", "channel, country, plan, queue", 31, lambda: given(moved(8))),
    ("misaligned-columns", "a", 61, lambda: given(block(60, 160))),
    ("misaligned-columns", "a", 1, lambda: given(block(0, N))),
    ("sorted-target", "y", None, lambda: given(clean(y=sorted(YES)))),
    ("label-noise", "y", None, lambda: given(labelled(0.25))),
    ("class-not-judged", "y", None, lambda: judged(without="green")),
    ("leakage", "c", None, lambda: given(clean(c=put([f"was {answer}" for answer in YES], r1="was no", r2="was no")))),
    ("leakage", "a, b", None, lambda: given(parted(0.01))),
    ("leakage", "desk, shelf", None, lambda: given(keyed(0.99))),
    ("leakage", "c", None, lambda: given(clean(c=empty(np.array(YES) == "no", HOURS)))),
    ("identifier-leak", "id", None, lambda: given(clean(y=sorted(YES), id=[f"T-{7 * i:05}" for i in range(N)]))),
    ("time-leakage", "day", 1, lambda: dated(slice(40, 120, 2))),
    (
        "missing-depends-on-target",
        "c",
        None,
        lambda: given(clean(c=empty((np.array(YES) == "no") & (AT % 3 > 0), LONG))),
    ),
    ("missing-together", "c, d", 11, lambda: given(clean(c=empty(ODD, LONG), d=empty(ODD, numbers())))),
    ("personal-data", "c", 3, lambda: given(clean(c=put(LONG, r3=f"write to {MAIL}, please")))),
    ("personal-data", "c", 1, lambda: given(clean(c=[str(card) for card in CARDS]))),
    ("personal-data", "c", 1, lambda: given(clean(c=pa.array(CARDS)))),
    ("personal-data", "c", 1, lambda: given(clean(c=pa.array([float(card) for card in CARDS])))),
    ("personal-data", "c", 5, lambda: given(clean(c=put(LONG, r5=f"my card is {CARD} thanks")))),
]
TWINS: list[tuple[str, Callable[[], Walk]]] = [
    ("mixed-nulls", lambda: given(clean(c=put(kinds("red", "green"), r8=None), d=put(numbers(), r3="NA", r9="NA")))),
    ("category-variants", lambda: given(clean(c=put(kinds("inland", "NEAR BAY"), r9="island", r10="NEAR SEA")))),
    ("category-variants", lambda: given(clean(c=put(kinds("dog", "grade 11"), r9="dogs", r10="grade 12")))),
    ("mixed-types", lambda: given(clean(c=[f"#{i % 40}" for i in range(N)]))),
    ("mixed-types", lambda: given(clean(c=kinds("1st", "2nd", "3rd", "11th"), d=kinds("A1", "B2", "1C")))),
    ("mixed-types", lambda: given(clean(c=[f"{i}{'ABCDEF'[i % 6]}" for i in range(N)]))),
    ("truncated-text", lambda: given(clean(c=UNEVEN))),
    ("truncated-text", lambda: given(clean(c=kinds("one kind of it", "and another kind")))),
    ("invalid-text", lambda: given(clean(c=put(LONG, r6="ÄÖÜ äöü ß „Spaß“ SÃO PAULO naïve café – “yes”")))),
    ("spreadsheet-dates", lambda: given(clean(c=put(LONG, r4="it was on 12-Mar")))),
    ("swapped-dates", lambda: given(clean(c=HOURS, d=summer(swapped=False), e=DAYS))),
    ("swapped-dates", lambda: given(clean(c=MONTHS))),
    ("future-dates", lambda: given(clean(c=HOURS, d=put(DAYS, r5="2025-01-03")))),
    ("end-before-start", lambda: given(clean(c=HOURS, d=ends()))),
    ("end-before-start", lambda: given(clean(c=HOURS, d=summer(swapped=False)))),
    ("near-duplicates", lambda: given(clean(c=LONG, d=kinds("a", "b"), e=numbers()))),
    ("near-duplicates", lambda: given({"y": YES, **{name: kinds("a", "b") for name in "cde"}, "x": numbers()})),
    ("dependent-rows", lambda: given(subjects(alike=False))),
    ("dependent-rows", lambda: walk(following(mixed=True))),
    ("group-leakage", lambda: households(shared=False)),
    ("shifted-rows", lambda: given(moved(0))),
    ("misaligned-columns", lambda: given(block(60, 160, together=True))),
    ("sorted-target", lambda: given(clean(y=[answer for answer, _ in zip(YES, AT, strict=True)]))),
    ("label-noise", lambda: given(labelled(0.0))),
    ("label-noise", lambda: given(labelled(0.0, apart=1.0))),
    ("class-not-judged", lambda: judged(without="")),
    ("leakage", lambda: given(keyed(0.5))),
    ("leakage", lambda: given(parted(1.0))),
    ("leakage", lambda: given(clean(c=empty(AT % 2 == 0, HOURS)))),
    ("identifier-leak", lambda: given(clean(id=[f"T-{7 * i:05}" for i in range(N)]))),
    ("time-leakage", lambda: dated(slice(200, 240))),
    ("missing-depends-on-target", lambda: given(clean(c=empty(AT % 3 > 0, LONG)))),
    ("missing-together", lambda: given(clean(c=empty(AT % 10 == 0, LONG), d=empty(AT % 10 == 5, numbers())))),
    ("personal-data", lambda: given(clean(c=put(LONG, r3="version 1.2.3.4 at 12:30", r5="card 4539 1488 0343 6468")))),
    ("personal-data", lambda: given(clean(c=[str(card - card % 7) for card in CARDS], d=[str(i) for i in AT]))),
    ("personal-data", lambda: given(clean(c=[f"part 1234{i:04}Z" for i in range(N)], d=HOURS, e=numbers()))),
]


@pytest.mark.parametrize(("code", "where", "row", "made"), FAULTS, ids=[f"{c}-{i}" for i, (c, *_) in enumerate(FAULTS)])
def test_a_planted_fault_is_found_and_placed(code: str, where: str, row: int | None, made: Callable[[], Walk]) -> None:
    walked = made()
    found = [finding for finding in walked.found(code) if finding.where == where]
    assert found, walked.readiness().findings
    assert row is None or row in [finding.row for finding in found]
    assert all(finding.seen and finding.next and finding.level != Level.BLOCK for finding in found)


@pytest.mark.parametrize(("code", "made"), TWINS, ids=[f"{c}-{i}" for i, (c, *_) in enumerate(TWINS)])
def test_without_the_fault_nothing_is_said(code: str, made: Callable[[], Walk]) -> None:
    assert made().found(code) == []
