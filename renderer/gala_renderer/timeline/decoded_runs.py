"""Neighbouring frames of a video, decoded together for one picture and kept for the next ones.

A frame is decoded from its last key frame on. Those just before it are decoded anyway, and a few
after it cost little, so that scrubbing through a clip decodes once, not at each frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any, Final, Self

import ffmpeg

from gala.frame_protocol import FRAME_SECONDS
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import FFmpegStep
from gala_renderer.engine.steps import run_step
from gala_renderer.engine.together import together
from gala_renderer.ffmpeg.color import has_wide_colours
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, seconds_text, user_input, video_of
from gala_renderer.ffmpeg.part_source import pictures_from, seek_before
from gala_renderer.ffmpeg.video_source import rate_text, with_end
from gala_renderer.probe.media import Media
from gala_renderer.timeline.graph import raw_frames
from gala_renderer.timeline.kept_frames import FrameShape, FrameStore

_FILE: Final = "frames"
_BEFORE: Final = 24
_AHEAD: Final = 8
_MAX_BYTES: Final = 32 * 1024**2
_CACHE_PART: Final = 8
"""At most this part of the cache is for one run."""
_NTSC: Final = 1001
_LEAST: Final = 2**31
"""Added to numbers of frames, of which one may be before 0."""
_SHORT: Final = 4
_DIGITS: Final = 8 + _SHORT
_TIMED: Final = frozenset({"flv", "matroska", "mov", "mp4", "mpegts", "webm"})
"""Demuxers of formats that say when each frame is shown; of others, FFmpeg guesses after a seek."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Frames from number ``first`` on. Their key in the cache says which, so that they are found.

    It begins with ``name``, which identifies all frames of a file that is read in this way.
    """

    name: str
    first: int
    frames: int

    @classmethod
    def of(cls, key: str) -> Self:
        """Return the run of a key."""
        name, first, frames = key[:-_DIGITS], key[-_DIGITS:-_SHORT], key[-_SHORT:]
        return cls(name, int(first, 16) - _LEAST, int(frames, 16))

    @property
    def key(self) -> str:
        """Its key in the cache."""
        return f"{self.name}{self.first + _LEAST:08x}{self.frames:0{_SHORT}x}"

    @property
    def end(self) -> int:
        """The number after that of its last frame."""
        return self.first + self.frames


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The frame of a file that is shown at ``start`` seconds; ``path`` is where it is written."""

    media: Media
    start: Fraction
    rate: Fraction
    path: Path
    shape: FrameShape
    name: str
    """Identifies the frames of the file at this rate, at these times."""

    @property
    def number(self) -> int:
        """Its number among these frames."""
        return floor(self.start * self.rate)


@dataclass(slots=True)
class DecodedRuns:
    """The frames of videos that one picture reads; runs of them are kept.

    The frames are added to the contents that ``store`` knows.
    """

    store: FrameStore
    _wanted: list[_Wanted] = field(default_factory=list)

    def frame(self, media: Media, start: Fraction, rate: Fraction) -> Stream | None:
        """Return the frame of a file, read at ``rate``, that is shown at ``start`` seconds.

        None if frames of the file are not kept. It is written by :meth:`provide` for what reads it.
        """
        picture = media.picture
        if picture is None or not _is_simple(media, start):
            return None
        shape = FrameShape(picture.width, picture.height, alpha=False)
        if shape.size > self._most_bytes:
            return None
        name = self.store.key(media.path, "run", str(rate), str(start * rate % 1))
        if name is None:
            return None
        path = self.store.folder / f"decoded-{len(self._wanted)}.yuv"
        one = _Wanted(media, start, rate, path, shape, name)
        self._wanted.append(one)
        self.store.contents[path] = f"{name}-{one.number}"
        return raw_frames(path, (shape.width, shape.height), rate, alpha=False)

    async def provide(self, arguments: Sequence[str], context: RenderContext) -> None:
        """Write the frames that FFmpeg reads with these arguments."""
        read = [one for one in self._wanted if str(one.path) in arguments]
        await together(self._write(one, context) for one in read)

    @property
    def _most_bytes(self) -> int:
        return min(_MAX_BYTES, self.store.cache.limit_bytes // _CACHE_PART)

    async def _write(self, one: _Wanted, context: RenderContext) -> None:
        known = [_Run.of(key) for key in await asyncio.to_thread(self.store.cache.keys, one.name)]
        if await asyncio.to_thread(self._fetch, one, known):
            return
        made = one.path.with_suffix(".run")
        most = self._most_bytes // one.shape.size
        ahead = min(_AHEAD, (most - 1) // 3)
        before = min(_BEFORE, most - 1 - ahead)
        gaps = (one.number - run.end for run in known if run.end <= one.number)
        before = min([before, *gaps])
        await _decode(_run_arguments(one, made, before, ahead), context)
        if not await asyncio.to_thread(self._keep, one, made, before, ahead):
            await _decode(_alone_arguments(one), context)

    def _fetch(self, one: _Wanted, known: Sequence[_Run]) -> bool:
        for run in known:
            if not run.first <= one.number < run.end:
                continue
            with contextlib.suppress(OSError):
                _extract(self.store.cache.folder(run.key) / _FILE, one, one.number - run.first)
                self.store.cache.touch(run.key)
                return True
        return False

    def _keep(self, one: _Wanted, made: Path, before: int, ahead: int) -> bool:
        """Keep a run, and take the frame from it; return False if the frame is not in it."""
        frames = one.shape.frames_in(made)
        # It ends with the last frame that was asked for, and begins with the key frame, at most.
        if not ahead < frames <= before + 1 + ahead:
            return False
        _extract(made, one, frames - 1 - ahead)
        run = _Run(one.name, one.number + ahead + 1 - frames, frames)
        # Without space on the disk, it is decoded again.
        with contextlib.suppress(OSError), self.store.cache.adding(run.key) as folder:
            shutil.move(made, folder / _FILE)
        return True


def _is_simple(media: Media, start: Fraction) -> bool:
    """Return True if raw frames need no more than their matrix to be said, and one has begun."""
    picture = media.picture
    return (
        picture is not None
        and media.demuxer in _TIMED
        and picture.pixel_format == "yuv420p"
        and not picture.alpha
        and not picture.colour.full_range
        and not has_wide_colours(picture)
        and picture.sample_aspect == 1
        and picture.width % 2 == 0
        and picture.height % 2 == 0
        and start > media.late_picture
    )


async def _decode(arguments: tuple[str, ...], context: RenderContext) -> None:
    await run_step(
        FFmpegStep("decoding", arguments, 1.0, 1.0),
        context.ffmpeg,
        cwd=context.scratch,
        limit_seconds=FRAME_SECONDS,
        report=lambda _: None,
    )


def _run_arguments(one: _Wanted, path: Path, before: int, ahead: int) -> tuple[str, ...]:
    """Return the arguments that write the frame, and neighbours of it, as raw frames.

    Fewer are before it if its last key frame is nearer. Which frame is shown when is decided as
    in :func:`pictures_from`.
    """
    media, rate = one.media, one.rate
    seek = seek_before(media, one.start, rate)
    options: dict[str, Any] = {"ss": seconds_text(float(seek.seconds))} if seek.seconds else {}
    # Frames before the time that is sought are decoded, but usually dropped.
    decoded = video_of(media, user_input(media, noaccurate_seek=None, **options))
    # What is shown before the key frame may need frames that were not read.
    whole = decoded.filter("select", "st(0,max(ld(0),max(key*eq(pict_type,I),gte(t,0))))")
    # Far from 0, as negative times are rounded otherwise; by whole frames, and whole ticks.
    later = rate.denominator * _NTSC
    shift = f"PTS+round({later}/TB)-round({seconds_text(float(seek.offset))}/TB)"
    shown = with_end(whole.filter("setpts", shift), rate).filter("fps", rate_text(rate))
    number = int(later * rate) + seek.skipped
    part = shown.filter("tpad", stop=-1, stop_mode="clone").filter(
        "trim", start_pts=number - before, end_pts=number + 1 + ahead
    )
    return _raw(part.filter("setpts", "N"), path)


def _alone_arguments(one: _Wanted) -> tuple[str, ...]:
    return _raw(pictures_from(one.media, one.start, 1, one.rate), one.path)


def _raw(pictures: Stream, path: Path) -> tuple[str, ...]:
    options = {"f": "rawvideo", "pix_fmt": "yuv420p", **REPRODUCIBLE}
    return tuple(ffmpeg.output(pictures, str(path), **options).get_args())


def _extract(run: Path, one: _Wanted, position: int) -> None:
    """Write a frame of a run to its path."""
    with run.open("rb") as file:
        file.seek(position * one.shape.size)
        content = file.read(one.shape.size)
    if len(content) < one.shape.size:
        raise OSError(f"{run} is shorter than it was")
    one.path.write_bytes(content)
