"""Whether a model may answer: the gate's verdict and the name that stands for it, as far as that can be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from landmark.artifacts.manifest import Manifest
from landmark.core.errors import UserError
from landmark.core.findings import Finding, warn
from landmark.serving.predictor import Predictor
from landmark.store.lineage import last_word
from landmark.store.store import Mark

Told: TypeAlias = Callable[[Manifest], Sequence[Mark] | None]
"""Returns what people said of a model, newest first; None where no store that knows it is at hand."""


@dataclass(frozen=True)
class Standing:
    """What a caller may know of a model: whether the gate passed it, and who signed it."""

    passed: bool
    signed_by: str | None
    findings: tuple[Finding, ...]


def unseen(manifest: Manifest) -> None:
    """Say that no store is at hand."""


def standings(models: Mapping[str, Predictor], told: Told = unseen) -> dict[str, Standing]:
    """Return how each model stands, by the name it answers to. Raises: UserError for one that a person rejected."""
    return {name: _standing(name, model.manifest, told(model.manifest)) for name, model in models.items()}


def _standing(name: str, manifest: Manifest, marks: Sequence[Mark] | None) -> Standing:
    word, passed = last_word(marks or ()), bool(manifest.gate.get("passed"))
    if word is not None and word.mark == "rejected":
        fix = "serve another (landmark model list), or sign this one again: landmark sign MODEL --by NAME"
        raise UserError(f"model {name}", f"{word.by} rejected it", seen=word.note or None, fix=fix)
    findings = []
    if not passed:
        why = [found["seen"] for found in manifest.gate.get("findings", ()) if found["level"] == "block"]
        seen = ": ".join(["the gate refused this model", *(["; ".join(why)] if why else [])])
        findings.append(warn("gate-refused", name, seen, "serve the one before it until a better one has passed"))
    if marks is None:
        seen = "no store that knows this model is at hand, so whether somebody signed or rejected it cannot be seen"
        findings.append(warn("signature-unseen", name, seen, "serve it where it was trained, or with -c FILE"))
    elif word is None and passed:
        findings.append(warn("unsigned", name, "no name stands for this model", "landmark sign MODEL --by NAME"))
    return Standing(passed, None if word is None else word.by, tuple(findings))
