"""Inspects media files and prints one line of JSON for each.

Run as a separate program by :mod:`gala_renderer.probe.inspector` in the sandbox, because it decodes
untrusted bytes: ``python program.py <max_pixels> <demuxer>,<demuxer>,… <path>…``. For each path, in
order, it prints ``{"media": {…}}``, or ``{"refused": "<reason>"}`` for a file that must not be
used.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
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


class UnusableFile(Exception):
    """The reason why a file must not be used, for users to read."""


class _NamelessFile:
    # Without a name, the format is detected from the bytes alone, and the file cannot refer to
    # its neighbours.
    def __init__(self, file: BinaryIO):
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def inspect(path: Path, *, max_pixels: int, demuxers: str) -> dict[str, Any]:
    """Describe the file; raise ``UnusableFile`` or ``FFmpegError`` if it cannot be used."""
    if path.stat().st_size == 0:
        raise UnusableFile("the file is empty")
    with path.open("rb") as file, _open(file, max_pixels, demuxers) as container:
        return _describe(container, path, max_pixels, demuxers.split(","))


def _open(file: BinaryIO, max_pixels: int, demuxers: str) -> InputContainer:
    options = {"format_whitelist": demuxers, "protocol_whitelist": ""}
    # One set of options per stream, as PyAV documents it; its annotation says otherwise.
    per_stream: list[Any] = [{"max_pixels": str(max_pixels)}] * _STREAMS_MAX
    try:
        return av.open(_NamelessFile(file), mode="r", options=options, stream_options=per_stream)
    except ValueError as error:
        if isinstance(error, FFmpegError):
            raise
    # MPEG, FLV and the like find their streams too late to take options; none is a picture format,
    # and the memory limit still applies.
    file.seek(0)
    return av.open(_NamelessFile(file), mode="r", options=options)


def _describe(
    container: InputContainer, path: Path, max_pixels: int, demuxers: list[str]
) -> dict[str, Any]:
    _refuse_if_truncated(container, path.stat().st_size)
    demuxer = next(name for name in container.format.name.split(",") if name in demuxers)
    if demuxer.endswith("_pipe") and (animation := _from_header(path, max_pixels)):
        return animation
    seconds = None if container.duration is None else container.duration / av.time_base
    pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
    return {
        "demuxer": demuxer,
        "seconds": seconds,
        "picture": _picture(container, pictures[0], demuxer, max_pixels) if pictures else None,
        "sound": _sound(container),
        "bit_rate": container.bit_rate or None,
        "start": (container.start_time or 0) / av.time_base,
    }


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
    picture = {"width": size[0], "height": size[1], "alpha": mode == "RGBA"}
    return {"demuxer": "webp_anim", "picture": picture}


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


def _sound(container: InputContainer) -> Mapping[str, Any] | None:
    for stream in container.streams.audio:
        if stream.rate and stream.channels:
            return {
                "rate": stream.rate,
                "channels": stream.channels,
                "layout": stream.layout.name,
                **_coding(stream),
            }
    return None


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


def _answer(path: str, max_pixels: int, demuxers: str) -> dict[str, Any]:
    try:
        return {"media": inspect(Path(path), max_pixels=max_pixels, demuxers=demuxers)}
    except UnusableFile as refusal:
        return {"refused": str(refusal)}
    except (FFmpegError, MemoryError, UnicodeDecodeError):
        return {"refused": "it is damaged, or of a format that is not accepted here"}


def main(max_pixels: str, demuxers: str, *paths: str) -> None:
    """Print one line for each path; the reader sees each before the next file is opened."""
    # Pillow only reads sizes from headers here; the limit is checked by this program.
    Image.MAX_IMAGE_PIXELS = None
    for path in paths:
        print(json.dumps(_answer(path, int(max_pixels), demuxers)), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
