"""Sound files: from any source to one of the formats that GALA writes. Pure arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.render_types.params.audio_formats import RATES, AudioFormat, SoundParams
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE, Options
from gala_renderer.ffmpeg.inputs import user_input
from gala_renderer.probe.media import AudioStream, Media

_MUXERS: Final[dict[AudioFormat, Options]] = {
    # Beyond 4 GiB a plain WAV would lie about its length.
    AudioFormat.WAV: {"f": "wav", "rf64": "auto"},
    AudioFormat.MP3: {"f": "mp3"},
    AudioFormat.M4A: {"f": "mp4", "movflags": "+faststart"},
    AudioFormat.OGG: {"f": "ogg"},
    AudioFormat.FLAC: {"f": "flac"},
}
_ENCODERS: Final[dict[AudioFormat, str]] = {
    AudioFormat.WAV: "pcm_s16le",
    AudioFormat.MP3: "libmp3lame",
    AudioFormat.M4A: "aac",
    AudioFormat.OGG: "libopus",
    AudioFormat.FLAC: "flac",
}
_KBPS_A_CHANNEL: Final = {AudioFormat.MP3: 96, AudioFormat.M4A: 80, AudioFormat.OGG: 64}
_DITHERED: Final = frozenset({AudioFormat.WAV, AudioFormat.FLAC})


def source(media: Media, found: AudioStream, *, rate: int, channels: int) -> Any:
    """The sound of a user's file, in floats, at that rate, in one or two channels."""
    stream = user_input(media, vn=None, sn=None, dn=None).audio
    return shaped(stream, found, rate=rate, channels=channels)


def shaped(stream: Any, found: AudioStream, *, rate: int, channels: int) -> Any:
    """That stream, in floats, at that rate, in one or two channels."""
    if channels == 2:
        return audio_filters.stereo(stream, found, rate=rate)
    return audio_filters.mono(stream, found, rate=rate)


def rate_of(params: SoundParams, found: AudioStream) -> int:
    """The rate asked for, or the source's, or the next one that the format has."""
    rates = RATES[params.audio_format]
    above = (rate for rate in rates if rate >= found.rate)
    return params.sample_rate or next(above, rates[-1])


def channels_of(params: SoundParams, found: AudioStream) -> int:
    """The channels asked for, or the source's if it is mono, else two."""
    return params.channels or min(2, found.channels)


def file_name(form: AudioFormat) -> str:
    """What the output file is called."""
    return f"audio.{form}"


def written(
    stream: Any, target: Path, params: SoundParams, *, rate: int, channels: int
) -> tuple[str, ...]:
    """Arguments that encode the stream, which has that rate and those channels."""
    form = params.audio_format
    options: Options = {"c:a": _ENCODERS[form], "ar": rate, "ac": channels}
    if form in _KBPS_A_CHANNEL:
        kbps = params.bitrate_kbps or _KBPS_A_CHANNEL[form] * channels
        options["b:a"] = f"{kbps}k"
    if form in _DITHERED:
        stream = stream.filter("aresample", osf="s16", dither_method="triangular_hp")
    made = ffmpeg.output(stream, str(target), **_MUXERS[form], **options, **REPRODUCIBLE)
    return tuple(made.get_args())


def copied(media: Media, target: Path, form: AudioFormat) -> tuple[str, ...]:
    """Arguments that copy the sound as it is into a file of its own."""
    stream = user_input(media, vn=None, sn=None, dn=None).audio
    options: Options = {"c:a": "copy", **_MUXERS[form], **REPRODUCIBLE}
    return tuple(ffmpeg.output(stream, str(target), **options).get_args())
