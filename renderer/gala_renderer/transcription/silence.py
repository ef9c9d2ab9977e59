"""Where a sound is silent."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.inputs import seconds_text, user_input
from gala_renderer.ffmpeg.runner import failure
from gala_renderer.probe.media import Media

Span: TypeAlias = tuple[float, float]
"""Start and end in seconds."""

_LIMIT_SECONDS: Final = 60 * 60.0
_TELLS: Final = ("-progress", "pipe:1", "-stats_period", "0.2")
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
    """The stretches of at least ``min_seconds`` in which no channel is above ``threshold_db``.

    In order, in seconds from the start of the file; a place where the file has no sound at all is
    silent too. ``threshold_db`` is in decibels of full scale (-60 to 0).

    Raises ``UnprocessableMedia`` for media without sound, ``RenderFailed`` if it cannot be decoded.
    """
    media.require_sound("inputs.audio_asset_id")
    heard = _SilenceParser(media.seconds, report)
    arguments = silence_arguments(media, threshold_db=threshold_db, min_seconds=min_seconds)
    finished = await context.ffmpeg.sandbox.run(
        context.ffmpeg.command((*_TELLS, *arguments)),
        cwd=context.scratch,
        seconds=_LIMIT_SECONDS,
        on_line=heard.line,
    )
    if not finished.ok:
        raise failure(finished, hide=Path(context.scratch).parent)
    return heard.silences()


def silence_arguments(media: Media, *, threshold_db: float, min_seconds: float) -> tuple[str, ...]:
    """FFmpeg's arguments that print every silence's start and end to stdout."""
    told = (
        user_input(media, vn=None)
        .audio.filter("aresample", **{"async": 1, "first_pts": 0})
        .filter("silencedetect", noise=f"{threshold_db:.2f}dB", duration=seconds_text(min_seconds))
        # Each line at once, so that none is torn by the progress that goes the same way.
        .filter("ametadata", mode="print", file="pipe:1", direct=1)
    )
    return tuple(ffmpeg.output(told, "-", f="null").get_args())


class _SilenceParser:
    """Understands FFmpeg's lines."""

    def __init__(self, seconds: float | None, report: Report):
        self._seconds = seconds
        self._report = report
        self._spans: list[Span] = []
        self._since: float | None = None
        self._reached = 0.0

    def line(self, line: str) -> None:
        key, _, value = line.partition("=")
        if key == _START:
            self._since = max(0.0, float(value))
        elif key == _END and self._since is not None:
            self._spans.append((self._since, float(value)))
            self._since = None
        elif key == _REACHED and value.isdigit():
            self._reached = int(value) / 1e6
            if self._seconds:
                self._report(min(1.0, self._reached / self._seconds))

    def silences(self) -> list[Span]:
        if self._since is not None and self._reached > self._since:
            # Silent to the end, which FFmpeg tells to nobody.
            self._spans.append((self._since, self._reached))
            self._since = None
        return self._spans
