"""Speech as loud as it should be, by EBU R 128, and never over -1 dBTP."""

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
"""True peak that nothing exceeds, in decibels of full scale."""
_LIMIT_SECONDS: Final = 60 * 60.0
_DECIDING: Final = 0.75
"""Share of the work that finds the gain."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """A track's file that, times ``gain``, is as loud as it should be."""

    path: Path
    gain: float
    warnings: tuple[str, ...] = ()


async def level(
    context: RenderContext, track: Path, *, rate: int, lufs: float | None, report: Report
) -> Levelled:
    """Bring the track to ``lufs``, limited to -1 dBTP; ``None`` leaves it as loud as it is.

    Peaks are limited only where it must be, and then in another file; what is silent stays so.
    Warns if the loudness cannot be reached.
    """
    decided = await _decide(context, track, rate, lufs, lambda part: report(_DECIDING * part))
    if decided.limit_db is None:
        return Levelled(track, 10 ** (decided.gain_db / 20))
    limited = track.with_name(f"{track.name}.limited")
    samples = pcm_track.length(track)
    await context.ffmpeg.run(
        arguments(track, limited, rate=rate, samples=samples, levelling=decided),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=samples / rate,
        report=lambda fraction: report(_DECIDING + (1 - _DECIDING) * fraction),
    )
    return Levelled(limited, 1.0, _warnings(decided, lufs))


def _warnings(decided: Levelling, lufs: float | None) -> tuple[str, ...]:
    if lufs is None or decided.reached is None or abs(decided.reached - lufs) <= 1:
        return ()
    warning = (
        f"the speech reaches {decided.reached:.1f} LUFS, not {lufs:.1f}: its peaks would have to"
        " be limited too much"
    )
    return (warning,)


async def _decide(
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
    """Arguments that bring the track to its level; its length stays."""
    levelled = levelling.apply(source(track, rate), rate=rate)
    whole = levelled.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return tuple(ffmpeg.output(whole, str(target), f="f32le").get_args())


def source(track: Path, rate: int) -> Any:
    """A track's file as a stream."""
    return ffmpeg.input(str(track), f="f32le", ar=rate, ac=1).audio
