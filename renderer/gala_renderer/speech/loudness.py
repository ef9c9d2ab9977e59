"""Speech as loud as it should be, by EBU R 128, and never over -1 dBTP."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.encoder import failure
from gala_renderer.speech import pcm
from gala_renderer.studio import Studio

PEAK_DB: Final = -1.0
"""True peak that nothing exceeds, in decibels of full scale."""
_LIMIT_DB: Final = -1.3
"""Where the limiter works: bringing the rate down again may raise a peak a little."""
_OVERSAMPLED: Final = 4
_CLOSE_ENOUGH: Final = 0.3
_TRIES: Final = 5
_SHORT_SECONDS: Final = 3.0
"""Below, the sound is measured as if repeated: R 128 needs 0.4 s, and gates by blocks."""
_NOTHING: Final = -69.0
_LIMIT_SECONDS: Final = 60 * 60.0
_MEASURE: Final = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info")
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?\d+\.\d+) LUFS$", re.MULTILINE)
_PEAK: Final = re.compile(r"^\s+Peak:\s+(-?\d+\.\d+|-inf) dBFS$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP; ``None`` where nothing is heard."""

    lufs: float | None
    peak_db: float


async def measure(studio: Studio, track: Path, *, rate: int) -> Loudness:
    """How loud a track's file is."""
    command = [str(studio.ffmpeg.executable), *_MEASURE, *measure_arguments(track, rate=rate)]
    finished = await studio.ffmpeg.sandbox.run(
        command, cwd=studio.scratch, seconds=_LIMIT_SECONDS, on_line=lambda _: None
    )
    if not finished.ok:
        raise failure(finished, hide=studio.scratch.parent)
    lufs = [float(found) for found in _INTEGRATED.findall(finished.stderr)]
    peaks = [float(found) for found in _PEAK.findall(finished.stderr)]
    heard = bool(lufs) and lufs[-1] > _NOTHING
    return Loudness(lufs[-1] if heard else None, peaks[-1] if peaks else float("-inf"))


async def level(
    studio: Studio, track: Path, *, rate: int, target: Path, lufs: float | None
) -> None:
    """Write the track as WAV at ``lufs``, limited to -1 dBTP; ``None`` leaves it as it is.

    Peaks are limited only where it must be; what is silent stays silent.
    """
    found = await measure(studio, track, rate=rate)
    gain_db = 0.0 if lufs is None or found.lufs is None else lufs - found.lufs
    if found.peak_db + gain_db <= PEAK_DB:
        await asyncio.to_thread(pcm.write_wav, track, target, rate=rate, gain=_factor(gain_db))
        return
    limited = track.with_name(f"{track.name}.limited")
    for _ in range(_TRIES):
        await _limit(studio, track, limited, rate=rate, gain_db=gain_db)
        reached = (await measure(studio, limited, rate=rate)).lufs
        if lufs is None or reached is None or abs(lufs - reached) <= _CLOSE_ENOUGH:
            break
        # A limiter takes back part of what is added.
        gain_db += 1.25 * (lufs - reached)
    await asyncio.to_thread(pcm.write_wav, limited, target, rate=rate)
    limited.unlink()


async def _limit(studio: Studio, track: Path, target: Path, *, rate: int, gain_db: float) -> None:
    samples = pcm.length(track)
    await studio.ffmpeg.run(
        limit_arguments(track, target, rate=rate, samples=samples, gain_db=gain_db),
        cwd=studio.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=samples / rate,
        report=lambda _: None,
    )


def measure_arguments(track: Path, *, rate: int) -> tuple[str, ...]:
    """Arguments that print the loudness and the true peak."""
    seconds = pcm.length(track) / rate
    again = round(_SHORT_SECONDS / max(seconds, 1 / rate)) if seconds < _SHORT_SECONDS else 0
    source = ffmpeg.input(str(track), f="f32le", ar=rate, ac=1, stream_loop=again)
    measured = source.audio.filter("ebur128", framelog="quiet", peak="true")
    return tuple(ffmpeg.output(measured, "pipe:1", f="null").get_args())


def limit_arguments(
    track: Path, target: Path, *, rate: int, samples: int, gain_db: float
) -> tuple[str, ...]:
    """Arguments that make the track louder, with its peaks limited; its length stays."""
    limited = (
        ffmpeg.input(str(track), f="f32le", ar=rate, ac=1)
        .audio.filter("volume", f"{gain_db:.3f}dB")
        .filter("aresample", rate * _OVERSAMPLED)
        .filter("alimiter", limit=f"{_factor(_LIMIT_DB):.5f}", level=0, latency=1, release=80)
        .filter("aresample", rate)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )
    return tuple(ffmpeg.output(limited, str(target), f="f32le").get_args())


def _factor(decibels: float) -> float:
    result: float = 10 ** (decibels / 20)
    return result
