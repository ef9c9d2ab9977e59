"""FFmpeg's arguments for audio files in the formats that GALA writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import ffmpeg

from gala.render_types.params.audio_formats import RATES, AudioFormat, SoundParams
from gala_renderer.ffmpeg import audio_filters
from gala_renderer.ffmpeg.encoder_options import REPRODUCIBLE, Options
from gala_renderer.ffmpeg.inputs import audio_of, user_input
from gala_renderer.probe.media import AudioStream, Media

_MUXERS: Final[dict[AudioFormat, Options]] = {
    # Above 4 GiB a plain WAV header cannot hold the length.
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
_KBPS_PER_CHANNEL: Final = {AudioFormat.MP3: 96, AudioFormat.M4A: 80, AudioFormat.OGG: 64}
_DITHERED: Final = frozenset({AudioFormat.WAV, AudioFormat.FLAC})


def source(media: Media, found: AudioStream, *, rate: int, channels: int) -> Any:
    """Read the sound of a user's file, in floats, at that rate, in one or two channels."""
    stream = audio_of(media, user_input(media, vn=None, sn=None, dn=None))
    return shaped(stream, found, rate=rate, channels=channels)


def shaped(stream: Any, found: AudioStream, *, rate: int, channels: int) -> Any:
    """Convert a stream to floats, at that rate, in one or two channels."""
    if channels == 2:
        return audio_filters.stereo(stream, found, rate=rate)
    return audio_filters.mono(stream, found, rate=rate)


def rate_of(params: SoundParams, found: AudioStream) -> int:
    """Return the requested rate, else the source's or the next higher one of the format."""
    rates = RATES[params.audio_format]
    above = (rate for rate in rates if rate >= found.rate)
    return params.sample_rate or next(above, rates[-1])


def channels_of(params: SoundParams, found: AudioStream) -> int:
    """Return the requested number of channels, else 1 for a mono source and 2 for others."""
    return params.channels or min(2, found.channels)


def file_name(form: AudioFormat) -> str:
    """Return the name of the output file."""
    return f"audio.{form}"


def written(
    stream: Any, target: Path, params: SoundParams, *, rate: int, channels: int
) -> tuple[str, ...]:
    """Return arguments that encode the stream, which has that rate and number of channels."""
    form = params.audio_format
    options: Options = {"c:a": _ENCODERS[form], "ar": rate, "ac": channels}
    if form in _KBPS_PER_CHANNEL:
        kbps = params.bitrate_kbps or _KBPS_PER_CHANNEL[form] * channels
        options["b:a"] = f"{kbps}k"
    if form in _DITHERED:
        stream = stream.filter("aresample", osf="s16", dither_method="triangular_hp")
    output = ffmpeg.output(stream, str(target), **_MUXERS[form], **options, **REPRODUCIBLE)
    return tuple(output.get_args())


def copied(media: Media, target: Path, form: AudioFormat) -> tuple[str, ...]:
    """Return arguments that copy the sound, without encoding, into an audio file."""
    stream = audio_of(media, user_input(media, vn=None, sn=None, dn=None))
    options: Options = {"c:a": "copy", **_MUXERS[form], **REPRODUCIBLE}
    return tuple(ffmpeg.output(stream, str(target), **options).get_args())
