"""Loudness normalisation of speech (EBU R 128), with a true peak of at most -1 dBTP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.loudness import Levelling, find_levelling, measure
from gala_renderer.speech import pcm_track

PEAK_DB: Final = -1.0
"""The maximum true peak, in decibels of full scale."""
_LIMIT_SECONDS: Final = 60 * 60.0
_MEASURING_SHARE: Final = 0.75
"""The share of the progress that finding the peaks takes."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """A track's file and the ``gain`` that brings it to the target loudness."""

    path: Path
    gain: float
    warnings: tuple[str, ...] = ()


async def level(
    context: RenderContext, track: Path, *, rate: int, lufs: float | None, report: Report
) -> Levelled:
    """Bring the track to ``lufs``, limited to -1 dBTP; None keeps its loudness.

    Peaks are limited only if necessary, in a new file; silence stays silent. The result has a
    warning if the loudness cannot be reached.
    """
    limited = track.with_name(f"{track.name}.limited")
    if lufs is None:
        return await _limited(context, track, limited, rate, report)
    samples = pcm_track.length(track)
    levelling = await find_levelling(
        context,
        lambda: source(track, rate),
        seconds=samples / rate,
        rate=rate,
        lufs=lufs,
        peak_db=PEAK_DB,
        report=report,
        also=partial(_written, target=limited, samples=samples),
    )
    if levelling.limit_db is None:
        return Levelled(track, 10 ** (levelling.gain_db / 20))
    return Levelled(limited, 1.0, _warnings(levelling, lufs))


async def _limited(
    context: RenderContext, track: Path, target: Path, rate: int, report: Report
) -> Levelled:
    """Limit the peaks of a track if they are too high."""
    samples = pcm_track.length(track)
    found = await measure(context, source(track, rate), seconds=samples / rate)
    if found.peak_db <= PEAK_DB:
        return Levelled(track, 1.0)
    await context.ffmpeg.run(
        arguments(track, target, rate=rate, samples=samples),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=samples / rate,
        report=lambda part: report(_MEASURING_SHARE + (1 - _MEASURING_SHARE) * part),
    )
    return Levelled(target, 1.0)


def _warnings(levelling: Levelling, lufs: float | None) -> tuple[str, ...]:
    if lufs is None or levelling.reached is None or abs(levelling.reached - lufs) <= 1:
        return ()
    warning = (
        f"the speech reaches {levelling.reached:.1f} LUFS, not {lufs:.1f}: its peaks would have to"
        " be limited too much"
    )
    return (warning,)


def arguments(track: Path, target: Path, *, rate: int, samples: int) -> tuple[str, ...]:
    """Return FFmpeg's arguments that limit the peaks of a track without changing its length."""
    limited = Levelling(0.0, PEAK_DB, None).apply(source(track, rate), rate=rate)
    return tuple(_written(limited, target=target, samples=samples).get_args())


def _written(stream: Any, *, target: Path, samples: int) -> Any:
    """Return the output of a stream to a raw file of so many samples, which may be there."""
    whole = stream.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return ffmpeg.output(whole, str(target), f="f32le", y=None)


def source(track: Path, rate: int) -> Any:
    """Return a track's file as an ffmpeg-python stream."""
    return ffmpeg.input(str(track), f="f32le", ar=rate, ac=1).audio
