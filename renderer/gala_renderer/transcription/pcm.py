"""Sound as listening wants it: one channel, 16 bit, 16,000 samples a second."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import ffmpeg

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.plan import Report
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import AudioStream, Media

RATE: Final = 16_000

_LIMIT_SECONDS: Final = 60 * 60.0


def own_sound(path: Path) -> Media:
    """A WAV file of ours, as media."""
    return Media(path=path, demuxer="wav", sound=AudioStream(rate=RATE, channels=1))


async def decode(
    context: RenderContext, media: Media, target: Path, report: Report = lambda _: None
) -> Path:
    """Write the media's sound to the WAV file ``target``, in the time of the file it comes from.

    Raises ``UnprocessableMedia`` if there is no sound, ``RenderFailed`` if it cannot be decoded.
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
    """FFmpeg's arguments for that; where the file has no sound yet, there is silence."""
    sound = user_input(media, vn=None).audio.filter("aresample", RATE, first_pts=0, **{"async": 1})
    form = {"f": "wav", "c:a": "pcm_s16le", "ac": 1, "rf64": "auto"}
    return tuple(ffmpeg.output(sound, str(target), **form, **REPRODUCIBLE).get_args())


def sound_seconds(path: Path) -> float:
    """How long that WAV file of ours lasts."""
    with wave.open(str(path)) as sound:
        seconds: float = sound.getnframes() / sound.getframerate()
    return seconds
