"""How loud a sound is, by EBU R 128, and what gain brings it where it should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.runner import failure

_LIMIT_SECONDS: Final = 60 * 60.0
_MEASURE: Final = (
    *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"),
    *("-progress", "pipe:1", "-stats_period", "0.2"),
)
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?\d+\.\d+) LUFS$", re.MULTILINE)
_PEAK: Final = re.compile(r"^\s+Peak:\s+(-?\d+\.\d+|-inf) dBFS$", re.MULTILINE)
_NOTHING_LUFS: Final = -69.0
_SHORT_SECONDS: Final = 3.0
"""Below, a sound is measured as if it were repeated: R 128 looks at blocks of 0.4 seconds."""
_CLOSE_ENOUGH_LU: Final = 0.3
_PASSES: Final = 4
_BELOW_PEAK_DB: Final = -0.3
"""Where the limiter works: going back to the usual rate may raise a peak by this much."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS, ``None`` if nothing is heard, and the true peak in dBTP."""

    lufs: float | None
    peak_db: float


@dataclass(frozen=True, slots=True)
class Levelling:
    """A gain in decibels, and the true peak at which it is limited; ``None``: that is not needed.

    ``reached`` is the loudness that comes out of it.
    """

    gain_db: float
    limit_db: float | None
    reached: float | None

    def apply(self, stream: Any, *, rate: int) -> Any:
        """The stream at its new level."""
        louder = audio_filters.gained(stream, self.gain_db)
        if self.limit_db is None:
            return louder
        return audio_filters.true_peak_limited(
            louder, peak_db=self.limit_db + _BELOW_PEAK_DB, rate=rate
        )


async def measure(
    context: RenderContext,
    stream: Any,
    *,
    seconds: float,
    peaks: bool = True,
    report: Report = lambda _: None,
) -> Loudness:
    """How loud a stream of ``seconds`` is; raises ``RenderFailed`` if it cannot be decoded.

    To look for true ``peaks`` takes most of the time; without, they are told as -200 dB.
    """

    def on_line(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.isdigit():
            report(min(1.0, int(value) / 1e6 / max(seconds, _SHORT_SECONDS)))

    command = [
        str(context.ffmpeg.executable),
        *_MEASURE,
        *meter(stream, seconds=seconds, peaks=peaks),
    ]
    finished = await context.ffmpeg.sandbox.run(
        command, cwd=context.scratch, seconds=_LIMIT_SECONDS, on_line=on_line
    )
    if not finished.ok:
        raise failure(finished, hide=context.scratch.parent)
    return loudness_in(finished.stderr)


def meter(stream: Any, *, seconds: float, peaks: bool = True) -> tuple[str, ...]:
    """Arguments that measure the stream and write nothing but FFmpeg's own summary."""
    if seconds < _SHORT_SECONDS:
        stream = audio_filters.repeated(stream, _SHORT_SECONDS)
    measured = stream.filter("ebur128", framelog="quiet", peak="true" if peaks else "none")
    return tuple(ffmpeg.output(measured, "-", f="null").get_args())


def loudness_in(summary: str) -> Loudness:
    """What FFmpeg's summary of a measurement says."""
    lufs = _INTEGRATED.findall(summary)
    peaks = _PEAK.findall(summary)
    heard = bool(lufs) and float(lufs[-1]) > _NOTHING_LUFS
    return Loudness(float(lufs[-1]) if heard else None, float(peaks[-1]) if peaks else -200.0)


async def find_levelling(
    context: RenderContext,
    stream: Callable[[], Any],
    *,
    seconds: float,
    rate: int,
    lufs: float,
    peak_db: float,
    report: Report,
) -> Levelling:
    """What brings a stream to ``lufs`` within a third of a LU, no true peak above ``peak_db``.

    A plain gain where the peaks allow it; else they are limited, and the gain makes up for what
    that takes, as far as the sound has it in it. Silence stays as it is.
    """
    found = await measure(context, stream(), seconds=seconds, report=lambda f: report(f / _PASSES))
    if found.lufs is None:
        return Levelling(0.0, None, None)
    levelling = Levelling(lufs - found.lufs, None, lufs)
    if found.peak_db + levelling.gain_db <= peak_db:
        return levelling
    for done in range(1, _PASSES):
        levelled = Levelling(levelling.gain_db, peak_db, None)
        again = await measure(
            context,
            levelled.apply(stream(), rate=rate),
            seconds=seconds,
            peaks=False,
            report=lambda f, n=done: report((n + f) / _PASSES),  # type: ignore[misc]
        )
        levelling = Levelling(levelling.gain_db, peak_db, again.lufs)
        if again.lufs is None or abs(lufs - again.lufs) <= _CLOSE_ENOUGH_LU or done == _PASSES - 1:
            break
        levelling = Levelling(levelling.gain_db + lufs - again.lufs, peak_db, None)
    return levelling
