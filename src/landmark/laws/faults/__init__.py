"""Faults that real tables suffer from, to be planted in clean ones: what a check must find, and nothing else.

A fault is a function in one of the files of this folder; it is found there by itself. Plant one with
`FAULTS[name].plant(Ground(rows, question, test), rng, "medium")`: it gives the ground with the fault in it and says
what was `Planted`, or None where no column there can have it. A check that does not know the fault finds it, or not:
`planted.is_found(findings)`.
"""

from __future__ import annotations

from landmark.laws.faults import amounts, cells, columns, dates, drifts, gaps, labels, leaks, personal, rows, units
from landmark.laws.faults.fault import STRENGTHS, Fault, Planted, Strength
from landmark.laws.faults.ground import Ground

__all__ = ["FAULTS", "STRENGTHS", "Fault", "Ground", "Planted", "Strength"]

_ROOMS = (cells, dates, amounts, units, gaps, columns, rows, labels, leaks, drifts, personal)
FAULTS: dict[str, Fault] = {
    found.name: found for room in _ROOMS for found in vars(room).values() if isinstance(found, Fault)
}
"""Every fault that can be planted, by its name."""
