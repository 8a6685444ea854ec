"""Floor 1: what travels between steps. Frozen records, one schema each, kept as files without pickling."""

from landmark.artifacts.artifact import Artifact, read, write

__all__ = ["Artifact", "read", "write"]
