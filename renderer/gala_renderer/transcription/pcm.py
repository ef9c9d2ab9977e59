"""Sound in the format of speech recognisers: mono, 16 bit, 16 kHz."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.audio_filters import ON_THE_CLOCK, finite
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import audio_of, user_input
from gala_renderer.probe.media import AudioStream, Media

RATE: Final = 16_000

_LIMIT_SECONDS: Final = 60 * 60.0


def own_sound(path: Path) -> Media:
    """Return the media description of a decoded WAV file."""
    return Media(path=path, demuxer="wav", sound=AudioStream(rate=RATE, channels=1))


async def decode(
    context: RenderContext, media: Media, target: Path, report: Report = lambda _: None
) -> Path:
    """Decode the media's sound to the WAV file ``target``, on the time axis of the media.

    Raise ``UnprocessableMedia`` if there is no sound, ``RenderFailed`` if decoding fails.
    """
    media.require_sound("inputs.audio_asset_id")
    await context.ffmpeg.run(
        decode_arguments(media, target),
        cwd=context.scratch,
        limit_seconds=_LIMIT_SECONDS,
        media_seconds=media.seconds or 60.0,
        report=report,
    )
    return target


def decode_arguments(media: Media, target: Path) -> tuple[str, ...]:
    """Return FFmpeg's arguments for decoding; gaps in the sound become silence."""
    source = finite(audio_of(media, user_input(media, vn=None)), media.sound)
    sound = source.filter("aresample", RATE, **ON_THE_CLOCK)
    form = {"f": "wav", "c:a": "pcm_s16le", "ac": 1, "rf64": "auto"}
    return tuple(ffmpeg.output(sound, str(target), **form, **REPRODUCIBLE).get_args())


def sound_seconds(path: Path) -> float:
    """Return the length of a WAV file in seconds."""
    with wave.open(str(path)) as sound:
        seconds: float = sound.getnframes() / sound.getframerate()
    return seconds
