"""What no machine can see: whose data it is, whether it may be used for this, and what its limits are."""

from __future__ import annotations

from collections.abc import Iterator

from landmark.artifacts.readiness import ReadinessLevel
from landmark.checks import Evidence
from landmark.core.findings import Finding, warn

HOLDS_AT: ReadinessLevel = "A2"
FALSE_ALARMS = 0.0


def check(evidence: Evidence) -> Iterator[Finding]:
    """Say that a person has yet to answer for the data; a waiver of this finding is that answer."""
    seen = "nobody has attested owner, licence, legal basis and known limits of the data"
    todo = 'readiness: {waive: [{code: attestation, by: NAME, why: "owner, licence, legal basis, limits"}]}'
    yield warn("attestation", "data", seen, todo)
