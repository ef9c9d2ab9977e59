"""Plans ``audio_convert``: an audio file in another format."""

from __future__ import annotations

from typing import Any, Final, cast

import ffmpeg

from gala.errors import UnprocessableMedia
from gala.render_types.audio_convert import AudioConvertParams, PcmEncoding, RawPcm
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_output
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import MAX_INPUT_SECONDS, AudioStream

NAME: Final = "audio_convert"

_SAMPLE_BYTES: Final = {
    PcmEncoding.S16LE: 2,
    PcmEncoding.S16BE: 2,
    PcmEncoding.S24LE: 3,
    PcmEncoding.S32LE: 4,
    PcmEncoding.U8: 1,
    PcmEncoding.F32LE: 4,
    PcmEncoding.MULAW: 1,
    PcmEncoding.ALAW: 1,
}


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg."""
    params = cast(AudioConvertParams, order.params)
    file = order.files("audio")[0]
    if params.pcm is not None:
        stream, found, seconds = _raw(file, params.pcm)
    else:
        media = await context.inspect(file)
        found = media.require_sound(file.field)
        seconds = media.seconds or 1.0
        stream = user_input(media, vn=None, sn=None, dn=None).audio
    rate, channels = audio_output.rate_of(params, found), audio_output.channels_of(params, found)
    name = audio_output.file_name(params.audio_format)
    arguments = audio_output.written(
        audio_output.shaped(stream, found, rate=rate, channels=channels),
        context.part(name),
        params,
        rate=rate,
        channels=channels,
    )
    return Plan((FFmpegStep("encoding", arguments, seconds),), {"audio": name})


def _raw(file: InputFile, pcm: RawPcm) -> tuple[Any, AudioStream, float]:
    """Return the samples as a stream, their properties, and their duration in seconds."""
    frame = _SAMPLE_BYTES[pcm.encoding] * pcm.channels
    seconds = file.path.stat().st_size // frame / pcm.sample_rate
    if seconds == 0:
        raise _refused(file, "it holds no sample")
    if seconds > MAX_INPUT_SECONDS:
        raise _refused(file, f"it is longer than {MAX_INPUT_SECONDS / 3600:.0f} hours")
    stream = ffmpeg.input(
        str(file.path),
        f=str(pcm.encoding),
        ar=pcm.sample_rate,
        ac=pcm.channels,
        protocol_whitelist="file",
    ).audio
    return stream, AudioStream(rate=pcm.sample_rate, channels=pcm.channels), seconds


def _refused(file: InputFile, reason: str) -> UnprocessableMedia:
    return UnprocessableMedia(
        f"{file.field}: this file cannot be read as params.pcm says: {reason}.", field=file.field
    )
