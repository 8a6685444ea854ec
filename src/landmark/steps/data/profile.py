"""Step `profile`: one look at the training rows, and one, apart, at the judging rows."""

from __future__ import annotations

from landmark.artifacts.profile import Profile
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.statistics import summary


def profile(table: Table, split: Split, context: Context) -> Profile:
    """Return what is to be known of every column before its type is decided; rows are counted as in the table."""
    context.progress("profile: training rows", 0.0)
    train = summary.profile(training_rows(table, split), split.train, context.executor)
    context.progress("profile: judging rows", 0.5)
    test = summary.profile(judging_rows(table, split), split.test if table.test is None else None, context.executor)
    return Profile(train=train, test=test)
