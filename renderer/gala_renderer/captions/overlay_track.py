"""Captions over a picture or a video, as FFmpeg filters. Pure except for ``CaptionTrack.write``.

All pictures of a track have the same size and position, so that the track is a small video: a list
of PNG files, each with a number of frames. Over a still picture, frames are composed once per
caption and then repeated to the frame rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

Stream: TypeAlias = Any
"""A node of an ffmpeg-python graph."""

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
    """A picture shown from ``start`` to ``end``, in seconds."""

    start: float
    end: float
    picture: str
    """File name of a PNG in the track's folder."""


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """Timed pictures of one ``size``, with their top left corner at ``x``, ``y`` of the canvas.

    ``blank`` is the name of an empty picture, shown between cues. ``rate`` is in frames per
    second; each picture appears on the frame nearest to its time.
    """

    folder: Path
    rate: Fraction
    blank: str
    x: int
    y: int
    size: tuple[int, int]
    cues: tuple[Cue, ...]
    missing: tuple[str, ...] = ()
    """Characters that no available font can draw."""
    unplaced: int = 0
    """Captions for which there was no room beside others that are shown at the same time."""

    @property
    def path(self) -> Path:
        """The list of pictures for FFmpeg, written by :meth:`write`."""
        return self.folder / LIST_NAME

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the job's log."""
        no_font = f"no font here has {' '.join(self.missing)}"
        no_room = f"there is no room for {self.unplaced} captions beside others of the same time"
        return (*([no_font] if self.missing else ()), *([no_room] if self.unplaced else ()))

    def frames(self) -> tuple[tuple[str, int], ...]:
        """Return picture names and their frame counts, in order, ending with one blank frame."""
        return tuple(_frames(self.cues, self.rate, self.blank))

    def write(self) -> None:
        """Write the list of pictures as an ffconcat file."""
        self._write(self.frames())

    def write_whole(self, frames: int, *, longest: int) -> None:
        """Write the list for a video of ``frames`` frames.

        The empty picture is shown to its end, and a picture that is shown for more than
        ``longest`` frames is listed again where each of them starts, counted from the first frame.
        """
        *shown, _ = self.frames()
        self._write(_divided([*shown, (self.blank, frames)], frames, longest))

    def _write(self, listed: Iterable[tuple[str, int]]) -> None:
        rate = f"{self.rate.numerator}/{self.rate.denominator}"
        lines = ["ffconcat version 1.0"]
        for name, count in listed:
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


def _divided(
    listed: Iterable[tuple[str, int]], frames: int, longest: int
) -> Iterator[tuple[str, int]]:
    """Yield pictures up to the last of ``frames``, divided at multiples of ``longest`` frames."""
    at = 0
    for name, count in listed:
        end = min(at + count, frames)
        while at < end:
            edge = min(end, (at // longest + 1) * longest)
            yield name, edge - at
            at = edge


def over_video(base: Stream, track: CaptionTrack) -> Stream:
    """Overlay captions on footage at the track's rate (8 bit 4:2:0, BT.709), for its length."""
    return _over_footage(base, track, "yuv420").filter("format", "yuv420p")


def over_transparent(base: Stream, track: CaptionTrack) -> Stream:
    """Overlay captions on footage with transparency (``yuva420p``), which is kept."""
    return _over_footage(base, track, "auto")


def _over_footage(base: Stream, track: CaptionTrack, form: str) -> Stream:
    # The last, empty picture is repeated without end; `shortest` stops at the end of the footage.
    endless = track_pictures(track).filter("tpad", stop=-1, stop_mode="clone")
    return _overlay(base, endless, track.x, track.y, form, shortest=1)


def over_still(
    picture: Stream, track: CaptionTrack, *, width: int, height: int, frames: int
) -> Stream:
    """Overlay captions on one frame (8 bit 4:2:0, BT.709), repeated for ``frames`` frames."""
    drawn = drawn_over_still(picture, track, width=width, height=height)
    rate = f"{track.rate.numerator}/{track.rate.denominator}"
    held = drawn.filter("fps", rate).filter("tpad", stop=-1, stop_mode="clone")
    return _tagged(held.trim(end_frame=frames))


def drawn_over_still(picture: Stream, track: CaptionTrack, *, width: int, height: int) -> Stream:
    """Overlay captions on one frame (8 bit 4:2:0, BT.709), once for each listed picture.

    A copy of the track, padded to the canvas size, provides only the timing.
    """
    copies = track_pictures(track).split()
    timing = copies[0].filter("format", "yuv420p").filter("pad", w=width, h=height)
    composed = _overlay(timing, picture, 0, 0)
    return _tagged(_overlay(composed, copies[1], track.x, track.y).filter("format", "yuv420p"))


def _tagged(shown: Stream) -> Stream:
    return shown.filter("setsar", 1).filter("setparams", **_TAGS)


def _overlay(
    base: Stream, picture: Stream, x: int, y: int, form: str = "yuv420", **more: int
) -> Stream:
    return ffmpeg.filter([base, picture], "overlay", x=x, y=y, format=form, eval="init", **more)


def track_pictures(track: CaptionTrack, number: int = 0) -> Stream:
    """Return the track's pictures with transparency (``yuva420p``), each at its time.

    ``number`` keeps them apart from those of the same track elsewhere in the graph.
    """
    source = ffmpeg.input(
        str(track.path),
        f="concat",
        # The list is trusted; safe mode would not allow it to set the frame rate of its files.
        safe=0,
        format_whitelist="concat,png_pipe",
        protocol_whitelist="file",
    ).video
    if number:
        source = source.filter("setpts", f"PTS+{number}-{number}")
    return source.filter("scale", **_BT709).filter("format", "yuva420p")
