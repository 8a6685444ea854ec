"""`landmark model reject`: a person says that a model must not be used."""

from __future__ import annotations

from landmark.cli.marking import marking

command = marking("rejected", "Say in your name that MODEL must not be used.", "Why not.")
