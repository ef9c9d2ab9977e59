"""The cheapest way from one side of a grid of costs to the other."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FARTHEST: Final = 2
"""Steps that the way may go to the side from one column to the next."""


def cheapest_path(costs: NDArray[np.float32], bend: float) -> NDArray[np.intp]:
    """Return the step of each column on the cheapest way through costs of shape [columns, steps].

    Moving to the side costs ``bend`` times the square of the part of all steps, in quarters; found
    by dynamic programming.
    """
    columns, steps = costs.shape
    total = costs[0]
    came = np.zeros((columns, steps), np.intp)
    moves = np.arange(-_FARTHEST, _FARTHEST + 1)
    penalty = (bend * (moves / steps * 4) ** 2).astype(np.float32)[:, None]
    padded_index = np.arange(steps)[None] + moves[:, None] + _FARTHEST
    for column in range(1, columns):
        padded = np.pad(total, _FARTHEST, constant_values=np.inf)
        options = padded[padded_index] + penalty
        best = options.argmin(0)
        came[column] = np.arange(steps) + moves[best]
        total = options[best, np.arange(steps)] + costs[column]
    path = [int(total.argmin())]
    for column in range(columns - 1, 0, -1):
        path.append(int(came[column, path[-1]]))
    return np.array(path[::-1], np.intp)
