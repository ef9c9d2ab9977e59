"""The sound of a splice: encoded packets, copied with new time stamps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet

from gala_renderer.cutting.splice_request import Clip, SpliceRequest

_STREAMS_MAX = 64
AAC_FRAME = 1024
"""Samples per AAC-LC packet. A decoder needs the packet before the first one it plays."""


def own_sound(path: str, request: SpliceRequest, target: OutputContainer) -> Iterator[Packet[Any]]:
    """Yield all audio packets of an MP4 file written by the renderer."""
    with av.open(path, format="mp4") as container:
        (stream,) = container.streams.audio
        track = target.add_stream_from_template(stream)
        if request.language:
            track.metadata["language"] = request.language
        for packet in container.demux(stream):
            if packet.size:
                packet.stream = track
                yield packet


def copied_sound(
    clip: Clip, request: SpliceRequest, target: OutputContainer, begin: Fraction, end: Fraction
) -> Iterator[Packet[Any]]:
    """Yield the AAC packets between two times of the source (seconds), unchanged.

    They start one packet early, at negative times, which an MP4 edit list excludes from playback.
    """
    options = {"format_whitelist": request.demuxers, "protocol_whitelist": "file"}
    per_stream: list[Any] = [{}] * _STREAMS_MAX
    with av.open(
        clip.path, format=clip.demuxer, options=options, stream_options=per_stream
    ) as container:
        stream = container.streams.audio[clip.audio]
        base = stream.time_base or Fraction(1, stream.rate)
        track = target.add_stream_from_template(stream)
        if request.language:
            track.metadata["language"] = request.language
        first, last = round(begin / base), round(end / base)
        packet_ticks = round(Fraction(AAC_FRAME, stream.rate) / base)
        container.seek(first - 4 * packet_ticks, stream=stream, backward=True)
        for packet in container.demux(stream):
            if packet.pts is None or not packet.size or packet.pts + 2 * packet_ticks <= first:
                continue
            if packet.pts >= last:
                return
            packet.duration = min(packet_ticks, last - packet.pts)
            packet.pts = packet.dts = packet.pts - first
            packet.stream = track
            yield packet
