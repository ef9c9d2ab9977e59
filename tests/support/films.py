"""Small films of compositions, and what is seen and heard in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.support.engine import EngineHarness, Made

SIZE = (160, 120, 20)
Frames = NDArray[np.uint8]


def frames_of(path: Path) -> Frames:
    """Return the frames as RGB."""
    with av.open(path) as film:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])


def sound_of(path: Path) -> tuple[NDArray[np.float64], int]:
    """Return the mean of the channels, and the samples per second."""
    with av.open(path) as film:
        parts = [frame.to_ndarray() for frame in film.decode(audio=0)]
        return np.concatenate(parts, axis=1).mean(axis=0), film.streams.audio[0].rate


def is_near(pixel: Any, color: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool(np.abs(np.asarray(pixel, dtype=int) - color).max() <= tolerance)


def edges(frame: Frames, color: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the pixels of about that color."""
    near = np.abs(frame.astype(int) - color).max(axis=2) < 60
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def made(engine: EngineHarness, params: dict[str, Any], *media: Path) -> Made:
    return engine.make("timeline", {"quality": "draft", **params}, size=SIZE, media=media)


def shape(color: str, **fields: Any) -> dict[str, Any]:
    return {"type": "shape", "color": color, **fields}
