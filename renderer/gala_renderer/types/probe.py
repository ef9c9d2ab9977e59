"""Plans ``probe``: the properties of a media file as JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any, Final

from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import Plan
from gala_renderer.probe.media import AudioStream, Media, VideoStream

NAME: Final = "probe"
_MAX_TERM: Final = 64
"""Aspect ratios are given with small numbers such as 9:16 if one is close enough."""
_CLOSE: Final = 0.01


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Inspect the file while planning; there is nothing else to do."""
    (file,) = order.files("media")
    media = await context.inspect_stored(file)
    info = describe(media, size=file.path.stat().st_size)
    context.part("info.json").write_text(json.dumps(info, indent=2) + "\n")
    return Plan(steps=(), outputs={"info": "info.json"})


def describe(media: Media, *, size: int) -> dict[str, Any]:
    """Return the properties of the file: the most important ones first, then each stream's."""
    picture, sound = media.picture, media.sound
    info: dict[str, Any] = {
        "duration": None if media.seconds is None else round(media.seconds, 6),
        "duration_source": media.length_source,
        "size": size,
        "container": media.demuxer,
        "bitrate": media.bit_rate,
        "codec": picture.codec if picture else sound.codec if sound else None,
    }
    if picture:
        info |= {
            "width": picture.width,
            "height": picture.height,
            "fps": None if picture.still else _rate_text(picture),
            "aspect_ratio": aspect_ratio(picture),
        }
    if sound:
        info |= {"channels": sound.channels, "sample_rate": str(sound.rate)}
    return {
        **info,
        "video": _video_properties(picture) if picture else None,
        "audio": _audio_properties(sound) if sound else None,
        "audio_tracks": media.sound_tracks,
    }


def aspect_ratio(picture: VideoStream) -> str:
    """Return the aspect ratio as shown: ``9:16`` if that is close enough, else a reduced one."""
    shape = Fraction(picture.width, picture.height) * picture.sample_aspect
    for largest in (21, _MAX_TERM):
        near = shape.limit_denominator(largest)
        if near and abs(near / shape - 1) <= _CLOSE:
            return f"{near.numerator}:{near.denominator}"
    return f"{shape.numerator}:{shape.denominator}"


def _rate_text(picture: VideoStream) -> str | None:
    return None if picture.fps is None else f"{picture.fps:.3f}".rstrip("0").rstrip(".")


def _video_properties(picture: VideoStream) -> dict[str, Any]:
    colour = picture.colour
    return {
        "codec": picture.codec,
        "profile": picture.profile,
        "tag": picture.tag,
        "width": picture.width,
        "height": picture.height,
        "rotation": picture.rotation,
        "sample_aspect_ratio": _ratio(picture.sample_aspect, ":"),
        "pixel_format": picture.pixel_format,
        "bits": picture.bits,
        "alpha": picture.alpha,
        "hdr": picture.hdr,
        "color_profile": picture.colour_profile,
        "color_primaries": colour.primaries,
        "color_transfer": colour.transfer,
        "color_matrix": colour.matrix,
        "color_range": "full" if colour.full_range else "limited",
        "still": picture.still,
        "frame_rate": _ratio(picture.rate, "/"),
        "constant_frame_rate": None if picture.still else picture.steady,
        "longest_frame": picture.longest_frame,
        "interlaced": picture.interlaced,
        "frames": picture.frames,
        "start": picture.start,
        "duration": picture.seconds,
        "bitrate": picture.bit_rate,
    }


def _audio_properties(sound: AudioStream) -> dict[str, Any]:
    return {
        "codec": sound.codec,
        "profile": sound.profile,
        "sample_rate": sound.rate,
        "channels": sound.channels,
        "layout": sound.layout,
        "language": sound.language,
        "track": sound.number,
        "start": sound.start,
        "duration": sound.seconds,
        "bitrate": sound.bit_rate,
    }


def _ratio(value: Fraction | None, sign: str) -> str | None:
    return None if value is None else f"{value.numerator}{sign}{value.denominator}"
