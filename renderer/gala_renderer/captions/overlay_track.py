"""Captions over a picture or a video, as FFmpeg's filters. Pure but for ``CaptionTrack.write``.

All pictures of a track have one size and one place, so that the track is a little video of its own:
a list of our PNGs, each with a number of frames. Over a still picture everything is composed once a
caption, and only then repeated to the frame rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

Stream: TypeAlias = Any
"""A node of ffmpeg-python's graph."""

LIST_NAME: Final = "captions.ffconcat"
_BT709: Final = {"out_color_matrix": "bt709", "out_range": "tv"}
_TAGS: Final = {
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
    "range": "tv",
}


@dataclass(frozen=True, slots=True)
class Cue:
    """A picture that is shown from ``start`` to ``end``, in seconds."""

    start: float
    end: float
    picture: str
    """File name of a PNG of ours, in the track's folder."""


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """Pictures in time, all of one size, with their corner at ``x``, ``y`` of the canvas.

    ``blank`` is the name of one with nothing on it, shown between cues. ``rate`` is frames a
    second: each picture appears on the frame nearest to its time.
    """

    folder: Path
    rate: Fraction
    blank: str
    x: int
    y: int
    cues: tuple[Cue, ...]
    missing: tuple[str, ...] = ()
    """Characters that no font here can draw."""

    @property
    def path(self) -> Path:
        """The list that FFmpeg reads; made by :meth:`write`."""
        return self.folder / LIST_NAME

    def frames(self) -> tuple[tuple[str, int], ...]:
        """What is shown for how many frames, from the first on; at last nothing, for one frame."""
        return tuple(_frames(self.cues, self.rate, self.blank))

    def write(self) -> None:
        """Write the list of pictures for FFmpeg."""
        rate = f"{self.rate.numerator}/{self.rate.denominator}"
        lines = ["ffconcat version 1.0"]
        for name, count in self.frames():
            seconds = count / self.rate
            lines += [
                f"file {name}",
                f"option framerate {rate}",
                f"duration {float(seconds):.6f}",
            ]
        self.path.write_text("\n".join(lines) + "\n")


def _frames(cues: Sequence[Cue], rate: Fraction, blank: str) -> Iterator[tuple[str, int]]:
    at = 0
    for cue in cues:
        start, end = max(at, round(cue.start * rate)), round(cue.end * rate)
        if end <= start:
            continue
        if start > at:
            yield blank, start - at
        yield cue.picture, end - start
        at = end
    yield blank, 1


def over_video(base: Stream, track: CaptionTrack) -> Stream:
    """Captions over footage of the track's rate, 8 bit 4:2:0 in BT.709; as long as the footage."""
    # `shortest` ends it with the footage, and the last, empty picture lasts for ever.
    endless = _drawn(track).filter("tpad", stop=-1, stop_mode="clone")
    return _over(base, endless, track.x, track.y, shortest=1).filter("format", "yuv420p")


def over_still(
    picture: Stream, track: CaptionTrack, *, width: int, height: int, frames: int
) -> Stream:
    """Captions over one frame (8 bit 4:2:0 in BT.709), for ``frames`` frames of the track's rate.

    The picture is put under the captions once per cue: a frame of the track, made as large as the
    canvas, only tells when.
    """
    copies = _drawn(track).split()
    ticks = copies[0].filter("format", "yuv420p").filter("pad", w=width, h=height)
    ground = _over(ticks, picture, 0, 0)
    drawn = _over(ground, copies[1], track.x, track.y).filter("format", "yuv420p")
    rate = f"{track.rate.numerator}/{track.rate.denominator}"
    return (
        drawn.filter("fps", rate)
        .filter("tpad", stop=-1, stop_mode="clone")
        .trim(end_frame=frames)
        .filter("setsar", 1)
        .filter("setparams", **_TAGS)
    )


def _over(base: Stream, picture: Stream, x: int, y: int, **more: int) -> Stream:
    return ffmpeg.filter([base, picture], "overlay", x=x, y=y, format="yuv420", eval="init", **more)


def _drawn(track: CaptionTrack) -> Stream:
    """The track's pictures with their transparency, each at its time."""
    source = ffmpeg.input(
        str(track.path),
        f="concat",
        # The list is ours; "safe" ones may not tell the rate of their files.
        safe=0,
        format_whitelist="concat,png_pipe",
        protocol_whitelist="file",
    ).video
    return source.filter("scale", **_BT709).filter("format", "yuva420p")
