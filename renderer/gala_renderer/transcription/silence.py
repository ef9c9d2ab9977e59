"""Silence detection."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.audio_filters import ON_THE_CLOCK, finite
from gala_renderer.ffmpeg.inputs import audio_of, seconds_text, user_input
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.probe.media import Media

Span: TypeAlias = tuple[float, float]
"""Start and end in seconds."""

_LIMIT_SECONDS: Final = 60 * 60.0
_PROGRESS_OPTIONS: Final = ("-progress", "pipe:1", "-stats_period", "0.2")
_START: Final = "lavfi.silence_start"
_END: Final = "lavfi.silence_end"
_REACHED: Final = "out_time_us"


async def find_silences(
    context: RenderContext,
    media: Media,
    *,
    threshold_db: float,
    min_seconds: float,
    report: Report = lambda _: None,
) -> list[Span]:
    """Return the spans of at least ``min_seconds`` in which no channel exceeds ``threshold_db``.

    In order, in seconds from the start of the file; gaps in the sound track count as silence.
    ``threshold_db`` is in decibels of full scale (-60 to 0).

    Raise ``UnprocessableMedia`` for media without sound, ``RenderFailed`` if decoding fails.
    """
    media.require_sound("inputs.audio_asset_id")
    parser = _SilenceParser(media.seconds, report)
    arguments = silence_arguments(media, threshold_db=threshold_db, min_seconds=min_seconds)
    finished = await context.ffmpeg.sandbox.run(
        context.ffmpeg.command((*_PROGRESS_OPTIONS, *arguments)),
        cwd=context.scratch,
        seconds=_LIMIT_SECONDS,
        on_line=parser.line,
    )
    if not finished.ok:
        raise failure(finished, hide=Path(context.scratch).parent)
    return parser.silences()


def silence_arguments(media: Media, *, threshold_db: float, min_seconds: float) -> tuple[str, ...]:
    """Return FFmpeg's arguments that print the start and end of each silence to stdout."""
    detected = (
        finite(audio_of(media, user_input(media, vn=None)), media.sound)
        .filter("aresample", **ON_THE_CLOCK)
        .filter("silencedetect", noise=f"{threshold_db:.2f}dB", duration=seconds_text(min_seconds))
        # Written line by line, so that progress lines on the same stream cannot split one.
        .filter("ametadata", mode="print", file="pipe:1", direct=1)
    )
    return tuple(ffmpeg.output(detected, "-", f="null").get_args())


class _SilenceParser:
    """Parses FFmpeg's output lines."""

    def __init__(self, seconds: float | None, report: Report):
        self._seconds = seconds
        self._report = report
        self._spans: list[Span] = []
        self._silence_start: float | None = None
        self._position = 0.0

    def line(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == _START:
            self._silence_start = max(0.0, float(value))
        elif key == _END and self._silence_start is not None:
            self._spans.append((self._silence_start, float(value)))
            self._silence_start = None
        elif key == _REACHED and value.isdigit():
            self._position = int(value) / 1e6
            if self._seconds:
                self._report(min(1.0, self._position / self._seconds))

    def silences(self) -> list[Span]:
        if self._silence_start is not None and self._position > self._silence_start:
            # Silence up to the end, which FFmpeg does not report.
            self._spans.append((self._silence_start, self._position))
            self._silence_start = None
        return self._spans
