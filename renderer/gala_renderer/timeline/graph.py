"""Streams of a composition: spans of frames, and what is laid over what when. Pure.

All streams have the film's frame rate, and time stamps of the film.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Final

import ffmpeg

from gala_renderer.ffmpeg.inputs import Stream, own_input, seconds_text
from gala_renderer.ffmpeg.video_source import rate_text

TAGS: Final = {
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
    "range": "tv",
}


_EARLY: Final = Fraction(1, 1_000_000)
"""Seconds by which a time may be before that of its frame: people and plans round times."""


def frame_at(seconds: float, rate: Fraction) -> int:
    """Return the number of the frame that is shown at a second of the film."""
    # As it was written: 0.3 as a float is a little less, which is another frame.
    return floor((Fraction(str(seconds)) + _EARLY) * rate)


@dataclass(frozen=True, slots=True)
class Span:
    """The frames of the film from ``first`` to before ``end``."""

    first: int
    end: int
    rate: Fraction

    @property
    def frames(self) -> int:
        """Number of frames; 0 if it is empty."""
        return max(0, self.end - self.first)

    @property
    def start(self) -> Fraction:
        """Seconds of the first frame."""
        return self.first / self.rate

    @property
    def expression(self) -> str:
        """FFmpeg's expression for it, in times between frames: rounding cannot move an edge."""
        half = Fraction(1, 2)
        start, stop = (float((at - half) / self.rate) for at in (self.first, self.end))
        return f"gte(t,{seconds_text(start)})*lt(t,{seconds_text(stop)})"

    def within(self, first: int, end: int) -> Span:
        """Return the frames that are also from ``first`` to before ``end``."""
        return Span(max(self.first, first), min(self.end, end), self.rate)

    def on_time(self, stream: Stream) -> Stream:
        """Return frames whose time stamps begin anywhere at the time of the span."""
        # In whole frames: FFmpeg cuts fractions off, and would lose one to rounding.
        return stream.filter("settb", f"1/{self.rate}").filter(
            "setpts", f"PTS-STARTPTS+{self.first}"
        )

    def repeated(self, still: Stream) -> Stream:
        """Return one frame as all frames of the span."""
        return self.on_time(repeated(still, self.rate).trim(end_frame=self.frames))


@dataclass(frozen=True, slots=True)
class Branch:
    """Frames of something seen; one frame that stands for all if ``is_still``."""

    stream: Stream
    is_still: bool = False

    def moving(self, span: Span) -> Stream:
        """Return all frames of the span."""
        return span.repeated(self.stream) if self.is_still else self.stream


def repeated(one: Stream, rate: Fraction) -> Stream:
    """Return one frame without end."""
    looped = one.filter("loop", loop=-1, size=1).filter("settb", f"1/{rate}")
    return looped.filter("setpts", "N").filter("fps", rate_text(rate))


def converted(drawn: Stream, pixels: str) -> Stream:
    """Return pictures in RGB in another pixel format, in BT.709."""
    return drawn.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", pixels)


def png(path: Any, pixels: str, number: int) -> Stream:
    """Return a PNG that GALA drew; ``number`` keeps it apart from others of the same file."""
    return converted(own_input(path).filter("setpts", f"PTS+{number}-{number}"), pixels)


def filling(swatch: Stream, size: tuple[int, int]) -> Stream:
    """Return small pictures of one color in another size."""
    return swatch.filter("scale", w=size[0], h=size[1], flags="neighbor").filter("setsar", 1)


def over(base: Stream, top: Branch, corner: tuple[int, int], span: Span) -> Stream:
    """Lay a branch over the frames of the span; both corners are even."""
    return ffmpeg.filter(
        [base, top.stream],
        "overlay",
        x=corner[0],
        y=corner[1],
        format="yuv420",
        eof_action="repeat" if top.is_still else "pass",
        eval="init",
        enable=span.expression,
    )


def raw_frames(
    path: Any, size: tuple[int, int], rate: Fraction, *, alpha: bool, number: int = 0
) -> Stream:
    """Return the frames that a program writes to a pipe or a file: 8-bit 4:2:0 in BT.709.

    ``number`` differs for each use of a file, because ffmpeg-python would merge them.
    """
    raw = ffmpeg.input(
        str(path),
        f="rawvideo",
        pixel_format="yuva420p" if alpha else "yuv420p",
        video_size=size,
        framerate=rate_text(rate),
        thread_queue_size=2 + number,
    ).video
    return raw.filter("setparams", **TAGS).filter("setsar", 1)
