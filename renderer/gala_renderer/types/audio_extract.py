"""Plans ``audio_extract``: the sound is copied if a file format exists for its codec."""

from __future__ import annotations

from typing import Final, cast

from gala.render_types.audio_extract import AudioExtractParams, ExtractFormat
from gala.render_types.params.audio_formats import AudioFormat, SoundParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_output
from gala_renderer.probe.media import AudioStream

NAME: Final = "audio_extract"

_COPYING_WEIGHT: Final = 0.1
_OWN_FORMATS: Final = {
    "aac": AudioFormat.M4A,
    "alac": AudioFormat.M4A,
    "mp3": AudioFormat.MP3,
    "opus": AudioFormat.OGG,
    "vorbis": AudioFormat.OGG,
    "flac": AudioFormat.FLAC,
    "pcm_s16le": AudioFormat.WAV,
    "pcm_s24le": AudioFormat.WAV,
    "pcm_f32le": AudioFormat.WAV,
}


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan one pass of FFmpeg."""
    params = cast(AudioExtractParams, order.params)
    file = order.files("video")[0]
    media = await context.inspect(file)
    found = media.require_sound(file.field)
    own = own_format(found)
    requested = own if params.audio_format is ExtractFormat.COPY else _named(params.audio_format)
    form = requested or AudioFormat.M4A
    name = audio_output.file_name(form)
    target = context.part(name)
    seconds = media.seconds or 1.0
    if form is own:
        step = FFmpegStep(
            "copying", audio_output.copied(media, target, form), seconds, _COPYING_WEIGHT
        )
        return Plan((step,), {"audio": name})
    shape = SoundParams(audio_format=form)
    rate, channels = audio_output.rate_of(shape, found), audio_output.channels_of(shape, found)
    stream = audio_output.source(media, found, rate=rate, channels=channels)
    arguments = audio_output.written(stream, target, shape, rate=rate, channels=channels)
    warning = f"{found.codec or 'this sound'} has no file format of its own here; it became AAC"
    return Plan(
        (FFmpegStep("encoding", arguments, seconds),),
        {"audio": name},
        warnings=() if requested else (warning,),
    )


def own_format(found: AudioStream) -> AudioFormat | None:
    """Return the format into which a stream can be copied, or ``None``."""
    return _OWN_FORMATS.get(found.codec or "")


def _named(form: ExtractFormat) -> AudioFormat:
    return AudioFormat(form.value)
