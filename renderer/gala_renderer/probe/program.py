"""Inspects media files and prints one line of JSON for each.

Run as a separate program by :mod:`gala_renderer.probe.inspector` in the sandbox, because it decodes
untrusted bytes: ``python program.py <max_pixels> <max_seconds> <demuxer>,<demuxer>,… <path>…``. For
each path, in order, it prints ``{"media": {…}}``, or ``{"refused": "<reason>"}`` for a file that
must not be used.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from gala.garbage_collection import paused

with paused():
    import av
    from av.container import InputContainer
    from av.error import FFmpegError
    from PIL import Image, UnidentifiedImageError

    from gala_renderer.pictures.inspection import colour_fields
    from gala_renderer.pictures.png import open_readable
    from gala_renderer.probe.animations import APNG_DEFAULT_FPS, frame_delays
    from gala_renderer.probe.frame_times import spacing
    from gala_renderer.probe.length import (
        Measured,
        MeasuredTrack,
        TooLong,
        can_be_measured,
        is_estimated,
        measure,
    )
    from gala_renderer.probe.streams import (
        UnusableFile,
        describe_picture,
        describe_sound,
        fraction,
        refuse_without_sound,
        sound_stream,
        too_large,
        video_streams,
    )

_STREAMS_MAX = 64
_JPEG_START = b"\xff\xd8\xff"
_JPEG_LS = b"\xf7"
_INDEX_TAIL = 64
_ANIMATIONS = ("apng", "gif")
STORED, ESTIMATED, MEASURED = "stored", "estimated", "measured"
"""Where the lengths come from: the container, the size and the bit rate, or the packets."""
_PICTURE_SECONDS = 0.2
"""A video stream of a single frame that lasts no longer is a picture."""


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
    with open_readable(path) as file, _open(file, limits) as container:
        found = _with_colour(_describe(container, path, limits), path, limits)
        if _is_described(found):
            return found
        audio = sound_stream(container)
        if audio is not None:
            _refuse_without_sound(path, limits)
        demuxer, seconds = found["demuxer"], found["seconds"]
        estimated = is_estimated(container, demuxer, path)
        # How frames with a variable rate are spaced shows only in the packets.
        if not estimated and (found["picture"] is None or found["picture"]["steady"]):
            return _with_source(found, STORED)
        if not can_be_measured(path, demuxer, seconds=seconds):
            return _with_source(found, ESTIMATED if estimated else STORED)
    with path.open("rb") as file, _open(file, limits) as container:
        measured = measure(container, demuxer, limits.max_seconds)
        if measured is None or measured.seconds <= 0:
            return _with_source(found, ESTIMATED if seconds else None)
        return _with_source(_with_length(found, container, path, measured), MEASURED)


def _refuse_without_sound(path: Path, limits: Limits) -> None:
    with path.open("rb") as file, _open(file, limits) as container:
        audio = sound_stream(container)
        if audio is not None:
            refuse_without_sound(container, audio)


def _is_described(found: Mapping[str, Any]) -> bool:
    # A picture has no length; that of an animated WebP was taken from its header.
    still = found["picture"] is not None and found["picture"].get("still", False)
    return found["demuxer"] == "webp_anim" or (still and found["sound"] is None)


def _with_source(found: dict[str, Any], source: str | None) -> dict[str, Any]:
    return {**found, "length_source": source}


def _open(file: BinaryIO, limits: Limits) -> InputContainer:
    options = {
        "format_whitelist": ",".join(limits.demuxers),
        "protocol_whitelist": "",
        "default_fps": str(APNG_DEFAULT_FPS),
    }
    # One set of options per stream, as PyAV documents it; its annotation says otherwise.
    per_stream: list[Any] = [{"max_pixels": str(limits.max_pixels)}] * _STREAMS_MAX
    form = _format(file)
    try:
        return av.open(
            _NamelessFile(file), mode="r", format=form, options=options, stream_options=per_stream
        )
    except ValueError as error:
        if isinstance(error, FFmpegError):
            raise
    # MPEG, FLV and the like find their streams too late to take options; none is a picture format,
    # and the memory limit still applies.
    file.seek(0)
    return av.open(_NamelessFile(file), mode="r", options=options)


def _format(file: BinaryIO) -> str | None:
    # FFmpeg does not recognize a JPEG with a second picture, such as a phone's map of highlights.
    start = file.read(4)
    file.seek(0)
    return "jpeg_pipe" if start[:3] == _JPEG_START and start[3:] != _JPEG_LS else None


def _describe(container: InputContainer, path: Path, limits: Limits) -> dict[str, Any]:
    _refuse_if_truncated(container, path.stat().st_size)
    names = container.format.name.split(",")
    demuxer = next(name for name in names if name in limits.demuxers)
    if demuxer.endswith("_pipe") and (animation := _from_header(path, limits.max_pixels)):
        return animation
    videos, sound = video_streams(container), describe_sound(container)
    picture = describe_picture(container, videos[0], demuxer, limits.max_pixels) if videos else None
    if picture and not demuxer.endswith("_pipe"):
        picture = {**picture, "still": _is_picture(picture, sound)}
    return {
        "demuxer": demuxer,
        "seconds": None if container.duration is None else container.duration / av.time_base,
        "picture": picture,
        "sound": sound,
        "sound_tracks": len(container.streams.audio),
        "bit_rate": container.bit_rate or None,
        "start": (container.start_time or 0) / av.time_base,
    }


def _with_colour(found: dict[str, Any], path: Path, limits: Limits) -> dict[str, Any]:
    if found["picture"] is None:
        return found
    fields = colour_fields(path, found["demuxer"], found["picture"])
    picture = {**found["picture"], **fields}
    if picture["width"] * picture["height"] > limits.max_pixels:
        raise UnusableFile(too_large(picture["width"], picture["height"], limits.max_pixels))
    seconds = None if fields.get("still") else found["seconds"]
    return {**found, "picture": picture, "seconds": seconds}


def _is_picture(picture: Mapping[str, Any], sound: Mapping[str, Any] | None) -> bool:
    # With sound, one frame is the cover of a song: a film as long as that.
    short = (picture["seconds"] or 0.0) <= _PICTURE_SECONDS
    return picture["frames"] == 1 and sound is None and short


def _with_length(
    found: dict[str, Any], container: InputContainer, path: Path, measured: Measured
) -> dict[str, Any]:
    """Return the description with the lengths that the packets of the file show."""
    bit_rate = round(path.stat().st_size * 8 / measured.seconds)
    length = {"seconds": measured.seconds, "bit_rate": bit_rate}
    picture, sound = found["picture"], found["sound"]
    videos, audio = video_streams(container), sound_stream(container)
    if picture and videos and (track := measured.tracks.get(videos[0].index)):
        if found["demuxer"] in _ANIMATIONS and track.packets == 1:
            return {**found, "picture": {**picture, "still": True}}
        tick = float(videos[0].time_base or 0)
        picture = _measured_picture(picture, track, tick, animation=found["demuxer"] in _ANIMATIONS)
    if sound and audio:
        track = measured.tracks.get(audio.index)
        # Some programs write a track without any sound.
        sound = track and {**sound, "seconds": track.seconds, "start": track.start}
    return {**found, **length, "picture": picture, "sound": sound}


def _measured_picture(
    picture: Mapping[str, Any], track: MeasuredTrack, tick: float, *, animation: bool
) -> Mapping[str, Any]:
    found = {**picture, "seconds": track.seconds, "start": track.start}
    if picture["frames"]:
        found["frames"] = track.packets
    # FFmpeg leaves out the delay of the last frame of an animation.
    if track.seconds > 0 and (animation or picture["rate"] is None):
        rate = Fraction(track.packets / track.seconds).limit_denominator(1001)
        found |= {"rate": fraction(rate), "fps": float(rate)}
    declared = None if picture["rate"] is None else Fraction(*picture["rate"])
    spaced = spacing(track.times, tick, declared)
    if spaced and not spaced.steady:
        # The last frame may last longest.
        longest = max(spaced.longest, track.start + track.seconds - max(track.times))
        found |= {"rate": fraction(spaced.rate), "steady": False, "longest_frame": longest}
    elif spaced and not animation:
        found |= {"rate": fraction(spaced.rate), "steady": True}
    return found


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
            raise UnusableFile(too_large(*size, max_pixels))
        if image.format in {"JPEG", "MPO"}:
            _refuse_truncated_jpeg(image)
        if image.format != "WEBP" or not getattr(image, "is_animated", False):
            return None
    return _animation(path, {"width": size[0], "height": size[1], "alpha": mode == "RGBA"})


def _animation(path: Path, picture: dict[str, Any]) -> dict[str, Any]:
    delays = frame_delays(path)
    seconds = sum(delays) / 1000
    if seconds:
        average = Fraction(len(delays) * 1000, sum(delays)).limit_denominator(1001)
        steady = len(set(delays)) == 1
        times = array("d", (at / 1000 for at in accumulate(delays, initial=0)))
        spaced = None if steady else spacing(times, 0.001, None)
        picture |= {
            "codec": "webp",
            "seconds": seconds,
            "frames": len(delays),
            "fps": float(average),
            "rate": fraction(spaced.rate if spaced else average),
            "steady": steady,
            "longest_frame": None if steady else max(delays) / 1000,
            "time_base": (1, 1000),
        }
    return {
        "demuxer": "webp_anim",
        "seconds": seconds or None,
        "picture": picture,
    }


def _refuse_truncated_jpeg(image: Image.Image) -> None:
    # FFmpeg would fill the missing part with grey. Decoding at an eighth of the size is enough.
    image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
    try:
        image.load()
    except OSError as error:
        raise UnusableFile("the picture is cut off before its end") from error


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
