"""Plans ``audio_trim_pauses``: silences are found and shortened, exact to the sample."""

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

_MIN_SILENCE: Final = 0.05
_RAW: Final = "f32le"


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to find the silences and to decode the sound; the next plan depends on both."""
    params = cast(AudioTrimPausesParams, order.params)
    file = order.files("audio")[0]
    media = await context.inspect(file)
    found = media.require_sound(file.field)
    work = _Shortening(context, params, file, media, found)
    return Plan(
        (
            PythonStep("looking for pauses", work.find_silences, weight=1.0),
            FFmpegStep("decoding", work.decode_arguments(), media.seconds or 1.0, weight=1.0),
        ),
        then=work.cut_and_encode,
        then_weight=2.0,
    )


class _Shortening:
    """One sound whose pauses are shortened, with what was found out so far."""

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

    async def find_silences(self, report: Report) -> None:
        """Find the silences."""
        self._silences = await find_silences(
            self._context,
            self._media,
            threshold_db=self._params.threshold_db,
            min_seconds=max(_MIN_SILENCE, min(self._params.max_pause, 0.2)),
            report=report,
        )

    def decode_arguments(self) -> tuple[str, ...]:
        """Return arguments that write the whole sound as raw samples."""
        stream = audio_output.source(
            self._media, self._sound, rate=self._rate, channels=self._channels
        )
        return tuple(ffmpeg.output(stream, str(self._whole), f=_RAW).get_args())

    async def cut_and_encode(self) -> Plan:
        """Plan to cut, join and encode; raise ``UnprocessableMedia`` if all of it is silent."""
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
                f"{self._file.field}: this sound never exceeds {params.threshold_db:.0f} dB.",
                hint="Choose a lower params.threshold_db.",
                field="params.threshold_db",
            )

        async def cut(report: Report) -> None:
            await self._cut(spans, report)

        duration = sum(end - start for start, end in spans)
        name = audio_output.file_name(params.audio_format)
        arguments = audio_output.written(
            self._raw(self._short),
            self._context.part(name),
            params,
            rate=self._rate,
            channels=self._channels,
        )
        return Plan(
            (PythonStep("cutting", cut, weight=1.0), FFmpegStep("encoding", arguments, duration)),
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
            # A thread cannot be cancelled; it must end before its folder is removed.
            stop.set()
            await asyncio.wait({cutting})

    def _raw(self, path: Path) -> Any:
        return ffmpeg.input(str(path), f=_RAW, ar=self._rate, ac=self._channels).audio
