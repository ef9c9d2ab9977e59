"""Inspects media files and prints one line of JSON for each.

Run as a separate program by :mod:`gala_renderer.probe.inspector` in the sandbox, because it decodes
untrusted bytes: ``python program.py <max_pixels> <max_seconds> <demuxer>,<demuxer>,… <path>…``. For
each path, in order, it prints ``{"media": {…}}``, or ``{"refused": "<reason>"}`` for a file that
must not be used.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, UnidentifiedImageError

from gala_renderer.probe.animations import APNG_DEFAULT_FPS, frame_delays
from gala_renderer.probe.length import MeasuredTrack, TooLong, measure, needs_measuring

_STREAMS_MAX = 64
_INDEX_TAIL = 64
_ENTRIES_LOOKED_AT = 4000
_JITTER_SECONDS = Fraction(3, 2000)
"""Time stamps rounded to milliseconds still count as a constant frame rate."""
_UNSTEADY = 0.005

# FFmpeg's names for the numbers of ISO/IEC 23091-2; 2 stands for unspecified.
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020",
    11: "smpte431", 12: "smpte432",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear",
    13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc",
    10: "bt2020c",
}  # fmt: skip
_FULL = 2
_ANIMATIONS = ("apng", "gif")


class UnusableFile(Exception):
    """The reason why a file must not be used, for users to read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted: megapixels, length, and FFmpeg's names of containers."""

    max_pixels: int
    max_seconds: float
    demuxers: tuple[str, ...]


class _NamelessFile:
    # Without a name, the format is detected from the bytes alone, and the file cannot refer to
    # its neighbours.
    def __init__(self, file: BinaryIO):
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def inspect(path: Path, limits: Limits) -> dict[str, Any]:
    """Describe the file; raise ``UnusableFile`` or ``FFmpegError`` if it cannot be used."""
    if path.stat().st_size == 0:
        raise UnusableFile("the file is empty")
    with path.open("rb") as file, _open(file, limits) as container:
        found = _describe(container, path, limits)
        demuxer = found["demuxer"]
        if _is_described(found) or not needs_measuring(container, demuxer, path):
            return found
    with path.open("rb") as file, _open(file, limits) as container:
        return _with_length(found, container, path, limits)


def _is_described(found: Mapping[str, Any]) -> bool:
    # A picture has no length; that of an animated WebP was taken from its header.
    still = found["picture"] is not None and found["picture"].get("still", False)
    return found["demuxer"] == "webp_anim" or (still and found["sound"] is None)


def _open(file: BinaryIO, limits: Limits) -> InputContainer:
    options = {
        "format_whitelist": ",".join(limits.demuxers),
        "protocol_whitelist": "",
        "default_fps": str(APNG_DEFAULT_FPS),
    }
    # One set of options per stream, as PyAV documents it; its annotation says otherwise.
    per_stream: list[Any] = [{"max_pixels": str(limits.max_pixels)}] * _STREAMS_MAX
    try:
        return av.open(_NamelessFile(file), mode="r", options=options, stream_options=per_stream)
    except ValueError as error:
        if isinstance(error, FFmpegError):
            raise
    # MPEG, FLV and the like find their streams too late to take options; none is a picture format,
    # and the memory limit still applies.
    file.seek(0)
    return av.open(_NamelessFile(file), mode="r", options=options)


def _describe(container: InputContainer, path: Path, limits: Limits) -> dict[str, Any]:
    _refuse_if_truncated(container, path.stat().st_size)
    names = container.format.name.split(",")
    demuxer = next(name for name in names if name in limits.demuxers)
    if demuxer.endswith("_pipe") and (animation := _from_header(path, limits.max_pixels)):
        return animation
    pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
    picture = _picture(container, pictures[0], demuxer, limits.max_pixels) if pictures else None
    return {
        "demuxer": demuxer,
        "seconds": None if container.duration is None else container.duration / av.time_base,
        "picture": picture,
        "sound": _sound(container),
        "bit_rate": container.bit_rate or None,
        "start": (container.start_time or 0) / av.time_base,
    }


def _with_length(
    found: dict[str, Any], container: InputContainer, path: Path, limits: Limits
) -> dict[str, Any]:
    """Return the description with the length that the packets of the file show."""
    measured = measure(container, found["demuxer"], limits.max_seconds)
    if measured is None or measured.seconds <= 0:
        return found
    bit_rate = round(path.stat().st_size * 8 / measured.seconds)
    length = {"seconds": measured.seconds, "bit_rate": bit_rate}
    picture, sound = found["picture"], found["sound"]
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    if picture and videos and (track := measured.tracks.get(videos[0].index)):
        if found["demuxer"] in _ANIMATIONS and track.packets == 1:
            return {**found, "picture": {**picture, "still": True}}
        picture = _measured_picture(picture, track, animation=found["demuxer"] in _ANIMATIONS)
    stream = _sound_stream(container)
    if sound and stream and (track := measured.tracks.get(stream.index)):
        sound = {**sound, "seconds": track.seconds}
    return {**found, **length, "picture": picture, "sound": sound}


def _measured_picture(
    picture: Mapping[str, Any], track: MeasuredTrack, *, animation: bool
) -> Mapping[str, Any]:
    found = {**picture, "seconds": track.seconds}
    if picture["frames"]:
        found["frames"] = track.packets
    # FFmpeg leaves out the delay of the last frame of an animation.
    if track.seconds > 0 and (animation or picture["rate"] is None):
        rate = Fraction(track.packets / track.seconds).limit_denominator(1001)
        found |= {"rate": _fraction(rate), "fps": float(rate)}
    return found


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _refuse_if_truncated(container: InputContainer, size: int) -> None:
    for stream in container.streams:
        entries = stream.index_entries
        for index in range(max(0, len(entries) - _INDEX_TAIL), len(entries)):
            entry = entries[index]
            if entry.pos + entry.size > size:
                raise UnusableFile("the file is cut off before its end")


def _from_header(path: Path, max_pixels: int) -> dict[str, Any] | None:
    # The header gives the size before anything is decoded. An animated WebP is described from it
    # alone, because the FFmpeg libraries inside PyAV may be too old to decode one.
    try:
        image = Image.open(path)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    with image:
        size, mode = image.size, image.mode
        if size[0] * size[1] > max_pixels:
            raise UnusableFile(_too_large(*size, max_pixels))
        if image.format == "JPEG":
            _refuse_truncated_jpeg(image)
        if image.format != "WEBP" or not getattr(image, "is_animated", False):
            return None
    return _animation(path, {"width": size[0], "height": size[1], "alpha": mode == "RGBA"})


def _animation(path: Path, picture: dict[str, Any]) -> dict[str, Any]:
    delays = frame_delays(path)
    seconds = sum(delays) / 1000
    if seconds:
        rate = Fraction(len(delays) * 1000, sum(delays)).limit_denominator(1001)
        picture |= {
            "codec": "webp",
            "seconds": seconds,
            "frames": len(delays),
            "fps": float(rate),
            "rate": _fraction(rate),
            "steady": len(set(delays)) == 1,
            "time_base": (1, 1000),
        }
    return {
        "demuxer": "webp_anim",
        "seconds": seconds or None,
        "picture": picture,
    }


def _refuse_truncated_jpeg(image: Image.Image) -> None:
    # FFmpeg would fill the missing part with grey. Decoding at an eighth of the size is enough.
    image.draft("L", (image.width // 8, image.height // 8))
    try:
        image.load()
    except OSError as error:
        raise UnusableFile("the picture is cut off before its end") from error


def _too_large(width: int, height: int, max_pixels: int) -> str:
    return f"it is {width} x {height}; at most {max_pixels // 1_000_000} megapixels are accepted"


def _picture(
    container: InputContainer, stream: VideoStream, demuxer: str, max_pixels: int
) -> Mapping[str, Any]:
    stream.codec_context.options = {"max_pixels": str(max_pixels)}
    frame = next(container.decode(stream), None)
    if frame is None:
        raise UnusableFile("no frame can be decoded")
    if frame.width * frame.height > max_pixels:
        raise UnusableFile(_too_large(frame.width, frame.height, max_pixels))
    turned = frame.rotation % 180 != 0
    rate = _exact_rate(stream)
    return {
        "width": frame.height if turned else frame.width,
        "height": frame.width if turned else frame.height,
        "fps": float(stream.average_rate) if stream.average_rate else None,
        "still": demuxer.endswith("_pipe") or stream.frames == 1,
        "alpha": any(component.is_alpha for component in frame.format.components),
        "bits": max(component.bits for component in frame.format.components),
        "pixel_format": frame.format.name,
        "interlaced": bool(frame.interlaced_frame),
        "rotation": int(frame.rotation),
        "colour": _colour(frame, stream),
        "sample_aspect": _fraction(stream.sample_aspect_ratio) or (1, 1),
        "rate": _fraction(rate),
        "steady": _is_steady(stream, rate),
        "time_base": _fraction(stream.time_base),
        "frames": stream.frames or None,
        "tag": stream.codec_context.codec_tag.strip("\0") or None,
        **_coding(stream),
    }


def _colour(frame: VideoFrame, stream: VideoStream) -> Mapping[str, Any]:
    context = stream.codec_context
    return {
        "primaries": _PRIMARIES.get(frame.color_primaries or context.color_primaries),
        "transfer": _TRANSFERS.get(frame.color_trc or context.color_trc),
        "matrix": _MATRICES.get(int(frame.colorspace)),
        "full_range": int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj"),
    }


def _exact_rate(stream: VideoStream) -> Fraction | None:
    average, base = stream.average_rate, stream.base_rate
    # The average is slightly off if the last frame lasts longer than the others.
    if average and base and abs(base / average - 1) < _UNSTEADY:
        return base
    return average or base


def _is_steady(stream: VideoStream, rate: Fraction | None) -> bool:
    if rate is None or stream.time_base is None:
        return False
    base = stream.base_rate
    # Interlaced video, and constant-rate video of some phones, report twice the frame rate.
    if base and not any(abs(base / rate - factor) < _UNSTEADY for factor in (1, 2)):
        return False
    entries = stream.index_entries
    if stream.frames == 0 or len(entries) < stream.frames:
        return True
    times = [entries[at].timestamp for at in range(min(len(entries), _ENTRIES_LOOKED_AT))]
    usual = 1 / (rate * stream.time_base)
    slack = max(Fraction(3, 2), _JITTER_SECONDS / stream.time_base)
    return all(abs(later - at - usual) <= slack for at, later in pairwise(times))


def _sound_stream(container: InputContainer) -> AudioStream | None:
    return next((one for one in container.streams.audio if one.rate and one.channels), None)


def _sound(container: InputContainer) -> dict[str, Any] | None:
    stream = _sound_stream(container)
    if stream is None:
        return None
    return {
        "rate": stream.rate,
        "channels": stream.channels,
        "layout": stream.layout.name,
        **_coding(stream),
    }


def _coding(stream: VideoStream | AudioStream) -> Mapping[str, Any]:
    base = stream.time_base or Fraction(0)
    extradata = stream.codec_context.extradata
    return {
        "codec": stream.codec_context.codec.canonical_name,
        "profile": stream.profile or None,
        "bit_rate": stream.bit_rate or None,
        "start": float(stream.start_time * base) if stream.start_time else 0.0,
        "seconds": float(stream.duration * base) if stream.duration else None,
        "digest": hashlib.sha256(extradata).hexdigest()[:32] if extradata else None,
    }


def _fraction(value: Fraction | None) -> tuple[int, int] | None:
    return (value.numerator, value.denominator) if value else None


def _answer(path: str, limits: Limits) -> dict[str, Any]:
    try:
        return {"media": inspect(Path(path), limits)}
    except UnusableFile as refusal:
        return {"refused": str(refusal)}
    except TooLong:
        return {"refused": f"it is longer than {limits.max_seconds / 3600:.0f} hours"}
    except (FFmpegError, MemoryError, UnicodeDecodeError):
        return {"refused": "it is damaged, or of a format that is not accepted here"}


def main(max_pixels: str, max_seconds: str, demuxers: str, *paths: str) -> None:
    """Print one line for each path; the reader sees each before the next file is opened."""
    # Pillow only reads sizes from headers here; the limit is checked by this program.
    Image.MAX_IMAGE_PIXELS = None
    limits = Limits(int(max_pixels), float(max_seconds), tuple(demuxers.split(",")))
    for path in paths:
        print(json.dumps(_answer(path, limits)), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
