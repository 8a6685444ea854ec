"""The probabilities behind the tickets: drawing by them, and what they say of the outputs given the inputs.

    app country plan time -> issue -> wait, tags, sentences
                       issue plan wait -> action -> request
                 issue action plan wait country -> refund

The outputs' distribution given all inputs follows by Bayes' rule, row by row; nothing in it is estimated. The
wait is rounded to a tenth of a second, which moves a probability by less than a millionth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from landmark.core.table import Floats, Ints, Mask
from landmark.demo.issues import (
    ACTIONS,
    APPS,
    ASKS,
    COUNTRIES,
    ISSUES,
    PLANS,
    TAGS,
    TIMES,
    VAGUE_SENTENCES,
    VAGUE_SUBJECTS,
)

START, DAYS = np.datetime64("2023-07-03", "s"), 364  # a Monday, and 52 whole weeks
HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 11, 11, 10, 9, 8, 8, 7, 5, 3, 2.0])
"""Weight of each hour of the day; it is night until 6, morning until 12, afternoon until 18."""
WEEKDAYS = np.array([14, 13, 12, 12, 12, 7, 6.0])
OWN, NEAR = 0.72, 0.08
"""Share of the subjects and sentences that are the issue's own, and that are a near issue's; the rest is vague."""
FALLING = 0.5
"""How much rarer each of an issue's sentences is than the one before: few are said often, some seldom."""
SENTENCES = np.array([0.0, 0.2, 0.4, 0.4])
"""Probability of none, one, two and three sentences about the matter."""
ASKING, FITTING = 0.9, 0.92
"""Probability that a ticket asks for something, and that what it asks for goes with the action."""
TAGGED, STRAY_TAG = 0.55, 0.04
"""Probability of a tag that goes with the issue, and of any other."""
WAIT_SPREAD = 0.9
"""Standard deviation of the logarithm of the wait."""
QUICKER = np.array([1.3, 1.0, 0.8, 0.5])
"""Factor of the wait by plan."""
UNRECORDED = {"shop": 0.06, "mobile": 0.10, "web": 0.04, "billing": 0.02, "api": 0.15, "kiosk": 0.25}
"""Probability that the wait is missing, by app."""
PLAN_ACTIONS = np.array([[2.0, 0.8, 1, 0.7, 0.4], [1.3, 1, 1, 1, 0.8], [1, 1, 1, 1.3, 1.2], [0.6, 1.2, 1, 2.0, 3.0]])
"""Factors of the weights of the actions by plan."""
USUAL_WAIT_S, WAIT_ACTIONS = 600.0, np.array([-0.4, 0.1, 0.0, 0.1, 0.5])
"""After a wait of x times the usual, the weight of an action is multiplied by x to this power."""
PLAN_REFUND = np.array([0.0, 12.0, 30.0, 70.0])
ACTION_REFUND = np.array([0.0, 15.0, 7.0, 2.0, 4.0])
COUNTRY_REFUND = np.array([6.0, 3.0, 4.0, 2.0, 0.0, 0.0, 1.0, 5.0, 0.0, 3.0])
WAIT_REFUND = 5.0
"""What plan, action, country, and each e-fold of the wait above a minute add to the mean refund of an issue, in USD."""
REFUND_SHAPE = 4.5
"""Shape of the gamma distribution around the mean refund: its spread is 47 % of the mean."""
_CHUNK = 20_000  # rows whose joint distribution over issue and action is held at a time


@dataclass(frozen=True)
class Tickets:
    """n tickets as numbers: places in the lists of `issues.py`, and -1 for no sentence and no request."""

    app: Ints
    country: Ints
    plan: Ints
    second: Ints
    issue: Ints
    wait: Floats
    tags: Mask
    action: Ints
    subject: Ints
    sentences: Ints
    ask: Ints
    refund: Floats

    @property
    def rows(self) -> int:
        """Return the number of tickets."""
        return len(self.issue)

    def part(self, start: int, end: int) -> Tickets:
        """Return some of the tickets, one after the other."""
        return Tickets(**{name: values[start:end] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _Law:
    """Tables of probabilities (issues, ...), made once from `issues.py`."""

    app: Floats
    time: Floats
    weekend: Floats
    plan: Floats
    subject: Floats
    sentence: Floats
    tag: Floats
    action: Floats
    ask: Floats


@cache
def _law() -> _Law:
    names = [issue.name for issue in ISSUES]
    near = [[names.index(name) for name in issue.near] for issue in ISSUES]
    rate = np.array([issue.rate for issue in ISSUES])
    return _Law(
        app=rate[:, None] * [[issue.apps.get(app, 1.0) for app in APPS] for issue in ISSUES],
        time=np.array([[issue.when.get(time, 1.0) for time in TIMES] for issue in ISSUES]),
        weekend=np.array([[1.0, issue.weekend] for issue in ISSUES]),
        plan=np.array([[issue.paying**step for step in range(len(PLANS))] for issue in ISSUES]),
        subject=_wordings([issue.subjects for issue in ISSUES], near, VAGUE_SUBJECTS),
        sentence=_wordings([issue.sentences for issue in ISSUES], near, VAGUE_SENTENCES),
        tag=np.array([[TAGGED if tag in issue.tags else STRAY_TAG for tag in TAGS] for issue in ISSUES]),
        action=np.array([issue.actions for issue in ISSUES]),
        ask=_asks(),
    )


def _wordings(own: list[tuple[str, ...]], near: list[list[int]], vague: tuple[str, ...]) -> Floats:
    """Return the probability (issues, sentences) of every sentence: all issues' own in order, then the vague ones.

    Of an issue's sentences each is FALLING times as frequent as the one before it.
    """
    sizes = [len(sentences) for sentences in own]
    starts = np.cumsum([0, *sizes])
    table = np.zeros((len(own), starts[-1] + len(vague)))
    table[:, starts[-1] :] = (1 - OWN - NEAR) / len(vague)
    for i in range(len(own)):
        for j, share in ((i, OWN), *((j, NEAR / len(near[i])) for j in near[i])):
            weights = FALLING ** np.arange(sizes[j])
            table[i, starts[j] : starts[j + 1]] += share * weights / weights.sum()
    return table


def _asks() -> Floats:
    """Return the probability (actions, requests) of every request, given that there is one."""
    table = np.zeros((len(ACTIONS), sum(map(len, ASKS))))
    start = 0
    for i, requests in enumerate(ASKS):
        table[:, start : start + len(requests)] = (1 - FITTING) / (len(ASKS) - 1) / len(requests)
        table[i, start : start + len(requests)] = FITTING / len(requests)
        start += len(requests)
    return table


def draw(rows: int, rng: np.random.Generator) -> Tickets:
    """Return tickets (rows,) in the order of time."""
    law = _law()
    app, country, plan = (_draw(rng, _shares(weights), rows) for weights in (APPS, COUNTRIES, PLANS))
    day = 7 * rng.integers(0, DAYS // 7, rows) + _draw(rng, WEEKDAYS / WEEKDAYS.sum(), rows)
    second = np.sort(86_400 * day + 3_600 * _draw(rng, HOURS / HOURS.sum(), rows) + rng.integers(0, 3_600, rows))
    issue = _draw(rng, np.exp(_log_issue(app, plan, second)), rows)
    wait = np.exp(_log_wait(issue, plan) + WAIT_SPREAD * rng.normal(size=rows)).round(1)
    wait[rng.random(rows) < np.array([UNRECORDED[name] for name in APPS])[app]] = np.nan
    tags = rng.random((rows, len(TAGS))) < law.tag[issue]
    action = _draw(rng, np.exp(_log_action(plan, wait)[np.arange(rows), issue]), rows)
    count = _draw(rng, SENTENCES, rows)
    subject = _draw(rng, law.subject[issue], rows)
    each = [np.where(i < count, _draw(rng, law.sentence[issue], rows), -1) for i in range(len(SENTENCES) - 1)]
    ask = np.where(rng.random(rows) < ASKING, _draw(rng, law.ask[action], rows), -1)
    mean = mean_refund(plan, country, wait)[np.arange(rows), issue, action]
    refund = (mean * rng.gamma(REFUND_SHAPE, 1 / REFUND_SHAPE, rows)).round(2)
    return Tickets(
        app, country, plan, second, issue, wait, tags, action, subject, np.stack(each, axis=1), ask, refund
    )  # fmt: skip


def belief(tickets: Tickets) -> dict[str, Floats]:
    """Return what all inputs tell of the outputs: probabilities (n, issues), (n, actions), the mean refund (n,)."""
    parts = [_belief(tickets.part(i, i + _CHUNK)) for i in range(0, tickets.rows, _CHUNK)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _belief(tickets: Tickets) -> dict[str, Floats]:
    joint = _log_joint(tickets)
    joint = np.exp(joint - joint.max(axis=(1, 2), keepdims=True))
    joint /= joint.sum(axis=(1, 2), keepdims=True)
    refund = (joint * mean_refund(tickets.plan, tickets.country, tickets.wait)).sum(axis=(1, 2))
    return {"issue_type": joint.sum(axis=2), "action": joint.sum(axis=1), "refund": refund}


def _log_joint(tickets: Tickets) -> Floats:
    """Return log P(issue, action, all inputs) (n, issues, actions) up to a constant of each row."""
    law = _law()
    issue = _log_issue(tickets.app, tickets.plan, tickets.second)
    middle = _log_wait(np.arange(len(ISSUES)), tickets.plan[:, None])
    off = (np.log(tickets.wait)[:, None] - middle) / WAIT_SPREAD
    issue += np.where(np.isnan(off), 0.0, -0.5 * off**2)
    issue += np.where(tickets.tags[:, None, :], np.log(law.tag), np.log1p(-law.tag)).sum(axis=2)
    issue += _log(law.subject.T)[tickets.subject]
    for sentence in tickets.sentences.T:
        issue += np.where(sentence[:, None] >= 0, _log(law.sentence.T)[sentence], 0.0)
    asked = np.where(tickets.ask[:, None] >= 0, np.log(law.ask.T)[tickets.ask], 0.0)
    return issue[:, :, None] + _log_action(tickets.plan, tickets.wait) + asked[:, None, :]


def _log_issue(app: Ints, plan: Ints, second: Ints) -> Floats:
    """Return log P(issue | app, plan, time) (n, issues)."""
    law = _law()
    time, weekend = second % 86_400 // 21_600, (second // 86_400 % 7 >= 5).astype(int)
    weights = law.app[:, app] * law.plan[:, plan] * law.time[:, time] * law.weekend[:, weekend]
    return _log(weights / weights.sum(axis=0)).T


def _log_wait(issue: Ints, plan: Ints) -> Floats:
    """Return the mean of the logarithm of the wait in seconds."""
    return _log(np.array([kind.wait_s for kind in ISSUES])[issue] * QUICKER[plan])


def _log_action(plan: Ints, wait: Floats) -> Floats:
    """Return log P(action | issue, plan, wait) (n, issues, actions). A wait that is not recorded is the usual one."""
    times = np.where(np.isnan(wait), 1.0, wait / USUAL_WAIT_S)
    row = PLAN_ACTIONS[plan] * times[:, None] ** WAIT_ACTIONS
    weights = _law().action * row[:, None, :]
    return _log(weights / weights.sum(axis=2, keepdims=True))


def mean_refund(plan: Ints, country: Ints, wait: Floats) -> Floats:
    """Return the mean refund in USD (n, issues, actions)."""
    waited = np.where(np.isnan(wait), USUAL_WAIT_S, wait)
    row = PLAN_REFUND[plan] + COUNTRY_REFUND[country] + WAIT_REFUND * np.log1p(waited / 60)
    issue = np.array([kind.refund for kind in ISSUES])
    mean: Floats = row[:, None, None] + issue[:, None] + ACTION_REFUND
    return mean


def _shares(weights: dict[str, int]) -> Floats:
    values = np.array(list(weights.values()), np.float64)
    shares: Floats = values / values.sum()
    return shares


def _draw(rng: np.random.Generator, probabilities: Floats, rows: int) -> Ints:
    """Return places (rows,) drawn from probabilities (k,) or (rows, k)."""
    edges = np.cumsum(np.broadcast_to(probabilities, (rows, probabilities.shape[-1])), axis=1)
    above = rng.random(rows)[:, None] * edges[:, -1:] >= edges
    places: Ints = above.sum(axis=1, dtype=np.int64)
    return places


def _log(probabilities: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        result: Floats = np.log(probabilities)
    return result
