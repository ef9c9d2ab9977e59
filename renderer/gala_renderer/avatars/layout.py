"""How several presenters share a frame."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, TypeAlias

Region: TypeAlias = tuple[int, int, int, int]
"""Left, top, width and height in pixels; all even."""

_ABOVE_SEAM: Final = 0.045
"""Of the height: half of two lines of captions."""


def regions(size: tuple[int, int], count: int) -> tuple[Region, ...]:
    """Return the regions of 1 to 4 presenters in a frame of ``size`` (width, height; even).

    Two or three are side by side in wide and square frames and one above the other in upright
    ones; four are in two rows. Together the regions fill the frame.
    """
    width, height = size
    upright = height > width
    columns = {1: 1, 4: 2}.get(count, 1 if upright else count)
    rows = -(-count // columns)
    across = [_even(width * at / columns) for at in range(columns + 1)]
    down = [_even(height * at / rows) for at in range(rows + 1)]
    return tuple(
        (left, top, right - left, bottom - top)
        for top, bottom in pairwise(down)
        for left, right in pairwise(across)
    )


def captions_height(size: tuple[int, int], count: int) -> float | None:
    """Return where captions hide no face, as a fraction of the height; None where they usually are.

    Where presenters are above one another, that is the chest of the last but one: the usual place
    is the mouth of the last.
    """
    tops = sorted({top for _, top, _, _ in regions(size, count)})
    return None if len(tops) == 1 else tops[-1] / size[1] - _ABOVE_SEAM


def sides(count: int, *, upright: bool) -> tuple[tuple[float, float], ...]:
    """Return the centres of the regions of a unit frame; tells who sits where."""
    size = (900, 1600) if upright else (1600, 900)
    found = regions(size, count)
    return tuple(((x + w / 2) / size[0], (y + h / 2) / size[1]) for x, y, w, h in found)


def _even(value: float) -> int:
    return 2 * round(value / 2)
