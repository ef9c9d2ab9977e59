"""Describes the streams of an open file: how they are coded, sized, coloured and timed.

Runs inside :mod:`gala_renderer.probe.program`, so it must start fast and import little.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError, PermissionError, UndefinedError  # noqa: A004
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

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
_INTERVAL = re.compile(rb" keyint=(\d{1,6}) ")
_X264_INTERVAL = 250
_LONGEST_REFRESH = 1000
_LANGUAGE_CODE = 3
"""The length of a code of ISO 639-2."""
_LAYERED = frozenset({"vp8", "vp9"})
_DAMAGED_PACKETS = 100
"""Sound is given up after so many packets without any."""
_LOOKED_AT_PACKETS = 2000
"""So many packets of all streams are read to find sound."""
_DAMAGED = (InvalidDataError, PermissionError, UndefinedError)
"""What decoders answer to packets of garbage; that of AAC has error numbers of its own."""


class UnusableFile(Exception):
    """The reason why a file must not be used, for users to read."""


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Return the streams that are not cover pictures, the one that players show first."""
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    return sorted(videos, key=_is_not_default)


def _is_not_default(stream: VideoStream | AudioStream) -> bool:
    return not stream.disposition & stream.disposition.default


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def describe_picture(
    container: InputContainer, stream: VideoStream, demuxer: str, max_pixels: int
) -> Mapping[str, Any]:
    """Describe a video stream by its first frame; raise ``UnusableFile`` if it has none."""
    stream.codec_context.options = {"max_pixels": str(max_pixels)}
    frame = next(container.decode(stream), None)
    if frame is None:
        raise UnusableFile("no frame can be decoded")
    if frame.width * frame.height > max_pixels:
        raise UnusableFile(too_large(frame.width, frame.height, max_pixels))
    turned = frame.rotation % 180 != 0
    numerator, denominator = fraction(stream.sample_aspect_ratio) or (1, 1)
    rate = _exact_rate(stream)
    layered = _has_alpha_layer(stream)
    return {
        "width": frame.height if turned else frame.width,
        "height": frame.width if turned else frame.height,
        "fps": float(stream.average_rate) if stream.average_rate else None,
        "number": container.streams.video.index(stream),
        "still": demuxer.endswith("_pipe"),
        "alpha": layered or any(component.is_alpha for component in frame.format.components),
        "bits": max(component.bits for component in frame.format.components),
        "pixel_format": "yuva420p" if layered else frame.format.name,
        "interlaced": bool(frame.interlaced_frame),
        "rotation": int(frame.rotation),
        "colour": _colour(frame, stream),
        "sample_aspect": (denominator, numerator) if turned else (numerator, denominator),
        "rate": fraction(rate),
        "steady": _is_steady(stream, rate),
        "time_base": fraction(stream.time_base),
        "frames": stream.frames or None,
        "refresh_frames": _refresh_frames(frame) if stream.codec_context.name == "h264" else 0,
        "tag": stream.codec_context.codec_tag.strip("\0") or None,
        **_coding(stream),
    }


def _refresh_frames(frame: VideoFrame) -> int:
    """Return in how many frames x264 refreshes the picture with ``--intra-refresh``, else 0."""
    try:
        # PyAV's annotation has the interface of a mapping; iterating yields the data.
        data: Any = frame.side_data
    except ValueError:
        # There is data of a kind that PyAV does not know, such as the EXIF of photos.
        return 0
    for side_data in data:
        if side_data.type.name != "SEI_UNREGISTERED":
            continue
        settings = bytes(side_data)
        found = _INTERVAL.search(settings)
        if b" intra_refresh=1 " in settings:
            return min(int(found[1]) if found else _X264_INTERVAL, _LONGEST_REFRESH)
    return 0


def _has_alpha_layer(stream: VideoStream) -> bool:
    # VP8 and VP9 have transparency as a second picture, which FFmpeg's own decoders leave out.
    return stream.codec_context.name in _LAYERED and stream.metadata.get("alpha_mode") == "1"


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


def sound_stream(container: InputContainer) -> AudioStream | None:
    """Return the audio stream that players choose: the default one, or the first."""
    playable = [one for one in container.streams.audio if one.rate and one.channels]
    return min(playable, key=_is_not_default, default=None)


def refuse_without_sound(container: InputContainer, stream: AudioStream) -> None:
    """Raise ``UnusableFile`` if a container that was just opened has no sound that can be heard.

    Repeated without end, such a file would never fill any time. A video may have a track without
    any packets, which is left out later.
    """
    packets = 0
    for packet in _first_packets(container, stream):
        packets += packet.size > 0
        try:
            if any(frame.samples for frame in packet.decode()):
                return
        except _DAMAGED:
            continue
        except FFmpegError:
            # The FFmpeg that renders may know more than the libraries inside PyAV.
            return
    if packets or not container.streams.video:
        raise UnusableFile("its sound cannot be decoded" if packets else "there is no sound in it")


def _first_packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Yield the first packets of a stream; few or none if those of other streams come first."""
    among: Iterator[Any] = islice(container.demux(), _LOOKED_AT_PACKETS)
    return islice((one for one in among if one.stream.index == stream.index), _DAMAGED_PACKETS)


def describe_sound(container: InputContainer) -> dict[str, Any] | None:
    """Describe the audio stream that players choose; return None if there is none."""
    stream = sound_stream(container)
    if stream is None:
        return None
    return {
        "rate": stream.rate,
        "channels": stream.channels,
        "layout": stream.layout.name,
        "number": container.streams.audio.index(stream),
        "language": _language(stream),
        "lead_in": _lead_in(stream),
        **_coding(stream),
    }


def _lead_in(stream: AudioStream) -> float:
    """Return the seconds of packets before the stream's start, which only prepare the decoder."""
    if not stream.index_entries or stream.time_base is None:
        return 0.0
    first = stream.index_entries[0].timestamp
    return max(0.0, float(((stream.start_time or 0) - first) * stream.time_base))


def _language(stream: AudioStream) -> str | None:
    language = stream.metadata.get("language", "")
    known = len(language) == _LANGUAGE_CODE and language.isascii() and language.isalpha()
    return language.lower() if known and language != "und" else None


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


def fraction(value: Fraction | None) -> tuple[int, int] | None:
    """Return the fraction as JSON takes it."""
    return (value.numerator, value.denominator) if value else None


def too_large(width: int, height: int, max_pixels: int) -> str:
    """Return the reason for refusing a picture of that size."""
    return f"it is {width} x {height}; at most {max_pixels // 1_000_000} megapixels are accepted"
