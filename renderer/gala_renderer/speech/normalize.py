"""Loudness normalisation of speech (EBU R 128), with a true peak of at most -1 dBTP."""

from __future__ import annotations

from dataclasses import dataclass
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
"""The share of the progress that finding the gain takes."""


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
    levelling = await _find_gain(
        context, track, rate, lufs, lambda part: report(_MEASURING_SHARE * part)
    )
    if levelling.limit_db is None:
        return Levelled(track, 10 ** (levelling.gain_db / 20))
    limited = track.with_name(f"{track.name}.limited")
    samples = pcm_track.length(track)
    await context.ffmpeg.run(
        arguments(track, limited, rate=rate, samples=samples, levelling=levelling),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=samples / rate,
        report=lambda fraction: report(_MEASURING_SHARE + (1 - _MEASURING_SHARE) * fraction),
    )
    return Levelled(limited, 1.0, _warnings(levelling, lufs))


def _warnings(levelling: Levelling, lufs: float | None) -> tuple[str, ...]:
    if lufs is None or levelling.reached is None or abs(levelling.reached - lufs) <= 1:
        return ()
    warning = (
        f"the speech reaches {levelling.reached:.1f} LUFS, not {lufs:.1f}: its peaks would have to"
        " be limited too much"
    )
    return (warning,)


async def _find_gain(
    context: RenderContext, track: Path, rate: int, lufs: float | None, report: Report
) -> Levelling:
    seconds = pcm_track.length(track) / rate
    if lufs is None:
        found = await measure(context, source(track, rate), seconds=seconds)
        return Levelling(0.0, PEAK_DB if found.peak_db > PEAK_DB else None, found.lufs)
    return await find_levelling(
        context,
        lambda: source(track, rate),
        seconds=seconds,
        rate=rate,
        lufs=lufs,
        peak_db=PEAK_DB,
        report=report,
    )


def arguments(
    track: Path, target: Path, *, rate: int, samples: int, levelling: Levelling
) -> tuple[str, ...]:
    """Return FFmpeg's arguments that bring the track to its level without changing its length."""
    levelled = levelling.apply(source(track, rate), rate=rate)
    whole = levelled.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return tuple(ffmpeg.output(whole, str(target), f="f32le").get_args())


def source(track: Path, rate: int) -> Any:
    """Return a track's file as an ffmpeg-python stream."""
    return ffmpeg.input(str(track), f="f32le", ar=rate, ac=1).audio
