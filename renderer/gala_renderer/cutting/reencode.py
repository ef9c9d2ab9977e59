"""Re-encode frames so that they can be mixed with copied ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from gala_renderer.cutting.h264 import ParameterSets, UnsupportedStream, as_stored
from gala_renderer.cutting.splice_request import SpliceRequest

_PROFILES = {66: "baseline", 77: "main", 100: "high"}
_PROFILE_OPTIONS = {77: ":cabac=1", 100: ":8x8dct=1"}
"""A tool of each profile, without which x264's fast presets would declare a lower profile."""
_LEVEL_1B = 9
REORDERED = 2
"""The reordering delay of x264 with B-frames, in frames."""


class Encoding:
    """x264 configured like the source's encoder: same profile, level, size, colours."""

    def __init__(
        self, like: VideoStream, sets: ParameterSets, request: SpliceRequest, *, reordered: bool
    ):
        if sets.profile not in _PROFILES:
            raise UnsupportedStream("its H.264 profile is not supported")
        self._like = like
        self._request = request
        level = "1b" if sets.level == _LEVEL_1B else f"{sets.level / 10:.1f}"
        self._options = {
            "preset": request.preset,
            "crf": str(request.crf),
            "profile": _PROFILES[sets.profile],
            "level": level,
            # The same delay as the source: decoders set theirs by the first frames.
            "bf": "3" if reordered else "0",
            # A separate id, so that the source's parameter sets stay valid.
            "x264-params": f"sps-id={sets.free_number()}{_PROFILE_OPTIONS.get(sets.profile, '')}",
        }
        self.sets = ParameterSets.of_stream(bytes(self._open().extradata or b""))

    def packets(self, frames: Iterable[VideoFrame]) -> Iterator[tuple[Packet[Any], int]]:
        """Encode frames; yield MP4 packets, each with its display index from 0."""
        context = self._open()
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, 1 / self._request.rate
            # Otherwise x264 would repeat the source's frame types.
            frame.pict_type = PictureType.NONE
            yield from map(_stored, context.encode(frame))
        yield from map(_stored, context.encode(None))

    def _open(self) -> VideoCodecContext:
        context = VideoCodecContext.create("libx264", "w")
        source = self._like.codec_context
        context.width, context.height = source.width, source.height
        context.pix_fmt = source.pix_fmt
        context.framerate = self._request.rate
        context.time_base = 1 / self._request.rate
        context.sample_aspect_ratio = source.sample_aspect_ratio or Fraction(1)
        context.color_primaries = source.color_primaries
        context.color_trc = source.color_trc
        context.colorspace = source.colorspace
        context.color_range = source.color_range
        context.thread_count = self._request.threads
        context.options = self._options
        context.flags |= av.codec.context.Flags.global_header | av.codec.context.Flags.bitexact
        context.open()
        return context


def _stored(encoded: Packet[Any]) -> tuple[Packet[Any], int]:
    packet: Packet[Any] = Packet(as_stored(bytes(encoded)))
    packet.is_keyframe = encoded.is_keyframe
    return packet, encoded.pts or 0
