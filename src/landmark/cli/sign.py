"""`landmark sign`: a person answers for a model."""

from __future__ import annotations

from landmark.cli.marking import marking

command = marking(
    "signed",
    "Put your name to MODEL: it becomes the one its successors must not fall behind.",
    "Why you sign, and under what conditions.",
)
