"""What a model file carries of the columns it has learnt from."""

from __future__ import annotations

from typing import Any

import numpy as np

from landmark.artifacts.profile import ColumnProfile


def compact(known: ColumnProfile) -> dict[str, Any]:
    """Return the reference summary that a model file carries: no value but numbers and repeated labels.

    A text that occurs once may be somebody's name; labels are kept where they repeat and the column has few.
    """
    kept: dict[str, Any] = {"count": known.count, "missing": known.missing, "distinct": known.distinct}
    numeric = {name: getattr(known, name) for name in ("minimum", "maximum", "mean", "std")}
    kept |= {name: value for name, value in numeric.items() if value is not None and np.isfinite(value)}
    if known.quantiles:
        kept["quantiles"] = list(known.quantiles)
    if known.length_max and known.numbers < 1:
        kept |= {"length_mean": known.length_mean, "length_max": known.length_max, "words_mean": known.words_mean}
    if known.distinct <= known.values / 10:
        kept["top"] = [[text, count] for text, count in known.top if count > 1]
    return kept
