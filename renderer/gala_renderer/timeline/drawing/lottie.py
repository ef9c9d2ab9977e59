"""Draws Lottie animations with ThorVG, in the sandbox.

Run as a separate program, it tries them: ``python -m gala_renderer.timeline.drawing.lottie
<job.json>``, with a list of :class:`Lottie`, prints a list of what is wrong with each, or null.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from thorvg_python.animation.lottie import LottieAnimation
from thorvg_python.base import Colorspace, Matrix
from thorvg_python.canvas.sw import SwCanvas
from thorvg_python.engine import Engine

from gala_renderer.program_jobs import job_of

Image = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Lottie:
    """An animation, and how it is played. ``step`` is its frames for each frame of the film."""

    path: Path
    width: float
    height: float
    frames: float
    fit: str
    step: float
    loop: bool
    count: int
    """Frames of the film."""

    def at(self, frame: int) -> float:
        """Return the animation's frame that a frame of the film shows."""
        place = frame * self.step
        if self.loop:
            return place % self.frames
        return min(place, max(0.0, self.frames - 1))


class Player:
    """An animation that is drawn at a size."""

    def __init__(self, lottie: Lottie, size: tuple[int, int]):
        # In this thread alone: FFmpeg encodes on all cores meanwhile.
        self._engine = Engine(threads=0)
        self._canvas = SwCanvas(self._engine)
        self._size = size
        self._canvas.set_target(*size, cs=Colorspace.ABGR8888S)
        if self._canvas.buffer_arr is None:
            raise ValueError("it is too large")
        self._buffer = self._canvas.buffer_arr
        self._animation = LottieAnimation(self._engine)
        picture = self._animation.get_picture()
        if picture.load_data(lottie.path.read_bytes(), "lottie", None, True) != 0:
            raise ValueError("it cannot be read")
        picture.set_transform(_matrix(lottie, size))
        self._canvas.add(picture)

    def draw(self, frame: float) -> Image:
        """Return a frame in RGBA; it changes when the next one is drawn."""
        self._animation.set_frame(frame)
        self._canvas.update()
        if self._canvas.draw(True) != 0 or self._canvas.sync() != 0:
            raise ValueError("it cannot be drawn")
        pixels = np.ctypeslib.as_array(self._buffer).view(np.uint8)
        return np.asarray(pixels.reshape(self._size[1], self._size[0], 4))


def _matrix(lottie: Lottie, size: tuple[int, int]) -> Matrix:
    across, down = size[0] / lottie.width, size[1] / lottie.height
    if lottie.fit != "fill":
        across = down = max(across, down) if lottie.fit == "cover" else min(across, down)
    left, top = (size[0] - lottie.width * across) / 2, (size[1] - lottie.height * down) / 2
    return Matrix(across, 0, left, 0, down, top, 0, 0, 1)


def frames(lottie: Lottie, size: tuple[int, int], skipped: int) -> Iterator[Image | None]:
    """Yield the pictures from ``skipped`` on; None where one is that before it."""
    player, before = Player(lottie, size), -1.0
    for number in range(skipped, lottie.count):
        at = lottie.at(number)
        yield None if at == before else player.draw(at)
        before = at


def main(arguments: Sequence[str]) -> None:
    """Draw a few frames of each animation of a job file."""
    answers: list[str | None] = []
    for one in json.loads(Path(arguments[0]).read_text(encoding="utf-8")):
        lottie = job_of(Lottie, one)
        try:
            player = Player(lottie, (64, 64))
            for part in (0.0, 0.5, 0.99):
                player.draw(lottie.frames * part)
        except ValueError as error:
            answers.append(str(error))
        else:
            answers.append(None)
    sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
