"""Loudness by EBU R 128: the one measurement, and the gain that brings a sound to a target."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.inputs import audio_of, looped_input
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.probe.media import Media

Output: TypeAlias = Callable[[Any], Any]
"""Returns the output that a stream is written to, as ffmpeg-python has them."""

_LIMIT_SECONDS: Final = 60 * 60.0
_MEASURE: Final = (
    *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"),
    *("-progress", "pipe:1", "-stats_period", "0.2"),
)
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?\d+\.\d+) LUFS$", re.MULTILINE)
_PEAK: Final = re.compile(r"^\s+Peak:\s+(-?\d+\.\d+|-inf) dBFS$", re.MULTILINE)
_SILENCE_LUFS: Final = -69.0
_NO_PEAK_DB: Final = -200.0
_SHORT_SECONDS: Final = 3.0
"""A shorter sound is measured as if it were repeated: R 128 works on blocks of 0.4 seconds."""
_MAX_FILE_SECONDS: Final = 600.0
"""How much of a file ``integrated_loudness`` measures."""
_MIN_RAISED_LUFS: Final = -60.0
_MAX_GAIN_DB: Final = 20.0
_CLOSE_ENOUGH_LU: Final = 0.3
_PASSES: Final = 4
_LOST: Final = 0.12
"""Loudness that speech loses to the limiter, per decibel of its peaks above it."""
_KEPT: Final = 0.6
"""Loudness that speech gains per decibel of gain while its peaks are limited."""
_LEAST_KEPT: Final = 0.3
_USUAL_LU: Final = 2.0
"""Beyond this distance from the target, the gain is raised by no more than what is missing."""
_BELOW_PEAK_DB: Final = -0.3
"""The limiter works this much lower: resampling to the final rate may raise a peak again."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS (``None`` for silence), and the true peak in dBTP."""

    lufs: float | None
    peak_db: float


@dataclass(frozen=True, slots=True)
class Levelling:
    """A gain in decibels, and the true peak to limit at (``None`` if no limiter is needed).

    ``reached`` is the resulting loudness in LUFS; ``None`` for silence.
    """

    gain_db: float
    limit_db: float | None
    reached: float | None

    def apply(self, stream: Any, *, rate: int) -> Any:
        """Return the stream at its new level."""
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
    also: Output | None = None,
    report: Report = lambda _: None,
) -> Loudness:
    """Measure a stream of ``seconds``; raise ``RenderFailed`` if it cannot be decoded.

    Finding true ``peaks`` takes most of the time; without it, ``peak_db`` is -200. ``also`` writes
    the stream meanwhile.
    """

    def on_line(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.isdigit():
            report(min(1.0, int(value) / 1e6 / max(seconds, _SHORT_SECONDS)))

    command = [
        str(context.ffmpeg.executable),
        *_MEASURE,
        *meter(stream, seconds=seconds, peaks=peaks, also=also),
    ]
    result = await context.ffmpeg.sandbox.run(
        command, cwd=context.scratch, seconds=_LIMIT_SECONDS, on_line=on_line
    )
    if not result.ok:
        raise failure(result, hide=context.scratch.parent)
    return parse_summary(result.stderr)


async def integrated_loudness(
    context: RenderContext, media: Media, *, seconds: float
) -> float | None:
    """Return the loudness in LUFS of a file played for ``seconds``; ``None`` for silence.

    A shorter file is looped, as it will be in the result. At most the first 10 minutes are
    measured.
    """
    length = min(seconds, _MAX_FILE_SECONDS)
    stream = audio_filters.finite(
        audio_of(media, looped_input(media, length, vn=None)), media.sound
    )
    return (await measure(context, stream, seconds=length, peaks=False)).lufs


def gain_to(target: float, loudness: float | None) -> float:
    """Return the gain in decibels that brings ``loudness`` to ``target``, both in LUFS.

    It is 0 for silence and for anything below -60 LUFS, and 20 dB at most.
    """
    if loudness is None or loudness < _MIN_RAISED_LUFS:
        return 0.0
    return min(_MAX_GAIN_DB, target - loudness)


def meter(
    stream: Any, *, seconds: float, peaks: bool = True, also: Output | None = None
) -> tuple[str, ...]:
    """Return arguments that measure the stream; FFmpeg prints its summary to stderr."""
    others = []
    if also is not None:
        both = stream.filter_multi_output("asplit", 2)
        stream, others = both[0], [also(both[1])]
    if seconds < _SHORT_SECONDS:
        stream = audio_filters.repeated(stream, _SHORT_SECONDS)
    measured = stream.filter("ebur128", framelog="quiet", peak="true" if peaks else "none")
    silent = ffmpeg.output(measured, "-", f="null")
    return tuple(ffmpeg.merge_outputs(silent, *others).get_args())


def parse_summary(summary: str) -> Loudness:
    """Read FFmpeg's summary of a measurement."""
    lufs = _INTEGRATED.findall(summary)
    peaks = _PEAK.findall(summary)
    audible = bool(lufs) and float(lufs[-1]) > _SILENCE_LUFS
    return Loudness(
        float(lufs[-1]) if audible else None, float(peaks[-1]) if peaks else _NO_PEAK_DB
    )


async def find_levelling(
    context: RenderContext,
    stream: Callable[[], Any],
    *,
    seconds: float,
    rate: int,
    lufs: float,
    peak_db: float,
    report: Report,
    also: Output | None = None,
) -> Levelling:
    """Find what brings a stream within 0.3 LU of ``lufs``, with no true peak above ``peak_db``.

    A plain gain where the peaks allow it; otherwise the peaks are limited and the gain makes up for
    the loss, as far as the sound allows. Silence is left unchanged. ``also`` writes a stream whose
    peaks are limited; each pass overwrites its file.
    """
    found = await measure(context, stream(), seconds=seconds, report=lambda f: report(f / _PASSES))
    if found.lufs is None:
        return Levelling(0.0, None, None)
    plain = Levelling(lufs - found.lufs, None, lufs)
    if found.peak_db + plain.gain_db <= peak_db:
        return plain
    gain = plain.gain_db + _LOST * (found.peak_db + plain.gain_db - peak_db)
    before = None
    for done in range(1, _PASSES):
        again = await measure(
            context,
            Levelling(gain, peak_db, None).apply(stream(), rate=rate),
            seconds=seconds,
            peaks=False,
            also=also,
            report=lambda f, n=done: report((n + f) / _PASSES),  # type: ignore[misc]
        )
        levelling = Levelling(gain, peak_db, again.lufs)
        if again.lufs is None or abs(lufs - again.lufs) <= _CLOSE_ENOUGH_LU:
            break
        gain, before = _closer(levelling, before, lufs), levelling
    return levelling


def _closer(found: Levelling, before: Levelling | None, lufs: float) -> float:
    """Return the gain to try next, from what the last one or two have reached."""
    reached = lufs if found.reached is None else found.reached
    missing = lufs - reached
    if abs(missing) > _USUAL_LU:
        return found.gain_db + missing
    kept = _KEPT
    if before is not None and before.reached is not None and before.gain_db != found.gain_db:
        kept = (reached - before.reached) / (found.gain_db - before.gain_db)
    return found.gain_db + missing / min(max(kept, _LEAST_KEPT), 1.0)
