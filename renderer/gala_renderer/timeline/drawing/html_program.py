"""Draws the frames of a page with Chromium, in the sandbox, in virtual time.

Run as a separate program, with a :class:`PageJob`:
``python -m gala_renderer.timeline.drawing.html_program <job.json>``.
It writes a PNG for each frame that differs from the one before it, and prints a
:class:`PageAnswer`.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image
from pydantic import BaseModel, ConfigDict

from gala_renderer.program_jobs import read_job
from gala_renderer.timeline.drawing.browser import Browser, PageError

_GRID: Final = 10
"""Steps of a millisecond to which Chromium rounds times; others it rounds by chance."""
_LEAST_SCALE: Final = 0.5
"""Pixels for each CSS pixel that Chromium draws at least."""
_SMALLER: Final = 1e-5
"""So that rounding does not add a pixel."""


@dataclass(frozen=True, kw_only=True)
class PageJob:
    """A page, and the frames of it that are wanted, counted from its start."""

    chromium: Path
    page: Path
    """A file with the HTML."""
    page_width: int
    """CSS pixels."""
    width: int
    height: int
    """Pixels of the frames."""
    rate: str
    """Frames per second, as a fraction."""
    first: int
    count: int
    folder: Path


class PageAnswer(BaseModel):
    """What was drawn: names of PNGs, each with the frames that it is shown; or what is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pictures: tuple[tuple[str, int], ...] = ()
    wrong: str | None = None


def times(rate: Fraction, first: int, count: int) -> Iterator[tuple[int, float]]:
    """Yield the number and the time in milliseconds of each frame up to the last one wanted."""
    for number in range(first + count):
        yield number, round(number * 1000 / rate * _GRID) / _GRID


def draw(job: PageJob) -> PageAnswer:
    """Draw the frames of a job."""
    scale, page_height = layout(job.page_width, job.width, job.height)
    browser = Browser(job.chromium, job.folder / "profile", scale)
    pictures: list[tuple[str, int]] = []
    last: bytes | None = None
    try:
        start = browser.open(job.page.read_text("utf-8"), job.page_width, page_height)
        before = 0.0
        for number, at in times(Fraction(job.rate), job.first, job.count):
            if number:
                browser.advance(at - before)
            before = at
            png = browser.frame(start + at)
            last = png or last
            if number < job.first:
                continue
            if last is None:
                raise PageError("Chromium draws no frame of it")
            if png is None and pictures:
                pictures[-1] = (pictures[-1][0], pictures[-1][1] + 1)
                continue
            name = f"frame-{number}.png"
            _save(last, (job.width, job.height), job.folder / name)
            pictures.append((name, 1))
    finally:
        browser.close()
    return PageAnswer(pictures=tuple(pictures))


def _save(png: bytes, size: tuple[int, int], path: Path) -> None:
    with Image.open(io.BytesIO(png)) as shown:
        if shown.size == size:
            path.write_bytes(png)
            return
        whole = shown.convert("RGBA")
    if abs(whole.width - size[0]) > 1:
        whole = whole.convert("RGBa").resize(size, Image.Resampling.BOX).convert("RGBA")
    whole.crop((0, 0, *size)).save(path, compress_level=1)


def layout(page_width: int, width: int, height: int) -> tuple[float, int]:
    """Return the pixels for each CSS pixel, and the height of the page in CSS pixels.

    Chromium draws the next whole number of pixels; if possible, that is the size of the frames.
    """
    page_height = max(1, math.ceil(height * page_width / width))
    scale = min(width / page_width, height / page_height) - _SMALLER
    if scale * page_width <= width - 1:
        scale = width / page_width - _SMALLER
    return max(_LEAST_SCALE, scale), page_height


def main(arguments: Sequence[str]) -> None:
    """Draw the page of a job file."""
    job = read_job(PageJob, Path(arguments[0]).read_bytes())
    try:
        answer = draw(job)
    except PageError as error:
        answer = PageAnswer(wrong=str(error))
    sys.stdout.write(answer.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
