"""Makes ``audio_trim_pauses``: silences are found, the sound is cut at samples, then encoded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.errors import UnprocessableMedia
from gala.render_types.audio_trim_pauses import AudioTrimPausesParams
from gala_renderer.cutting.pauses import kept_spans
from gala_renderer.cutting.pcm_splice import SAMPLE_BYTES, splice
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan, PythonStep, Report
from gala_renderer.ffmpeg import audio_output
from gala_renderer.probe.media import AudioStream, Media
from gala_renderer.transcription.silence import Span, find_silences

NAME: Final = "audio_trim_pauses"

_LEAST_SILENCE: Final = 0.05
_RAW: Final = "f32le"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Find the silences and decode the sound; what follows depends on both."""
    params = cast(AudioTrimPausesParams, order.params)
    file = order.files("audio")[0]
    media = await context.inspect(file)
    found = media.require_sound(file.field)
    work = _Shortening(context, params, file, media, found)
    return Plan(
        (
            PythonStep("looking for pauses", work.listen, weight=1.0),
            FFmpegStep("decoding", work.decoding(), media.seconds or 1.0, weight=1.0),
        ),
        then=work.go_on,
        then_weight=2.0,
    )


class _Shortening:
    """One sound whose pauses are shortened."""

    def __init__(
        self,
        context: RenderContext,
        params: AudioTrimPausesParams,
        file: InputFile,
        media: Media,
        found: AudioStream,
    ):
        self._context = context
        self._params = params
        self._file = file
        self._media = media
        self._sound = found
        self._rate = audio_output.rate_of(params, found)
        self._channels = audio_output.channels_of(params, found)
        self._whole = context.scratch / "whole.raw"
        self._short = context.scratch / "short.raw"
        self._silences: Sequence[Span] = ()

    async def listen(self, report: Report) -> None:
        """Find the silences."""
        self._silences = await find_silences(
            self._context,
            self._media,
            threshold_db=self._params.threshold_db,
            min_seconds=max(_LEAST_SILENCE, min(self._params.max_pause, 0.2)),
            report=report,
        )

    def decoding(self) -> tuple[str, ...]:
        """Arguments that write the whole sound as raw samples."""
        stream = audio_output.source(
            self._media, self._sound, rate=self._rate, channels=self._channels
        )
        return tuple(ffmpeg.output(stream, str(self._whole), f=_RAW).get_args())

    async def go_on(self) -> Plan:
        """Cut, join and encode; raises ``UnprocessableMedia`` if all is silence."""
        params = self._params
        frames = self._whole.stat().st_size // (SAMPLE_BYTES * self._channels)
        seconds = frames / self._rate
        spans = kept_spans(
            self._silences,
            seconds,
            max_pause=params.max_pause,
            breath=params.breath,
            trim_ends=params.trim_ends,
        )
        if not spans:
            raise UnprocessableMedia(
                f"{self._file.field}: there is nothing above"
                f" {params.threshold_db:.0f} dB in this sound.",
                hint="Choose a lower params.threshold_db.",
                field="params.threshold_db",
            )

        async def cut(report: Report) -> None:
            await self._cut(spans, report)

        left = sum(end - start for start, end in spans)
        name = audio_output.file_name(params.audio_format)
        arguments = audio_output.written(
            self._raw(self._short),
            self._context.part(name),
            params,
            rate=self._rate,
            channels=self._channels,
        )
        return Plan(
            (PythonStep("cutting", cut, weight=1.0), FFmpegStep("encoding", arguments, left)),
            {"audio": name},
        )

    async def _cut(self, spans: Sequence[Span], report: Report) -> None:
        loop = asyncio.get_running_loop()
        stop = threading.Event()
        cutting = asyncio.ensure_future(
            asyncio.to_thread(
                splice,
                self._whole,
                self._short,
                spans,
                rate=self._rate,
                channels=self._channels,
                report=lambda done: loop.call_soon_threadsafe(report, done),  # type: ignore[arg-type]
                stop=stop,
            )
        )
        try:
            await asyncio.shield(cutting)
        finally:
            # A thread cannot be cancelled; it must be gone before its folder goes.
            stop.set()
            await asyncio.wait({cutting})

    def _raw(self, path: Path) -> Any:
        return ffmpeg.input(str(path), f=_RAW, ar=self._rate, ac=self._channels).audio
