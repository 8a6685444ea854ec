"""From token tensors to bags: one sparse matrix of summed weights, which is what every model makes of TOKENS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landmark.core.table import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def csr(codes: Ints, weights: Floats, size: int) -> csr_array:
    """Return tokens (n, length) with weights (n, length) as a sparse matrix float64 (n, size) of summed weights.

    Tokens of no weight (padding among them) are left out. Rows stay in order; within a row columns are
    sorted and each stands once. The memory needed is that of the tensors, so feed a chunk of rows at a time.

    >>> csr(np.array([[3, 2, 3], [0, 0, 0]]), np.array([[1.0, 0.5, 1.0], [0.0, 0.0, 0.0]]), 4).toarray()
    array([[0. , 0. , 0.5, 2. ],
           [0. , 0. , 0. , 0. ]])
    """
    from scipy.sparse import csr_array as matrix

    heavy = weights != 0
    starts = np.concatenate([[0], np.cumsum(heavy.sum(axis=1))])
    bag = matrix((weights[heavy], codes[heavy].astype(np.int32), starts), shape=(len(codes), size))
    bag.sum_duplicates()
    return bag
