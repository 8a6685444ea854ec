"""One word to the C library about memory that is freed."""

from __future__ import annotations

import numpy as np

KEEP = 4 << 20
"""Bytes: more than any array of a block has. As much again is kept for each thread."""


def keep_memory() -> None:
    """Let the C library keep what is freed, so that the arrays of each block are not new pages of memory again.

    glibc takes the size of a large piece that is freed as the size from which on it asks the system anew; elsewhere
    this does nothing. Hashing a block of texts takes a third of the time then.
    Source: mallopt(3), M_MMAP_THRESHOLD, "dynamic mmap threshold".
    """
    np.empty(KEEP, np.uint8)
